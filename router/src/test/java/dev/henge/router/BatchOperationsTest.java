package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.ClusterException;
import dev.henge.proto.ReadItem;
import dev.henge.proto.WriteItem;
import dev.henge.router.RouterClient.Reply;
import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOperationsTest extends RouterTest {

    @BeforeEach
    void createTables() {
        createSimpleTable("One");
        createSimpleTable("Two");
    }

    private static String puts(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj("{'PutRequest': {'Item': {'pk': {'S': 'k%1$d'}, 'n': {'N': '%1$d'}}}}"::formatted)
                .collect(Collectors.joining(", "));
    }

    private static String keys(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj("{'pk': {'S': 'k%d'}}"::formatted)
                .collect(Collectors.joining(", "));
    }

    @Test
    void putsAndDeletesOverTables() {
        client.succeed("PutItem", "{'TableName': 'Two', 'Item': {'pk': {'S': 'old'}}}");

        Map<String, Object> written = client.succeed(
                "BatchWriteItem",
                "{'RequestItems': {'One': [%s], 'Two': [{'DeleteRequest': {'Key': {'pk': {'S': 'old'}}}}]},"
                                .formatted(puts(0, 3))
                        + " 'ReturnConsumedCapacity': 'TOTAL'}");

        assertThat(written)
                .isEqualTo(json("{'UnprocessedItems': {}, 'ConsumedCapacity': [{'TableName': 'One', 'CapacityUnits':"
                        + " 3.0}, {'TableName': 'Two', 'CapacityUnits': 1.0}]}"));
        assertThat(client.succeed("Scan", "{'TableName': 'One'}")).containsEntry("Count", new BigDecimal(3));
        assertThat(client.succeed("Scan", "{'TableName': 'Two'}")).containsEntry("Count", BigDecimal.ZERO);
    }

    @Test
    void getsItemsOverTablesEachWithItsProjection() {
        client.succeed(
                "BatchWriteItem", "{'RequestItems': {'One': [%s], 'Two': [%s]}}".formatted(puts(0, 2), puts(0, 1)));

        Map<String, Object> read = client.succeed(
                "BatchGetItem",
                "{'RequestItems': {'One': {'Keys': [%s], 'ProjectionExpression': '#n', 'ExpressionAttributeNames':"
                                .formatted(keys(0, 3))
                        + " {'#n': 'n'}}, 'Two': {'Keys': [%s], 'ConsistentRead': true}}}".formatted(keys(0, 1)));

        assertThat(read)
                .isEqualTo(json("{'Responses': {'One': [{'n': {'N': '0'}}, {'n': {'N': '1'}}],"
                        + " 'Two': [{'pk': {'S': 'k0'}, 'n': {'N': '0'}}]}, 'UnprocessedKeys': {}}"));
    }

    @Test
    void whatTheClusterIsTooBusyForComesBackUnprocessed() {
        client.succeed("BatchWriteItem", "{'RequestItems': {'One': [%s]}}".formatted(puts(0, 2)));
        cluster.plant(request -> isBusy(request) ? ClusterException.Code.OVERLOADED : null);

        Map<String, Object> read = client.succeed(
                "BatchGetItem",
                "{'RequestItems': {'One': {'Keys': [%s], 'ConsistentRead': true, 'ProjectionExpression': 'pk'}}}"
                        .formatted(keys(0, 2)));
        Map<String, Object> written = client.succeed(
                "BatchWriteItem",
                "{'RequestItems': {'One': [%s, {'DeleteRequest': {'Key': {'pk': {'S': 'k0'}}}}]}}"
                        .formatted(puts(1, 2)));

        assertThat(read)
                .isEqualTo(json("{'Responses': {'One': [{'pk': {'S': 'k1'}}]}, 'UnprocessedKeys': {'One': {'Keys':"
                        + " [{'pk': {'S': 'k0'}}], 'ConsistentRead': true, 'ProjectionExpression': 'pk'}}}"));
        assertThat(written)
                .isEqualTo(json("{'UnprocessedItems': {'One': [{'DeleteRequest': {'Key': {'pk': {'S': 'k0'}}}}]}}"));
    }

    private static boolean isBusy(Object request) {
        return request instanceof ReadItem read && read.getKey().toStringUtf8().contains("k0")
                || request instanceof WriteItem write
                        && write.getKey().toStringUtf8().contains("k0");
    }

    @Test
    void whenNothingCouldBeDoneTheCallFails() {
        cluster.plant(request -> ClusterException.Code.OVERLOADED);

        assertThat(client.fail("BatchGetItem", "{'RequestItems': {'One': {'Keys': [%s]}}}".formatted(keys(0, 2)))
                        .error())
                .isEqualTo("ProvisionedThroughputExceededException");
        assertThat(client.fail("BatchWriteItem", "{'RequestItems': {'One': [%s]}}".formatted(puts(0, 2)))
                        .error())
                .isEqualTo("ProvisionedThroughputExceededException");
    }

    @ParameterizedTest
    @EnumSource(
            value = ClusterException.Code.class,
            names = {"TIMED_OUT", "INTERNAL"})
    void aWriteOfUnknownOutcomeIsNeverCalledUnprocessed(ClusterException.Code code) {
        cluster.plant(request -> isBusy(request) ? code : null);

        Reply reply = client.call("BatchWriteItem", "{'RequestItems': {'One': [%s]}}".formatted(puts(0, 2)));

        assertThat(reply.status()).isEqualTo(500);
    }

    @Test
    void anAnswerEndsAtSixteenMegabytes() {
        String value = "x".repeat(390_000);
        for (int i = 0; i < 50; i++) {
            client.succeed(
                    "PutItem",
                    "{'TableName': 'One', 'Item': {'pk': {'S': 'k%d'}, 'v': {'S': '%s'}}}".formatted(i, value));
        }

        Reply reply = client.call("BatchGetItem", "{'RequestItems': {'One': {'Keys': [%s]}}}".formatted(keys(0, 50)));

        assertThat(reply.raw().body()).hasSizeBetween(15_000_000, 16 * 1024 * 1024 + 10_000);
        int read = list(member(reply.body(), "Responses"), "One").size();
        int left = list(member(member(reply.body(), "UnprocessedKeys"), "One"), "Keys")
                .size();
        assertThat(read).isBetween(40, 43);
        assertThat(read + left).isEqualTo(50);
    }

    @Test
    void refusesWhatMakesNoBatch() {
        assertThat(client.invalid(
                        "BatchGetItem",
                        "{'RequestItems': {'One': {'Keys': [%s, %s]}}}".formatted(keys(0, 1), keys(0, 1))))
                .isEqualTo("Provided list of item keys contains duplicates");
        assertThat(client.invalid(
                        "BatchWriteItem", "{'RequestItems': {'One': [%s, %s]}}".formatted(puts(0, 1), puts(0, 1))))
                .isEqualTo("Provided list of item keys contains duplicates");
        assertThat(client.invalid(
                        "BatchWriteItem",
                        "{'RequestItems': {'One': [%s], 'Two': [%s]}}".formatted(puts(0, 13), puts(0, 13))))
                .isEqualTo("Too many items requested for the BatchWriteItem call");
        assertThat(client.invalid(
                        "BatchGetItem",
                        "{'RequestItems': {'One': {'Keys': [%s]}, 'Two': {'Keys': [%s]}}}"
                                .formatted(keys(0, 60), keys(0, 60))))
                .isEqualTo("Too many items requested for the BatchGetItem call");
        assertThat(client.invalid("BatchWriteItem", "{'RequestItems': {'One': [{}]}}"))
                .isEqualTo("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the"
                        + " supported datatypes");
        assertThat(client.invalid("BatchWriteItem", "{}"))
                .isEqualTo("1 validation error detected: Value null at 'requestItems' failed to satisfy constraint:"
                        + " Member must not be null");
        assertThat(client.invalid("BatchGetItem", "{'RequestItems': {}}"))
                .isEqualTo("1 validation error detected: Value '[]' at 'requestItems' failed to satisfy constraint:"
                        + " Member must have length greater than or equal to 1");
        assertThat(client.fail("BatchGetItem", "{'RequestItems': {'Missing': {'Keys': [%s]}}}".formatted(keys(0, 1)))
                        .error())
                .isEqualTo("ResourceNotFoundException");
    }

    @Test
    void nothingIsWrittenWhenAnyItemIsBad() {
        client.invalid(
                "BatchWriteItem",
                "{'RequestItems': {'One': [%s, {'PutRequest': {'Item': {'other': {'S': 'x'}}}}]}}"
                        .formatted(puts(0, 1)));

        assertThat(client.succeed("Scan", "{'TableName': 'One'}")).containsEntry("Count", BigDecimal.ZERO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'other': {'S': 'x'}}",
                "{'pk': {'N': '1'}}",
                "{'pk': {'S': 'x'}}",
                "{'pk': {'S': 'x'}, 'sk': {'S': '1'}}",
            })
    void aPutWithoutAFittingKeyIsRefusedAsAKeyIs(String item) {
        createSortedTable("Sorted", "N");

        assertThat(client.invalid(
                        "BatchWriteItem",
                        "{'RequestItems': {'One': [%s], 'Sorted': [{'PutRequest': {'Item': %s}}]}}"
                                .formatted(puts(0, 1), item)))
                .isEqualTo("The provided key element does not match the schema");
        assertThat(client.succeed("Scan", "{'TableName': 'One'}")).containsEntry("Count", BigDecimal.ZERO);
    }

    @Test
    void nullAmongTheRequestsOrKeysIsRefused() {
        assertThat(client.invalid("BatchWriteItem", "{'RequestItems': {'One': [null]}}"))
                .isEqualTo("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the"
                        + " supported datatypes");
        assertThat(client.invalid("BatchWriteItem", "{'RequestItems': {'One': null}}"))
                .endsWith(
                        "failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less"
                                + " than or equal to 25, Member must have length greater than or equal to 1]");
        assertThat(client.invalid("BatchGetItem", "{'RequestItems': {'One': {'Keys': [null]}}}"))
                .isEqualTo("The list of keys in RequestItems for BatchGetItem may not contain null or empty values: One"
                        + " has one or more empty keys");
        assertThat(client.invalid("BatchGetItem", "{'RequestItems': {'One': null}}"))
                .isEqualTo("1 validation error detected: Value null at 'requestItems.One.member.keys' failed to satisfy"
                        + " constraint: Member must not be null");
    }
}
