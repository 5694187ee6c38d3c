package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ItemRead;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReadItem;
import dev.henge.proto.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which replicas a client asks, and in which order. n1 leads and is in zone a, n2 in b, n3 in c. */
class AskedReplicasTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Nodes nodes = new Nodes();

    @Test
    void anEventualReadAsksTheReplicaInTheSameZoneAloneAndSaysWhy() {
        assertThat(read("b", false)).isEqualTo("n2");

        assertThat(nodes.asked).containsExactly("n2 near");
    }

    @Test
    void aStrongReadAndAClientInNoZoneOrAnotherAskTheLeader() {
        for (String zone : List.of("", "elsewhere")) {
            assertThat(read(zone, false)).isEqualTo("n1");
        }
        assertThat(read("b", true)).isEqualTo("n1");

        assertThat(nodes.asked).containsExactly("n1", "n1", "n1");
    }

    @Test
    void aNearReplicaThatDoesNotAnswerIsPassedOverForTheLeaderAndForgivenLater() {
        nodes.down.add("n2");
        try (RoutedClusterClient client = client("b")) {
            assertThat(read(client, false)).isEqualTo("n1");
            assertThat(read(client, false)).isEqualTo("n1");
            assertThat(nodes.asked).as("asked in vain once").containsExactly("n2 near", "n1", "n1");

            nodes.down.clear();
            nodes.nowNanos += Duration.ofSeconds(6).toNanos();
            assertThat(read(client, false)).isEqualTo("n2");
        }
    }

    @Test
    void aNearReplicaThatLagsSendsTheReadToTheLeader() {
        nodes.lagging.add("n2");
        try (RoutedClusterClient client = client("b")) {
            assertThat(read(client, false)).isEqualTo("n1");
            nodes.lagging.clear();
            assertThat(read(client, false))
                    .as("it is asked again by the next read")
                    .isEqualTo("n2");
        }
        assertThat(nodes.asked).containsExactly("n2 near", "n1", "n2 near");
    }

    @Test
    void withTheNearReplicaAndTheLeaderGoneAnotherAnswers() {
        nodes.down.addAll(Set.of("n1", "n2"));

        assertThat(read("b", false)).isEqualTo("n3");
        assertThat(nodes.asked).startsWith("n2 near", "n1").endsWith("n3");
    }

    /** n3 was given up by its group and does not know; the one that it takes for the leader is new and knows nobody. */
    @Test
    void whoNamesALeaderThatIsNoneKeepsNobodyFromAskingTheOthers() {
        nodes.leader = "n2";
        nodes.named.put("n3", "n1");
        nodes.named.put("n1", "");

        assertThat(read("", true)).isEqualTo("n2");
        try (RoutedClusterClient client = client("")) {
            nodes.leader = "n3";
            nodes.named.put("n1", "n2");
            nodes.named.put("n2", "n1");
            assertThat(read(client, true)).isEqualTo("n3");
        }
    }

    @Test
    void aNamedLeaderThatDoesNotAnswerIsNotAskedAgainBeforeTheOthers() {
        nodes.leader = "n3";
        nodes.named.put("n1", "n2");
        nodes.down.add("n2");

        assertThat(read("", true)).isEqualTo("n3");
        assertThat(nodes.asked).containsExactly("n1", "n2", "n3");
    }

    private String read(String zone, boolean consistent) {
        try (RoutedClusterClient client = client(zone)) {
            return read(client, consistent);
        }
    }

    /** Who answered. */
    private static String read(RoutedClusterClient client, boolean consistent) {
        return client.read(
                        7,
                        ReadItem.newBuilder().setConsistent(consistent).build(),
                        new Deadline(PATIENCE.toNanos() * 10))
                .join()
                .getItem()
                .toStringUtf8();
    }

    private RoutedClusterClient client(String zone) {
        Catalog.Builder catalog = Catalog.newBuilder()
                .setEpoch(1)
                .setClusterId("c")
                .addPartitions(
                        PartitionRecord.newBuilder().setId(1).setEpoch(1).addAllReplicas(List.of("n1", "n2", "n3")));
        for (String name : List.of("n1 a", "n2 b", "n3 c")) {
            catalog.addNodes(NodeRecord.newBuilder()
                    .setName(name.substring(0, 2))
                    .setAddress(name.substring(0, 2))
                    .setZone(name.substring(3)));
        }
        return RoutedClusterClient.withCatalogOf(catalog.build(), nodes, zone);
    }

    /** Three nodes that answer with their names, in a world where a task that is to run later runs at once. */
    private static final class Nodes implements ClientEnvironment {

        private final List<String> asked = new ArrayList<>();
        private final Set<String> down = new HashSet<>();
        private final Set<String> lagging = new HashSet<>();
        private final Map<String, String> named = new HashMap<>();
        private String leader = "n1";
        private long nowNanos;
        private long chance;

        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public long randomBetween(long low, long high) {
            return low + Math.floorMod(chance++, high - low);
        }

        @Override
        public void schedule(Runnable task, long delayNanos) {
            nowNanos += delayNanos;
            task.run();
        }

        @Override
        public NodeCalls node(String address) {
            return (request, timeoutNanos) -> {
                asked.add(address + (request.getNear() ? " near" : ""));
                if (down.contains(address)) {
                    return CompletableFuture.failedFuture(new LinkException("down", false));
                }
                return CompletableFuture.completedFuture(answer(address, request));
            };
        }

        private DataResponse answer(String node, DataRequest.Builder request) {
            boolean strongElsewhere = request.getReadItem().getConsistent() && !node.equals(leader);
            if (strongElsewhere || (request.getNear() && lagging.contains(node))) {
                return DataResponse.newBuilder()
                        .setRefusal(Refusal.newBuilder()
                                .setCode(Refusal.Code.NOT_LEADER)
                                .setLeader(named.getOrDefault(node, leader)))
                        .build();
            }
            return DataResponse.newBuilder()
                    .setItemRead(ItemRead.newBuilder().setFound(true).setItem(ByteString.copyFromUtf8(node)))
                    .build();
        }

        @Override
        public void close() {}
    }
}
