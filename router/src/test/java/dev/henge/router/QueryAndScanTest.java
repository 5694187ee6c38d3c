package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryAndScanTest extends RouterTest {

    @BeforeEach
    void createTables() {
        createSortedTable("Sorted", "N");
        createSortedTable("Words", "S");
        createSimpleTable("Simple");
    }

    private void putNumbers(String partitionKey, int count) {
        for (int i = 0; i < count; i++) {
            client.succeed(
                    "PutItem",
                    "{'TableName': 'Sorted', 'Item': {'pk': {'S': '%s'}, 'sk': {'N': '%d'}, 'odd': {'BOOL': %b}}}"
                            .formatted(partitionKey, i, i % 2 == 1));
        }
    }

    private Map<String, Object> query(String more) {
        return client.succeed(
                "Query", "{'TableName': 'Sorted', 'ExpressionAttributeValues': {':p': {'S': 'a'}%s}".formatted(more));
    }

    private static List<Integer> sortKeys(Map<String, Object> page) {
        List<Integer> keys = new ArrayList<>();
        for (Map<String, Object> item : list(page, "Items")) {
            keys.add(Integer.parseInt(String.valueOf(member(item, "sk").get("N"))));
        }
        return keys;
    }

    @Test
    void readsAnItemCollectionInOrderEitherWay() {
        putNumbers("a", 12);
        putNumbers("b", 3);

        Map<String, Object> forward = query("}, 'KeyConditionExpression': 'pk = :p'");
        Map<String, Object> backward = query("}, 'KeyConditionExpression': 'pk = :p', 'ScanIndexForward': false");

        assertThat(sortKeys(forward)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(forward).doesNotContainKey("LastEvaluatedKey").containsEntry("Count", new BigDecimal(12));
        assertThat(sortKeys(backward)).containsExactly(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "sk = :x, 3",
        "sk < :x, 0 1 2",
        "sk <= :x, 0 1 2 3",
        "sk > :x, 4 5 6 7",
        "sk >= :x, 3 4 5 6 7",
        ":x < sk, 4 5 6 7",
        "sk BETWEEN :x AND :x, 3",
    })
    void readsTheRangeThatTheKeyConditionNames(String condition, String expected) {
        putNumbers("a", 8);

        Map<String, Object> page =
                query(", ':x': {'N': '3'}}, 'KeyConditionExpression': 'pk = :p AND %s'".formatted(condition));

        assertThat(sortKeys(page))
                .containsExactlyElementsOf(java.util.Arrays.stream(expected.split(" "))
                        .map(Integer::valueOf)
                        .toList());
    }

    @Test
    void twoConditionsOnTheSortKeyAreRefused() {
        assertThat(client.invalid(
                        "Query",
                        "{'TableName': 'Sorted', 'KeyConditionExpression': 'pk = :p AND sk > :a AND sk < :b',"
                                + " 'ExpressionAttributeValues':"
                                + " {':p': {'S': 'a'}, ':a': {'N': '1'}, ':b': {'N': '5'}}}"))
                .isEqualTo("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per"
                        + " key");
    }

    @Test
    void readsWhatBeginsWithAPrefix() {
        for (String word : new String[] {"a", "ab", "abc", "abd", "ac", "b"}) {
            client.succeed(
                    "PutItem", "{'TableName': 'Words', 'Item': {'pk': {'S': 'p'}, 'sk': {'S': '%s'}}}".formatted(word));
        }

        Map<String, Object> page = client.succeed(
                "Query",
                "{'TableName': 'Words', 'KeyConditionExpression': 'pk = :p AND begins_with(sk, :x)',"
                        + " 'ExpressionAttributeValues': {':p': {'S': 'p'}, ':x': {'S': 'ab'}}}");

        assertThat(list(page, "Items"))
                .extracting(item -> member(item, "sk").get("S"))
                .containsExactly("ab", "abc", "abd");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pagesFollowOneAnotherWithoutGapOrRepetition(boolean forward) {
        putNumbers("a", 10);
        List<Integer> all = new ArrayList<>();
        String start = "";
        int pages = 0;
        while (true) {
            Map<String, Object> page =
                    query("}, 'KeyConditionExpression': 'pk = :p', 'Limit': 3, 'ScanIndexForward': " + forward + start);
            all.addAll(sortKeys(page));
            pages++;
            if (!page.containsKey("LastEvaluatedKey")) {
                break;
            }
            start = ", 'ExclusiveStartKey': " + text(member(page, "LastEvaluatedKey"));
        }

        assertThat(pages).isEqualTo(4);
        assertThat(all).hasSize(10).isSortedAccordingTo(forward ? Integer::compare : (x, y) -> Integer.compare(y, x));
    }

    private static String text(Map<String, Object> key) {
        StringBuilder text = new StringBuilder("{");
        key.forEach((name, value) -> {
            Map<?, ?> typed = (Map<?, ?>) value;
            typed.forEach((type, v) ->
                    text.append(text.length() > 1 ? ", " : "").append("'%s': {'%s': '%s'}".formatted(name, type, v)));
        });
        return text.append('}').toString();
    }

    @Test
    void aPageThatEndsAtItsLimitSaysWhereEvenOnTheLastItem() {
        putNumbers("a", 3);

        assertThat(query("}, 'KeyConditionExpression': 'pk = :p', 'Limit': 3"))
                .containsEntry("LastEvaluatedKey", json("{'pk': {'S': 'a'}, 'sk': {'N': '2'}}"));
    }

    @Test
    void nodesMayReadLessThanAskedWithoutAnyoneNoticing() {
        putNumbers("a", 10);
        cluster.examineAtMost(2);

        Map<String, Object> page = query("}, 'KeyConditionExpression': 'pk = :p', 'Limit': 7");
        Map<String, Object> scanned = client.succeed("Scan", "{'TableName': 'Sorted'}");

        assertThat(sortKeys(page)).containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThat(page).containsKey("LastEvaluatedKey");
        assertThat(sortKeys(scanned)).hasSize(10);
    }

    @Test
    void filtersCountWhatTheyPassAndWhatTheySaw() {
        putNumbers("a", 10);

        Map<String, Object> page =
                query(", ':t': {'BOOL': true}}, 'KeyConditionExpression': 'pk = :p', 'FilterExpression': 'odd = :t',"
                        + " 'Limit': 5, 'ProjectionExpression': 'sk'");
        Map<String, Object> count =
                query(", ':t': {'BOOL': true}}, 'KeyConditionExpression': 'pk = :p', 'FilterExpression': 'odd = :t',"
                        + " 'Select': 'COUNT'");

        assertThat(list(page, "Items")).isEqualTo(List.of(json("{'sk': {'N': '1'}}"), json("{'sk': {'N': '3'}}")));
        assertThat(page).containsEntry("Count", new BigDecimal(2)).containsEntry("ScannedCount", new BigDecimal(5));
        assertThat(count).isEqualTo(json("{'Count': 5, 'ScannedCount': 10}"));
    }

    @Test
    void aPageEndsAtOneMegabyte() {
        String value = "x".repeat(300_000);
        for (int i = 0; i < 6; i++) {
            client.succeed(
                    "PutItem",
                    "{'TableName': 'Sorted', 'Item': {'pk': {'S': 'a'}, 'sk': {'N': '%d'}, 'v': {'S': '%s'}}}"
                            .formatted(i, value));
        }

        Map<String, Object> page = query(
                "}, 'KeyConditionExpression': 'pk = :p', 'ConsistentRead': true, 'ReturnConsumedCapacity': 'TOTAL'");

        assertThat(sortKeys(page)).containsExactly(0, 1, 2, 3);
        assertThat(page).containsKey("LastEvaluatedKey");
        assertThat(member(page, "ConsumedCapacity")).containsEntry("CapacityUnits", new BigDecimal("293.0"));
    }

    @Test
    void aScanSeesEveryItemOnce() {
        Set<String> put = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': 'k%d'}}}".formatted(i));
            put.add("k" + i);
        }

        Map<String, Object> page = client.succeed("Scan", "{'TableName': 'Simple'}");

        assertThat(keys(page)).hasSize(60).containsExactlyInAnyOrderElementsOf(put);
        assertThat(page).doesNotContainKey("LastEvaluatedKey");
    }

    private static List<String> keys(Map<String, Object> page) {
        return list(page, "Items").stream()
                .map(item -> String.valueOf(member(item, "pk").get("S")))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 7", "3, 4", "7, 100", "40, 3"})
    void segmentsAndPagesTogetherSeeEveryItemOnce(int segments, int limit) {
        for (int i = 0; i < 50; i++) {
            client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': 'k%d'}}}".formatted(i));
        }
        List<String> seen = new ArrayList<>();
        for (int segment = 0; segment < segments; segment++) {
            String start = "";
            while (true) {
                Map<String, Object> page = client.succeed(
                        "Scan",
                        "{'TableName': 'Simple', 'Segment': %d, 'TotalSegments': %d, 'Limit': %d%s}"
                                .formatted(segment, segments, limit, start));
                assertThat(keys(page)).hasSizeLessThanOrEqualTo(limit);
                seen.addAll(keys(page));
                if (!page.containsKey("LastEvaluatedKey")) {
                    break;
                }
                start = ", 'ExclusiveStartKey': " + text(member(page, "LastEvaluatedKey"));
            }
        }

        assertThat(seen).hasSize(50).doesNotHaveDuplicates();
    }

    @Test
    void aScanPageEndsAtOneMegabyteAcrossPartitions() {
        String value = "x".repeat(90_000);
        for (int i = 0; i < 30; i++) {
            client.succeed(
                    "PutItem",
                    "{'TableName': 'Simple', 'Item': {'pk': {'S': 'k%d'}, 'v': {'S': '%s'}}}".formatted(i, value));
        }
        List<String> seen = new ArrayList<>();
        String start = "";
        int pages = 0;
        while (true) {
            Map<String, Object> page = client.succeed("Scan", "{'TableName': 'Simple'%s}".formatted(start));
            seen.addAll(keys(page));
            pages++;
            assertThat(keys(page)).hasSizeLessThanOrEqualTo(12);
            if (!page.containsKey("LastEvaluatedKey")) {
                break;
            }
            start = ", 'ExclusiveStartKey': " + text(member(page, "LastEvaluatedKey"));
        }

        assertThat(pages).isBetween(3, 4);
        assertThat(seen).hasSize(30).doesNotHaveDuplicates();
    }

    @Test
    void tablesDoNotSeeOneAnothersItems() {
        putNumbers("a", 2);
        client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}}}");

        assertThat(keys(client.succeed("Scan", "{'TableName': 'Simple'}"))).containsExactly("a");
    }
}
