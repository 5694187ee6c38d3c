package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.ClusterException;
import dev.henge.proto.ReadItem;
import dev.henge.proto.WriteItem;
import dev.henge.router.RouterClient.Reply;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemOperationsTest extends RouterTest {

    @BeforeEach
    void createTables() {
        createSimpleTable("Simple");
        createSortedTable("Sorted", "N");
    }

    private Map<String, Object> get(String key) {
        return client.succeed("GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': '%s'}}}".formatted(key));
    }

    private void put(String attributes) {
        client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {%s}}".formatted(attributes));
    }

    @Test
    void anItemOfEveryTypeComesBackAsItWasPut() {
        String item = """
                {'pk': {'S': 'a'}, 's': {'S': 'é\\u0001\\n\\"\\\\ \u20ac \ud83d\ude00'}, 'empty': {'S': ''},
                 'n': {'N': '-12.5'}, 'b': {'B': 'AAEC/w=='}, 'emptyb': {'B': ''}, 't': {'BOOL': true},
                 'f': {'BOOL': false}, 'nil': {'NULL': true}, 'ss': {'SS': ['x', 'y\\t']}, 'ns': {'NS': ['1', '2.5']},
                 'bs': {'BS': ['AQ==', 'AgM=']}, 'l': {'L': [{'S': 'x'}, {'L': []}, {'M': {}}, {'N': '0'}]},
                 'm': {'M': {'k': {'M': {'deep': {'L': [{'BOOL': true}]}}}, 'other': {'N': '1'}}}}""";

        put(item.substring(1, item.length() - 1));

        assertThat(get("a")).isEqualTo(Map.of("Item", json(item)));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1.0, 1",
        "-0, 0",
        "00012.500, 12.5",
        "1e3, 1000",
        "1E-3, 0.001",
        "+5, 5",
        ".5, 0.5",
        "12345678901234567890123456789012345678, 12345678901234567890123456789012345678",
    })
    void numbersComeBackPlain(String sent, String shown) {
        put("'pk': {'S': 'a'}, 'n': {'N': '%s'}".formatted(sent));

        assertThat(member(get("a"), "Item")).containsEntry("n", Map.of("N", shown));
    }

    @Test
    void aMissingItemIsAnEmptyAnswer() {
        assertThat(get("missing")).isEmpty();
    }

    @Test
    void aPutReplacesTheWholeItemAndMayReturnTheOldOne() {
        put("'pk': {'S': 'a'}, 'x': {'N': '1'}");

        Map<String, Object> replaced = client.succeed(
                "PutItem",
                "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}, 'y': {'N': '2'}}, 'ReturnValues': 'ALL_OLD'}");

        assertThat(replaced).isEqualTo(json("{'Attributes': {'pk': {'S': 'a'}, 'x': {'N': '1'}}}"));
        assertThat(get("a")).isEqualTo(json("{'Item': {'pk': {'S': 'a'}, 'y': {'N': '2'}}}"));
    }

    @Test
    void aProjectionShowsWhatItNames() {
        put("'pk': {'S': 'a'}, 'x': {'M': {'p': {'N': '1'}, 'q': {'N': '2'}}}, 'y': {'N': '3'}");

        assertThat(client.succeed(
                        "GetItem",
                        "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'ProjectionExpression': 'x.#p',"
                                + " 'ExpressionAttributeNames': {'#p': 'p'}, 'ConsistentRead': true}"))
                .isEqualTo(json("{'Item': {'x': {'M': {'p': {'N': '1'}}}}}"));
    }

    @Test
    void deletesMayReturnTheOldItem() {
        put("'pk': {'S': 'a'}");
        String delete = "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'ReturnValues': 'ALL_OLD'}";

        assertThat(client.succeed("DeleteItem", delete)).isEqualTo(json("{'Attributes': {'pk': {'S': 'a'}}}"));
        assertThat(client.succeed("DeleteItem", delete)).isEmpty();
        assertThat(get("a")).isEmpty();
    }

    @Test
    void aConditionThatFailsChangesNothingAndShowsTheItemWhenAsked() {
        put("'pk': {'S': 'a'}, 'v': {'N': '1'}");
        String put = "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}}, 'ConditionExpression':"
                + " 'attribute_not_exists(pk)'%s}";

        Reply silent = client.fail("PutItem", put.formatted(""));
        Reply shown = client.fail("PutItem", put.formatted(", 'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'"));

        assertThat(silent.body())
                .isEqualTo(json("{'__type': 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',"
                        + " 'message': 'The conditional request failed'}"));
        assertThat(shown.body()).containsEntry("Item", json("{'pk': {'S': 'a'}, 'v': {'N': '1'}}"));
        assertThat(member(get("a"), "Item")).containsKey("v");
    }

    @Test
    void conditionsWithNamesAndValuesHold() {
        put("'pk': {'S': 'a'}, 'v': {'N': '1'}");

        client.succeed(
                "DeleteItem",
                "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'ConditionExpression': '#v BETWEEN :low AND :high',"
                        + " 'ExpressionAttributeNames': {'#v': 'v'},"
                        + " 'ExpressionAttributeValues': {':low': {'N': '0'}, ':high': {'N': '1'}}}");

        assertThat(get("a")).isEmpty();
    }

    @Test
    void updatesComputeFromTheItemAndReturnWhatIsAsked() {
        put("'pk': {'S': 'p'}, 'currency': {'N': '1000'}, 'other': {'S': 'x'}");
        String update = "{'TableName': 'Simple', 'Key': {'pk': {'S': 'p'}}, 'UpdateExpression':"
                + " 'SET currency = currency + :val', 'ExpressionAttributeValues': {':val': {'N': '500'}},"
                + " 'ReturnValues': '%s'}";

        assertThat(client.succeed("UpdateItem", update.formatted("UPDATED_NEW")))
                .isEqualTo(json("{'Attributes': {'currency': {'N': '1500'}}}"));
        assertThat(client.succeed("UpdateItem", update.formatted("UPDATED_OLD")))
                .isEqualTo(json("{'Attributes': {'currency': {'N': '1500'}}}"));
        assertThat(member(client.succeed("UpdateItem", update.formatted("ALL_NEW")), "Attributes"))
                .containsEntry("currency", Map.of("N", "2500"))
                .containsKeys("pk", "other");
        assertThat(member(client.succeed("UpdateItem", update.formatted("ALL_OLD")), "Attributes"))
                .containsEntry("currency", Map.of("N", "2500"));
        assertThat(client.succeed("UpdateItem", update.formatted("NONE"))).isEmpty();
    }

    @Test
    void anUpdateMakesTheItemThatIsNotThere() {
        client.succeed("UpdateItem", "{'TableName': 'Sorted', 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '7'}}}");

        assertThat(client.succeed("GetItem", "{'TableName': 'Sorted', 'Key': {'sk': {'N': '7.0'}, 'pk': {'S': 'a'}}}"))
                .isEqualTo(json("{'Item': {'pk': {'S': 'a'}, 'sk': {'N': '7'}}}"));
    }

    @Test
    void aHundredConcurrentUpdatesAddUp() throws Exception {
        put("'pk': {'S': 'p'}, 'n': {'N': '0'}");
        List<Future<?>> updates = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                updates.add(threads.submit(() -> client.succeed(
                        "UpdateItem",
                        "{'TableName': 'Simple', 'Key': {'pk': {'S': 'p'}}, 'UpdateExpression': 'ADD n :one',"
                                + " 'ExpressionAttributeValues': {':one': {'N': '1'}}}")));
            }
            for (Future<?> update : updates) {
                update.get();
            }
        }

        assertThat(member(get("p"), "Item")).containsEntry("n", Map.of("N", "100"));
    }

    @Test
    void capacityIsCountedByTheServicesUnits() {
        String big = "x".repeat(5000);
        Map<String, Object> put = client.succeed(
                "PutItem",
                "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}, 'v': {'S': '%s'}}, 'ReturnConsumedCapacity':"
                                .formatted(big)
                        + " 'TOTAL'}");
        Map<String, Object> eventual = client.succeed(
                "GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'ReturnConsumedCapacity': 'TOTAL'}");
        Map<String, Object> consistent = client.succeed(
                "GetItem",
                "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'ReturnConsumedCapacity': 'INDEXES',"
                        + " 'ConsistentRead': true}");
        Map<String, Object> missing = client.succeed(
                "GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': 'b'}}, 'ReturnConsumedCapacity': 'TOTAL'}");

        assertThat(put).containsEntry("ConsumedCapacity", json("{'TableName': 'Simple', 'CapacityUnits': 5.0}"));
        assertThat(member(eventual, "ConsumedCapacity")).containsEntry("CapacityUnits", new BigDecimal("1.0"));
        assertThat(member(consistent, "ConsumedCapacity"))
                .isEqualTo(json("{'TableName': 'Simple', 'CapacityUnits': 2.0, 'Table': {'CapacityUnits': 2.0}}"));
        assertThat(member(missing, "ConsumedCapacity")).containsEntry("CapacityUnits", new BigDecimal("0.5"));
    }

    @ParameterizedTest
    @CsvSource({
        "OVERLOADED, 400, ProvisionedThroughputExceededException",
        "UNAVAILABLE, 500, InternalServerError",
        "TIMED_OUT, 500, InternalServerError",
        "INTERNAL, 500, InternalServerError",
        "TABLE_DROPPED, 400, ResourceNotFoundException",
        "INVALID, 400, ValidationException",
    })
    void whatTheClusterRefusesIsAModelledError(ClusterException.Code code, int status, String error) {
        cluster.plant(request -> request instanceof ReadItem || request instanceof WriteItem ? code : null);

        Reply read = client.call("GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}}");
        Reply write = client.call("PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}}}");

        assertThat(read.status()).isEqualTo(status);
        assertThat(read.error()).isEqualTo(error);
        assertThat(write.status()).isEqualTo(status);
        assertThat(write.error()).isEqualTo(error);
    }

    @Test
    void setsMayHaveAnEmptyMember() {
        createSimpleTable("Sets");
        client.succeed(
                "PutItem",
                "{'TableName': 'Sets', 'Item': {'pk': {'S': 'a'}, 's': {'SS': ['', 'x']}, 'b': {'BS': ['', 'AQ==']},"
                        + " 'l': {'L': [{'SS': ['']}]}}}");

        Map<String, Object> item =
                member(client.succeed("GetItem", "{'TableName': 'Sets', 'Key': {'pk': {'S': 'a'}}}"), "Item");

        assertThat(item)
                .isEqualTo(json("{'pk': {'S': 'a'}, 's': {'SS': ['', 'x']}, 'b': {'BS': ['', 'AQ==']},"
                        + " 'l': {'L': [{'SS': ['']}]}}"));
    }
}
