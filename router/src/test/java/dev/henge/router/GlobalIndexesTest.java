package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading global secondary indexes. */
class GlobalIndexesTest extends RouterTest {

    private static final String TABLE = """
            {'TableName': 'Matches', 'BillingMode': 'PAY_PER_REQUEST',
             'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'},
                                      {'AttributeName': 'cup', 'AttributeType': 'S'},
                                      {'AttributeName': 'arena', 'AttributeType': 'S'},
                                      {'AttributeName': 'round', 'AttributeType': 'N'},
                                      {'AttributeName': 'court', 'AttributeType': 'N'}],
             'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}],
             'GlobalSecondaryIndexes': [
              {'IndexName': 'by-round', 'KeySchema': [{'AttributeName': 'cup', 'KeyType': 'HASH'},
                                                      {'AttributeName': 'round', 'KeyType': 'RANGE'}],
               'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['score']}},
              {'IndexName': 'by-place', 'KeySchema': [{'AttributeName': 'cup', 'KeyType': 'HASH'},
                                                      {'AttributeName': 'arena', 'KeyType': 'HASH'},
                                                      {'AttributeName': 'round', 'KeyType': 'RANGE'},
                                                      {'AttributeName': 'court', 'KeyType': 'RANGE'}],
               'Projection': {'ProjectionType': 'ALL'}}]}""";

    private static final String CUP = "'ExpressionAttributeValues': {':c': {'S': 'winter'}}";

    private void createMatches() {
        client.succeed("CreateTable", TABLE);
        put("a", "winter", "north", 1, 1);
        put("b", "winter", "north", 2, 1);
        put("c", "winter", "south", 2, 2);
        put("d", "winter", "north", 2, 3);
        put("e", "summer", "north", 1, 1);
    }

    private void put(String id, String cup, String arena, int round, int court) {
        client.succeed("PutItem", """
                {'TableName': 'Matches', 'Item': {'id': {'S': '%s'}, 'cup': {'S': '%s'}, 'arena': {'S': '%s'},
                 'round': {'N': '%d'}, 'court': {'N': '%d'}, 'score': {'S': '3:1'}, 'note': {'S': 'x'}}}""".formatted(id, cup, arena, round, court));
    }

    private static String query(String index, String condition, String more) {
        return "{'TableName': 'Matches', 'IndexName': '%s', 'KeyConditionExpression': '%s', %s}"
                .formatted(index, condition, more);
    }

    private static List<String> ids(Map<String, Object> page) {
        List<String> ids = new ArrayList<>();
        list(page, "Items")
                .forEach(item -> ids.add(String.valueOf(member(item, "id").get("S"))));
        return ids;
    }

    @Test
    void aQueryReadsTheIndexInItsOrderAndShowsWhatItProjects() {
        createMatches();

        Map<String, Object> page = client.succeed("Query", query("by-round", "cup = :c", CUP));
        Map<String, Object> backwards =
                client.succeed("Query", query("by-round", "cup = :c", CUP + ", 'ScanIndexForward': false"));

        assertThat(ids(page)).containsExactly("a", "b", "c", "d");
        assertThat(ids(backwards)).containsExactly("d", "c", "b", "a");
        assertThat(list(page, "Items").getFirst()).containsOnlyKeys("id", "cup", "round", "score");
    }

    @Test
    void anItemMovesInTheIndexAndLeavesIt() {
        createMatches();

        put("a", "summer", "north", 9, 1);
        client.succeed("DeleteItem", "{'TableName': 'Matches', 'Key': {'id': {'S': 'b'}}}");
        client.succeed("UpdateItem", """
                {'TableName': 'Matches', 'Key': {'id': {'S': 'c'}}, 'UpdateExpression': 'REMOVE round'}""");

        assertThat(ids(client.succeed("Query", query("by-round", "cup = :c", CUP))))
                .containsExactly("d");
    }

    @Test
    void pagesGoOnBehindTheKeysOfIndexAndTable() {
        createMatches();
        List<String> seen = new ArrayList<>();
        String start = "";
        for (int pages = 0; pages < 9; pages++) {
            Map<String, Object> page =
                    client.succeed("Query", query("by-round", "cup = :c", CUP + ", 'Limit': 1" + start));
            seen.addAll(ids(page));
            if (!page.containsKey("LastEvaluatedKey")) {
                break;
            }
            Map<String, Object> last = member(page, "LastEvaluatedKey");
            assertThat(last).containsOnlyKeys("id", "cup", "round");
            start = ", 'ExclusiveStartKey': {'id': {'S': '%s'}, 'cup': {'S': '%s'}, 'round': {'N': '%s'}}"
                    .formatted(
                            member(last, "id").get("S"),
                            member(last, "cup").get("S"),
                            member(last, "round").get("N"));
        }

        assertThat(seen).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aScanReadsTheIndexInPagesAndSegments() {
        createMatches();
        client.succeed("PutItem", "{'TableName': 'Matches', 'Item': {'id': {'S': 'f'}, 'cup': {'S': 'winter'}}}");

        List<String> seen = new ArrayList<>();
        for (int segment = 0; segment < 3; segment++) {
            seen.addAll(ids(client.succeed("Scan", """
                    {'TableName': 'Matches', 'IndexName': 'by-round', 'TotalSegments': 3, 'Segment': %d}""".formatted(segment))));
        }
        Map<String, Object> first =
                client.succeed("Scan", "{'TableName': 'Matches', 'IndexName': 'by-place', 'Limit': 2}");
        Map<String, Object> last = member(first, "LastEvaluatedKey");

        assertThat(seen).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
        assertThat(last).containsOnlyKeys("id", "cup", "arena", "round", "court");
    }

    @Test
    void keysOfSeveralAttributesAreQueriedFromTheLeft() {
        createMatches();
        String values = "'ExpressionAttributeValues': {':c': {'S': 'winter'}, ':r': {'S': 'north'}%s}";

        assertThat(ids(client.succeed("Query", query("by-place", "cup = :c AND arena = :r", values.formatted("")))))
                .containsExactly("a", "b", "d");
        assertThat(ids(client.succeed(
                        "Query",
                        query(
                                "by-place",
                                "cup = :c AND arena = :r AND round = :n",
                                values.formatted(", ':n': {'N': '2'}")))))
                .containsExactly("b", "d");
        assertThat(ids(client.succeed(
                        "Query",
                        query(
                                "by-place",
                                "court > :one AND round = :n AND arena = :r AND cup = :c",
                                values.formatted(", ':n': {'N': '2'}, ':one': {'N': '1'}")))))
                .containsExactly("d");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cup = :c | Query condition missed key schema element: arena
            cup = :c AND arena = :c AND court = :n | Query condition missed key schema element: round
            cup = :c AND arena = :c AND round > :n AND court = :n | Query key condition not supported
            cup = :c AND arena > :c | Query key condition not supported
            """)
    void keyConditionsThatLeaveGapsAreRefused(String condition, String message) {
        createMatches();
        String values = condition.contains(":n") ? ", ':n': {'N': '1'}" : "";

        assertThat(client.invalid("Query", query("by-place", condition, CUP.replace("}}", "}" + values + "}"))))
                .isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'ConsistentRead': true | Consistent reads are not supported on global secondary indexes
            'Select': 'ALL_ATTRIBUTES' | One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by-round because its projection type is not ALL
            'ProjectionExpression': 'id, note, extra.b' | One or more parameter values were invalid: Global secondary index by-round does not project [note, extra]
            """)
    void whatAGlobalIndexCanNotGiveIsRefused(String member, String message) {
        createMatches();

        assertThat(client.invalid("Query", query("by-round", "cup = :c", CUP + ", " + member)))
                .isEqualTo(message);
        assertThat(client.invalid("Scan", "{'TableName': 'Matches', 'IndexName': 'by-round', %s}".formatted(member)))
                .isEqualTo(message);
    }

    @Test
    void aQueryFiltersByWhatTheIndexProjects() {
        createMatches();
        String values = "'ExpressionAttributeValues': {':c': {'S': 'winter'}, ':s': {'S': '3:1'}}";

        assertThat(ids(client.succeed(
                        "Query", query("by-round", "cup = :c", values + ", 'FilterExpression': 'score = :s'"))))
                .hasSize(4);
        assertThat(client.invalid("Query", query("by-round", "cup = :c", values + ", 'FilterExpression': 'note = :s'")))
                .isEqualTo(
                        "One or more parameter values were invalid: Secondary index by-round does not project one or "
                                + "more filter attributes: [note]");
        assertThat(client.invalid(
                        "Query", query("by-round", "cup = :c", values + ", 'FilterExpression': 'round = :s'")))
                .isEqualTo("Filter Expression can only contain non-primary key attributes: Primary key attribute: "
                        + "round");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'id': {'S': 'a'}} | The provided starting key is invalid
            {'id': {'S': 'a'}, 'cup': {'S': 'winter'}, 'court': {'N': '1'}} | The provided starting key is invalid: The provided key element does not match the schema
            {'id': {'S': 'a'}, 'cup': {'S': 'winter'}, 'round': {'S': '1'}} | The provided starting key is invalid: The provided key element does not match the schema
            {'id': {'S': 'a'}, 'cup': {'S': 'summer'}, 'round': {'N': '1'}} | The provided starting key is outside query boundaries based on provided conditions
            """)
    void aStartingKeyThatDoesNotFitIsRefused(String startKey, String message) {
        createMatches();

        assertThat(client.invalid("Query", query("by-round", "cup = :c", CUP + ", 'ExclusiveStartKey': " + startKey)))
                .isEqualTo(message);
    }

    @Test
    void capacityIsThatOfTheIndex() {
        createMatches();

        Map<String, Object> page =
                client.succeed("Query", query("by-round", "cup = :c", CUP + ", 'ReturnConsumedCapacity': 'INDEXES'"));

        assertThat(member(page, "ConsumedCapacity")).isEqualTo(json("""
                        {'TableName': 'Matches', 'CapacityUnits': 0.5, 'Table': {'CapacityUnits': 0.0},
                         'GlobalSecondaryIndexes': {'by-round': {'CapacityUnits': 0.5}}}"""));
    }

    @Test
    void keyConditionsOfTheOldKindReadAnIndex() {
        createMatches();

        Map<String, Object> page = client.succeed("Query", """
                {'TableName': 'Matches', 'IndexName': 'by-round', 'KeyConditions': {
                 'cup': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'S': 'winter'}]},
                 'round': {'ComparisonOperator': 'GE', 'AttributeValueList': [{'N': '2'}]}}}""");

        assertThat(ids(page)).containsExactly("b", "c", "d");
    }

    @Test
    void anIndexThatIsFilledIsNotReadAndOneThatIsDroppedIsNotThere() {
        createSimpleTable("Orders");
        client.succeed("PutItem", "{'TableName': 'Orders', 'Item': {'pk': {'S': 'o1'}, 'city': {'S': 'Oslo'}}}");
        String read = "{'TableName': 'Orders', 'IndexName': 'by-city'}";
        cluster.holdIndexes();

        client.succeed("UpdateTable", """
                {'TableName': 'Orders', 'AttributeDefinitions': [{'AttributeName': 'city', 'AttributeType': 'S'}],
                 'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'by-city',
                  'KeySchema': [{'AttributeName': 'city', 'KeyType': 'HASH'}],
                  'Projection': {'ProjectionType': 'KEYS_ONLY'}}}]}""");
        String filling = client.invalid("Scan", read);
        client.succeed("PutItem", "{'TableName': 'Orders', 'Item': {'pk': {'S': 'o2'}, 'city': {'S': 'Rome'}}}");
        cluster.finishIndexes();
        Map<String, Object> page = client.succeed("Scan", read);
        client.succeed("UpdateTable", """
                {'TableName': 'Orders', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'by-city'}}]}""");
        String dropping = client.invalid("Scan", read);

        assertThat(filling).isEqualTo("Cannot read from backfilling global secondary index: by-city");
        assertThat(list(page, "Items"))
                .extracting(item -> member(item, "pk").get("S"))
                .containsExactlyInAnyOrder("o1", "o2");
        assertThat(dropping).isEqualTo("The table does not have the specified index: by-city");
    }
}
