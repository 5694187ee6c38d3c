package dev.henge.node.coordinator;

import dev.henge.membership.plan.Step;
import dev.henge.node.catalog.Merges;
import dev.henge.node.catalog.Placements;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceLogReplica;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.RetireLogReplica;
import dev.henge.proto.TaskRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How a step of the plan is begun. A step that no longer fits the catalog is left alone: the next plan is made of what there
 * is then.
 */
sealed interface Action {

    /** Writes a target with its task to the catalog. */
    record Place(PlacePartition command) implements Action {}

    /** Writes to the catalog who keeps the log in the place of a lost replica, or does so no more. */
    record StandIn(CatalogCommand command, String reason) implements Action {}

    /** Writes to the catalog that a partition is to be split. */
    record Split(BeginSplit command) implements Action {}

    /** Writes to the catalog that two partitions are to be merged. */
    record Merge(BeginMerge command) implements Action {}

    /** Asks a partition's leader. */
    record Transfer(int partition, String to) implements Action {}

    /** Nothing is done. */
    record Skip(String why) implements Action {}

    /** Makes actions of steps, all of one catalog and of the answers that came with it. */
    final class Maker {

        private static final int SYSTEM = 0;

        private final Catalog catalog;
        private final Map<String, NodeStatusReply> replies;
        private final String coordinator;
        private final long wallMillis;

        /**
         * @param coordinator this node
         * @param wallMillis Unix time, for the record
         */
        Maker(Catalog catalog, Map<String, NodeStatusReply> replies, String coordinator, long wallMillis) {
            this.catalog = catalog;
            this.replies = replies;
            this.coordinator = coordinator;
            this.wallMillis = wallMillis;
        }

        Action of(Step step) {
            return switch (step) {
                case Step.ReplaceReplica replace -> replace(replace);
                case Step.AddReplica add -> add(add);
                case Step.RemoveReplica remove -> remove(remove);
                case Step.TransferLeadership transfer -> new Action.Transfer(transfer.partition(), transfer.to());
                case Step.Abandon abandon -> abandon(abandon);
                case Step.Redirect redirect -> redirect(redirect);
                case Step.Split split -> split(split);
                case Step.Merge merge -> merge(merge);
                case Step.PlaceLogReplica place -> placeLogReplica(place);
                case Step.RetireLogReplica retire ->
                    new Action.StandIn(
                            CatalogCommand.newBuilder()
                                    .setRetireLogReplica(RetireLogReplica.newBuilder()
                                            .setPartition(retire.partition())
                                            .setNode(retire.node()))
                                    .build(),
                            retire.reason());
            };
        }

        private Action placeLogReplica(Step.PlaceLogReplica step) {
            Optional<PartitionRecord> record = Placements.find(catalog, step.partition());
            if (record.isEmpty() || step.partition() == SYSTEM) {
                return new Action.Skip("partition " + step.partition() + " takes no log replicas");
            }
            return new Action.StandIn(
                    CatalogCommand.newBuilder()
                            .setPlaceLogReplica(PlaceLogReplica.newBuilder()
                                    .setPartition(step.partition())
                                    .setPlacementEpoch(record.get().getPlacementEpoch())
                                    .setLogReplica(LogReplicaRecord.newBuilder()
                                            .setNode(step.node())
                                            .setInPlaceOf(step.inPlaceOf())))
                            .build(),
                    step.reason());
        }

        private Action split(Step.Split step) {
            Optional<PartitionRecord> record = Placements.find(catalog, step.partition());
            if (record.isEmpty()
                    || record.get().getTargetCount() > 0
                    || record.get().hasSplit()
                    || record.get().hasMerge()) {
                return new Action.Skip("partition " + step.partition() + " has changed");
            }
            return new Action.Split(BeginSplit.newBuilder()
                    .setPartition(step.partition())
                    .setToken(step.atToken())
                    .setEpoch(record.get().getEpoch())
                    .setTask(task(TaskRecord.Kind.SPLIT, "", "", step.reason()))
                    .build());
        }

        private Action merge(Step.Merge step) {
            Optional<PartitionRecord> left = Placements.find(catalog, step.left());
            Optional<PartitionRecord> right = Placements.find(catalog, step.right());
            if (left.flatMap(Merges::whyNot).isPresent()
                    || right.flatMap(Merges::whyNot).isPresent()
                    || left.isEmpty()
                    || right.isEmpty()) {
                return new Action.Skip("partition " + step.left() + " or " + step.right() + " has changed");
            }
            return new Action.Merge(BeginMerge.newBuilder()
                    .setLeft(step.left())
                    .setRight(step.right())
                    .setLeftEpoch(left.get().getEpoch())
                    .setRightEpoch(right.get().getEpoch())
                    .setTask(task(TaskRecord.Kind.MERGE, "", "", step.reason()))
                    .build());
        }

        private TaskRecord.Builder task(TaskRecord.Kind kind, String from, String to, String reason) {
            return TaskRecord.newBuilder()
                    .setKind(kind)
                    .setFrom(from)
                    .setTo(to)
                    .setReason(reason)
                    .setStartedMillis(wallMillis)
                    .setCoordinator(coordinator);
        }

        private Action replace(Step.ReplaceReplica step) {
            return place(
                    step.partition(),
                    TaskRecord.Kind.REPLACE_REPLICA,
                    step.from(),
                    step.to(),
                    step.reason(),
                    replicas -> {
                        int place = replicas.indexOf(step.from());
                        if (place >= 0) {
                            replicas.set(place, step.to());
                        }
                        return replicas;
                    });
        }

        private Action add(Step.AddReplica step) {
            return place(step.partition(), TaskRecord.Kind.ADD_REPLICA, "", step.to(), step.reason(), replicas -> {
                replicas.add(step.to());
                return replicas;
            });
        }

        private Action remove(Step.RemoveReplica step) {
            return place(step.partition(), TaskRecord.Kind.REMOVE_REPLICA, step.from(), "", step.reason(), replicas -> {
                replicas.remove(step.from());
                return replicas;
            });
        }

        private Action place(
                int partition,
                TaskRecord.Kind kind,
                String from,
                String to,
                String reason,
                UnaryOperator<List<String>> change) {
            Optional<PartitionRecord> record = Placements.find(catalog, partition);
            if (record.isEmpty()
                    || record.get().getTargetCount() > 0
                    || record.get().hasMerge()) {
                return new Action.Skip("partition " + partition + " has changed");
            }
            List<String> before = record.get().getReplicasList();
            List<String> after = change.apply(new ArrayList<>(before));
            int expected = before.size() + (to.isEmpty() ? 0 : 1) - (from.isEmpty() ? 0 : 1);
            if (after.size() != expected || new HashSet<>(after).size() != expected || after.equals(before)) {
                return new Action.Skip("partition " + partition + " has changed");
            }
            return new Action.Place(
                    command(record.get(), after, kind, from, to, reason).build());
        }

        /**
         * The group as it is, without the one that can't be waited for where it is one more than there were: nothing has to be
         * built for that, so it ends whatever has happened.
         */
        private Action abandon(Step.Abandon step) {
            String to = step.running().learner().orElse("");
            int partition = step.partitions().getFirst();
            Optional<PartitionRecord> record = Placements.find(catalog, partition);
            if (to.isEmpty() || record.isEmpty() || record.get().getTargetCount() == 0) {
                return new Action.Skip("partition " + partition + " has changed");
            }
            List<String> replicas = record.get().getReplicasList();
            List<String> present = ClusterViews.voterNodes(record.get(), replies);
            List<String> without = present.stream()
                    .filter(node -> replicas.contains(node) || !node.equals(to))
                    .toList();
            List<String> back = present.isEmpty() ? replicas : without.size() >= replicas.size() ? without : present;
            if (new HashSet<>(back).equals(new HashSet<>(record.get().getTargetList()))) {
                return new Action.Skip("partition " + partition + " is about to be where it is to be");
            }
            return new Action.Place(
                    command(record.get(), inOrder(back, replicas), TaskRecord.Kind.ABANDON, to, "", step.reason())
                            .setTurns(true)
                            .build());
        }

        /** The running move's target with the one that was to go in the place of the lost one. */
        private Action redirect(Step.Redirect step) {
            int partition = step.partitions().getFirst();
            Optional<PartitionRecord> record = Placements.find(catalog, partition);
            List<String> target = new ArrayList<>();
            record.ifPresent(known -> target.addAll(known.getTargetList()));
            int place = target.indexOf(step.lost());
            if (record.isEmpty() || place < 0) {
                return new Action.Skip("partition " + partition + " has changed");
            }
            String stays = step.running().leaver().orElse("");
            if (stays.isEmpty()) {
                target.remove(place);
            } else {
                target.set(place, stays);
            }
            if (target.isEmpty() || new HashSet<>(target).size() != target.size()) {
                return new Action.Skip("partition " + partition + " has changed");
            }
            boolean staysNew = !record.get().getReplicasList().contains(stays);
            String to = step.running().learner().orElse(staysNew ? stays : "");
            TaskRecord.Kind kind = to.isEmpty() ? TaskRecord.Kind.REMOVE_REPLICA : TaskRecord.Kind.REPLACE_REPLICA;
            return new Action.Place(command(record.get(), target, kind, step.lost(), to, step.reason())
                    .setTurns(true)
                    .build());
        }

        /** The preferred leader stays the first. */
        private static List<String> inOrder(List<String> nodes, List<String> preferred) {
            List<String> ordered = new ArrayList<>(preferred);
            ordered.retainAll(nodes);
            nodes.stream().filter(node -> !preferred.contains(node)).forEach(ordered::add);
            return ordered;
        }

        private PlacePartition.Builder command(
                PartitionRecord record,
                List<String> replicas,
                TaskRecord.Kind kind,
                String from,
                String to,
                String reason) {
            return PlacePartition.newBuilder()
                    .setPartition(record.getId())
                    .addAllReplicas(replicas)
                    .setPlacementEpoch(record.getPlacementEpoch())
                    .setTask(task(kind, from, to, reason));
        }
    }
}
