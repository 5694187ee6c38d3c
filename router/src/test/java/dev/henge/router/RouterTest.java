package dev.henge.router;

import dev.henge.router.api.Signatures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A router over a cluster in memory, and a client of it. */
abstract class RouterTest {

    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    protected InMemoryCluster cluster = new InMemoryCluster(5);
    protected RouterServer router;
    protected RouterClient client;

    @BeforeEach
    void startRouter() throws IOException {
        router = RouterServer.start(config(REQUEST_TIMEOUT), cluster);
        client = new RouterClient(router.port());
    }

    static RouterConfig config(Duration requestTimeout) {
        return new RouterConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                List.of(),
                "eu-north-1",
                "000000000000",
                requestTimeout,
                Signatures.ACCEPT_ANY);
    }

    @AfterEach
    void stopRouter() {
        client.close();
        router.close();
    }

    /** A table with the partition key pk, a string. */
    void createSimpleTable(String name) {
        client.succeed("CreateTable", """
                {'TableName': '%s', 'BillingMode': 'PAY_PER_REQUEST',
                 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
                 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}""".formatted(name));
    }

    /** A table with the partition key pk, a string, and the sort key sk of the given type. */
    void createSortedTable(String name, String sortKeyType) {
        client.succeed("CreateTable", """
                {'TableName': '%s', 'BillingMode': 'PAY_PER_REQUEST',
                 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'},
                                          {'AttributeName': 'sk', 'AttributeType': '%s'}],
                 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                               {'AttributeName': 'sk', 'KeyType': 'RANGE'}]}""".formatted(name, sortKeyType));
    }

    /**
     * The table Scores of players, rounds and points, with the local index by-points.
     *
     * @param projection the index's, as JSON with single quotes
     */
    void createScores(String projection) {
        client.succeed("CreateTable", """
                {'TableName': 'Scores', 'BillingMode': 'PAY_PER_REQUEST',
                 'AttributeDefinitions': [{'AttributeName': 'player', 'AttributeType': 'S'},
                                          {'AttributeName': 'round', 'AttributeType': 'N'},
                                          {'AttributeName': 'points', 'AttributeType': 'N'}],
                 'KeySchema': [{'AttributeName': 'player', 'KeyType': 'HASH'},
                               {'AttributeName': 'round', 'KeyType': 'RANGE'}],
                 'LocalSecondaryIndexes': [
                     {'IndexName': 'by-points',
                      'KeySchema': [{'AttributeName': 'player', 'KeyType': 'HASH'},
                                    {'AttributeName': 'points', 'KeyType': 'RANGE'}],
                      'Projection': %s}]}""".formatted(projection));
    }

    /** The rounds of a page of Scores, in its order. */
    static List<Integer> rounds(Map<String, Object> page) {
        return list(page, "Items").stream()
                .map(item ->
                        Integer.parseInt(String.valueOf(member(item, "round").get("N"))))
                .toList();
    }

    /** The member of a reply that is an object. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> member(Map<String, Object> object, String name) {
        return (Map<String, Object>) Objects.requireNonNull(object.get(name), name);
    }

    /** The member of a reply that is a list of objects. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Map<String, Object> object, String name) {
        return (List<Map<String, Object>>) Objects.requireNonNull(object.get(name), name);
    }

    /** JSON with single quotes, as a map. */
    static Map<String, Object> json(String text) {
        return Json.object(text.replace('\'', '"'));
    }
}
