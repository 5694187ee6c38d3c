// An order book with DynamoDB-Toolbox: a table, an entity with a schema, and commands on both.
//
// The SDK below it reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import {
  $add,
  $append,
  $delete,
  BatchDeleteRequest,
  BatchGetCommand,
  BatchGetRequest,
  BatchPutRequest,
  BatchWriteCommand,
  DeleteItemCommand,
  Entity,
  executeBatchGet,
  executeBatchWrite,
  GetItemCommand,
  isConditionCheckFailed,
  item,
  list,
  map,
  number,
  prefix,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  set,
  string,
  Table,
  UpdateItemCommand,
} from "dynamodb-toolbox";

const TableName = "Orders-dynamodb-toolbox";
const client = new DynamoDBClient({});

const Orders = new Table({
  name: TableName,
  documentClient: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  partitionKey: { name: "pk", type: "string" },
  sortKey: { name: "sk", type: "string" },
  indexes: {
    "by-total": { type: "local", sortKey: { name: "total", type: "number" } },
    "by-status": {
      type: "global",
      partitionKey: { name: "status", type: "string" },
      sortKey: { name: "sk", type: "string" },
    },
  },
});

const Order = new Entity({
  name: "Order",
  table: Orders,
  schema: item({
    customer: string().key().transform(prefix("CUSTOMER")).savedAs("pk"),
    placed: string().key().savedAs("sk"),
    status: string().enum("open", "shipped").default("open"),
    total: number(),
    lines: list(map({ product: string(), count: number().savedAs("c") })),
    tags: set(string()),
    parcels: number().optional(),
  }),
});

await createTable();
await putAndGet();
await update();
await query();
await scanAndBatches();
await deleteTable();
console.log("done");

async function createTable() {
  const index = (IndexName, partition, sort) => ({
    IndexName,
    KeySchema: keySchema(partition, sort),
    Projection: { ProjectionType: "ALL" },
  });
  const attributes = { pk: "S", sk: "S", total: "N", status: "S" };
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: Object.entries(attributes).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      KeySchema: keySchema("pk", "sk"),
      LocalSecondaryIndexes: [index("by-total", "pk", "total")],
      GlobalSecondaryIndexes: [index("by-status", "status", "sk")],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
}

function keySchema(partition, sort) {
  return [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ];
}

function day(number) {
  return `2026-11-${String(number).padStart(2, "0")}`;
}

function order(customer, number) {
  return {
    customer,
    placed: day(number),
    status: "open",
    total: 100 - number,
    lines: [{ product: "stone", count: number }],
    tags: new Set(["gift", "express"]),
  };
}

function get(customer, number) {
  return Order.build(GetItemCommand).key({ customer, placed: day(number) }).options({ consistent: true }).send();
}

/** The entity's own attributes: Toolbox adds its name and two times. */
function plain({ created, modified, entity, ...rest }) {
  assert.ok(created <= modified);
  return rest;
}

async function putAndGet() {
  for (let number = 1; number <= 20; number++) {
    await Order.build(PutItemCommand).item(order("jane", number)).send();
  }
  assert.deepEqual(plain((await get("jane", 3)).Item), order("jane", 3));
  assert.equal((await get("nobody", 3)).Item, undefined);
  const again = Order.build(PutItemCommand)
    .item(order("jane", 3))
    .options({ condition: { attr: "customer", exists: false } });
  await assert.rejects(again.send(), (error) => isConditionCheckFailed(error));
  await assert.rejects(Order.build(PutItemCommand).item({ customer: "jane", placed: day(3) }).send(), /total/);
}

async function update() {
  const shipped = Order.build(UpdateItemCommand)
    .item({
      customer: "jane",
      placed: day(3),
      status: "shipped",
      parcels: $add(2),
      lines: $append([{ product: "card", count: 1 }]),
      tags: $delete(new Set(["express"])),
    })
    .options({ condition: { attr: "status", eq: "open" }, returnValues: "ALL_NEW" });
  const expected = { ...order("jane", 3), status: "shipped", parcels: 2, tags: new Set(["gift"]) };
  expected.lines.push({ product: "card", count: 1 });
  assert.deepEqual(plain((await shipped.send()).Attributes), expected);
  assert.deepEqual(plain((await get("jane", 3)).Item), expected);
  await assert.rejects(shipped.send(), (error) => isConditionCheckFailed(error));
}

async function query() {
  const days = [];
  let exclusiveStartKey;
  let pages = 0;
  do {
    const page = await Orders.build(QueryCommand)
      .entities(Order)
      .query({ partition: "CUSTOMER#jane", range: { between: [day(4), day(15)] } })
      .options({ limit: 5, reverse: true, consistent: true, exclusiveStartKey })
      .send();
    days.push(...page.Items.map((each) => each.placed));
    exclusiveStartKey = page.LastEvaluatedKey;
    pages++;
  } while (exclusiveStartKey !== undefined);
  assert.deepEqual(days, Array.from({ length: 12 }, (_, i) => day(15 - i)));
  assert.ok(pages >= 3);

  const cheap = await Orders.build(QueryCommand)
    .entities(Order)
    .query({ index: "by-total", partition: "CUSTOMER#jane", range: { lte: 82 } })
    .options({ consistent: true })
    .send();
  assert.deepEqual(cheap.Items.map((each) => each.total), [80, 81, 82]);

  const stones = await Orders.build(QueryCommand)
    .entities(Order)
    .query({ partition: "CUSTOMER#jane" })
    .options({
      consistent: true,
      maxPages: Infinity,
      filters: { Order: { and: [{ attr: "lines[0].count", gte: 19 }, { attr: "status", eq: "open" }] } },
    })
    .send();
  assert.deepEqual(stones.Items.map((each) => each.placed), [day(19), day(20)]);

  // A global index follows its table: what was just written may take a moment to be seen there.
  const until = Date.now() + 30_000;
  let shipped, open;
  do {
    assert.ok(Date.now() < until, `shipped: ${shipped?.length}, open: ${open?.length}`);
    shipped = await byStatus("shipped");
    open = await byStatus("open");
    await sleep(100);
  } while (shipped.length !== 1 || open.length !== 19);
  assert.equal(shipped[0].customer, "jane");
}

async function byStatus(status) {
  const { Items } = await Orders.build(QueryCommand)
    .entities(Order)
    .query({ index: "by-status", partition: status })
    .options({ maxPages: Infinity })
    .send();
  return Items;
}

async function scanAndBatches() {
  const write = Orders.build(BatchWriteCommand).requests(
    ...Array.from({ length: 15 }, (_, i) => Order.build(BatchPutRequest).item(order("john", i + 1))),
    ...Array.from({ length: 10 }, (_, i) =>
      Order.build(BatchDeleteRequest).key({ customer: "jane", placed: day(i + 11) }),
    ),
  );
  await executeBatchWrite({ maxAttempts: Infinity }, write);
  const read = Orders.build(BatchGetCommand)
    .requests(
      Order.build(BatchGetRequest).key({ customer: "john", placed: day(15) }),
      Order.build(BatchGetRequest).key({ customer: "jane", placed: day(15) }),
    )
    .options({ consistent: true });
  const { Responses } = await executeBatchGet({ maxAttempts: Infinity }, read);
  assert.deepEqual(Responses[0].filter((each) => each !== undefined).map(plain), [order("john", 15)]);

  const { Items, ScannedCount } = await Orders.build(ScanCommand)
    .entities(Order)
    .options({ consistent: true, maxPages: Infinity, filters: { Order: { attr: "total", gt: 97 } } })
    .send();
  assert.equal(ScannedCount, 25);
  assert.deepEqual(Items.map((each) => each.total).sort(), [98, 98, 99, 99]);

  const { Attributes } = await Order.build(DeleteItemCommand)
    .key({ customer: "john", placed: day(1) })
    .options({ returnValues: "ALL_OLD" })
    .send();
  assert.deepEqual(plain(Attributes), order("john", 1));
  assert.equal((await get("john", 1)).Item, undefined);
}

async function deleteTable() {
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
}
