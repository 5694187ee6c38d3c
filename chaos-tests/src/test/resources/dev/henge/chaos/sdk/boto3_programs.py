"""Programs as people write them for DynamoDB with boto3; unchanged but for the endpoint.

Usage: boto3_programs.py ENDPOINT PROGRAM. Exits with 0 and prints "done: PROGRAM" when all is as it should be.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
# Waiters ask every 20 s by themselves; a table is gone here in less than one.
QUICK = {"Delay": 1, "MaxAttempts": 60}
CONNECTIONS = Config(max_pool_connections=20)


def check_equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def check_fails(code, call):
    try:
        call()
    except ClientError as error:
        check_equal(error.response["Error"]["Code"], code)
        return
    raise AssertionError(f"no {code}")


def my_users_by_resource():
    dynamodb = boto3.resource("dynamodb", endpoint_url=ENDPOINT)
    table = dynamodb.create_table(
        TableName="MyUsers",
        KeySchema=[{"AttributeName": "username", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "username", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    item = {"username": "jane_doe", "first_name": "Jane", "last_name": "Doe", "age": 30}
    table.put_item(Item=item)
    check_equal(table.get_item(Key={"username": "jane_doe"}, ConsistentRead=True)["Item"], item)
    check_equal(table.query(KeyConditionExpression=Key("username").eq("jane_doe"))["Items"], [item])
    check_equal(table.scan(FilterExpression=Attr("age").lt(27), ConsistentRead=True)["Items"], [])
    check_equal("Item" in table.get_item(Key={"username": "john_doe"}), False)
    with table.batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"username": f"user{number}", "age": number})
    check_equal(table.scan(ConsistentRead=True)["Count"], 61)
    check_fails(
        "ConditionalCheckFailedException",
        lambda: table.put_item(Item=item, ConditionExpression="attribute_not_exists(username)"),
    )
    table.delete_item(Key={"username": "jane_doe"})
    check_equal("Item" in table.get_item(Key={"username": "jane_doe"}, ConsistentRead=True), False)
    table.delete()
    table.wait_until_not_exists(WaiterConfig=QUICK)


def my_users_by_client():
    client = boto3.client("dynamodb", endpoint_url=ENDPOINT)
    client.create_table(
        TableName="MyUsers",
        KeySchema=[{"AttributeName": "username", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "username", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    client.get_waiter("table_exists").wait(TableName="MyUsers")
    item = {
        "username": {"S": "jane_doe"},
        "first_name": {"S": "Jane"},
        "last_name": {"S": "Doe"},
        "age": {"N": "30"},
    }
    client.put_item(TableName="MyUsers", Item=item)
    key = {"username": {"S": "jane_doe"}}
    check_equal(client.get_item(TableName="MyUsers", Key=key, ConsistentRead=True)["Item"], item)
    check_equal(client.describe_table(TableName="MyUsers")["Table"]["TableStatus"], "ACTIVE")
    check_equal("MyUsers" in client.list_tables()["TableNames"], True)
    client.delete_table(TableName="MyUsers")
    client.get_waiter("table_not_exists").wait(TableName="MyUsers", WaiterConfig=QUICK)
    check_fails("ResourceNotFoundException", lambda: client.describe_table(TableName="MyUsers"))


def players_by_resource():
    dynamodb = boto3.resource("dynamodb", endpoint_url=ENDPOINT, config=CONNECTIONS)
    table = dynamodb.create_table(
        TableName="Players",
        KeySchema=[{"AttributeName": "username", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "username", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    table.put_item(
        Item={"username": "CaptainSparkle", "email": "sparkle@example.com", "currency": 1000, "inventory": []}
    )

    def pay(amount):
        return table.update_item(
            Key={"username": "CaptainSparkle"},
            UpdateExpression="SET currency = currency + :val",
            ExpressionAttributeValues={":val": amount},
            ReturnValues="UPDATED_NEW",
        )["Attributes"]["currency"]

    check_equal(pay(500), Decimal(1500))
    with ThreadPoolExecutor(20) as pool:
        balances = list(pool.map(pay, [1] * 100))
    check_equal(sorted(balances), [Decimal(1500 + paid) for paid in range(1, 101)])
    read = table.get_item(Key={"username": "CaptainSparkle"}, ConsistentRead=True)["Item"]
    check_equal(
        read,
        {"username": "CaptainSparkle", "email": "sparkle@example.com", "currency": Decimal(1600), "inventory": []},
    )
    table.delete()
    table.wait_until_not_exists(WaiterConfig=QUICK)


def players_by_client():
    client = boto3.client("dynamodb", endpoint_url=ENDPOINT, config=CONNECTIONS)
    client.create_table(
        TableName="Players",
        KeySchema=[{"AttributeName": "username", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "username", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName="Players")
    key = {"username": {"S": "CaptainSparkle"}}
    client.put_item(
        TableName="Players",
        Item={
            **key,
            "email": {"S": "sparkle@example.com"},
            "currency": {"N": "1000"},
            "inventory": {"L": []},
        },
    )

    def pay(amount):
        return client.update_item(
            TableName="Players",
            Key=key,
            UpdateExpression="SET currency = currency + :val",
            ExpressionAttributeValues={":val": {"N": str(amount)}},
            ReturnValues="UPDATED_NEW",
        )["Attributes"]["currency"]["N"]

    check_equal(pay(500), "1500")
    with ThreadPoolExecutor(20) as pool:
        balances = list(pool.map(pay, [1] * 100))
    check_equal(sorted(int(balance) for balance in balances), list(range(1501, 1601)))
    read = client.get_item(TableName="Players", Key=key, ConsistentRead=True)["Item"]
    check_equal(read["currency"], {"N": "1600"})
    check_equal(read["inventory"], {"L": []})
    client.delete_table(TableName="Players")
    client.get_waiter("table_not_exists").wait(TableName="Players", WaiterConfig=QUICK)


PROGRAMS = {
    program.__name__: program
    for program in (my_users_by_resource, my_users_by_client, players_by_resource, players_by_client)
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[2]]()
    print("done: " + sys.argv[2])
