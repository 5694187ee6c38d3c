package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Local secondary indexes: making, describing and reading them. */
class LocalIndexesTest extends RouterTest {

    private static final String TABLE = """
            {'TableName': 'Scores', 'BillingMode': 'PAY_PER_REQUEST',
             'AttributeDefinitions': [{'AttributeName': 'player', 'AttributeType': 'S'},
                                      {'AttributeName': 'round', 'AttributeType': 'N'},
                                      {'AttributeName': 'points', 'AttributeType': 'N'}],
             'KeySchema': [{'AttributeName': 'player', 'KeyType': 'HASH'},
                           {'AttributeName': 'round', 'KeyType': 'RANGE'}],
             'LocalSecondaryIndexes': [%s]}""";

    private static final String INDEX = """
            {'IndexName': 'by-points',
             'KeySchema': [{'AttributeName': 'player', 'KeyType': 'HASH'},
                           {'AttributeName': 'points', 'KeyType': 'RANGE'}],
             'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['nick']}}""";

    private void createTable() {
        client.succeed("CreateTable", TABLE.formatted(INDEX));
    }

    private void put(String player, int round, int points) {
        client.succeed("PutItem", """
                {'TableName': 'Scores', 'Item': {'player': {'S': '%s'}, 'round': {'N': '%d'}, 'points': {'N': '%d'},
                 'nick': {'S': 'n%d'}, 'other': {'S': 'o'}}}""".formatted(player, round, points, round));
    }

    private Map<String, Object> query(String more) {
        return client.succeed("Query", """
                {'TableName': 'Scores', 'IndexName': 'by-points', 'KeyConditionExpression': 'player = :p%s}""".formatted(more));
    }

    @Test
    void anIndexIsDescribed() {
        createTable();

        Map<String, Object> table = member(client.succeed("DescribeTable", "{'TableName': 'Scores'}"), "Table");

        assertThat(list(table, "AttributeDefinitions"))
                .extracting(definition -> definition.get("AttributeName"))
                .containsExactly("player", "points", "round");
        assertThat(list(table, "LocalSecondaryIndexes")).singleElement().satisfies(index -> assertThat(index)
                .containsEntry("IndexName", "by-points")
                .containsEntry("Projection", json("{'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['nick']}"))
                .hasEntrySatisfying(
                        "IndexArn", arn -> assertThat(arn.toString()).endsWith(":table/Scores/index/by-points")));
    }

    @Test
    void aDescriptionTellsHowManyItemsThereAre() {
        createTable();
        put("ann", 1, 30);
        put("bob", 2, 10);
        client.succeed("PutItem", "{'TableName': 'Scores', 'Item': {'player': {'S': 'cid'}, 'round': {'N': '3'}}}");

        Map<String, Object> table = member(client.succeed("DescribeTable", "{'TableName': 'Scores'}"), "Table");

        // Of two items: player 6+3, round 5+2, points 6+2, nick 4+2, other 5+1; of the third: 6+3, 5+2.
        assertThat(table)
                .containsEntry("ItemCount", new BigDecimal(3))
                .containsEntry("TableSizeBytes", new BigDecimal(2 * 36 + 16));
        assertThat(list(table, "LocalSecondaryIndexes")).singleElement().satisfies(index -> assertThat(index)
                .containsEntry("ItemCount", new BigDecimal(2))
                .containsEntry("IndexSizeBytes", new BigDecimal(2 * 30)));
    }

    @Test
    void aQueryReadsTheIndexInItsOrderAndShowsWhatItProjects() {
        createTable();
        put("ann", 1, 30);
        put("ann", 2, 10);
        put("ann", 3, 20);
        put("bob", 1, 15);

        Map<String, Object> all = query("', 'ExpressionAttributeValues': {':p': {'S': 'ann'}}");
        Map<String, Object> best = query(" AND points > :x', 'ScanIndexForward': false,"
                + " 'ExpressionAttributeValues': {':p': {'S': 'ann'}, ':x': {'N': '15'}}");

        assertThat(rounds(all)).containsExactly(2, 3, 1);
        assertThat(list(all, "Items").getFirst()).containsOnlyKeys("player", "round", "points", "nick");
        assertThat(rounds(best)).containsExactly(1, 3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            points = :x             | 3, 4
            points < :x             | 2
            points <= :x            | 2, 3, 4
            points > :x             | 5
            points >= :x            | 3, 4, 5
            points BETWEEN :w AND :x | 2, 3, 4
            points BETWEEN :x AND :y | 3, 4, 5
            points BETWEEN :x AND :x | 3, 4
            """)
    void aConditionOnTheIndexesSortKeyKnowsItsBounds(String condition, String rounds) {
        createTable();
        put("ann", 2, 10);
        put("ann", 3, 20);
        put("ann", 4, 20);
        put("ann", 5, 30);
        String values = "':p': {'S': 'ann'}";
        for (String bound : List.of("w=10", "x=20", "y=30")) {
            String name = ":" + bound.charAt(0);
            values += condition.contains(name) ? ", '" + name + "': {'N': '" + bound.substring(2) + "'}" : "";
        }
        String asked = " AND " + condition + "', 'ExpressionAttributeValues': {" + values + "}";

        Map<String, Object> forwards = query(asked);
        Map<String, Object> backwards = query(asked + ", 'ScanIndexForward': false");

        List<Integer> expected =
                Stream.of(rounds.split(", ")).map(Integer::valueOf).toList();
        assertThat(rounds(forwards)).isEqualTo(expected);
        assertThat(rounds(backwards)).isEqualTo(expected.reversed());
    }

    @Test
    void pagesGoOnBehindTheKeysOfIndexAndTable() {
        createTable();
        for (int round = 0; round < 5; round++) {
            put("ann", round, 7);
        }

        Map<String, Object> first = query("', 'Limit': 2, 'ExpressionAttributeValues': {':p': {'S': 'ann'}}");
        Map<String, Object> second =
                query("', 'Limit': 3, 'ExpressionAttributeValues': {':p': {'S': 'ann'}}, 'ExclusiveStartKey':"
                        + " {'player': {'S': 'ann'}, 'points': {'N': '7'}, 'round': {'N': '1'}}");

        assertThat(rounds(first)).containsExactly(0, 1);
        assertThat(first)
                .containsEntry(
                        "LastEvaluatedKey",
                        json("{'player': {'S': 'ann'}, 'points': {'N': '7'}, 'round': {'N': '1'}}"));
        assertThat(rounds(second)).containsExactly(2, 3, 4);
    }

    @Test
    void aScanReadsWhatIsInTheIndex() {
        createTable();
        put("ann", 1, 30);
        client.succeed("PutItem", "{'TableName': 'Scores', 'Item': {'player': {'S': 'ann'}, 'round': {'N': '2'}}}");

        Map<String, Object> page = client.succeed(
                "Scan", "{'TableName': 'Scores', 'IndexName': 'by-points', 'ReturnConsumedCapacity': 'INDEXES'}");

        assertThat(rounds(page)).containsExactly(1);
        assertThat(member(page, "ConsumedCapacity")).isEqualTo(json("""
                        {'TableName': 'Scores', 'CapacityUnits': 0.5, 'Table': {'CapacityUnits': 0.0},
                         'LocalSecondaryIndexes': {'by-points': {'CapacityUnits': 0.5}}}"""));
    }

    @Test
    void anIndexThatIsNotThereIsNamed() {
        createTable();

        assertThat(client.invalid("Scan", "{'TableName': 'Scores', 'IndexName': 'by-nick'}"))
                .isEqualTo("The table does not have the specified index: by-nick");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            points | player | Index KeySchema does not have the same leading hash key as table KeySchema for index: i. index hash key: points, table hash key: player
            player | extra  | Some index key attributes are not defined in AttributeDefinitions. Keys: [player, extra], AttributeDefinitions: [player, round, points]
            player | round  | Some AttributeDefinitions are not used. AttributeDefinitions: [player, round, points], keys used: [player, round]
            """)
    void anIndexWithTheWrongKeysIsRefused(String hash, String range, String detail) {
        String index = """
                {'IndexName': 'i%s', 'KeySchema': [{'AttributeName': '%s', 'KeyType': 'HASH'},
                 {'AttributeName': '%s', 'KeyType': 'RANGE'}], 'Projection': {'ProjectionType': 'ALL'}}""";

        // The name of an index has three characters at least.
        assertThat(client.invalid("CreateTable", TABLE.formatted(index.formatted("ii", hash, range))))
                .isEqualTo("One or more parameter values were invalid: " + detail.replace("index: i.", "index: iii."));
    }

    @Test
    void pathsDoNotLeadIntoKeysOfIndexes() {
        createTable();

        assertThat(client.invalid("UpdateItem", """
                        {'TableName': 'Scores', 'Key': {'player': {'S': 'a'}, 'round': {'N': '1'}},
                         'UpdateExpression': 'REMOVE points.a'}"""))
                .isEqualTo("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed:"
                        + " IndexKey: points");
    }

    @Test
    void anUpdateGivesAnIndexItsType() {
        createTable();

        assertThat(client.invalid("UpdateItem", """
                        {'TableName': 'Scores', 'Key': {'player': {'S': 'a'}, 'round': {'N': '1'}},
                         'UpdateExpression': 'SET points = :p', 'ExpressionAttributeValues': {':p': {'S': '7'}}}"""))
                .isEqualTo("One or more parameter values were invalid: Type mismatch for Index Key points Expected: N"
                        + " Actual: S IndexName: by-points");
        assertThat(client.invalid("UpdateItem", """
                        {'TableName': 'Scores', 'Key': {'player': {'S': 'a'}, 'round': {'N': '1'}},
                         'AttributeUpdates': {'points': {'Value': {'B': 'AQ=='}}}}"""))
                .isEqualTo("One or more parameter values were invalid: Type mismatch for Index Key points Expected: N"
                        + " Actual: B IndexName: by-points");
    }

    @Test
    void aBatchWithAFaultInAnIndexsKeyWritesNothing() {
        createTable();

        assertThat(client.invalid("BatchWriteItem", """
                        {'RequestItems': {'Scores': [
                         {'PutRequest': {'Item': {'player': {'S': 'a'}, 'round': {'N': '1'}}}},
                         {'PutRequest': {'Item': {'player': {'S': 'a'}, 'round': {'N': '2'}, 'points': {'S': 'x'}}}}]}}"""))
                .isEqualTo("One or more parameter values were invalid: Type mismatch for Index Key points Expected: N"
                        + " Actual: S IndexName: by-points");
        assertThat(client.succeed("Scan", "{'TableName': 'Scores'}")).containsEntry("Count", java.math.BigDecimal.ZERO);
    }
}
