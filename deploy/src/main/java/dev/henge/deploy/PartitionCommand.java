package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.membership.Tokens;
import dev.henge.membership.plan.PartitionView;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.Placements;
import dev.henge.node.catalog.Splits;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.TaskRecord;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code henge partition}: where a partition is, and is to be, and what it is of the ring. */
@Command(
        name = "partition",
        description =
                "Show where a partition is, move it to other nodes, have another node lead it, split it, merge it with its neighbour.",
        subcommands = {
            PartitionCommand.Show.class,
            PartitionCommand.Move.class,
            PartitionCommand.Transfer.class,
            PartitionCommand.Split.class,
            PartitionCommand.Merge.class
        },
        sortOptions = false)
final class PartitionCommand extends CommandGroup {

    /** What the commands have in common. */
    abstract static class Action extends OperatorCommand {

        private static final int TIMEOUT_SECONDS = 10;

        @Parameters(index = "0", paramLabel = "PARTITION", description = "Its number, as henge status shows it.")
        private int partition;

        Action() {
            super(TIMEOUT_SECONDS);
        }

        @Override
        final Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
            ClusterLook look = new StatusCollector(timeout).look(addresses);
            if (look.catalog().getEpoch() == 0) {
                throw new StartupException("no node answers that knows the cluster's catalog");
            }
            try (CatalogClient cluster = CatalogClient.connect(addresses, timeout)) {
                return run(cluster, find(look.catalog(), partition), look);
            }
        }

        static PartitionRecord find(Catalog catalog, int partition) throws StartupException {
            return Placements.find(catalog, partition)
                    .orElseThrow(() -> new StartupException("there is no partition " + partition));
        }

        /**
         * Does it.
         *
         * @param found the partition, as it was when the nodes were asked
         * @param look what they answered
         */
        abstract Answer run(CatalogClient cluster, PartitionRecord found, ClusterLook look) throws StartupException;

        /** Asks for a change of the partition, and tells what it is then. */
        final Answer changed(CatalogClient cluster, CatalogCommand.Builder change, ClusterLook look)
                throws StartupException {
            cluster.require(change, "henge partition show " + partition);
            Catalog catalog = cluster.newest();
            return described(find(catalog, partition), new ClusterLook(look.answers(), catalog));
        }

        static Answer described(PartitionRecord record, ClusterLook look) {
            PartitionDescription description = PartitionDescription.of(record, look);
            return Answer.done(description.text(), description::write);
        }

        /** The task of a change that an operator asked for, as of now. */
        static TaskRecord task(TaskRecord.Kind kind, String command) {
            return TaskRecord.newBuilder()
                    .setKind(kind)
                    .setReason("asked for with " + command)
                    .setStartedMillis(System.currentTimeMillis())
                    .build();
        }
    }

    @Command(
            name = "show",
            description = "Show which nodes have a partition, its leader and tokens, and what becomes of it.",
            sortOptions = false)
    static final class Show extends Action {

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found, ClusterLook look) {
            return described(found, look);
        }
    }

    @Command(
            name = "move",
            description = "Move a partition to other nodes.",
            footer = {
                "",
                "Reads and writes go on meanwhile, and no replica goes before those that are to be there have all",
                "of it. It goes on by itself; henge partition show shows when it is done. To take it back, move",
                "the partition to where it was. Unless it is paused (henge tasks pause), the coordinator may move the",
                "partition again for the sake of balance.",
                "Refused with fewer nodes than have it now, and when one of them is down, draining or being",
                "decommissioned."
            },
            sortOptions = false)
    static final class Move extends Action {

        @Option(
                names = "--to",
                required = true,
                split = ",",
                paramLabel = "NODE",
                description = "Names of the nodes that are to have it, the preferred leader first.")
        private List<String> nodes = List.of();

        @Option(names = "--force", description = "Also with fewer replicas than now, and to nodes that are not there.")
        private boolean force;

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found, ClusterLook look) throws StartupException {
            List<String> reasons = MoveSafety.reasons(found, nodes, look);
            if (!reasons.isEmpty() && !force) {
                throw NodeChange.refused("partition " + found.getId() + " should not be moved there now", reasons);
            }
            return changed(
                    cluster,
                    CatalogCommand.newBuilder()
                            .setPlacePartition(PlacePartition.newBuilder()
                                    .setPartition(found.getId())
                                    .addAllReplicas(nodes)
                                    .setPlacementEpoch(found.getPlacementEpoch())
                                    .setTask(task(TaskRecord.Kind.OPERATOR_MOVE, "henge partition move"))),
                    look);
        }
    }

    @Command(
            name = "transfer",
            description = "Have another of its nodes lead a partition.",
            footer = {
                "",
                "  henge partition transfer 7 --to n2",
                "Writes wait for the moment that it takes. The coordinator spreads leaderships evenly: unless it is",
                "paused, it may take this one back. Refused when the node lags behind."
            },
            sortOptions = false)
    static final class Transfer extends Action {

        @Option(names = "--to", required = true, paramLabel = "NODE", description = "The node that is to lead.")
        private String to = "";

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found, ClusterLook look) throws StartupException {
            cluster.transferLeadership(found.getId(), to);
            return Answer.done(to + " leads partition " + found.getId() + ".\n", json -> {
                json.writeNumberProperty("partition", found.getId());
                json.writeStringProperty("leader", to);
            });
        }
    }

    @Command(
            name = "split",
            description = "Split a partition in two.",
            footer = {
                "",
                "The other one begins on the same nodes, and nothing is copied. Reads and writes of its half wait for",
                "some milliseconds. It goes on by itself; henge partition show shows when it is done, and which",
                "partition was split off."
            },
            sortOptions = false)
    static final class Split extends Action {

        @Option(
                names = "--at",
                paramLabel = "TOKEN",
                description = {
                    "First token of the other one, hexadecimal; of fewer than 16 digits, its beginning: 9c40 stands",
                    "for 9c40000000000000. Without it, the middle."
                })
        private @Nullable RingToken at;

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found, ClusterLook look) throws StartupException {
            RingToken token = at == null ? new RingToken(Splits.middleOf(found)) : at;
            boolean inside = token.value() != found.getStartToken()
                    && Tokens.inRange(token.value(), found.getStartToken(), found.getEndToken());
            if (found.getId() != PartitionView.SYSTEM && !inside) {
                throw new StartupException("the token " + token + " does not lie inside partition " + found.getId()
                        + ", which goes from " + new RingToken(found.getStartToken()) + " to "
                        + new RingToken(found.getEndToken()));
            }
            return changed(
                    cluster,
                    CatalogCommand.newBuilder()
                            .setBeginSplit(BeginSplit.newBuilder()
                                    .setPartition(found.getId())
                                    .setToken(token.value())
                                    .setEpoch(found.getEpoch())
                                    .setTask(task(TaskRecord.Kind.OPERATOR_SPLIT, "henge partition split"))),
                    look);
        }
    }

    @Command(
            name = "merge",
            description = "Merge a partition with the one that comes behind it on the ring.",
            footer = {
                "",
                "  henge partition merge 5 9",
                "Both have to be on the same nodes: henge partition move brings one of them there. The first one stays",
                "and gets the range of both; the number of the other one is not used again. Nothing is copied. Reads and",
                "writes of the other one's range wait for some milliseconds. It goes on by itself; henge partition show",
                "shows when it is done."
            },
            sortOptions = false)
    static final class Merge extends Action {

        @Parameters(index = "1", paramLabel = "NEXT", description = "Number of the one behind it, which goes.")
        private int next;

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found, ClusterLook look) throws StartupException {
            PartitionRecord behind = find(look.catalog(), next);
            return changed(
                    cluster,
                    CatalogCommand.newBuilder()
                            .setBeginMerge(BeginMerge.newBuilder()
                                    .setLeft(found.getId())
                                    .setRight(behind.getId())
                                    .setLeftEpoch(found.getEpoch())
                                    .setRightEpoch(behind.getEpoch())
                                    .setTask(task(TaskRecord.Kind.OPERATOR_MERGE, "henge partition merge"))),
                    look);
        }
    }
}
