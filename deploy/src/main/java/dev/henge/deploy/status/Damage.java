package dev.henge.deploy.status;

import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.ReplicaStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the nodes say of damage and of scrubs. */
final class Damage {

    private Damage() {}

    static List<String> reasons(Collection<NodeStatusReply> nodes) {
        List<String> reasons = new ArrayList<>();
        for (NodeStatusReply node : nodes) {
            for (ReplicaStatus replica : node.getReplicasList()) {
                if (!replica.getDamage().isEmpty()) {
                    reasons.add("the replica of partition " + replica.getPartition() + " on node " + node.getNode()
                            + " is damaged and is being rebuilt: " + replica.getDamage());
                } else if (replica.getInstallingSnapshot()) {
                    reasons.add("the replica of partition " + replica.getPartition() + " on node " + node.getNode()
                            + " is being rebuilt from a snapshot");
                }
                if (replica.getLastScrubResult().equals("UNDECIDED")
                        && replica.getRole() == ReplicaStatus.Role.LEADER) {
                    reasons.add("the replicas of partition " + replica.getPartition()
                            + " differ and no majority agrees; see docs/operations.md");
                }
            }
        }
        return reasons;
    }

    /** What is no trouble now, but wants looking at. */
    static List<String> notes(Collection<NodeStatusReply> nodes) {
        List<String> notes = new ArrayList<>();
        for (NodeStatusReply node : nodes) {
            if (node.getStoragesSetAside() > 0) {
                notes.add("node " + node.getNode() + " has replaced its storage "
                        + (node.getStoragesSetAside() == 1 ? "once" : node.getStoragesSetAside() + " times")
                        + " because it was damaged; check its disk, then remove storage.damaged-* from its directory");
            }
        }
        return notes;
    }

    static ScrubView scrubs(Collection<NodeStatusReply> nodes) {
        Map<Integer, Long> lastByPartition = new TreeMap<>();
        for (NodeStatusReply node : nodes) {
            for (ReplicaStatus replica : node.getReplicasList()) {
                lastByPartition.merge(replica.getPartition(), replica.getLastScrubWallMillis(), Math::max);
            }
        }
        long oldest = lastByPartition.values().stream()
                .mapToLong(Long::longValue)
                .min()
                .orElse(0);
        long newest = lastByPartition.values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        long never = lastByPartition.values().stream().filter(last -> last == 0).count();
        return new ScrubView(oldest, newest, (int) never);
    }
}
