// An order book with Dynamoose, which makes the table and waits for it by itself.
//
// The SDK below it reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import dynamoose from "dynamoose";

const tableName = "Orders-dynamoose";

const schema = new dynamoose.Schema(
  {
    customer: { type: String, hashKey: true },
    placed: { type: String, rangeKey: true },
    status: {
      type: String,
      enum: ["open", "shipped"],
      default: "open",
      index: { name: "by-status", type: "global", rangeKey: "placed" },
    },
    total: { type: Number, required: true, index: { name: "by-total", type: "local" } },
    lines: { type: Array, schema: [{ type: Object, schema: { product: String, count: Number } }] },
    tags: { type: Set, schema: [String] },
    parcels: Number,
    due: Date,
    seal: Buffer,
  },
  { timestamps: true },
);
const Order = dynamoose.model("Order", schema, { tableName });
const table = new dynamoose.Table(tableName, [Order], {
  initialize: false, // not by itself, so that this program can wait
  throughput: "ON_DEMAND",
  waitForActive: { enabled: true, check: { timeout: 60_000, frequency: 200 } },
  tags: { team: "stones" },
});
await table.initialize();

// Put and get.
for (let day = 1; day <= 20; day++) {
  await Order.create({ ...order("jane", day) });
}
await assert.rejects(Order.create(order("jane", 3)), { name: "ConditionalCheckFailedException" });
await assert.rejects(Order.create({ customer: "jane", placed: "2026-11-21" }), { name: "ValidationError" });
const third = await Order.get(key("jane", 3), { consistent: true });
assert.equal(third.total, 97);
assert.equal(third.status, "open");
assert.deepEqual(third.lines, [{ product: "stone", count: 3 }]);
assert.deepEqual(third.tags, new Set(["express", "gift"]));
assert.deepEqual(third.due, new Date("2026-12-24T18:00:00Z"));
assert.deepEqual(Buffer.from(third.seal), Buffer.from([0, 255, 7]));
assert.ok(third.createdAt instanceof Date);
assert.equal(await Order.get(key("nobody", 3), { consistent: true }), undefined);

// Update, with and without a condition that holds.
const shipped = await Order.update(
  key("jane", 3),
  { $SET: { status: "shipped" }, $ADD: { parcels: 2 } },
  { condition: new dynamoose.Condition().where("status").eq("open") },
);
assert.equal(shipped.status, "shipped");
assert.equal(shipped.parcels, 2);
await assert.rejects(
  Order.update(key("jane", 3), { parcels: 0 }, { condition: new dynamoose.Condition().where("status").eq("open") }),
  { name: "ConditionalCheckFailedException" },
);
third.lines.push({ product: "card", count: 1 });
await third.save();
assert.equal((await Order.get(key("jane", 3), { consistent: true })).lines.length, 2);

// Query: a page, the next one from its last key, all; then by indexes.
const first = await Order.query("customer").eq("jane").where("placed").gt("2026-11-05").limit(8).consistent().exec();
assert.equal(first.length, 8);
const rest = await Order.query("customer").eq("jane").where("placed").gt("2026-11-05").startAt(first.lastKey)
  .consistent().exec();
assert.deepEqual([...first, ...rest].map((each) => each.placed), Array.from({ length: 15 }, (_, i) => day(i + 6)));
const all = await Order.query("customer").eq("jane").sort("descending").limit(3).all().consistent().exec();
assert.equal(all.length, 20);
assert.equal(all[0].placed, day(20));
const cheap = await Order.query("customer").eq("jane").where("total").lt(83).using("by-total").exec();
assert.deepEqual(cheap.map((each) => each.total), [80, 81, 82]);
// A global index follows its table: what was just written may take a moment to be seen there.
const until = Date.now() + 30_000;
let open;
do {
  assert.ok(Date.now() < until, `open: ${open?.length}`);
  open = await Order.query("status").eq("open").using("by-status").exec();
  await sleep(100);
} while (open.length !== 20); // the third was saved as it had been read, open

// Scan with a filter; how many there are.
const large = await Order.scan("total").ge(98).where("tags").contains("gift").consistent().exec();
assert.deepEqual(large.map((each) => each.total).sort(), [98, 99]);
assert.equal((await Order.scan().count().exec()).count, 20);
assert.equal((await Order.scan().parallel(3).all().exec()).length, 20);

// Batches.
const put = await Order.batchPut(Array.from({ length: 20 }, (_, i) => order("john", i + 1)));
assert.deepEqual(put.unprocessedItems, []);
const found = await Order.batchGet([1, 2, 30].map((each) => key("john", each)), { consistent: true });
assert.deepEqual(found.map((each) => each.placed).sort(), [day(1), day(2)]);
await Order.batchDelete(Array.from({ length: 20 }, (_, i) => key("john", i + 1)));
await Order.delete(key("jane", 1));
assert.equal((await Order.scan().count().consistent().exec()).count, 19);

await dynamoose.aws.ddb().deleteTable({ TableName: tableName });
console.log("done");

function day(number) {
  return `2026-11-${String(number).padStart(2, "0")}`;
}

function key(customer, number) {
  return { customer, placed: day(number) };
}

function order(customer, number) {
  return {
    ...key(customer, number),
    total: 100 - number,
    lines: [{ product: "stone", count: number }],
    tags: new Set(["gift", "express"]),
    due: new Date("2026-12-24T18:00:00Z"),
    seal: Buffer.from([0, 255, 7]),
  };
}
