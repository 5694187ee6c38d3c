"""An order book with boto3's resource: items as Python values, conditions as expressions of Python.

Reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region as boto3 does.
"""

import os
import time
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key

TABLE = "Orders-boto3-resource"
# boto3's own waiter asks every 20 seconds.
EVERY_SECOND = {"Delay": 1, "MaxAttempts": 60}

dynamodb = boto3.resource("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL_DYNAMODB"])


def main():
    table = create_table()
    put_and_get(table)
    update(table)
    query(table)
    scan(table)
    batches(table)
    delete(table)
    print("done")


def create_table():
    attributes = {"customer": "S", "placed": "S", "total": "N", "status": "S"}
    table = dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()],
        KeySchema=key_schema("customer", "placed"),
        LocalSecondaryIndexes=[index("by-total", "customer", "total")],
        GlobalSecondaryIndexes=[index("by-status", "status", "placed")],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists(WaiterConfig=EVERY_SECOND)
    table.reload()
    assert table.table_status == "ACTIVE"
    assert table.key_schema == key_schema("customer", "placed")
    assert TABLE in [each.name for each in dynamodb.tables.all()]
    return table


def key_schema(partition, sort):
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def index(name, partition, sort):
    return {"IndexName": name, "KeySchema": key_schema(partition, sort), "Projection": {"ProjectionType": "ALL"}}


def order(customer, day):
    return {
        "customer": customer,
        "placed": f"2026-11-{day:02}",
        "status": "open",
        "total": Decimal(100 - day) + Decimal("0.5"),
        "lines": [{"product": "stone", "count": day}],
        "tags": {"gift", "express"},
        "paid": False,
        "note": None,
        "seal": b"\x00\xff",
    }


def key(customer, day):
    return {"customer": customer, "placed": f"2026-11-{day:02}"}


def put_and_get(table):
    for day in range(1, 21):
        table.put_item(Item=order("jane", day))
    assert table.get_item(Key=key("jane", 3), ConsistentRead=True)["Item"] == order("jane", 3)
    assert "Item" not in table.get_item(Key=key("nobody", 3))
    try:
        table.put_item(Item=order("jane", 1), ConditionExpression=Attr("customer").not_exists())
        raise AssertionError("an order was put over another")
    except dynamodb.meta.client.exceptions.ConditionalCheckFailedException:
        pass


def update(table):
    for paid in (1, 2):
        new = table.update_item(
            Key=key("jane", 3),
            UpdateExpression="SET #status = :shipped ADD parcels :one",
            ConditionExpression=Attr("lines[0].count").eq(3) & Attr("tags").contains("gift"),
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":shipped": "shipped", ":one": 1},
            ReturnValues="ALL_NEW",
        )["Attributes"]
        assert new == {**order("jane", 3), "status": "shipped", "parcels": paid}, new


def query(table):
    found, start = [], {}
    while True:
        page = table.query(
            KeyConditionExpression=Key("customer").eq("jane") & Key("placed").begins_with("2026-11-0"),
            FilterExpression=Attr("status").ne("shipped"),
            ConsistentRead=True,
            Limit=4,
            **start,
        )
        found += [item["placed"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == [f"2026-11-{day:02}" for day in (1, 2, 4, 5, 6, 7, 8, 9)], found

    dearest = table.query(
        IndexName="by-total",
        KeyConditionExpression=Key("customer").eq("jane"),
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=2,
    )["Items"]
    assert [item["total"] for item in dearest] == [Decimal("99.5"), Decimal("98.5")], dearest

    # A global index follows its table: what was just written may take a moment to be seen there.
    deadline = time.monotonic() + 30
    while by_status(table, "shipped") != ["2026-11-03"] or len(by_status(table, "open")) != 19:
        assert time.monotonic() < deadline, by_status(table, "shipped")
        time.sleep(0.1)


def by_status(table, status):
    answer = table.query(IndexName="by-status", KeyConditionExpression=Key("status").eq(status))
    return [item["placed"] for item in answer["Items"]]


def scan(table):
    late = table.scan(
        FilterExpression=Attr("placed").gte("2026-11-15") & Attr("total").between(80, 83),
        ProjectionExpression="placed, #total",
        ExpressionAttributeNames={"#total": "total"},
        ConsistentRead=True,
    )["Items"]
    assert sorted(item["placed"] for item in late) == ["2026-11-18", "2026-11-19", "2026-11-20"], late
    assert all(set(item) == {"placed", "total"} for item in late), late


def batches(table):
    with table.batch_writer() as batch:
        for day in range(1, 31):
            batch.put_item(Item=order("john", day))
        for day in range(1, 21):
            batch.delete_item(Key=key("jane", day))
    assert table.scan(ConsistentRead=True)["Count"] == 30
    wanted = {TABLE: {"Keys": [key("john", day) for day in range(28, 33)], "ConsistentRead": True}}
    found = []
    while wanted:
        answer = dynamodb.batch_get_item(RequestItems=wanted)
        found += [item["placed"] for item in answer["Responses"].get(TABLE, [])]
        wanted = answer["UnprocessedKeys"]
    assert sorted(found) == ["2026-11-28", "2026-11-29", "2026-11-30"], found


def delete(table):
    old = table.delete_item(Key=key("john", 1), ReturnValues="ALL_OLD")["Attributes"]
    assert old == order("john", 1)
    assert "Item" not in table.get_item(Key=key("john", 1), ConsistentRead=True)
    table.delete()
    table.wait_until_not_exists(WaiterConfig=EVERY_SECOND)


if __name__ == "__main__":
    main()
