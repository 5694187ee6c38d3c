package dev.henge.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Whatever is sent, the answer is a modelled one, never a fault of the router. */
class FuzzTest {

    private static final List<String> OPERATIONS = List.of(
            "CreateTable",
            "UpdateTable",
            "TagResource",
            "UntagResource",
            "DescribeTable",
            "ListTables",
            "PutItem",
            "GetItem",
            "UpdateItem",
            "DeleteItem",
            "Query",
            "Scan",
            "BatchGetItem",
            "BatchWriteItem",
            "ListTagsOfResource",
            "DescribeTimeToLive",
            "TransactWriteItems");

    /** Member names that make a request get further than random ones. */
    private static final List<String> NAMES = List.of(
            "TableName",
            "Key",
            "Item",
            "pk",
            "sk",
            "S",
            "N",
            "B",
            "BOOL",
            "NULL",
            "L",
            "M",
            "SS",
            "NS",
            "BS",
            "RequestItems",
            "Keys",
            "PutRequest",
            "DeleteRequest",
            "Sorted",
            "Limit",
            "Segment",
            "TotalSegments",
            "Select",
            "ExclusiveStartKey",
            "KeyConditionExpression",
            "FilterExpression",
            "ProjectionExpression",
            "UpdateExpression",
            "ConditionExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            ":v",
            "#n",
            "ReturnValues",
            "Expected",
            "ConditionalOperator",
            "AttributeUpdates",
            "KeyConditions",
            "QueryFilter",
            "ScanFilter",
            "AttributesToGet",
            "ComparisonOperator",
            "AttributeValueList",
            "Value",
            "Exists",
            "Action",
            "ConsistentRead",
            "AttributeDefinitions",
            "KeySchema",
            "AttributeName",
            "AttributeType",
            "KeyType",
            "ProvisionedThroughput",
            "ReadCapacityUnits",
            "OnDemandThroughput",
            "MaxReadRequestUnits",
            "WarmThroughput",
            "WriteUnitsPerSecond",
            "SSESpecification",
            "Enabled",
            "KMSMasterKeyId",
            "SSEType",
            "StreamSpecification",
            "StreamEnabled",
            "GlobalSecondaryIndexUpdates",
            "TableClass",
            "BillingMode",
            "DeletionProtectionEnabled",
            "Tags",
            "TagKeys",
            "Value",
            "ResourceArn");

    private static final List<String> TEXTS = List.of(
            "Sorted",
            "a",
            "",
            "1",
            "-1e125",
            "AA==",
            "pk = :v",
            "pk = :v AND sk > :v",
            "SET #n = :v",
            "REMOVE a[0]",
            "attribute_exists(pk)",
            "#n = :v OR size(a.b[1]) > :v",
            "ALL_OLD",
            "ALL_NEW",
            "COUNT",
            "OR",
            "EQ",
            "BETWEEN",
            "NULL",
            "IN",
            "ADD",
            "DELETE",
            "HASH",
            "PAY_PER_REQUEST",
            "arn:aws:dynamodb:x:1:table/Sorted",
            "\\u0000\\ud800",
            "é");

    private static @Nullable RouterServer router;
    private static @Nullable RouterClient client;

    @BeforeContainer
    static void start() throws Exception {
        router = RouterServer.start(RouterTest.config(RouterTest.REQUEST_TIMEOUT), new InMemoryCluster(3));
        client = new RouterClient(router.port());
        client.succeed("CreateTable", """
                {'TableName': 'Sorted', 'BillingMode': 'PAY_PER_REQUEST',
                 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'},
                                          {'AttributeName': 'sk', 'AttributeType': 'N'}],
                 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                               {'AttributeName': 'sk', 'KeyType': 'RANGE'}]}""");
    }

    @AfterContainer
    static void stop() {
        if (client != null && router != null) {
            client.close();
            router.close();
        }
    }

    @Property(tries = 1_500)
    void anyJsonIsAnsweredWithAModelledAnswer(
            @ForAll("operations") String operation, @ForAll("objects") String request) {
        HttpResponse<byte[]> response = send(operation, request.getBytes(UTF_8));

        assertThat(response.statusCode())
                .as(() -> operation + " " + request + " -> " + new String(response.body(), UTF_8))
                .isIn(200, 400);
        if (response.statusCode() == 400) {
            assertThat(Json.object(response.body())).containsKey("__type");
        }
    }

    @Property(tries = 300)
    void anyBytesAreAnsweredWithAModelledAnswer(@ForAll("operations") String operation, @ForAll byte[] request) {
        HttpResponse<byte[]> response = send(operation, request);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Json.object(response.body())).containsKey("__type");
    }

    private static HttpResponse<byte[]> send(String operation, byte[] body) {
        RouterClient there = java.util.Objects.requireNonNull(client);
        return there.raw(there.request(operation, body).build());
    }

    @Provide
    Arbitrary<String> operations() {
        return Arbitraries.of(OPERATIONS);
    }

    @Provide
    Arbitrary<String> objects() {
        Arbitrary<String> tableName = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(4, Arbitraries.just("\"TableName\": \"Sorted\"")),
                net.jqwik.api.Tuple.of(1, Arbitraries.just("\"x\": 0")));
        Arbitrary<String> key = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(
                        2, Arbitraries.just("\"Key\": {\"pk\": {\"S\": \"a\"}, \"sk\": {\"N\": \"1\"}}")),
                net.jqwik.api.Tuple.of(
                        1, Arbitraries.just("\"Item\": {\"pk\": {\"S\": \"a\"}, \"sk\": {\"N\": \"1\"}}")),
                net.jqwik.api.Tuple.of(1, Arbitraries.just("\"y\": 0")));
        Arbitrary<String> members = object(2).map(object -> object.substring(1, object.length() - 1));
        return Combinators.combine(tableName, key, members)
                .as((first, second, rest) -> "{" + first + ", " + second + (rest.isBlank() ? "" : ", " + rest) + "}");
    }

    private static Arbitrary<String> value(int depth) {
        Arbitrary<String> scalar = Arbitraries.oneOf(
                Arbitraries.of(TEXTS).map(FuzzTest::quoted),
                Arbitraries.strings().ascii().alpha().numeric().ofMaxLength(6).map(FuzzTest::quoted),
                Arbitraries.of("null", "true", "false", "0", "-5", "1.5", "1e400", "99999999999999999999"));
        if (depth == 0) {
            return scalar;
        }
        return Arbitraries.oneOf(scalar, object(depth - 1), attributeValue(depth - 1), array(depth - 1));
    }

    private static Arbitrary<String> array(int depth) {
        return value(depth).list().ofMaxSize(3).map(elements -> elements.stream()
                .collect(Collectors.joining(", ", "[", "]")));
    }

    private static Arbitrary<String> object(int depth) {
        Arbitrary<String> member = Combinators.combine(Arbitraries.of(NAMES), value(depth))
                .as((name, value) -> quoted(name) + ": " + value);
        return member.list().ofMaxSize(4).map(members -> members.stream().collect(Collectors.joining(", ", "{", "}")));
    }

    private static Arbitrary<String> attributeValue(int depth) {
        return Combinators.combine(
                        Arbitraries.of("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"), value(depth))
                .as((type, value) -> "{" + quoted(type) + ": " + value + "}");
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }
}
