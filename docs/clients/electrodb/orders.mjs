// Customers and their orders in one table, with ElectroDB: entities whose keys it makes, and a service that joins them.
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
import { Entity, Service } from "electrodb";

const table = "Orders-electrodb";
const dynamodb = new DynamoDBClient({});
const client = DynamoDBDocumentClient.from(dynamodb);

const Customer = new Entity(
  {
    model: { entity: "customer", version: "1", service: "shop" },
    attributes: {
      customer: { type: "string", required: true },
      name: { type: "string", required: true },
      since: { type: "number", default: () => 2026, readOnly: true },
    },
    indexes: {
      profile: {
        collection: "account",
        pk: { field: "pk", composite: ["customer"] },
        sk: { field: "sk", composite: [] },
      },
    },
  },
  { client, table },
);

const Order = new Entity(
  {
    model: { entity: "order", version: "1", service: "shop" },
    attributes: {
      customer: { type: "string", required: true },
      placed: { type: "string", required: true, validate: /^\d{4}-\d\d-\d\d$/ },
      status: { type: ["open", "shipped", "returned"], default: "open" },
      total: { type: "number", required: true, padding: { length: 6, char: "0" } },
      lines: {
        type: "list",
        items: { type: "map", properties: { product: { type: "string" }, count: { type: "number" } } },
      },
      tags: { type: "set", items: "string" },
      parcels: { type: "number" },
    },
    indexes: {
      orders: {
        collection: "account",
        pk: { field: "pk", composite: ["customer"] },
        sk: { field: "sk", composite: ["placed"] },
      },
      // A local index: the table's partition key with another sort key.
      byTotal: {
        index: "lsi1",
        pk: { field: "pk", composite: ["customer"] },
        sk: { field: "lsi1sk", composite: ["total"] },
      },
      byStatus: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["status"] },
        sk: { field: "gsi1sk", composite: ["placed", "customer"] },
      },
    },
  },
  { client, table },
);

const shop = new Service({ Customer, Order }, { client, table });

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
  const attributes = ["pk", "sk", "lsi1sk", "gsi1pk", "gsi1sk"];
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keySchema("pk", "sk"),
      LocalSecondaryIndexes: [index("lsi1", "pk", "lsi1sk")],
      GlobalSecondaryIndexes: [index("gsi1", "gsi1pk", "gsi1sk")],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
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
    total: 100 - number,
    lines: [{ product: "stone", count: number }],
    tags: ["express", "gift"],
  };
}

async function putAndGet() {
  await Customer.create({ customer: "jane", name: "Jane Doe" }).go();
  await assert.rejects(Customer.create({ customer: "jane", name: "Another" }).go(), /conditional request failed/);
  for (let number = 1; number <= 20; number++) {
    await Order.put(order("jane", number)).go();
  }
  const { data } = await Order.get({ customer: "jane", placed: day(3) }).go({ consistent: true });
  assert.deepEqual(data, { ...order("jane", 3), status: "open" });
  const { data: none } = await Order.get({ customer: "nobody", placed: day(3) }).go();
  assert.equal(none, null);
}

async function update() {
  const { data } = await Order.patch({ customer: "jane", placed: day(3) })
    .set({ status: "shipped" })
    .add({ parcels: 2, tags: ["fragile"] })
    .append({ lines: [{ product: "card", count: 1 }] })
    .where(({ status }, { eq }) => eq(status, "open"))
    .go({ response: "all_new" });
  assert.equal(data.status, "shipped");
  assert.equal(data.parcels, 2);
  assert.deepEqual(data.tags.sort(), ["express", "fragile", "gift"]);
  assert.deepEqual(data.lines.map((line) => line.product), ["stone", "card"]);
  const again = Order.patch({ customer: "jane", placed: day(3) })
    .set({ status: "returned" })
    .where(({ status }, { eq }) => eq(status, "open"));
  await assert.rejects(again.go(), /conditional request failed/);
  await assert.rejects(
    Order.patch({ customer: "nobody", placed: day(3) }).set({ total: 1 }).go(),
    /conditional request failed/,
  );
}

async function query() {
  const days = [];
  let cursor = null;
  let pages = 0;
  do {
    const page = await Order.query.orders({ customer: "jane" }).between({ placed: day(4) }, { placed: day(15) })
      .go({ cursor, limit: 5, order: "desc", consistent: true });
    days.push(...page.data.map((each) => each.placed));
    cursor = page.cursor;
    pages++;
  } while (cursor !== null);
  assert.deepEqual(days, Array.from({ length: 12 }, (_, i) => day(15 - i)));
  assert.ok(pages >= 3);

  const { data: cheap } = await Order.query.byTotal({ customer: "jane" }).lte({ total: 82 }).go({ consistent: true });
  assert.deepEqual(cheap.map((each) => each.total), [80, 81, 82]);

  const { data: gifts } = await Order.query.orders({ customer: "jane" })
    .where(({ tags, total }, { contains, gt }) => `${contains(tags, "gift")} AND ${gt(total, 97)}`)
    .go({ consistent: true });
  assert.deepEqual(gifts.map((each) => each.total), [99, 98]);

  // Both entities of a customer, by one query.
  const { data: account } = await shop.collections.account({ customer: "jane" }).go({ pages: "all", consistent: true });
  assert.deepEqual(account.Customer, [{ customer: "jane", name: "Jane Doe", since: 2026 }]);
  assert.equal(account.Order.length, 20);

  // A global index follows its table: what was just written may take a moment to be seen there.
  const until = Date.now() + 30_000;
  let shipped, open;
  do {
    assert.ok(Date.now() < until, `shipped: ${shipped?.length}, open: ${open?.length}`);
    shipped = (await Order.query.byStatus({ status: "shipped" }).go()).data;
    open = (await Order.query.byStatus({ status: "open" }).gte({ placed: day(2) }).go()).data;
    await sleep(100);
  } while (shipped.length !== 1 || open.length !== 18);
  assert.equal(shipped[0].placed, day(3));
}

async function scanAndBatches() {
  const { data: all } = await Order.scan.go({ pages: "all", consistent: true });
  assert.equal(all.length, 20);
  const { unprocessed } = await Order.put(Array.from({ length: 30 }, (_, i) => order("john", i + 1))).go();
  assert.deepEqual(unprocessed, []);
  const keys = [1, 30, 31].map((number) => ({ customer: "john", placed: day(number) }));
  const { data: some } = await Order.get(keys).go({ consistent: true });
  assert.deepEqual(some.map((each) => each.placed).sort(), [day(1), day(30)]);
  await Order.delete(Array.from({ length: 30 }, (_, i) => ({ customer: "john", placed: day(i + 1) }))).go();
  assert.equal((await Order.query.orders({ customer: "john" }).go({ consistent: true })).data.length, 0);
  const { data: old } = await Order.delete({ customer: "jane", placed: day(1) }).go({ response: "all_old" });
  assert.equal(old.total, 99);
}

async function deleteTable() {
  await dynamodb.send(new DeleteTableCommand({ TableName: table }));
  await waitUntilTableNotExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
}
