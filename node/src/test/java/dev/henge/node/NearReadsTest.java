package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.RoutedClusterClient;
import dev.henge.cluster.gossip.RouterGossip;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.RouterStatus;
import dev.henge.proto.TableRecord;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routers in zones, over real sockets and files: whom their eventual reads ask, and what the gossip tells of them. */
@Timeout(180)
class NearReadsTest {

    private static final int READS = 20;

    @TempDir
    private Path directory;

    @Test
    void eventualReadsAreAnsweredNearByAndElsewhereWhileNobodyIsNear() throws Exception {
        try (TestCluster cluster = TestCluster.ofThreeIn(Map.of("n1", "a", "n2", "a", "n3", "b"), directory)) {
            TableRecord table = cluster.createTable("T");
            cluster.put(table, "key", "value");
            TestCluster.await("zones to be known", () -> cluster.client().catalog().getNodesList().stream()
                    .noneMatch(node -> node.getZone().isEmpty()));
            int partition = cluster.client()
                    .partitionOf(TestCluster.token(table, "key"))
                    .getId();
            // What is near is asked as long as it is not behind, so first it must have what was written.
            try (RoutedClusterClient near =
                    RoutedClusterClient.connect(cluster.addresses(), NodeRecord::getAddress, "b")) {
                TestCluster.await("n3 to have it", () -> {
                    long answered = cluster.operations("n3", partition);
                    return holdsItem(near, table) && cluster.operations("n3", partition) > answered;
                });
                long before = cluster.operations("n3", partition);
                long elsewhere = cluster.operations("n1", partition) + cluster.operations("n2", partition);
                for (int i = 0; i < READS; i++) {
                    assertThat(holdsItem(near, table)).isTrue();
                }
                assertThat(cluster.operations("n3", partition) - before).isEqualTo(READS);
                assertThat(cluster.operations("n1", partition) + cluster.operations("n2", partition))
                        .isEqualTo(elsewhere);

                cluster.stop("n3");
                for (int i = 0; i < READS; i++) {
                    assertThat(holdsItem(near, table)).isTrue();
                }
            }
        }
    }

    @Test
    void aRouterHearsOfNodesAndNodesTellOfIt() throws Exception {
        try (TestCluster cluster = TestCluster.ofThree(directory)) {
            cluster.createTable("T");
            RouterGossip.Place place = new RouterGossip.Place(
                    "test", "r1", "b", "127.0.0.1:8000", "1.2.3", new InetSocketAddress("127.0.0.1", 0));
            try (RouterGossip router =
                    RouterGossip.start(place, List.of(cluster.addresses().getFirst()))) {
                router.tell(cluster.client()::catalog);

                TestCluster.await("every node to tell of the router", () -> cluster.names().stream()
                        .map(cluster::status)
                        .allMatch(status -> routers(status).equals(List.of("r1 in b at 127.0.0.1:8000"))
                                && status.getRouters(0).getCatalogEpoch()
                                        == cluster.client().catalog().getEpoch()));
                // Whatever the record says.
                TestCluster.await(
                        "the router to have heard of every node",
                        () -> cluster.client().catalog().getNodesList().stream()
                                .allMatch(node -> router.addressOf(node.toBuilder()
                                                .setAddress("elsewhere:1")
                                                .build())
                                        .equals(node.getAddress())));
            }

            TestCluster.await("the router to have left", () -> cluster.names().stream()
                    .allMatch(name -> cluster.status(name).getRoutersCount() == 0));
        }
    }

    private static List<String> routers(NodeStatusReply status) {
        return status.getRoutersList().stream().map(NearReadsTest::inWords).toList();
    }

    private static String inWords(RouterStatus router) {
        return router.getName() + " in " + router.getZone() + " at " + router.getAddress();
    }

    private static boolean holdsItem(RoutedClusterClient client, TableRecord table) {
        return new StringValue("value")
                .equals(TestCluster.item(client, table, "key", false).get("value"));
    }
}
