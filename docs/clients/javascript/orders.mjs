// An order book with the AWS SDK for JavaScript v3: the client for tables, lib-dynamodb for items as JavaScript values.
//
// The SDK itself reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateListTables,
  ResourceNotFoundException,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  paginateScan,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const TableName = "Orders-javascript";

const client = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(client);

await createTable();
await putAndGet();
await update();
await query();
await scan();
await batches();
await deleteTable();
console.log("done");

async function createTable() {
  const index = (IndexName, partition, sort) => ({
    IndexName,
    KeySchema: keySchema(partition, sort),
    Projection: { ProjectionType: "ALL" },
  });
  const attributes = { customer: "S", placed: "S", total: "N", status: "S" };
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: Object.entries(attributes).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      KeySchema: keySchema("customer", "placed"),
      LocalSecondaryIndexes: [index("by-total", "customer", "total")],
      GlobalSecondaryIndexes: [index("by-status", "status", "placed")],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.ok(Table.CreationDateTime instanceof Date);
  const names = [];
  for await (const page of paginateListTables({ client, pageSize: 2 }, {})) {
    names.push(...page.TableNames);
  }
  assert.ok(names.includes(TableName));
}

function keySchema(partition, sort) {
  return [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ];
}

function key(customer, day) {
  return { customer, placed: `2026-11-${String(day).padStart(2, "0")}` };
}

function order(customer, day) {
  return {
    ...key(customer, day),
    status: "open",
    total: 100 - day + 0.25,
    lines: [{ product: "stone", count: day }],
    tags: new Set(["gift", "express"]),
    paid: false,
    note: null,
    seal: new Uint8Array([0, 255, 7]),
  };
}

async function get(Key) {
  const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  return Item;
}

async function putAndGet() {
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => documents.send(new PutCommand({ TableName, Item: order("jane", i + 1) }))),
  );
  assert.deepEqual(await get(key("jane", 3)), order("jane", 3));
  assert.equal(await get(key("nobody", 3)), undefined);
  const again = new PutCommand({
    TableName,
    Item: { ...key("jane", 3), status: "new" },
    ConditionExpression: "attribute_not_exists(customer)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  await assert.rejects(documents.send(again), (error) => {
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, "The conditional request failed");
    assert.deepEqual(error.Item.status, { S: "open" }); // errors keep the form of the API
    return true;
  });
}

async function update() {
  const { Attributes } = await documents.send(
    new UpdateCommand({
      TableName,
      Key: key("jane", 3),
      UpdateExpression: "SET #status = :shipped, #lines[1] = :line REMOVE note ADD parcels :one DELETE tags :express",
      ConditionExpression: "#status = :open AND size(#lines) = :one",
      ExpressionAttributeNames: { "#status": "status", "#lines": "lines" },
      ExpressionAttributeValues: {
        ":open": "open",
        ":shipped": "shipped",
        ":line": { product: "card", count: 1 },
        ":one": 1,
        ":express": new Set(["express"]),
      },
      ReturnValues: "ALL_NEW",
    }),
  );
  const expected = { ...order("jane", 3), status: "shipped", parcels: 1, tags: new Set(["gift"]) };
  expected.lines.push({ product: "card", count: 1 });
  delete expected.note;
  assert.deepEqual(Attributes, expected);
  assert.deepEqual(await get(key("jane", 3)), expected);
}

async function query() {
  const days = [];
  let pages = 0;
  for await (const page of paginateQuery(
    { client: documents, pageSize: 6 },
    {
      TableName,
      KeyConditionExpression: "customer = :customer AND placed > :placed",
      ExpressionAttributeValues: { ":customer": "jane", ":placed": "2026-11-04" },
      ConsistentRead: true,
      ScanIndexForward: false,
    },
  )) {
    pages++;
    days.push(...page.Items.map((item) => Number(item.placed.slice(-2))));
  }
  assert.deepEqual(days, Array.from({ length: 16 }, (_, i) => 20 - i));
  assert.ok(pages >= 3);

  const { Items, Count } = await documents.send(
    new QueryCommand({
      TableName,
      IndexName: "by-total",
      KeyConditionExpression: "customer = :customer AND #total BETWEEN :low AND :high",
      ExpressionAttributeNames: { "#total": "total" }, // a reserved word
      ExpressionAttributeValues: { ":customer": "jane", ":low": 85, ":high": 87.25 },
      ConsistentRead: true,
    }),
  );
  assert.equal(Count, 3);
  assert.deepEqual(Items.map((item) => item.total), [85.25, 86.25, 87.25]);

  // A global index follows its table: what was just written may take a moment to be seen there.
  const until = Date.now() + 30_000;
  let shipped, open;
  do {
    assert.ok(Date.now() < until, `shipped: ${shipped}, open: ${open}`);
    [shipped, open] = await Promise.all([byStatus("shipped"), byStatus("open")]);
    await sleep(100);
  } while (shipped.length !== 1 || open.length !== 19);
  assert.deepEqual(shipped, ["2026-11-03"]);
}

async function byStatus(status) {
  const { Items } = await documents.send(
    new QueryCommand({
      TableName,
      IndexName: "by-status",
      KeyConditionExpression: "#status = :status",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":status": status },
    }),
  );
  return Items.map((item) => item.placed);
}

async function scan() {
  const segments = await Promise.all(
    [0, 1, 2].map(async (Segment) => {
      const found = [];
      const scanned = { TableName, Segment, TotalSegments: 3, ConsistentRead: true };
      for await (const page of paginateScan({ client: documents, pageSize: 4 }, scanned)) {
        found.push(...page.Items);
      }
      return found;
    }),
  );
  assert.equal(new Set(segments.flat().map((item) => item.placed)).size, 20);
}

async function batches() {
  let requests = [
    ...Array.from({ length: 20 }, (_, i) => ({ DeleteRequest: { Key: key("jane", i + 1) } })),
    ...Array.from({ length: 5 }, (_, i) => ({ PutRequest: { Item: order("john", i + 1) } })),
  ];
  while (requests.length > 0) {
    const { UnprocessedItems } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: requests } }),
    );
    requests = UnprocessedItems[TableName] ?? [];
  }
  const Keys = ["jane", "john"].flatMap((customer) => Array.from({ length: 20 }, (_, i) => key(customer, i + 1)));
  let wanted = { [TableName]: { Keys, ConsistentRead: true } };
  const found = [];
  while (Object.keys(wanted).length > 0) {
    const { Responses, UnprocessedKeys } = await documents.send(new BatchGetCommand({ RequestItems: wanted }));
    found.push(...(Responses[TableName] ?? []));
    wanted = UnprocessedKeys;
  }
  assert.equal(found.length, 5);
}

async function deleteTable() {
  const deleted = new DeleteCommand({ TableName, Key: key("john", 1), ReturnValues: "ALL_OLD" });
  assert.deepEqual((await documents.send(deleted)).Attributes, order("john", 1));
  assert.equal(await get(key("john", 1)), undefined);
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  await assert.rejects(client.send(new DescribeTableCommand({ TableName })), ResourceNotFoundException);
}
