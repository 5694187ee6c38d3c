package dev.henge.chaos.process;

import dev.henge.chaos.support.Await;
import dev.henge.cluster.Channels;
import dev.henge.node.replication.Member;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.ReplicaStatus;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the nodes say of their replicas, by gRPC as {@code henge status} asks. */
final class NodeStatuses {

    private static final Duration CALL_MAX = Duration.ofSeconds(5);

    private final NodeAddresses cluster;

    NodeStatuses(NodeAddresses cluster) {
        this.cluster = cluster;
    }

    /** Waits until a node has applied all that is committed on the other nodes now; goes on while clients write. */
    void awaitCaughtUp(String node, Duration atMost) {
        Map<Integer, Long> committed =
                Await.value("what the others of " + node + " have committed", atMost, () -> committedOn(others(node)));
        Await.until(node + " catches up to " + committed, atMost, () -> {
            Map<Integer, Long> applied = applied(node);
            return committed.entrySet().stream()
                    .allMatch(entry -> applied.getOrDefault(entry.getKey(), 0L) >= entry.getValue());
        });
    }

    private List<String> others(String node) {
        return cluster.nodes().stream()
                .filter(other -> !other.equals(node) && cluster.isAlive(other))
                .toList();
    }

    private Map<Integer, Long> committedOn(List<String> nodes) {
        Map<Integer, Long> committed = new HashMap<>();
        for (String node : nodes) {
            status(node)
                    .getReplicasList()
                    .forEach(replica -> committed.merge(replica.getPartition(), replica.getCommitIndex(), Math::max));
        }
        return committed;
    }

    /** Waits until all replicas of every partition have applied the same, and all of their logs; nobody must write. */
    void awaitEqual(Duration atMost) {
        Await.until("equal applied indexes on all nodes", atMost, () -> {
            List<Map<Integer, Long>> applied =
                    cluster.nodes().stream().map(this::applied).toList();
            List<Map<Integer, Long>> last =
                    cluster.nodes().stream().map(this::last).toList();
            return applied.stream().distinct().count() == 1
                    && last.equals(applied)
                    && !applied.getFirst().isEmpty();
        });
    }

    /** Applied index by partition. */
    Map<Integer, Long> applied(String node) {
        Map<Integer, Long> applied = new LinkedHashMap<>();
        for (ReplicaStatus replica : status(node).getReplicasList()) {
            applied.put(replica.getPartition(), replica.getAppliedIndex());
        }
        return applied;
    }

    private Map<Integer, Long> last(String node) {
        Map<Integer, Long> last = new LinkedHashMap<>();
        for (ReplicaStatus replica : status(node).getReplicasList()) {
            last.put(replica.getPartition(), replica.getLastIndex());
        }
        return last;
    }

    /** The node that leads most partitions of those that can be asked. */
    String leader() {
        return Await.value("a node that leads", CALL_MAX.multipliedBy(4), () -> {
            String most = null;
            long mostLed = 0;
            for (String node : cluster.nodes()) {
                long led = ledIfAsked(node);
                if (led > mostLed) {
                    most = node;
                    mostLed = led;
                }
            }
            return most;
        });
    }

    private long ledIfAsked(String node) {
        try {
            return cluster.isAlive(node) ? led(node) : 0;
        } catch (StatusRuntimeException _) {
            return 0;
        }
    }

    /** How many partitions a node leads. */
    long led(String node) {
        return leads(node).size();
    }

    /** The partitions that a node leads. */
    List<Integer> leads(String node) {
        return status(node).getReplicasList().stream()
                .filter(replica -> replica.getRole() == ReplicaStatus.Role.LEADER)
                .map(ReplicaStatus::getPartition)
                .toList();
    }

    /** How many voters of a partition are on nodes that run, by its leader's word; 0 while nobody leads. */
    long votersThere(int partition) {
        return cluster.nodes().stream()
                .filter(cluster::isAlive)
                .flatMap(node -> status(node).getReplicasList().stream())
                .filter(replica ->
                        replica.getPartition() == partition && replica.getRole() == ReplicaStatus.Role.LEADER)
                .mapToLong(replica -> replica.getVotersList().stream()
                        .filter(voter -> cluster.isAlive(Member.of(voter).node()))
                        .count())
                .max()
                .orElse(0);
    }

    private NodeStatusReply status(String node) {
        ManagedChannel channel = Channels.open(cluster.address(node));
        try {
            return AdminGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .nodeStatus(NodeStatusRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }
}
