package dev.henge.deploy.status;

import dev.henge.catalog.ClusterVersion;
import dev.henge.membership.plan.BalanceReport;
import dev.henge.node.catalog.Nodes;
import dev.henge.node.catalog.Placements;
import dev.henge.node.catalog.Tasks;
import dev.henge.node.replication.Member;
import dev.henge.proto.Catalog;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TaskRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a cluster stands, drawn from what its nodes answered and the newest catalog among them. Pure.
 *
 * @param reasons why it isn't healthy, one sentence each, the worst first; empty when it is
 * @param cluster the cluster's name; empty when no node answered
 * @param clusterId the cluster's UUID; empty when no node answered or it isn't bootstrapped
 * @param catalogEpoch 0 when there is no catalog yet
 * @param tableCount how many tables the catalog holds
 * @param scrub when replicas were last compared
 * @param notes what is no trouble now, but wants looking at; one sentence each
 * @param balance how evenly nodes are loaded
 * @param tasks what the coordinator and operators have begun and is not done, the oldest first
 * @param pause why and since when the coordinator begins nothing; empty while it does
 * @param clusterVersion what the programs of all nodes know
 * @param routers those that are members of the gossip
 */
public record ClusterStatus(
        Health health,
        List<String> reasons,
        String cluster,
        String clusterId,
        long catalogEpoch,
        int tableCount,
        List<NodeView> nodes,
        List<PartitionView> partitions,
        ScrubView scrub,
        List<String> notes,
        BalanceReport balance,
        List<TaskRecord> tasks,
        String pause,
        int clusterVersion,
        List<RouterView> routers) {

    public ClusterStatus {
        reasons = List.copyOf(reasons);
        notes = List.copyOf(notes);
        tasks = List.copyOf(tasks);
        routers = List.copyOf(routers);
        nodes = List.copyOf(nodes);
        partitions = List.copyOf(partitions);
    }

    /**
     * Judges.
     *
     * @param answers one for each node that was asked
     * @param catalog the newest that any of them knows; with epoch 0 when none knows any
     */
    public static ClusterStatus of(List<NodeAnswer> answers, Catalog catalog) {
        ClusterLook look = new ClusterLook(answers, catalog);
        Map<String, NodeStatusReply> replies = look.replies();
        List<NodeAnswer> strangers =
                answers.stream().filter(answer -> isNoMembers(answer, catalog)).toList();
        List<NodeView> nodes = nodes(
                answers.stream().filter(answer -> !strangers.contains(answer)).toList(), catalog);
        List<PartitionView> partitions = catalog.getPartitionsList().stream()
                .map(record -> partition(record, replies))
                .toList();
        List<String> fatal = fatal(nodes, partitions, catalog, replies);
        List<String> worrying = new ArrayList<>(tooFewReplicas(look, partitions));
        worrying.addAll(worrying(nodes, partitions));
        worrying.addAll(Damage.reasons(replies.values()));
        Health health = !fatal.isEmpty() ? Health.UNAVAILABLE : worrying.isEmpty() ? Health.HEALTHY : Health.DEGRADED;
        List<String> reasons = new ArrayList<>(fatal);
        reasons.addAll(worrying);
        return new ClusterStatus(
                health,
                reasons,
                replies.values().stream()
                        .map(NodeStatusReply::getCluster)
                        .findFirst()
                        .orElse(""),
                catalog.getClusterId(),
                catalog.getEpoch(),
                catalog.getTablesCount(),
                nodes,
                partitions,
                Damage.scrubs(replies.values()),
                notes(look, replies, strangers),
                BalanceReport.of(look.view()),
                Tasks.running(catalog),
                pause(catalog.getSettings()),
                ClusterVersion.of(catalog),
                RouterView.of(replies.values()));
    }

    /** Whether an address neither answers nor is one that the catalog knows: that of a node that was removed, say. */
    private static boolean isNoMembers(NodeAnswer answer, Catalog catalog) {
        return switch (answer) {
            case NodeAnswer.Up _ -> false;
            case NodeAnswer.Down down ->
                catalog.getEpoch() > 0
                        && catalog.getNodesList().stream()
                                .noneMatch(node -> node.getAddress().equals(down.address()));
        };
    }

    private static List<String> notes(
            ClusterLook look, Map<String, NodeStatusReply> replies, List<NodeAnswer> strangers) {
        List<String> notes = new ArrayList<>(Damage.notes(replies.values()));
        strangers.forEach(stranger -> notes.add("the address " + stranger.address()
                + " of cluster.properties or --nodes is no member's and does not answer"));
        notes.addAll(look.coordinatorNotes());
        notes.addAll(olderPrograms(look.catalog()));
        look.catalog().getNodesList().stream()
                .filter(node -> node.getState() == NodeRecord.State.DRAINING)
                .forEach(node -> notes.add(
                        node.getName() + " is draining: it leads nothing until henge node resume " + node.getName()));
        return notes;
    }

    /** Which nodes keep the cluster's version from rising. */
    private static List<String> olderPrograms(Catalog catalog) {
        int newest = catalog.getNodesList().stream()
                .mapToInt(ClusterVersion::knownBy)
                .max()
                .orElse(ClusterVersion.LOWEST);
        // Of one that was never seen nothing is known.
        List<String> older = catalog.getNodesList().stream()
                .filter(node -> ClusterVersion.knownBy(node) < newest
                        && !node.getInstanceId().isEmpty())
                .map(NodeRecord::getName)
                .toList();
        if (older.isEmpty() || newest <= ClusterVersion.of(catalog)) {
            return List.of();
        }
        return List.of("the cluster stays at version " + ClusterVersion.of(catalog) + " until "
                + String.join(", ", older) + " run" + (older.size() == 1 ? "s" : "") + " a program that knows version "
                + newest);
    }

    private static String pause(ClusterSettings settings) {
        if (!settings.hasPause()) {
            return "";
        }
        ClusterSettings.Pause pause = settings.getPause();
        return "since " + Instant.ofEpochMilli(pause.getSinceMillis()).truncatedTo(ChronoUnit.SECONDS)
                + (pause.getBy().isEmpty() ? "" : " by " + pause.getBy())
                + (pause.getReason().isEmpty() ? "" : ": " + pause.getReason());
    }

    private static List<NodeView> nodes(List<NodeAnswer> answers, Catalog catalog) {
        Map<String, String> names = new HashMap<>();
        for (NodeRecord node : catalog.getNodesList()) {
            names.put(node.getAddress(), node.getName());
        }
        Map<String, NodeView> views = new LinkedHashMap<>();
        for (NodeAnswer answer : answers) {
            NodeView view =
                    switch (answer) {
                        case NodeAnswer.Up up -> up(up);
                        case NodeAnswer.Down down -> down(down, names.getOrDefault(down.address(), ""));
                    };
            NodeView known = Nodes.find(catalog, view.name())
                    .map(record ->
                            view.with(record.getZone(), record.getState().name(), ClusterVersion.knownBy(record)))
                    .orElse(view);
            // A node may be asked by two addresses of its own; it shows once.
            views.putIfAbsent(view.name().isEmpty() ? view.address() : view.name(), known);
        }
        return views.values().stream()
                .sorted(Comparator.comparing(NodeView::name))
                .toList();
    }

    private static NodeView up(NodeAnswer.Up up) {
        NodeStatusReply reply = up.reply();
        int leads = (int) reply.getReplicasList().stream()
                .filter(replica -> replica.getRole() == ReplicaStatus.Role.LEADER)
                .count();
        return new NodeView(
                reply.getNode(),
                up.address(),
                true,
                "",
                reply.getVersion(),
                reply.getUptimeMillis(),
                reply.getCatalogEpoch(),
                leads,
                reply.getReplicasCount(),
                reply.getDataBytes(),
                reply.getLogBytes(),
                "",
                "",
                reply.getDiskUsedBytes(),
                reply.getDiskTotalBytes(),
                0);
    }

    private static NodeView down(NodeAnswer.Down down, String name) {
        return new NodeView(name, down.address(), false, down.reason(), "", 0, 0, 0, 0, 0, 0, "", "", 0, 0, 0);
    }

    private static PartitionView partition(PartitionRecord record, Map<String, NodeStatusReply> replies) {
        String leader = "";
        @Nullable ReplicaStatus leading = null;
        for (String name : Placements.nodesOf(record)) {
            @Nullable ReplicaStatus replica = replica(replies.get(name), record.getId());
            if (replica == null) {
                continue;
            }
            // A leader cut off from the others may not know yet that it was replaced: the higher term leads.
            if (replica.getRole() == ReplicaStatus.Role.LEADER
                    && (leading == null || replica.getTerm() > leading.getTerm())) {
                leader = name;
                leading = replica;
            }
        }
        List<String> replicas = record.getTargetCount() > 0 && leading != null
                ? leading.getVotersList().stream()
                        .filter(voter -> !Member.keepsLogAlone(voter))
                        .map(voter -> Member.of(voter).node())
                        .toList()
                : record.getReplicasList();
        List<String> live = replicas.stream()
                .filter(name -> {
                    @Nullable ReplicaStatus replica = replica(replies.get(name), record.getId());
                    return replica != null && !replica.getInstallingSnapshot();
                })
                .toList();
        return new PartitionView(
                record.getId(),
                record.getStartToken(),
                record.getEndToken(),
                record.getEpoch(),
                leading == null ? 0 : leading.getTerm(),
                leader,
                replicas,
                live,
                leading == null ? 0 : leading.getAppliedIndex(),
                leading == null ? 0 : leading.getCommitIndex());
    }

    private static @Nullable ReplicaStatus replica(@Nullable NodeStatusReply reply, int partition) {
        if (reply == null) {
            return null;
        }
        for (ReplicaStatus replica : reply.getReplicasList()) {
            if (replica.getPartition() == partition) {
                return replica;
            }
        }
        return null;
    }

    private static List<String> fatal(
            List<NodeView> nodes,
            List<PartitionView> partitions,
            Catalog catalog,
            Map<String, NodeStatusReply> replies) {
        if (replies.isEmpty()) {
            return List.of(
                    nodes.size() == 1
                            ? "the node that was asked does not answer"
                            : "none of the " + nodes.size() + " nodes that were asked answers");
        }
        long clusters = replies.values().stream()
                .map(NodeStatusReply::getClusterId)
                .filter(id -> !id.isEmpty())
                .distinct()
                .count();
        if (clusters > 1) {
            return List.of("the nodes belong to " + clusters + " different clusters");
        }
        if (catalog.getEpoch() == 0) {
            return List.of("the cluster has no catalog yet: a majority of its nodes must start first");
        }
        List<String> reasons = new ArrayList<>();
        long withoutMajority = partitions.stream()
                .filter(partition -> !partition.hasMajority())
                .count();
        if (withoutMajority > 0) {
            reasons.add(counted(withoutMajority, "partition has", "partitions have")
                    + " lost the majority of their replicas");
        }
        long withoutLeader = partitions.stream()
                .filter(partition ->
                        partition.hasMajority() && partition.leader().isEmpty())
                .count();
        if (withoutLeader > 0) {
            reasons.add(counted(withoutLeader, "partition has", "partitions have") + " no leader");
        }
        return reasons;
    }

    /** Partitions that were not given as many replicas as they are to have, be those there or not. */
    private static List<String> tooFewReplicas(ClusterLook look, List<PartitionView> partitions) {
        int asked = look.replicasAskedFor();
        long fewer = partitions.stream()
                .filter(partition -> partition.replicas().size() < asked)
                .count();
        if (fewer == 0 || look.nodesToStay() < asked) {
            return List.of();
        }
        return List.of(counted(fewer, "partition has", "partitions have") + " fewer replicas than the " + asked
                + " asked for");
    }

    private static List<String> worrying(List<NodeView> nodes, List<PartitionView> partitions) {
        List<String> reasons = new ArrayList<>();
        for (NodeView node : nodes) {
            if (!node.up()) {
                reasons.add((node.name().isEmpty() ? "the node at " : "node " + node.name() + " at ") + node.address()
                        + " does not answer (" + node.problem() + ")");
            }
        }
        long under = partitions.stream()
                .filter(partition -> partition.hasMajority()
                        && partition.liveReplicas().size()
                                < partition.replicas().size())
                .count();
        if (under > 0) {
            reasons.add(counted(under, "partition lacks", "partitions lack") + " a replica");
        }
        return reasons;
    }

    private static String counted(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }
}
