package dev.henge.node.coordinator;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.ClusterView;
import dev.henge.membership.plan.NodeView;
import dev.henge.membership.plan.PartitionView;
import dev.henge.membership.plan.PlanSettings;
import dev.henge.membership.plan.Step;
import dev.henge.membership.plan.WeightedToken;
import dev.henge.node.catalog.Merges;
import dev.henge.node.replication.Member;
import dev.henge.proto.Catalog;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReplicaStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The cluster as decisions are made by it, from the catalog and what nodes have answered. Pure. */
public final class ClusterViews {

    /** A replica and the node that told of it. */
    private record Told(String node, ReplicaStatus status) {}

    private ClusterViews() {}

    /**
     * The view of whoever looks once: loads are not known, and who did not answer is missing from now on.
     *
     * @param replies of the nodes that answered, by name
     */
    public static ClusterView once(Catalog catalog, Map<String, NodeStatusReply> replies, long nowMillis) {
        AnsweredLiveness liveness = new AnsweredLiveness();
        liveness.asked(names(catalog), replies.keySet(), nowMillis);
        return of(catalog, replies, liveness, new Loads(), nowMillis);
    }

    /** @param replies of the nodes that answered, by name */
    static ClusterView of(
            Catalog catalog, Map<String, NodeStatusReply> replies, Liveness liveness, Loads loads, long nowMillis) {
        PlanSettings settings = PlanSettingsOf.catalog(catalog);
        double operationsPerSecondMax = PlanSettingsOf.operationsPerSecondMax(catalog.getSettings());
        List<NodeView> nodes = catalog.getNodesList().stream()
                .map(node -> node(node, replies.get(node.getName()), liveness, operationsPerSecondMax))
                .toList();
        Map<Integer, List<Told>> told = new HashMap<>();
        replies.forEach((node, reply) -> reply.getReplicasList()
                .forEach(replica -> told.computeIfAbsent(replica.getPartition(), added -> new ArrayList<>())
                        .add(new Told(node, replica))));
        List<PartitionView> partitions = new ArrayList<>();
        List<Step> running = new ArrayList<>();
        for (PartitionRecord record : catalog.getPartitionsList()) {
            List<Told> replicas = told.getOrDefault(record.getId(), List.of());
            @Nullable Told leading = leading(replicas);
            partitions.add(partition(record, replicas, leading, loads, nowMillis));
            running.addAll(running(record, leading, replies.keySet()));
        }
        return new ClusterView(nowMillis, nodes, partitions, running, settings);
    }

    /**
     * The nodes with voters of a partition as its leader knows them, and those that a log votes in the place of; empty while no
     * leader is known.
     */
    static List<String> voterNodes(PartitionRecord record, Map<String, NodeStatusReply> replies) {
        List<Told> replicas = new ArrayList<>();
        replies.forEach((node, reply) -> reply.getReplicasList().stream()
                .filter(replica -> replica.getPartition() == record.getId())
                .forEach(replica -> replicas.add(new Told(node, replica))));
        @Nullable Told leading = leading(replicas);
        return leading == null ? List.of() : voterNodes(record, leading);
    }

    /** Whom a log votes for has neither gone nor is it to come: it votes again by itself when its node is back. */
    private static List<String> voterNodes(PartitionRecord record, Told leading) {
        List<String> voters = leading.status().getVotersList();
        Set<String> nodes = new LinkedHashSet<>(nodesOf(voters));
        Set<String> logs = nodesOfLogs(voters);
        record.getLogReplicasList().stream()
                .filter(replica -> logs.contains(replica.getNode()))
                .forEach(replica -> nodes.add(replica.getInPlaceOf()));
        return List.copyOf(nodes);
    }

    static Set<String> names(Catalog catalog) {
        Set<String> names = new HashSet<>();
        catalog.getNodesList().forEach(node -> names.add(node.getName()));
        return names;
    }

    private static NodeView node(
            NodeRecord record, @Nullable NodeStatusReply reply, Liveness liveness, double operationsPerSecondMax) {
        return new NodeView(
                record.getName(),
                record.getZone(),
                record.getWeight() == 0 ? 1 : record.getWeight(),
                intent(record),
                liveness.missingSinceMillis(record.getName()),
                reply == null ? 0 : reply.getDiskUsedBytes(),
                reply == null ? 0 : reply.getDiskTotalBytes(),
                operationsPerSecondMax,
                record.getReplacedBy());
    }

    private static NodeView.Intent intent(NodeRecord record) {
        return switch (record.getState()) {
            case DRAINING -> NodeView.Intent.DRAIN;
            case DECOMMISSIONING -> NodeView.Intent.DECOMMISSION;
            // A state of a newer version: what the node has it keeps.
            case SERVING, UNRECOGNIZED -> NodeView.Intent.SERVE;
        };
    }

    /** A leader cut off from the others may not know yet that it was replaced: the higher term leads. */
    private static @Nullable Told leading(List<Told> replicas) {
        Told leading = null;
        for (Told replica : replicas) {
            boolean leads = replica.status().getRole() == ReplicaStatus.Role.LEADER;
            if (leads
                    && (leading == null
                            || replica.status().getTerm() > leading.status().getTerm())) {
                leading = replica;
            }
        }
        return leading;
    }

    private static PartitionView partition(
            PartitionRecord record, List<Told> replicas, @Nullable Told leading, Loads loads, long nowMillis) {
        List<String> voters = record.getReplicasList();
        Set<String> lagging = new HashSet<>();
        long sizeBytes = 0;
        for (Told replica : replicas) {
            ReplicaStatus status = replica.status();
            sizeBytes = Math.max(sizeBytes, status.getSizeBytes());
            if (status.getInstallingSnapshot() || !status.getDamage().isEmpty()) {
                lagging.add(replica.node());
            }
        }
        List<String> learners = List.of();
        if (leading != null) {
            sizeBytes = leading.status().getSizeBytes();
            lagging.addAll(leading.status().getLaggingList());
            learners = nodesOf(leading.status().getLearnersList());
            // Also one that votes no more because a log stands in for it, until it votes again.
            lagging.addAll(learners);
        }
        lagging.retainAll(voters);
        lagging.addAll(logsWithoutVote(record, leading));
        return new PartitionView(
                record.getId(),
                new TokenRange(record.getStartToken(), record.getEndToken()),
                voters,
                learners,
                record.getLogReplicasList().stream()
                        .map(replica -> new PartitionView.LogReplica(replica.getNode(), replica.getInPlaceOf()))
                        .toList(),
                lagging,
                leading == null ? "" : leading.node(),
                sizeBytes,
                loads.windows(record.getId()),
                sizeSamples(record, leading),
                isBeingSettled(record) ? nowMillis : loads.changedMillis(record.getId()),
                loads.coldSinceMillis(record.getId()));
    }

    /** The nodes that are to keep the log alone, while the group does not count on them yet. */
    private static List<String> logsWithoutVote(PartitionRecord record, @Nullable Told leading) {
        if (leading == null) {
            return List.of();
        }
        Set<String> voting = nodesOfLogs(leading.status().getVotersList());
        return record.getLogReplicasList().stream()
                .map(LogReplicaRecord::getNode)
                .filter(node -> !voting.contains(node))
                .toList();
    }

    private static Set<String> nodesOfLogs(List<String> members) {
        return members.stream()
                .filter(Member::keepsLogAlone)
                .map(member -> Member.of(member).node())
                .collect(Collectors.toSet());
    }

    /** Until every replica has taken what was merged into it the partition is still changing, and can't be merged again. */
    private static boolean isBeingSettled(PartitionRecord record) {
        return record.getMergedCount() > 0;
    }

    /** Of a range that is not the catalog's any more they say nothing. */
    private static List<WeightedToken> sizeSamples(PartitionRecord record, @Nullable Told leading) {
        if (leading == null || leading.status().getEpoch() != record.getEpoch()) {
            return List.of();
        }
        return leading.status().getSizeSamplesList().stream()
                .map(sample -> new WeightedToken(sample.getToken(), sample.getBytes()))
                .toList();
    }

    /**
     * What is left to be done of a change that the catalog asks for. It follows from the group's members as they are, where
     * they are known: a change that was undone half way leaves something else to be done than the task says. A node that is to
     * come counts until all is done: it may be lost again when it votes already. One that has a replica by the catalog, and has lost
     * its log, comes in again by itself as a new member.
     *
     * @param up nodes that answered
     */
    private static List<Step> running(PartitionRecord record, @Nullable Told leading, Set<String> up) {
        if (record.hasSplit()) {
            return List.of(new Step.Split(
                    record.getId(),
                    record.getSplit().getToken(),
                    record.getTask().getReason()));
        }
        if (Merges.isLeft(record)) {
            return List.of(new Step.Merge(
                    record.getId(),
                    record.getMerge().getRight(),
                    record.getTask().getReason()));
        }
        if (record.getTargetCount() == 0) {
            return List.of();
        }
        int id = record.getId();
        String reason = record.getTask().getReason();
        List<String> present = leading == null ? record.getReplicasList() : voterNodes(record, leading);
        List<String> stay = new ArrayList<>(record.getReplicasList());
        Set<String> members = new HashSet<>(present);
        if (leading != null) {
            nodesOf(leading.status().getLearnersList()).stream()
                    .filter(up::contains)
                    .forEach(members::add);
        }
        stay.retainAll(members);
        Set<String> gone = new LinkedHashSet<>(record.getReplicasList());
        gone.addAll(present);
        record.getTargetList().forEach(gone::remove);
        List<String> come = new ArrayList<>(record.getTargetList());
        come.removeAll(stay);
        List<String> goes = new ArrayList<>(gone);
        List<Step> steps = new ArrayList<>();
        while (!goes.isEmpty() && !come.isEmpty()) {
            steps.add(new Step.ReplaceReplica(id, goes.removeFirst(), come.removeFirst(), reason));
        }
        come.forEach(node -> steps.add(new Step.AddReplica(id, node, reason)));
        goes.forEach(node -> steps.add(new Step.RemoveReplica(id, node, reason)));
        if (steps.isEmpty()) {
            // All is done but for saying so in the catalog; until then nothing else is begun.
            steps.add(new Step.RemoveReplica(id, "", reason));
        }
        return steps;
    }

    /** Of several members on a node, which take each other's place, the node once. Those that keep the log alone are others. */
    private static List<String> nodesOf(List<String> members) {
        return members.stream()
                .filter(member -> !Member.keepsLogAlone(member))
                .map(member -> Member.of(member).node())
                .distinct()
                .toList();
    }
}
