package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads of a local index that ask for what it does not project: the items are fetched from the table, at a cost. */
class FetchingIndexReadsTest extends RouterTest {

    /** An item of that much takes two blocks of 4 KB. */
    private static final String FIVE_KB = "o".repeat(5 * 1024);

    @BeforeEach
    void fillTable() {
        createScores("{'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['nick']}");
        for (int round = 1; round <= 3; round++) {
            client.succeed("PutItem", """
                    {'TableName': 'Scores', 'Item': {'player': {'S': 'ann'}, 'round': {'N': '%d'}, 'points': {'N': '%d'},
                     'nick': {'S': 'n%d'}, 'story': {'S': 'story%d'}, 'large': {'S': '%s'}}}""".formatted(round, 40 - 10 * round, round, round, FIVE_KB));
        }
    }

    @Test
    void allAttributesOfTheItemsComeInTheIndexesOrder() {
        Map<String, Object> page = query(", 'Select': 'ALL_ATTRIBUTES'");

        assertThat(rounds(page)).containsExactly(3, 2, 1);
        assertThat(list(page, "Items").getFirst())
                .containsOnlyKeys("player", "round", "points", "nick", "story", "large")
                .containsEntry("story", json("{'S': 'story3'}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            , 'ProjectionExpression': 'nick, story'
            , 'AttributesToGet': ['nick', 'story']
            """)
    void attributesThatTheIndexDoesNotProjectAreFetched(String projection) {
        Map<String, Object> page = client.succeed(
                "Scan", "{'TableName': 'Scores', 'IndexName': 'by-points', 'Limit': 1" + projection + "}");

        assertThat(list(page, "Items")).containsExactly(json("{'nick': {'S': 'n3'}, 'story': {'S': 'story3'}}"));
    }

    @Test
    void eachItemThatIsFetchedCostsBlocksOfItsOwn() {
        Map<String, Object> eventual = query(", 'Select': 'ALL_ATTRIBUTES'");
        Map<String, Object> consistent = query(", 'Select': 'ALL_ATTRIBUTES', 'ConsistentRead': true");

        assertThat(member(eventual, "ConsumedCapacity")).isEqualTo(json("""
                {'TableName': 'Scores', 'CapacityUnits': 3.5, 'Table': {'CapacityUnits': 3.0},
                 'LocalSecondaryIndexes': {'by-points': {'CapacityUnits': 0.5}}}"""));
        assertThat(member(consistent, "ConsumedCapacity")).isEqualTo(json("""
                {'TableName': 'Scores', 'CapacityUnits': 7.0, 'Table': {'CapacityUnits': 6.0},
                 'LocalSecondaryIndexes': {'by-points': {'CapacityUnits': 1.0}}}"""));
    }

    @Test
    void whatTheIndexHasIsNotFetched() {
        Map<String, Object> projected = query(", 'ProjectionExpression': 'nick, round'");
        Map<String, Object> counted = query(", 'Select': 'COUNT'");
        Map<String, Object> allProjected = query(", 'Select': 'ALL_PROJECTED_ATTRIBUTES'");

        for (Map<String, Object> page : List.of(projected, counted, allProjected)) {
            assertThat(member(page, "ConsumedCapacity")).isEqualTo(json("""
                    {'TableName': 'Scores', 'CapacityUnits': 0.5, 'Table': {'CapacityUnits': 0.0},
                     'LocalSecondaryIndexes': {'by-points': {'CapacityUnits': 0.5}}}"""));
        }
        assertThat(list(allProjected, "Items").getFirst()).containsOnlyKeys("player", "round", "points", "nick");
    }

    @Test
    void pagesOfFetchedItemsGoOnWhereTheyEnd() {
        Map<String, Object> first = query(", 'Select': 'ALL_ATTRIBUTES', 'Limit': 2");
        Map<String, Object> rest = query(", 'Select': 'ALL_ATTRIBUTES', 'ExclusiveStartKey':"
                + " {'player': {'S': 'ann'}, 'points': {'N': '20'}, 'round': {'N': '2'}}");

        assertThat(rounds(first)).containsExactly(3, 2);
        assertThat(first)
                .containsEntry(
                        "LastEvaluatedKey",
                        json("{'player': {'S': 'ann'}, 'points': {'N': '20'}, 'round': {'N': '2'}}"));
        assertThat(rounds(rest)).containsExactly(1);
    }

    @Test
    void aPageEndsAtOneMegabyteOfFetchedItems() {
        String large = "x".repeat(390 * 1024);
        for (int round = 1; round <= 4; round++) {
            client.succeed("PutItem", """
                    {'TableName': 'Scores', 'Item': {'player': {'S': 'bob'}, 'round': {'N': '%d'}, 'points': {'N': '%d'},
                     'large': {'S': '%s'}}}""".formatted(round, round, large));
        }

        Map<String, Object> page = client.succeed("Query", """
                {'TableName': 'Scores', 'IndexName': 'by-points', 'KeyConditionExpression': 'player = :p',
                 'ExpressionAttributeValues': {':p': {'S': 'bob'}}, 'Select': 'ALL_ATTRIBUTES'}""");

        assertThat(rounds(page)).containsExactly(1, 2, 3);
        assertThat(page).containsKey("LastEvaluatedKey");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'KeyConditionExpression': 'player = :p', 'FilterExpression': 'nick = :p OR story = :p', 'Select': 'ALL_ATTRIBUTES', 'ExpressionAttributeValues': {':p': {'S': 'ann'}}
            'KeyConditions': {'player': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'S': 'ann'}]}}, 'QueryFilter': {'story': {'ComparisonOperator': 'NOT_NULL'}}
            """)
    void aQueryIsNotFilteredByWhatTheIndexDoesNotProject(String request) {
        assertThat(client.invalid("Query", "{'TableName': 'Scores', 'IndexName': 'by-points', " + request + "}"))
                .isEqualTo(
                        "One or more parameter values were invalid: Secondary index by-points does not project one or"
                                + " more filter attributes: [story]");
    }

    @Test
    void aScanFindsThatTheIndexDoesNotHaveWhatItDoesNotProject() {
        Map<String, Object> page = client.succeed("Scan", """
                {'TableName': 'Scores', 'IndexName': 'by-points', 'FilterExpression': 'attribute_not_exists(story)',
                 'ProjectionExpression': 'story'}""");

        assertThat(list(page, "Items")).hasSize(3).contains(json("{'story': {'S': 'story3'}}"));
    }

    private Map<String, Object> query(String more) {
        String request = """
                {'TableName': 'Scores', 'IndexName': 'by-points', 'ReturnConsumedCapacity': 'INDEXES',
                 'KeyConditionExpression': 'player = :p', 'ExpressionAttributeValues': {':p': {'S': 'ann'}}%s}""";
        return client.succeed("Query", request.formatted(more));
    }
}
