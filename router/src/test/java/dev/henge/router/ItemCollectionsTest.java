package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.ClusterException;
import dev.henge.proto.WriteItem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients learn of the sizes of item collections. */
class ItemCollectionsTest extends RouterTest {

    private static final String KEY = "'Key': {'player': {'S': 'ann'}, 'round': {'N': '1'}}";

    @BeforeEach
    void createTables() {
        createSimpleTable("Simple");
        createScores("{'ProjectionType': 'KEYS_ONLY'}");
    }

    @Test
    void aWriteTellsBetweenWhichGigabytesItsCollectionIs() {
        cluster.claimCollectionBytes((3L << 30) + 5);

        List<Map<String, Object>> replies = List.of(
                client.succeed("PutItem", """
                        {'TableName': 'Scores', 'ReturnItemCollectionMetrics': 'SIZE',
                         'Item': {'player': {'S': 'ann'}, 'round': {'N': '1'}}}"""),
                client.succeed(
                        "UpdateItem", "{'TableName': 'Scores', 'ReturnItemCollectionMetrics': 'SIZE', " + KEY + "}"),
                client.succeed(
                        "DeleteItem", "{'TableName': 'Scores', 'ReturnItemCollectionMetrics': 'SIZE', " + KEY + "}"));

        assertThat(replies).allSatisfy(reply -> assertThat(member(reply, "ItemCollectionMetrics"))
                .isEqualTo(json("{'ItemCollectionKey': {'player': {'S': 'ann'}}, 'SizeEstimateRangeGB': [3.0, 4.0]}")));
    }

    @Test
    void nothingIsToldUnasked() {
        assertThat(client.succeed("DeleteItem", "{'TableName': 'Scores', " + KEY + "}"))
                .isEmpty();
    }

    @Test
    void aTableWithoutLocalIndexesHasNoneToTellOf() {
        assertThat(client.succeed("PutItem", """
                {'TableName': 'Simple', 'ReturnItemCollectionMetrics': 'SIZE', 'Item': {'pk': {'S': 'a'}}}""")).isEmpty();
    }

    @Test
    void aBatchTellsOfEachCollectionOnce() {
        Map<String, Object> reply = client.succeed("BatchWriteItem", """
                {'ReturnItemCollectionMetrics': 'SIZE', 'RequestItems': {
                 'Simple': [{'PutRequest': {'Item': {'pk': {'S': 'a'}}}}],
                 'Scores': [{'PutRequest': {'Item': {'player': {'S': 'ann'}, 'round': {'N': '1'}}}},
                            {'PutRequest': {'Item': {'player': {'S': 'ann'}, 'round': {'N': '2'}}}},
                            {'DeleteRequest': {'Key': {'player': {'S': 'bob'}, 'round': {'N': '1'}}}}]}}""");

        assertThat(reply).containsEntry("ItemCollectionMetrics", json("""
                {'Scores': [{'ItemCollectionKey': {'player': {'S': 'ann'}}, 'SizeEstimateRangeGB': [0.0, 1.0]},
                            {'ItemCollectionKey': {'player': {'S': 'bob'}}, 'SizeEstimateRangeGB': [0.0, 1.0]}]}"""));
    }

    @Test
    void aFullCollectionIsAnErrorOfItsOwn() {
        cluster.plant(request -> request instanceof WriteItem ? ClusterException.Code.COLLECTION_FULL : null);

        RouterClient.Reply reply = client.call("PutItem", """
                {'TableName': 'Scores', 'Item': {'player': {'S': 'ann'}, 'round': {'N': '1'}}}""");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEqualTo(json("""
                        {'__type': 'com.amazonaws.dynamodb.v20120810#ItemCollectionSizeLimitExceededException',
                         'message': 'Collection size exceeded.'}"""));
    }
}
