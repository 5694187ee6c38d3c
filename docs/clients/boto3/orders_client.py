"""An order book with boto3's client: items as the API has them, each value with its type.

Reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region as boto3 does.
"""

import os
import time

import boto3
from botocore.exceptions import ClientError

TABLE = "Orders-boto3-client"
# boto3's own waiter asks every 20 seconds.
EVERY_SECOND = {"Delay": 1, "MaxAttempts": 60}

dynamodb = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL_DYNAMODB"])


def main():
    create_table()
    put_orders()
    read_one_order()
    ship_an_order()
    page_through_a_customers_orders()
    ask_the_indexes()
    read_everything()
    write_and_read_batches()
    delete_table()
    print("done")


def create_table():
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "placed", "AttributeType": "S"},
            {"AttributeName": "total", "AttributeType": "N"},
            {"AttributeName": "status", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "placed", "KeyType": "RANGE"},
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-total",
                "KeySchema": [
                    {"AttributeName": "customer", "KeyType": "HASH"},
                    {"AttributeName": "total", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "placed", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig=EVERY_SECOND)
    assert dynamodb.describe_table(TableName=TABLE)["Table"]["TableStatus"] == "ACTIVE"
    assert TABLE in [name for page in dynamodb.get_paginator("list_tables").paginate() for name in page["TableNames"]]


def key(customer, day):
    return {"customer": {"S": customer}, "placed": {"S": f"2026-11-{day:02}"}}


def order(customer, day):
    return {
        **key(customer, day),
        "status": {"S": "open"},
        "total": {"N": str(100 - day)},
        "lines": {"L": [{"M": {"product": {"S": "stone"}, "count": {"N": str(day)}}}]},
        "tags": {"SS": ["gift", "express"]},
    }


def put_orders():
    for customer in ("jane", "john"):
        for day in range(1, 21):
            dynamodb.put_item(TableName=TABLE, Item=order(customer, day))
    try:
        dynamodb.put_item(TableName=TABLE, Item=order("jane", 1), ConditionExpression="attribute_not_exists(customer)")
        raise AssertionError("an order was put over another")
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        assert error.response["Error"]["Message"] == "The conditional request failed"


def read_one_order():
    read = dynamodb.get_item(TableName=TABLE, Key=key("jane", 3), ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    read["Item"]["tags"]["SS"].sort(reverse=True)
    assert read["Item"] == order("jane", 3), read["Item"]
    assert read["ConsumedCapacity"] == {"TableName": TABLE, "CapacityUnits": 1.0}
    assert "Item" not in dynamodb.get_item(TableName=TABLE, Key=key("nobody", 3))
    part = dynamodb.get_item(
        TableName=TABLE,
        Key=key("jane", 3),
        ConsistentRead=True,
        ProjectionExpression="#lines[0].#count",
        ExpressionAttributeNames={"#lines": "lines", "#count": "count"},
    )
    assert part["Item"] == {"lines": {"L": [{"M": {"count": {"N": "3"}}}]}}


def ship_an_order():
    shipped = dynamodb.update_item(
        TableName=TABLE,
        Key=key("jane", 3),
        UpdateExpression="SET #status = :shipped, parcels = if_not_exists(parcels, :none) + :one DELETE tags :express",
        ConditionExpression="#status = :open",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":open": {"S": "open"},
            ":shipped": {"S": "shipped"},
            ":none": {"N": "0"},
            ":one": {"N": "1"},
            ":express": {"SS": ["express"]},
        },
        ReturnValues="UPDATED_NEW",
    )["Attributes"]
    assert shipped == {"status": {"S": "shipped"}, "parcels": {"N": "1"}, "tags": {"SS": ["gift"]}}, shipped


def page_through_a_customers_orders():
    pages = dynamodb.get_paginator("query").paginate(
        TableName=TABLE,
        KeyConditionExpression="customer = :customer AND placed BETWEEN :from AND :to",
        ExpressionAttributeValues={
            ":customer": {"S": "jane"},
            ":from": {"S": "2026-11-05"},
            ":to": {"S": "2026-11-16"},
        },
        ConsistentRead=True,
        ScanIndexForward=False,
        PaginationConfig={"PageSize": 5},
    )
    days = [[item["placed"]["S"] for item in page["Items"]] for page in pages]
    assert [len(page) for page in days][:3] == [5, 5, 2], days
    assert sum(days, []) == [f"2026-11-{day:02}" for day in range(16, 4, -1)], days


def ask_the_indexes():
    cheap = dynamodb.query(
        TableName=TABLE,
        IndexName="by-total",
        KeyConditionExpression="customer = :customer AND #total < :total",
        ExpressionAttributeNames={"#total": "total"},  # a reserved word
        ExpressionAttributeValues={":customer": {"S": "jane"}, ":total": {"N": "83"}},
        ConsistentRead=True,
    )["Items"]
    assert [item["total"]["N"] for item in cheap] == ["80", "81", "82"], cheap
    # A global index follows its table: what was just written may take a moment to be seen there.
    deadline = time.monotonic() + 30
    while orders_by_status("shipped") != [("jane", "2026-11-03")] or len(orders_by_status("open")) != 39:
        assert time.monotonic() < deadline, orders_by_status("shipped")
        time.sleep(0.1)


def orders_by_status(status):
    items = dynamodb.query(
        TableName=TABLE,
        IndexName="by-status",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": status}},
    )["Items"]
    return [(item["customer"]["S"], item["placed"]["S"]) for item in items]


def read_everything():
    everything = [
        item
        for segment in range(3)
        for page in dynamodb.get_paginator("scan").paginate(
            TableName=TABLE, ConsistentRead=True, Segment=segment, TotalSegments=3, PaginationConfig={"PageSize": 7}
        )
        for item in page["Items"]
    ]
    assert len(everything) == 40
    shipped = dynamodb.scan(
        TableName=TABLE,
        ConsistentRead=True,
        FilterExpression="#status = :shipped AND contains(tags, :gift)",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":shipped": {"S": "shipped"}, ":gift": {"S": "gift"}},
    )
    assert (shipped["Count"], shipped["ScannedCount"]) == (1, 40), shipped


def write_and_read_batches():
    requests = [{"DeleteRequest": {"Key": key("john", day)}} for day in range(1, 21)]
    requests += [{"PutRequest": {"Item": order("jill", day)}} for day in range(1, 6)]
    while requests:
        left = dynamodb.batch_write_item(RequestItems={TABLE: requests})["UnprocessedItems"]
        requests = left.get(TABLE, [])
    keys = [key(customer, day) for customer in ("jane", "john", "jill") for day in range(1, 21)]
    found = []
    while keys:
        answer = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
        found += answer["Responses"].get(TABLE, [])
        keys = answer["UnprocessedKeys"].get(TABLE, {}).get("Keys", [])
    assert len(found) == 25
    old = dynamodb.delete_item(TableName=TABLE, Key=key("jill", 1), ReturnValues="ALL_OLD")["Attributes"]
    assert old["total"] == {"N": "99"}


def delete_table():
    dynamodb.delete_table(TableName=TABLE)
    dynamodb.get_waiter("table_not_exists").wait(TableName=TABLE, WaiterConfig=EVERY_SECOND)
    try:
        dynamodb.describe_table(TableName=TABLE)
        raise AssertionError("the table is still there")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"


if __name__ == "__main__":
    main()
