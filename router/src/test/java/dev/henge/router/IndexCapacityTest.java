package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What writes to a table with indexes cost: each index by what changes in it, and nothing where nothing does. */
class IndexCapacityTest extends RouterTest {

    private static final String NOTE_OF_2_KB = "n".repeat(2048);

    /** The index by-points has the attribute note besides the keys. */
    @BeforeEach
    void createTable() {
        createScores("{'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['note']}");
    }

    @Test
    void anItemThatIsNotInTheIndexCostsTheTableAlone() {
        assertThat(put("")).isEqualTo(units(1));
    }

    @Test
    void anEntryThatComesCostsByItsSize() {
        assertThat(put(", 'points': {'N': '1'}, 'note': {'S': '%s'}".formatted(NOTE_OF_2_KB)))
                .isEqualTo(units(3, 3));
    }

    @Test
    void whatTheIndexDoesNotProjectCostsNothingThere() {
        put(", 'points': {'N': '1'}");

        assertThat(put(", 'points': {'N': '1'}, 'other': {'S': '%s'}".formatted(NOTE_OF_2_KB)))
                .isEqualTo(units(3));
    }

    @Test
    void anEntryThatChangesWhereItStandsCostsByTheLargerOne() {
        put(", 'points': {'N': '1'}, 'note': {'S': '%s'}".formatted(NOTE_OF_2_KB));

        assertThat(put(", 'points': {'N': '1'}")).isEqualTo(units(3, 3));
    }

    @Test
    void anEntryThatMovesCostsADeleteAndAPut() {
        put(", 'points': {'N': '1'}, 'note': {'S': '%s'}".formatted(NOTE_OF_2_KB));

        assertThat(put(", 'points': {'N': '2'}")).isEqualTo(units(3, 3 + 1));
    }

    @Test
    void anEntryThatGoesCostsByItsSize() {
        put(", 'points': {'N': '1'}, 'note': {'S': '%s'}".formatted(NOTE_OF_2_KB));

        assertThat(consumed("UpdateItem", """
                {'TableName': 'Scores', 'Key': {'player': {'S': 'ann'}, 'round': {'N': '1'}},
                 'UpdateExpression': 'REMOVE points', 'ReturnConsumedCapacity': 'INDEXES'}""")).isEqualTo(units(3, 3));
        assertThat(consumed("DeleteItem", """
                {'TableName': 'Scores', 'Key': {'player': {'S': 'ann'}, 'round': {'N': '1'}},
                 'ReturnConsumedCapacity': 'INDEXES'}""")).isEqualTo(units(3));
    }

    @Test
    void theTotalHasTheIndexes() {
        assertThat(consumed("PutItem", """
                {'TableName': 'Scores', 'ReturnConsumedCapacity': 'TOTAL',
                 'Item': {'player': {'S': 'ann'}, 'round': {'N': '1'}, 'points': {'N': '1'}}}""")).isEqualTo(json("{'TableName': 'Scores', 'CapacityUnits': 2.0}"));
    }

    @Test
    void aBatchAddsUpItsWrites() {
        Map<String, Object> reply = client.succeed("BatchWriteItem", """
                {'ReturnConsumedCapacity': 'INDEXES', 'RequestItems': {'Scores': [
                 {'PutRequest': {'Item': {'player': {'S': 'ann'}, 'round': {'N': '1'}, 'points': {'N': '1'}}}},
                 {'PutRequest': {'Item': {'player': {'S': 'bob'}, 'round': {'N': '1'}, 'points': {'N': '1'}}}},
                 {'DeleteRequest': {'Key': {'player': {'S': 'cid'}, 'round': {'N': '1'}}}}]}}""");

        assertThat(list(reply, "ConsumedCapacity")).containsExactly(units(3, 2));
    }

    /** Puts round 1 of ann with these attributes besides; each begins with a comma. */
    private Map<String, Object> put(String attributes) {
        return consumed("PutItem", """
                {'TableName': 'Scores', 'ReturnConsumedCapacity': 'INDEXES',
                 'Item': {'player': {'S': 'ann'}, 'round': {'N': '1'}%s}}""".formatted(attributes));
    }

    private Map<String, Object> consumed(String operation, String request) {
        return member(client.succeed(operation, request), "ConsumedCapacity");
    }

    private static Map<String, Object> units(int ofTable) {
        return json("{'TableName': 'Scores', 'CapacityUnits': %1$d.0, 'Table': {'CapacityUnits': %1$d.0}}"
                .formatted(ofTable));
    }

    private static Map<String, Object> units(int ofTable, int ofIndex) {
        return json("""
                {'TableName': 'Scores', 'CapacityUnits': %d.0, 'Table': {'CapacityUnits': %d.0},
                 'LocalSecondaryIndexes': {'by-points': {'CapacityUnits': %d.0}}}""".formatted(ofTable + ofIndex, ofTable, ofIndex));
    }
}
