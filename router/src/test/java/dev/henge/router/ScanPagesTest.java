package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the pages of a Scan over many partitions end. */
class ScanPagesTest extends RouterTest {

    private static final int ITEMS = 40;

    ScanPagesTest() {
        cluster = new InMemoryCluster(16);
    }

    private void createTeams() {
        client.succeed("CreateTable", """
                {'TableName': 'Teams', 'BillingMode': 'PAY_PER_REQUEST',
                 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'},
                                          {'AttributeName': 'sk', 'AttributeType': 'N'},
                                          {'AttributeName': 'team', 'AttributeType': 'S'}],
                 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                               {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
                 'GlobalSecondaryIndexes': [
                     {'IndexName': 'global',
                      'KeySchema': [{'AttributeName': 'team', 'KeyType': 'HASH'}],
                      'Projection': {'ProjectionType': 'KEYS_ONLY'}}],
                 'LocalSecondaryIndexes': [
                     {'IndexName': 'local',
                      'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                                    {'AttributeName': 'team', 'KeyType': 'RANGE'}],
                      'Projection': {'ProjectionType': 'KEYS_ONLY'}}]}""");
    }

    /** Every third item is odd, every second one shares its partition key with the one before it. */
    private void putTeams() {
        createTeams();
        for (int from = 0; from < ITEMS; from += 20) {
            String puts = IntStream.range(from, from + 20)
                    .mapToObj(i -> ("{'PutRequest': {'Item': {'pk': {'S': 'k%d'}, 'sk': {'N': '%d'},"
                                    + " 'team': {'S': 't%d'}, 'odd': {'BOOL': %b}}}}")
                            .formatted(i / 2, i, i % 7, i % 3 == 0))
                    .collect(Collectors.joining(", "));
            client.succeed("BatchWriteItem", "{'RequestItems': {'Teams': [%s]}}".formatted(puts));
        }
    }

    private void putLarge(int count, int bytes) {
        createSimpleTable("Large");
        String value = "x".repeat(bytes);
        for (int i = 0; i < count; i++) {
            client.succeed(
                    "PutItem",
                    "{'TableName': 'Large', 'Item': {'pk': {'S': 'k%d'}, 'v': {'S': '%s'}}}".formatted(i, value));
        }
    }

    /** Follows a Scan to the page that has no LastEvaluatedKey. */
    private List<Map<String, Object>> pages(String parameters) {
        List<Map<String, Object>> pages = new ArrayList<>();
        String start = "";
        while (true) {
            Map<String, Object> page = client.succeed("Scan", "{" + parameters + start + "}");
            pages.add(page);
            if (!page.containsKey("LastEvaluatedKey")) {
                return pages;
            }
            start = ", 'ExclusiveStartKey': " + text(member(page, "LastEvaluatedKey"));
        }
    }

    private static String text(Map<String, Object> key) {
        return key.entrySet().stream()
                .map(attribute -> {
                    Map.Entry<?, ?> value = ((Map<?, ?>) attribute.getValue())
                            .entrySet()
                            .iterator()
                            .next();
                    return "'%s': {'%s': '%s'}".formatted(attribute.getKey(), value.getKey(), value.getValue());
                })
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static int number(Map<String, Object> page, String name) {
        return ((BigDecimal) Objects.requireNonNull(page.get(name))).intValue();
    }

    private static List<Integer> scanned(List<Map<String, Object>> pages) {
        return pages.stream().map(page -> number(page, "ScannedCount")).toList();
    }

    private static List<Integer> sortKeys(List<Map<String, Object>> pages) {
        return pages.stream()
                .flatMap(page -> list(page, "Items").stream())
                .map(item -> Integer.valueOf(String.valueOf(member(item, "sk").get("N"))))
                .toList();
    }

    /** All pages that examine as many as they may, and one more for what is left, be it nothing. */
    private static List<Integer> pageSizes(int items, int limit) {
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < items / limit; i++) {
            sizes.add(limit);
        }
        sizes.add(items % limit);
        return sizes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", 'IndexName': 'global'", ", 'IndexName': 'local', 'Select': 'ALL_ATTRIBUTES'"})
    void aPageExaminesExactlyAsManyAsItsLimit(String what) {
        putTeams();

        for (int limit = 1; limit <= ITEMS + 1; limit++) {
            List<Map<String, Object>> pages = pages("'TableName': 'Teams', 'Limit': " + limit + what);

            assertThat(scanned(pages)).isEqualTo(pageSizes(ITEMS, limit));
            assertThat(sortKeys(pages)).hasSize(ITEMS).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 40})
    void soItDoesInEachSegment(int segments) {
        putTeams();

        for (int limit = 1; limit <= ITEMS; limit += 3) {
            List<Map<String, Object>> all = new ArrayList<>();
            for (int segment = 0; segment < segments; segment++) {
                List<Map<String, Object>> pages =
                        pages("'TableName': 'Teams', 'TotalSegments': %d, 'Segment': %d, 'Limit': %d"
                                .formatted(segments, segment, limit));
                int items = scanned(pages).stream().mapToInt(Integer::intValue).sum();
                assertThat(scanned(pages)).isEqualTo(pageSizes(items, limit));
                all.addAll(pages);
            }

            assertThat(sortKeys(all)).hasSize(ITEMS).doesNotHaveDuplicates();
        }
    }

    @Test
    void theLimitCountsWhatAFilterLeavesOutAsWell() {
        putTeams();
        String filter = "'TableName': 'Teams', 'FilterExpression': 'odd = :t', "
                + "'ExpressionAttributeValues': {':t': {'BOOL': true}}, 'Limit': ";

        for (int limit = 1; limit <= ITEMS; limit++) {
            List<Map<String, Object>> pages = pages(filter + limit + ", 'ProjectionExpression': 'sk'");
            List<Map<String, Object>> counts = pages(filter + limit + ", 'Select': 'COUNT'");

            assertThat(scanned(pages)).isEqualTo(pageSizes(ITEMS, limit)).isEqualTo(scanned(counts));
            assertThat(sortKeys(pages)).hasSize(14).doesNotHaveDuplicates().allMatch(i -> i % 3 == 0);
            assertThat(counts.stream().mapToInt(page -> number(page, "Count")).sum())
                    .isEqualTo(14);
        }
    }

    @Test
    void nodesMayReadLessThanAsked() {
        putTeams();
        cluster.examineAtMost(2);

        for (int limit = 1; limit <= ITEMS; limit++) {
            List<Map<String, Object>> pages = pages("'TableName': 'Teams', 'Limit': " + limit);

            assertThat(scanned(pages)).isEqualTo(pageSizes(ITEMS, limit));
            assertThat(sortKeys(pages)).hasSize(ITEMS).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                                                  | 24
            , 'ProjectionExpression': 'pk'                      | 24
            , 'Select': 'COUNT'                                 | 24
            , 'FilterExpression': 'attribute_not_exists(v)'     | 0
            , 'Limit': 7                                        | 24
            """)
    void aPageEndsWithTheItemThatReachesOneMegabyte(String how, int count) {
        putLarge(24, 204 * 1024);

        List<Map<String, Object>> pages = pages("'TableName': 'Large'" + how);

        assertThat(scanned(pages)).containsExactly(6, 6, 6, 6, 0);
        assertThat(pages.stream().mapToInt(page -> number(page, "Count")).sum()).isEqualTo(count);
    }

    @Test
    void aTableOfLessThanAMegabyteIsOnePage() {
        putLarge(5, 200 * 1024);

        assertThat(scanned(pages("'TableName': 'Large'"))).containsExactly(5);
    }
}
