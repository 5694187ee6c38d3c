package dev.henge.deploy;

import dev.henge.node.StartupException;
import dev.henge.node.catalog.Placements;
import dev.henge.node.catalog.Splits;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.TaskRecord;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

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
        final Answer answer(List<String> addresses, Duration timeout) throws StartupException {
            try (CatalogClient cluster = CatalogClient.connect(addresses, timeout)) {
                return run(cluster, find(cluster));
            }
        }

        final PartitionRecord find(CatalogClient cluster) throws StartupException {
            return Placements.find(cluster.newest(), partition)
                    .orElseThrow(() -> new StartupException("there is no partition " + partition));
        }

        /** Does it. */
        abstract Answer run(CatalogClient cluster, PartitionRecord found) throws StartupException;

        static void write(PartitionRecord record, JsonGenerator json) {
            json.writeNumberProperty("partition", record.getId());
            json.writeStringProperty("startToken", Long.toHexString(record.getStartToken()));
            json.writeStringProperty("endToken", Long.toHexString(record.getEndToken()));
            writeNames("replicas", record.getReplicasList(), json);
            writeNames("target", record.getTargetList(), json);
            writeNames(
                    "logReplicas",
                    record.getLogReplicasList().stream()
                            .map(LogReplicaRecord::getNode)
                            .toList(),
                    json);
            if (record.hasSplit()) {
                json.writeStringProperty(
                        "splitsAt", Long.toHexString(record.getSplit().getToken()));
                json.writeNumberProperty("splitsOff", record.getSplit().getChild());
            }
            if (record.hasMerge()) {
                json.writeNumberProperty("mergesInto", record.getMerge().getLeft());
                json.writeNumberProperty("mergesFrom", record.getMerge().getRight());
            }
        }

        private static void writeNames(String property, List<String> names, JsonGenerator json) {
            json.writeArrayPropertyStart(property);
            names.forEach(json::writeString);
            json.writeEndArray();
        }

        static String text(PartitionRecord record) {
            String where = "Partition " + record.getId() + " is on " + String.join(", ", record.getReplicasList());
            StringBuilder text = new StringBuilder(where);
            if (record.getTargetCount() > 0) {
                text.append("; it moves to ").append(String.join(", ", record.getTargetList()));
            }
            record.getLogReplicasList().forEach(replica -> text.append("; ")
                    .append(replica.getNode())
                    .append(" keeps the log in the place of ")
                    .append(replica.getInPlaceOf()));
            if (record.hasSplit()) {
                text.append("; partition ")
                        .append(record.getSplit().getChild())
                        .append(" is being split off it, from token ")
                        .append(Long.toHexString(record.getSplit().getToken()))
                        .append(" on");
            }
            if (record.hasMerge()) {
                text.append("; partition ")
                        .append(record.getMerge().getRight())
                        .append(" is becoming part of partition ")
                        .append(record.getMerge().getLeft());
            }
            record.getMergedList()
                    .forEach(merged -> text.append("; some replicas have not taken all of what was partition ")
                            .append(merged.getId())
                            .append(" yet"));
            return text.append(".\n").toString();
        }
    }

    @Command(name = "show", description = "Show which nodes have a partition, and are to have it.", sortOptions = false)
    static final class Show extends Action {

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found) {
            return Answer.done(text(found), json -> write(found, json));
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
                "partition again for the sake of balance."
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

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found) throws StartupException {
            cluster.require(
                    CatalogCommand.newBuilder()
                            .setPlacePartition(PlacePartition.newBuilder()
                                    .setPartition(found.getId())
                                    .addAllReplicas(nodes)
                                    .setPlacementEpoch(found.getPlacementEpoch())
                                    .setTask(TaskRecord.newBuilder()
                                            .setKind(TaskRecord.Kind.OPERATOR_MOVE)
                                            .setReason("asked for with henge partition move")
                                            .setStartedMillis(System.currentTimeMillis()))),
                    "henge partition show " + found.getId());
            PartitionRecord now = find(cluster);
            return Answer.done(text(now), json -> write(now, json));
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
        Answer run(CatalogClient cluster, PartitionRecord found) throws StartupException {
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
                "some milliseconds. It goes on by itself; henge partition show shows when it is done."
            },
            sortOptions = false)
    static final class Split extends Action {

        private static final String TOKEN = "[0-9a-fA-F]{1,16}";

        @Option(
                names = "--at",
                paramLabel = "TOKEN",
                description = "First token of the other one, hexadecimal; without it, the middle.")
        private String at = "";

        @Override
        Answer run(CatalogClient cluster, PartitionRecord found) throws StartupException {
            if (!at.isEmpty() && !at.matches(TOKEN)) {
                throw new StartupException("--at takes a token of up to 16 hexadecimal digits, not " + at);
            }
            cluster.require(
                    CatalogCommand.newBuilder()
                            .setBeginSplit(BeginSplit.newBuilder()
                                    .setPartition(found.getId())
                                    .setToken(at.isEmpty() ? Splits.middleOf(found) : Long.parseUnsignedLong(at, 16))
                                    .setEpoch(found.getEpoch())
                                    .setTask(TaskRecord.newBuilder()
                                            .setKind(TaskRecord.Kind.OPERATOR_SPLIT)
                                            .setReason("asked for with henge partition split")
                                            .setStartedMillis(System.currentTimeMillis()))),
                    "henge partition show " + found.getId());
            PartitionRecord now = find(cluster);
            return Answer.done(text(now), json -> write(now, json));
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
        Answer run(CatalogClient cluster, PartitionRecord found) throws StartupException {
            PartitionRecord behind = Placements.find(cluster.newest(), next)
                    .orElseThrow(() -> new StartupException("there is no partition " + next));
            cluster.require(
                    CatalogCommand.newBuilder()
                            .setBeginMerge(BeginMerge.newBuilder()
                                    .setLeft(found.getId())
                                    .setRight(behind.getId())
                                    .setLeftEpoch(found.getEpoch())
                                    .setRightEpoch(behind.getEpoch())
                                    .setTask(TaskRecord.newBuilder()
                                            .setKind(TaskRecord.Kind.OPERATOR_MERGE)
                                            .setReason("asked for with henge partition merge")
                                            .setStartedMillis(System.currentTimeMillis()))),
                    "henge partition show " + found.getId());
            PartitionRecord now = find(cluster);
            return Answer.done(text(now), json -> write(now, json));
        }
    }
}
