"""Calls every operation of DynamoDB and DynamoDB Streams that this boto3 knows, and judges each answer by its model.

Usage: boto3_sweep.py ENDPOINT ROUND [--prefix PREFIX] [--seed N] [--rounds N] [--retries]

ROUND is one of
  minimal   each operation with the members that it requires and no others, on things that don't exist
  sensible  each operation as a program would call it, on a table that exists, with the outcome that is known
  random    each operation with members and values drawn from the model, --rounds times

An answer is judged as the JSON that came: every member known to the model and of its type, every required one there. A
refusal must be an error that the model gives to the operation, or one that every operation of the service can answer with.
Anything else is a complaint: an error 500, no answer in time, an unknown member. Exits with 0 and prints "done: ROUND ..."
when there is none. --retries lets boto3 retry as it does by itself; without it, each call is sent once.
"""

import argparse
import base64
import json
import random
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ANSWER_SECONDS_MAX = 20
ACTIVE_SECONDS_MAX = 30
# What the service's framework answers with, whatever the operation.
COMMON_ERRORS = {"ValidationException", "UnknownOperationException", "SerializationException"}
NOT_BUILT = "is not supported by Henge yet"
REFUSED = "refused as not built"


class Caller:
    """Sends calls, one client per service, and keeps what is wrong with their answers."""

    def __init__(self, endpoint, retries):
        config = Config(
            read_timeout=ANSWER_SECONDS_MAX,
            connect_timeout=5,
            max_pool_connections=1,
            retries={} if retries else {"total_max_attempts": 1},
        )
        self.complaints = []
        self.calls = 0
        self.raw = None
        self.operations = {}
        for service in ("dynamodb", "dynamodbstreams"):
            client = boto3.client(service, endpoint_url=endpoint, config=config)
            client.meta.events.register("response-received", self._keep_raw)
            # An older boto3 than the model that Henge answers by knows less than what it is told.
            if service == "dynamodb":
                self.current = "WarmThroughput" in client.meta.service_model.shape_for("TableDescription").members
            for name in client.meta.service_model.operation_names:
                self.operations[name] = (client, client.meta.service_model.operation_model(name))

    def _keep_raw(self, response_dict=None, **_):
        self.raw = response_dict

    def model(self, name):
        return self.operations[name][1]

    def call(self, name, parameters):
        """The answer as boto3 gives it, and the error's code or None; both None when there was no answer."""
        client, model = self.operations[name]
        method = next(method for method, operation in client.meta.method_to_api_mapping.items() if operation == name)
        self.calls += 1
        self.raw = None
        started = time.monotonic()
        try:
            answer, code = getattr(client, method)(**parameters), None
            self._judge_answer(model, parameters)
        except ClientError as error:
            answer, code = error.response, error.response["Error"]["Code"]
            self._judge_error(model, parameters, error)
        except BotoCoreError as error:
            self.complain(name, parameters, f"no answer: {error!r}")
            answer, code = None, None
        seconds = time.monotonic() - started
        if seconds > ANSWER_SECONDS_MAX:
            self.complain(name, parameters, f"took {seconds:.1f} s")
        return answer, code

    def complain(self, name, parameters, what):
        self.complaints.append(f"{name}({parameters!r}): {what}")

    def _judge_answer(self, model, parameters):
        if self.raw is None or self.raw["status_code"] != 200:
            self.complain(model.name, parameters, f"answered without status 200: {self.raw!r}")
            return
        # Operations without an output answer with an empty body, as the service's TagResource does.
        sent = json.loads(self.raw["body"]) if self.raw["body"] or model.output_shape else {}
        for complaint in differences(sent, model.output_shape, "answer", self.current):
            self.complain(model.name, parameters, f"{complaint} in {sent!r}")

    def _judge_error(self, model, parameters, error):
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        modelled = {shape.name for shape in model.error_shapes}
        # Shapes of errors may be spelled otherwise on the wire.
        modelled |= {shape.metadata["error"]["code"] for shape in model.error_shapes if "code" in shape.metadata.get("error", {})}
        if status != 400:
            self.complain(model.name, parameters, f"status {status}: {error}")
        if code not in modelled and code not in COMMON_ERRORS:
            self.complain(model.name, parameters, f"{code} is not among {sorted(modelled)}: {error}")
        if code == "SerializationException":
            self.complain(model.name, parameters, f"boto3's own JSON was not understood: {error}")
        if code != "UnknownOperationException" and not error.response["Error"].get("Message"):
            self.complain(model.name, parameters, f"an error without a message: {error.response!r}")


def differences(value, shape, path, current):
    """How a JSON value differs from its shape; unknown members count when the model is current."""
    if shape is None:
        return [] if value == {} else [f"{path} should be empty"]
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{path} is no structure"]
        found = [f"{path}.{member} is missing" for member in shape.required_members if member not in value]
        for member, inner in value.items():
            if member not in shape.members:
                found += [f"{path}.{member} is not in the model"] if current else []
            else:
                found += differences(inner, shape.members[member], f"{path}.{member}", current)
        return found
    if kind == "list":
        if not isinstance(value, list):
            return [f"{path} is no list"]
        return [
            one for i, inner in enumerate(value) for one in differences(inner, shape.member, f"{path}[{i}]", current)
        ]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{path} is no map"]
        return [
            one for key, inner in value.items() for one in differences(inner, shape.value, f"{path}[{key}]", current)
        ]
    if kind == "string":
        if not isinstance(value, str):
            return [f"{path} is no string"]
        return [f"{path} is none of {shape.enum}"] if shape.enum and value not in shape.enum else []
    if kind == "blob":
        base64.b64decode(value, validate=True)
        return []
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{path} is no boolean"]
    if kind in ("integer", "long"):
        return [] if isinstance(value, int) and not isinstance(value, bool) else [f"{path} is no whole number"]
    if kind in ("double", "float", "timestamp"):
        return [] if isinstance(value, (int, float)) and not isinstance(value, bool) else [f"{path} is no number"]
    return [f"{path} is a {kind}, which is not expected"]


class Parameters:
    """Makes parameters from the model: those required alone, or with a chance for each other."""

    DEPTH_MAX = 6

    def __init__(self, chance, optional, names):
        self.chance = chance
        self.optional = optional
        self.names = names

    def of(self, shape, depth=0):
        return self._structure(shape, depth) if shape is not None else {}

    def _structure(self, shape, depth):
        if shape.name == "AttributeValue":
            return self._attribute_value()
        made = {}
        for member, inner in shape.members.items():
            required = member in shape.required_members
            if required or (depth < self.DEPTH_MAX and self.chance.random() < self.optional):
                made[member] = self._value(member, inner, depth + 1)
        return made

    def _value(self, name, shape, depth):
        kind = shape.type_name
        metadata = shape.metadata
        if kind == "structure":
            return self._structure(shape, depth)
        if kind == "list":
            count = max(metadata.get("min", 0), 1)
            return [self._value(name, shape.member, depth + 1) for _ in range(count)]
        if kind == "map":
            return {self._string(name + "Key", shape.key): self._value(name, shape.value, depth + 1)}
        if kind == "string":
            return self._string(name, shape)
        if kind == "blob":
            return b"henge"
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind in ("integer", "long"):
            return max(metadata.get("min", 1), 1)
        if kind in ("double", "float"):
            return 1.5
        if kind == "timestamp":
            return 1_700_000_000
        raise AssertionError(f"{name} is a {kind}, which nothing here can make")

    def _string(self, name, shape):
        if shape.enum:
            return self.chance.choice(shape.enum)
        for ending, values in self.names.items():
            if name.endswith(ending):
                return self.chance.choice(values)
        # Boto3 checks the shortest length itself; patterns and the longest are for the server to judge.
        return "henge".ljust(shape.metadata.get("min", 1), "0")

    def _attribute_value(self):
        return self.chance.choice(
            [{"S": "jane"}, {"N": "1"}, {"B": b"x"}, {"BOOL": True}, {"NULL": True}, {"SS": ["a"]}, {"L": [{"N": "1"}]}, {"M": {}}]
            if self.optional
            else [{"S": "jane"}]
        )


def key_schema(*names):
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))]


def definitions(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def make_table(caller, table, **more):
    """A table of this name, active, whether or not it was there."""
    _, code = caller.call(
        "CreateTable",
        {
            "TableName": table,
            "AttributeDefinitions": definitions("id", "sort"),
            "KeySchema": key_schema("id", "sort"),
            "BillingMode": "PAY_PER_REQUEST",
            **more,
        },
    )
    if code not in (None, "ResourceInUseException"):
        raise AssertionError(f"{table} can't be made: {code}")
    await_status(caller, table, "ACTIVE")


def await_status(caller, table, status):
    """Waits until DescribeTable tells of this status, or for None that there is no such table."""
    deadline = time.monotonic() + ACTIVE_SECONDS_MAX
    while time.monotonic() < deadline:
        answer, code = caller.call("DescribeTable", {"TableName": table})
        if code == "ResourceNotFoundException" and status is None:
            return
        if code is None and answer is not None and answer["Table"]["TableStatus"] == status:
            return
        time.sleep(0.05)
    raise AssertionError(f"{table} is not {status} within {ACTIVE_SECONDS_MAX} s")


def minimal(caller, prefix, chance):
    nowhere = prefix + "Nowhere"
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{nowhere}"
    parameters = Parameters(chance, 0, {"TableName": [nowhere], "ResourceArn": [arn], "RequestItemsKey": [nowhere]})
    for name in caller.operations:
        caller.call(name, parameters.of(caller.model(name).input_shape))
    caller.call("DeleteTable", {"TableName": nowhere})
    await_status(caller, nowhere, None)


def randomly(caller, prefix, chance, rounds):
    table = prefix + "Random"
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}"
    names = {
        "TableName": [table, table, table, prefix + "Random-2", arn],
        "ResourceArn": [arn],
        "TableArn": [arn],
        "RequestItemsKey": [table],
        "AttributeName": ["id", "sort"],
        "AttributesToGet": ["id", "sort", "other"],
        "KeyKey": ["id", "sort"],
        "ItemKey": ["id", "sort", "other"],
        "KeyConditionExpression": ["id = :a", "id = :a AND sort > :a"],
        "UpdateExpression": ["SET other = :a", "REMOVE other", "ADD other :a"],
        "ProjectionExpression": ["id", "other, #a"],
        "Expression": ["attribute_exists(id)", "other = :a"],
        "ExpressionAttributeNamesKey": ["#a"],
        "ExpressionAttributeValuesKey": [":a"],
        "IndexName": ["by-other"],
        "Statement": [f'SELECT * FROM "{table}"'],
    }
    for number in range(rounds):
        make_table(caller, table)
        parameters = Parameters(chance, chance.choice((0.05, 0.3, 1)), names)
        for name in caller.operations:
            for_streams = {"StreamArn": [arn + "/stream/2026-01-01T00:00:00.000"]}
            parameters.names = {**names, **for_streams}
            caller.call(name, parameters.of(caller.model(name).input_shape))
            if name == "DeleteTable":
                make_table_again(caller, table)
    for each in (table, prefix + "Random-2"):
        remove(caller, each)


def make_table_again(caller, table):
    answer, code = caller.call("DescribeTable", {"TableName": table})
    if code is None and answer["Table"]["TableStatus"] == "DELETING":
        await_status(caller, table, None)
        code = "ResourceNotFoundException"
    if code is not None:
        make_table(caller, table)


def remove(caller, table):
    if "DeletionProtectionEnabled" in caller.model("UpdateTable").input_shape.members:
        caller.call("UpdateTable", {"TableName": table, "DeletionProtectionEnabled": False})
    # A table whose indexes are being made can't be deleted yet.
    deadline = time.monotonic() + ACTIVE_SECONDS_MAX
    while caller.call("DeleteTable", {"TableName": table})[1] != "ResourceNotFoundException":
        if time.monotonic() > deadline:
            raise AssertionError(f"{table} can't be deleted")
        time.sleep(0.05)


def await_index(caller, table, index):
    deadline = time.monotonic() + ACTIVE_SECONDS_MAX
    while True:
        described = caller.call("DescribeTable", {"TableName": table})[0]["Table"]
        statuses = {each["IndexName"]: each["IndexStatus"] for each in described["GlobalSecondaryIndexes"]}
        if statuses == {index: "ACTIVE"} and described["TableStatus"] == "ACTIVE":
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{index} is not active but {statuses}")
        time.sleep(0.05)


def sensible(caller, prefix):
    table = prefix + "Sensible"
    make_table(caller, table)
    arn = caller.call("DescribeTable", {"TableName": table})[0]["Table"]["TableArn"]
    backup = f"{arn}/backup/01234567890123-12345678"
    stream = f"{arn}/stream/2026-01-01T00:00:00.000"
    expected = sensible_calls(table, arn, backup, stream)
    for name in caller.operations:
        if name not in expected:
            # A later boto3 than this list: an answer of the model will do.
            caller.call(name, Parameters(random.Random(1), 0, {"TableName": [table]}).of(caller.model(name).input_shape))
    for name, calls in expected.items():
        if name not in caller.operations:
            continue
        for parameters, outcome in calls:
            unknown = set(parameters) - set(caller.model(name).input_shape.members)
            if unknown:
                continue  # an older boto3 than this list
            answer, code = caller.call(name, parameters)
            if outcome == REFUSED:
                message = answer["Error"]["Message"] if code else ""
                if code != "ValidationException" or name not in message or NOT_BUILT not in message:
                    caller.complain(name, parameters, f"expected to be {REFUSED}: {answer!r}")
            elif isinstance(outcome, str):
                if code != outcome:
                    caller.complain(name, parameters, f"expected {outcome}: {answer!r}")
            elif code is not None:
                caller.complain(name, parameters, f"expected an answer: {answer!r}")
            elif not outcome(answer):
                caller.complain(name, parameters, f"not the answer expected: {answer!r}")
    await_status(caller, prefix + "Made", None)
    await_index(caller, table, "by-age")
    by_age = {
        "TableName": table,
        "IndexName": "by-age",
        "KeyConditionExpression": "age = :age",
        "ExpressionAttributeValues": {":age": {"N": "30"}},
        "ReturnConsumedCapacity": "INDEXES",
    }
    # The index follows its table; what is there for long shows sooner or later.
    deadline = time.monotonic() + ACTIVE_SECONDS_MAX
    while True:
        answer, code = caller.call("Query", by_age)
        if code is None and [item["sort"] for item in answer["Items"]] == [{"S": "2"}]:
            break
        if time.monotonic() > deadline:
            caller.complain("Query", by_age, f"not what the index should hold: {answer!r}")
            break
        time.sleep(0.05)
    remove(caller, table)


def sensible_calls(table, arn, backup, stream):
    """By operation, the calls in their order, each with what is expected: a check of the answer, or an error's code."""
    key = {"id": {"S": "jane"}, "sort": {"S": "1"}}
    item = {**key, "age": {"N": "30"}}
    made = table.replace("Sensible", "Made")

    def with_members(*names):
        return lambda answer: all(name in answer for name in names)

    def empty(member):
        return lambda answer: answer[member] == []

    return {
        "CreateTable": [
            (
                {
                    "TableName": made,
                    "AttributeDefinitions": definitions("id", "sort", "other"),
                    "KeySchema": key_schema("id", "sort"),
                    "LocalSecondaryIndexes": [
                        {
                            "IndexName": "by-other",
                            "KeySchema": key_schema("id", "other"),
                            "Projection": {"ProjectionType": "ALL"},
                        }
                    ],
                    "GlobalSecondaryIndexes": [
                        {
                            "IndexName": "by-sort",
                            "KeySchema": key_schema("sort"),
                            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["age"]},
                            "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
                        }
                    ],
                    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
                    "Tags": [{"Key": "stage", "Value": "test"}],
                },
                lambda answer: answer["TableDescription"]["TableStatus"] == "CREATING"
                and len(answer["TableDescription"]["LocalSecondaryIndexes"]) == 1
                and len(answer["TableDescription"]["GlobalSecondaryIndexes"]) == 1,
            ),
            ({"TableName": table, "AttributeDefinitions": definitions("id"), "KeySchema": key_schema("id"),
              "BillingMode": "PAY_PER_REQUEST"}, "ResourceInUseException"),
        ],
        "DescribeTable": [({"TableName": table}, lambda answer: answer["Table"]["TableArn"] == arn)],
        "ListTables": [({"Limit": 100}, lambda answer: table in answer["TableNames"])],
        "UpdateTable": [
            ({"TableName": table, "DeletionProtectionEnabled": True}, with_members("TableDescription")),
            ({"TableName": table, "DeletionProtectionEnabled": False}, with_members("TableDescription")),
            ({"TableName": table, "AttributeDefinitions": [{"AttributeName": "age", "AttributeType": "N"}],
              "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by-age",
                                                          "KeySchema": key_schema("age"),
                                                          "Projection": {"ProjectionType": "KEYS_ONLY"}}}]},
             lambda answer: answer["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"),
        ],
        "TagResource": [({"ResourceArn": arn, "Tags": [{"Key": "team", "Value": "stones"}]}, lambda answer: True)],
        "ListTagsOfResource": [
            ({"ResourceArn": arn}, lambda answer: answer["Tags"] == [{"Key": "team", "Value": "stones"}])
        ],
        "UntagResource": [({"ResourceArn": arn, "TagKeys": ["team"]}, lambda answer: True)],
        "PutItem": [
            ({"TableName": table, "Item": item, "ReturnConsumedCapacity": "TOTAL",
              "ReturnItemCollectionMetrics": "SIZE"}, with_members("ConsumedCapacity")),
            ({"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(id)"},
             "ConditionalCheckFailedException"),
        ],
        "GetItem": [
            ({"TableName": table, "Key": key, "ConsistentRead": True, "ReturnConsumedCapacity": "INDEXES"},
             lambda answer: answer["Item"] == item)
        ],
        "UpdateItem": [
            ({"TableName": table, "Key": key, "UpdateExpression": "SET age = age + :one",
              "ExpressionAttributeValues": {":one": {"N": "1"}}, "ReturnValues": "UPDATED_NEW"},
             lambda answer: answer["Attributes"] == {"age": {"N": "31"}})
        ],
        "Query": [
            ({"TableName": table, "KeyConditionExpression": "id = :id",
              "ExpressionAttributeValues": {":id": {"S": "jane"}}, "ConsistentRead": True},
             lambda answer: answer["Count"] == 1)
        ],
        "Scan": [({"TableName": table, "Segment": 0, "TotalSegments": 1, "ConsistentRead": True},
                  lambda answer: answer["Count"] == 1)],
        "BatchGetItem": [
            ({"RequestItems": {table: {"Keys": [key], "ConsistentRead": True}}, "ReturnConsumedCapacity": "TOTAL"},
             lambda answer: len(answer["Responses"].get(table, [])) == 1 or answer["UnprocessedKeys"] != {})
        ],
        "BatchWriteItem": [
            ({"RequestItems": {table: [{"PutRequest": {"Item": {**item, "sort": {"S": "2"}}}},
                                       {"DeleteRequest": {"Key": {**key, "sort": {"S": "3"}}}}]},
              "ReturnItemCollectionMetrics": "SIZE"},
             with_members("UnprocessedItems"))
        ],
        "DeleteItem": [
            ({"TableName": table, "Key": key, "ReturnValues": "ALL_OLD"},
             lambda answer: answer["Attributes"]["age"] == {"N": "31"})
        ],
        "DeleteTable": [({"TableName": made}, lambda answer: answer["TableDescription"]["TableStatus"] == "DELETING")],
        "DescribeTimeToLive": [
            ({"TableName": table}, lambda answer: answer["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED")
        ],
        "UpdateTimeToLive": [
            ({"TableName": table, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires"}}, REFUSED)
        ],
        "DescribeContinuousBackups": [({"TableName": table}, with_members("ContinuousBackupsDescription"))],
        "UpdateContinuousBackups": [
            ({"TableName": table, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}, REFUSED)
        ],
        "DescribeContributorInsights": [
            ({"TableName": table}, lambda answer: answer["ContributorInsightsStatus"] == "DISABLED")
        ],
        "ListContributorInsights": [({"TableName": table}, empty("ContributorInsightsSummaries"))],
        "UpdateContributorInsights": [({"TableName": table, "ContributorInsightsAction": "ENABLE"}, REFUSED)],
        "DescribeEndpoints": [({}, lambda answer: len(answer["Endpoints"]) == 1)],
        "DescribeLimits": [({}, with_members("AccountMaxReadCapacityUnits", "TableMaxWriteCapacityUnits"))],
        "DescribeKinesisStreamingDestination": [({"TableName": table}, empty("KinesisDataStreamDestinations"))],
        "EnableKinesisStreamingDestination": [({"TableName": table, "StreamArn": "arn:aws:kinesis:x" + "0" * 30}, REFUSED)],
        "DisableKinesisStreamingDestination": [({"TableName": table, "StreamArn": "arn:aws:kinesis:x" + "0" * 30}, REFUSED)],
        "UpdateKinesisStreamingDestination": [({"TableName": table, "StreamArn": "arn:aws:kinesis:x" + "0" * 30}, REFUSED)],
        "DescribeTableReplicaAutoScaling": [({"TableName": table}, "ResourceNotFoundException")],
        "UpdateTableReplicaAutoScaling": [({"TableName": table}, REFUSED)],
        "GetResourcePolicy": [({"ResourceArn": arn}, "PolicyNotFoundException")],
        "PutResourcePolicy": [({"ResourceArn": arn, "Policy": "{}"}, REFUSED)],
        "DeleteResourcePolicy": [({"ResourceArn": arn}, REFUSED)],
        "ListBackups": [({"TableName": table, "Limit": 10, "BackupType": "ALL"}, empty("BackupSummaries"))],
        "CreateBackup": [({"TableName": table, "BackupName": "monday"}, REFUSED)],
        "DescribeBackup": [({"BackupArn": backup}, "BackupNotFoundException")],
        "DeleteBackup": [({"BackupArn": backup}, "BackupNotFoundException")],
        "RestoreTableFromBackup": [({"TargetTableName": made, "BackupArn": backup}, REFUSED)],
        "RestoreTableToPointInTime": [
            ({"SourceTableName": table, "TargetTableName": made, "UseLatestRestorableTime": True}, REFUSED)
        ],
        "ListExports": [({"TableArn": arn}, empty("ExportSummaries"))],
        "DescribeExport": [({"ExportArn": arn + "/export/01234567890123-12345678"}, "ExportNotFoundException")],
        "ExportTableToPointInTime": [({"TableArn": arn, "S3Bucket": "bucket"}, REFUSED)],
        "ListImports": [({}, empty("ImportSummaryList"))],
        "DescribeImport": [({"ImportArn": arn + "/import/01234567890123-12345678"}, "ImportNotFoundException")],
        "ImportTable": [
            ({"S3BucketSource": {"S3Bucket": "bucket"}, "InputFormat": "CSV",
              "TableCreationParameters": {"TableName": made, "AttributeDefinitions": definitions("id"),
                                          "KeySchema": key_schema("id")}}, REFUSED)
        ],
        "ListGlobalTables": [({"Limit": 10}, empty("GlobalTables"))],
        "CreateGlobalTable": [
            ({"GlobalTableName": table, "ReplicationGroup": [{"RegionName": "us-east-1"}]}, REFUSED)
        ],
        "DescribeGlobalTable": [({"GlobalTableName": table}, "GlobalTableNotFoundException")],
        "DescribeGlobalTableSettings": [({"GlobalTableName": table}, "GlobalTableNotFoundException")],
        "UpdateGlobalTable": [
            ({"GlobalTableName": table, "ReplicaUpdates": [{"Create": {"RegionName": "us-east-1"}}]}, REFUSED)
        ],
        "UpdateGlobalTableSettings": [({"GlobalTableName": table}, REFUSED)],
        "TransactGetItems": [({"TransactItems": [{"Get": {"TableName": table, "Key": key}}]}, REFUSED)],
        "TransactWriteItems": [({"TransactItems": [{"Put": {"TableName": table, "Item": item}}]}, REFUSED)],
        "ExecuteStatement": [({"Statement": f'SELECT * FROM "{table}"'}, REFUSED)],
        "BatchExecuteStatement": [({"Statements": [{"Statement": f'SELECT * FROM "{table}" WHERE id=\'a\''}]}, REFUSED)],
        "ExecuteTransaction": [({"TransactStatements": [{"Statement": f'SELECT * FROM "{table}" WHERE id=\'a\''}]}, REFUSED)],
        "ListStreams": [({"TableName": table}, empty("Streams"))],
        "DescribeStream": [({"StreamArn": stream}, "ResourceNotFoundException")],
        "GetShardIterator": [
            ({"StreamArn": stream, "ShardId": "shardId-00000000000000000000", "ShardIteratorType": "TRIM_HORIZON"},
             "ResourceNotFoundException")
        ],
        "GetRecords": [({"ShardIterator": stream + "|1|AAAA"}, "ResourceNotFoundException")],
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("endpoint")
    arguments.add_argument("round", choices=("minimal", "sensible", "random"))
    arguments.add_argument("--prefix", default="Sweep-")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--retries", action="store_true")
    chosen = arguments.parse_args()
    caller = Caller(chosen.endpoint, chosen.retries)
    chance = random.Random(chosen.seed)
    if chosen.round == "minimal":
        minimal(caller, chosen.prefix, chance)
    elif chosen.round == "sensible":
        sensible(caller, chosen.prefix)
    else:
        randomly(caller, chosen.prefix, chance, chosen.rounds)
    if caller.complaints:
        print("\n".join(caller.complaints))
        sys.exit(f"{len(caller.complaints)} complaints, {caller.calls} calls")
    print(f"done: {chosen.round}, {len(caller.operations)} operations of boto3 {boto3.__version__}, {caller.calls} calls")


if __name__ == "__main__":
    main()
