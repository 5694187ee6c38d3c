// dynamodb-admin, the web page on a DynamoDB: starts it, and asks of its pages and its interface what a browser would.
//
// Reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const table = "Orders-dynamodb-admin";
const page = `http://127.0.0.1:${await freePort()}`;
const program = createRequire(import.meta.url).resolve("dynamodb-admin/dist/dynamodb-admin.js");
// Its default credentials have a session token, which an access key of a cluster must not come with.
const options = ["--skip-default-credentials", "--dynamo-endpoint", process.env.AWS_ENDPOINT_URL_DYNAMODB];
const admin = spawn(process.execPath, [program, "--host", "127.0.0.1", "--port", new URL(page).port, ...options], {
  stdio: ["ignore", "inherit", "inherit"],
});

try {
  await untilReady();
  await createTable();
  await putItems();
  await lookAround();
  await changeAndDelete();
  await deleteTable();
} finally {
  admin.kill();
  await once(admin, "exit");
}
console.log("done");

async function createTable() {
  const form = await text("/create-table");
  assert.match(form, /Hash Attribute Name/i);
  const index = (IndexType, IndexName, HashAttributeName, RangeAttributeName, RangeAttributeType) => ({
    IndexType,
    IndexName,
    HashAttributeName,
    HashAttributeType: "S",
    RangeAttributeName,
    RangeAttributeType,
    ReadCapacityUnits: 3,
    WriteCapacityUnits: 3,
  });
  await send("POST", "/create-table", {
    TableDefinition: {
      TableName: table,
      HashAttributeName: "customer",
      HashAttributeType: "S",
      RangeAttributeName: "day",
      RangeAttributeType: "N",
      ReadCapacityUnits: 3,
      WriteCapacityUnits: 3,
    },
    SecondaryIndexes: [
      index("local", "by-total", "customer", "total", "N"),
      index("global", "by-status", "status", "day", "N"),
    ],
  });
  await until(async () => (await tables()).some((each) => each.TableName === table));
  await until(async () => (await (await fetch(`${page}/`)).text()).includes(`/tables/${table}`));
}

async function putItems() {
  assert.match(await text(`/tables/${table}/add-item`), /customer/);
  for (let day = 1; day <= 30; day++) {
    const item = { customer: "jane", day, status: day === 3 ? "shipped" : "open", total: 100 - day, lines: [{ count: day }] };
    const key = await json(`/tables/${table}/add-item`, { method: "PUT", ...body(item) });
    assert.deepEqual(key, { customer: "jane", day });
  }
}

async function lookAround() {
  assert.match(await text(`/tables/${table}`), /customer/);
  assert.match(await text(`/tables/${table}/items/jane,3`), /shipped/);
  assert.match(await text(`/tables/${table}/get`), /customer/);
  assert.match(await text(`/tables/${table}/meta`), /by-total/);
  assert.match(await text(`/tables/${table}/ttl`), /DISABLED/);
  assert.equal((await fetch(`${page}/tables/${table}/items/jane,31`)).status, 404);

  const first = await json(`/tables/${table}/items?pageSize=25`);
  assert.equal(first.Items.length, 25);
  const second = await json(`/tables/${table}/items?pageSize=25&pageNum=2&startKey=${first.nextKey}`);
  assert.deepEqual(days(second).concat(days(first)).sort((a, b) => a - b), Array.from({ length: 30 }, (_, i) => i + 1));

  const filters = { customer: { type: "S", operator: "=", value: "jane" }, day: { type: "N", operator: ">", value: "28" } };
  const late = await json(`/tables/${table}/items?operationType=query&filters=${asked(filters)}`);
  assert.deepEqual(days(late), [29, 30]);
  const cheap = await json(
    `/tables/${table}/items?filters=${asked({ total: { type: "N", operator: "<=", value: "71" } })}`,
  );
  assert.deepEqual(days(cheap).sort(), [29, 30]);

  const shipped = `/tables/${table}/items?operationType=query&queryableSelection=by-status&filters=${asked({
    status: { type: "S", operator: "=", value: "shipped" },
  })}`;
  // A global index follows its table: what was just written may take a moment to be seen there.
  await until(async () => days(await json(shipped)).join() === "3");
}

async function changeAndDelete() {
  const changed = await json(`/tables/${table}/items/jane,4`, {
    method: "PUT",
    ...body({ customer: "jane", day: 4, status: "returned", total: 1.5 }),
  });
  assert.deepEqual(changed, { customer: "jane", day: 4, status: "returned", total: 1.5 });
  await send("DELETE", `/tables/${table}/items/jane,4`);
  assert.equal((await fetch(`${page}/tables/${table}/items/jane,4`)).status, 404);
  await send("DELETE", `/tables/${table}/all`);
  assert.deepEqual((await json(`/tables/${table}/items`)).Items, []);
}

async function deleteTable() {
  await send("DELETE", `/tables/${table}`);
  await until(async () => (await tables()).every((each) => each.TableName !== table));
}

/** dynamodb-admin lists tables and then looks at each; it fails when one has gone in between. */
async function tables() {
  for (;;) {
    const response = await fetch(`${page}/api/tables`);
    if (response.ok) {
      return response.json();
    }
    const { message } = await response.json();
    assert.match(message, /^Requested resource not found: Table: /);
  }
}

function days(answer) {
  return answer.Items.map((item) => item.day);
}

function asked(filters) {
  return encodeURIComponent(JSON.stringify(filters));
}

function body(content) {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) };
}

async function answered(path, options) {
  const response = await fetch(page + path, options);
  const answer = await response.text();
  assert.ok(response.ok, `${options?.method ?? "GET"} ${path}: ${response.status} ${answer}`);
  return answer;
}

async function text(path) {
  return answered(path);
}

async function json(path, options) {
  return JSON.parse(await answered(path, options));
}

async function send(method, path, content) {
  await answered(path, { method, ...(content === undefined ? {} : body(content)) });
}

async function untilReady() {
  await until(() => fetch(`${page}/create-table`).then((response) => response.ok, () => false));
}

async function until(condition) {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not within 30 s: ${condition}`);
    assert.equal(admin.exitCode, null, "dynamodb-admin has ended");
    await sleep(100);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
