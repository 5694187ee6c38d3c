package dev.henge.cluster;

import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which replica an eventual read asks first: one in the client's own zone, the leader's if it is there. A node that did not answer is
 * passed over for a while. Any thread may call.
 */
final class NearReplicas {

    private static final long AVOID_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String zone;
    private final ClientEnvironment environment;

    /** Until when nodes that did not answer are passed over; never more of them than the cluster has had. */
    private final Map<String, Long> avoidedUntilNanos = new ConcurrentHashMap<>();

    /** @param zone of the client; empty: no replica is nearer than another */
    NearReplicas(String zone, ClientEnvironment environment) {
        this.zone = zone;
        this.environment = environment;
    }

    /**
     * The node to ask; empty when none is near.
     *
     * @param leader as far as it is known
     */
    Optional<String> of(PartitionRecord partition, Catalog catalog, @Nullable String leader) {
        if (zone.isEmpty()) {
            return Optional.empty();
        }
        List<String> near = catalog.getNodesList().stream()
                .filter(node -> node.getZone().equals(zone))
                .map(NodeRecord::getName)
                .filter(name -> partition.getReplicasList().contains(name) && !isAvoided(name))
                .toList();
        if (near.isEmpty()) {
            return Optional.empty();
        }
        if (leader != null && near.contains(leader)) {
            return Optional.of(leader);
        }
        return Optional.of(near.get((int) environment.randomBetween(0, near.size())));
    }

    /** A node did not answer. */
    void avoid(String node) {
        avoidedUntilNanos.put(node, environment.nanoTime() + AVOID_NANOS);
    }

    private boolean isAvoided(String node) {
        Long until = avoidedUntilNanos.get(node);
        return until != null && environment.nanoTime() - until < 0;
    }
}
