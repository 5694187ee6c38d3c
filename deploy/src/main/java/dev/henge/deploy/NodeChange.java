package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.membership.plan.ClusterView;
import dev.henge.membership.plan.Safety;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.Nodes;
import dev.henge.node.catalog.Placements;
import dev.henge.node.replication.Member;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RemoveNode;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.SetNodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What an operator asks of a node of a running cluster: {@code henge node drain} and its like. */
abstract class NodeChange extends OperatorCommand {

    private static final int TIMEOUT_SECONDS = 10;
    private static final Duration LOOK_PAUSE = Duration.ofSeconds(1);

    @Parameters(paramLabel = "NAME", description = "The node's name, as henge status shows it.")
    private String name = "";

    NodeChange() {
        super(TIMEOUT_SECONDS);
    }

    final String name() {
        return name;
    }

    @Override
    final Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
        ClusterLook look = new StatusCollector(timeout).look(addresses);
        if (look.catalog().getEpoch() == 0) {
            throw new StartupException("no node answers that knows the cluster's catalog");
        }
        if (Nodes.find(look.catalog(), name).isEmpty()) {
            throw new StartupException("no node of this cluster is named " + name);
        }
        try (CatalogClient cluster = CatalogClient.connect(addresses, timeout)) {
            change(cluster, look);
        }
        return outcome(addresses, timeout);
    }

    abstract void change(CatalogClient cluster, ClusterLook look) throws StartupException;

    abstract Answer outcome(List<String> addresses, Duration timeout) throws StartupException, InterruptedException;

    final void setState(CatalogClient cluster, NodeRecord.State state) throws StartupException {
        cluster.require(
                CatalogCommand.newBuilder()
                        .setSetNodeState(SetNodeState.newBuilder().setName(name).setState(state)),
                "henge status");
    }

    final Answer done(String outcome) {
        return Answer.done(name + " " + outcome + ".\n", json -> {
            json.writeStringProperty("node", name);
            json.writeStringProperty("outcome", outcome);
        });
    }

    static StartupException refused(String what, List<String> reasons) {
        return new StartupException(what + ": " + String.join("; ", reasons) + "; --force does it all the same");
    }

    /** How many partitions a node has something of: by the catalog, or while their leaders still count on its vote. */
    static long partitionsOn(ClusterLook look, String node) {
        Set<Integer> partitions = look.catalog().getPartitionsList().stream()
                .filter(partition -> Placements.nodesOf(partition).contains(node))
                .map(PartitionRecord::getId)
                .collect(Collectors.toCollection(TreeSet::new));
        look.replies().values().stream()
                .flatMap(reply -> reply.getReplicasList().stream())
                .filter(replica -> replica.getRole() == ReplicaStatus.Role.LEADER)
                .filter(replica -> replica.getVotersList().stream()
                        .anyMatch(voter -> Member.of(voter).node().equals(node)))
                .forEach(replica -> partitions.add(replica.getPartition()));
        return partitions.size();
    }

    /** How many partitions a node leads, by its own word; empty when it did not answer. */
    static OptionalLong leads(ClusterLook look, String node) {
        NodeStatusReply reply = look.replies().get(node);
        return reply == null
                ? OptionalLong.empty()
                : OptionalLong.of(reply.getReplicasList().stream()
                        .filter(replica -> replica.getRole() == ReplicaStatus.Role.LEADER)
                        .count());
    }

    /** A change that goes on after it was asked for. */
    abstract static class Awaited extends NodeChange {

        @Option(names = "--wait", description = "Wait until it is done, and tell how far it is.")
        private boolean wait;

        @Option(
                names = "--wait-minutes",
                paramLabel = "N",
                defaultValue = "60",
                description = "How long --wait waits (default: ${DEFAULT-VALUE}).")
        private int waitMinutes;

        /** How much is left to be done; empty while that is not known. */
        abstract OptionalLong left(ClusterLook look);

        /** What is left, for people. */
        abstract String leftInWords(long left);

        /** Why it is not done though nothing is left; empty when it is done. */
        String obstacle(ClusterLook look) {
            return "";
        }

        abstract String begun();

        abstract String ended();

        private String leftInWords(OptionalLong left, String obstacle) {
            if (left.isEmpty()) {
                return name() + " does not answer";
            }
            return left.getAsLong() == 0 ? obstacle : leftInWords(left.getAsLong());
        }

        @Override
        final Answer outcome(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
            if (!wait) {
                return done(begun());
            }
            long deadlineNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(waitMinutes);
            String told = "";
            while (true) {
                ClusterLook look = new StatusCollector(timeout).look(addresses);
                OptionalLong left = look.catalog().getEpoch() > 0 ? left(look) : OptionalLong.empty();
                String obstacle = obstacle(look);
                if (left.equals(OptionalLong.of(0)) && obstacle.isEmpty()) {
                    return done(ended());
                }
                String leftInWords = leftInWords(left, obstacle);
                if (!leftInWords.equals(told)) {
                    told = leftInWords;
                    progress(leftInWords);
                    look.coordinatorNotes().forEach(note -> progress("  " + note));
                }
                if (System.nanoTime() > deadlineNanos) {
                    throw new StartupException("after " + waitMinutes + " minutes it is not done: " + leftInWords
                            + "; it goes on, henge tasks shows how far it is");
                }
                TimeUnit.NANOSECONDS.sleep(LOOK_PAUSE.toNanos());
            }
        }
    }

    @Command(
            name = "drain",
            description = "Have a node lead nothing, so that it can be stopped for a while.",
            footer = {
                "",
                "It keeps its replicas. henge node resume has it serve as before.",
                "  henge node drain n2 --wait && systemctl restart henge && henge node resume n2",
                "Refused when a partition would have no majority without the node and those that are drained already."
            },
            sortOptions = false)
    static final class Drain extends Awaited {

        @Option(names = "--force", description = "Also when partitions would have no majority without it.")
        private boolean force;

        @Override
        void change(CatalogClient cluster, ClusterLook look) throws StartupException {
            Set<String> drained = drained(look);
            List<String> reasons = reasons(look, drained);
            if (!reasons.isEmpty() && !force) {
                String also = drained.isEmpty() ? "" : " while " + String.join(", ", drained) + " may be stopped, too";
                throw refused("stopping " + name() + " is not safe now" + also, reasons);
            }
            setState(cluster, NodeRecord.State.DRAINING);
        }

        /** Meanwhile another node may have been lost. */
        @Override
        String obstacle(ClusterLook look) {
            List<String> reasons = force ? List.of() : reasons(look, drained(look));
            return reasons.isEmpty()
                    ? ""
                    : name() + " leads nothing, but stopping it is not safe now: " + String.join("; ", reasons);
        }

        private Set<String> drained(ClusterLook look) {
            Set<String> drained = new TreeSet<>(look.catalog().getNodesList().stream()
                    .filter(node -> node.getState() == NodeRecord.State.DRAINING)
                    .map(NodeRecord::getName)
                    .toList());
            drained.remove(name());
            return drained;
        }

        private List<String> reasons(ClusterLook look, Set<String> drained) {
            return dangers(look.view(), drained).stream()
                    .map(danger -> "partition " + danger.partition() + ": " + danger.reason())
                    .limit(5)
                    .toList();
        }

        /** What stopping this node adds to what the drained ones may do: those may be stopped at any time. */
        private List<Safety.Danger> dangers(ClusterView view, Set<String> drained) {
            Set<String> stopped = new TreeSet<>(drained);
            stopped.add(name());
            List<Safety.Danger> dangers = new ArrayList<>(Safety.ofStopping(view, stopped));
            dangers.removeAll(Safety.ofStopping(view, drained));
            return dangers;
        }

        @Override
        OptionalLong left(ClusterLook look) {
            return leads(look, name());
        }

        @Override
        String leftInWords(long left) {
            return name() + " leads " + left + (left == 1 ? " partition" : " partitions");
        }

        @Override
        String begun() {
            return "is draining";
        }

        @Override
        String ended() {
            return "is drained and may be stopped";
        }
    }

    @Command(
            name = "decommission",
            description = "Move all that a node has to the others, so that it can go for good.",
            footer = {
                "",
                "It goes on by itself; henge tasks shows how far it is, henge node resume takes it back.",
                "Once the node has nothing left, henge node remove ends its membership.",
                "  henge node decommission n4 --wait && henge node remove n4",
                "Refused when too few nodes would be left, or too small ones."
            },
            sortOptions = false)
    static final class Decommission extends Awaited {

        @Option(names = "--force", description = "Also when the other nodes can't take all of it now.")
        private boolean force;

        @Override
        void change(CatalogClient cluster, ClusterLook look) throws StartupException {
            List<String> reasons = Safety.ofDecommissioning(look.view(), Set.of(name()));
            if (!reasons.isEmpty() && !force) {
                throw refused(name() + " can't be decommissioned now", reasons);
            }
            setState(cluster, NodeRecord.State.DECOMMISSIONING);
        }

        @Override
        OptionalLong left(ClusterLook look) {
            return OptionalLong.of(partitionsOn(look, name()));
        }

        @Override
        String leftInWords(long left) {
            return name() + " has replicas of " + left + (left == 1 ? " partition" : " partitions");
        }

        @Override
        String begun() {
            return "is being decommissioned";
        }

        @Override
        String ended() {
            return "has nothing left and may be removed";
        }
    }

    @Command(
            name = "resume",
            description = "Have a node serve again that is draining or being decommissioned.",
            sortOptions = false)
    static final class Resume extends NodeChange {

        @Override
        void change(CatalogClient cluster, ClusterLook look) throws StartupException {
            setState(cluster, NodeRecord.State.SERVING);
        }

        @Override
        Answer outcome(List<String> addresses, Duration timeout) {
            return done("serves");
        }
    }

    @Command(
            name = "remove",
            description = "End the membership of a node that has nothing left.",
            footer = {
                "",
                "Its data directory is of no use any more: to come in again, it needs an empty one.",
                "Refused while the node has replicas, or groups still count on its vote. The replicas of a node that is gone are",
                "replaced by themselves."
            },
            sortOptions = false)
    static final class Remove extends NodeChange {

        @Override
        void change(CatalogClient cluster, ClusterLook look) throws StartupException {
            long partitions = partitionsOn(look, name());
            if (partitions > 0) {
                throw new StartupException("node " + name() + " has replicas of " + partitions
                        + " partitions, or their groups still count on its vote; decommission it first, and wait: "
                        + "henge node decommission " + name() + " --wait");
            }
            cluster.require(
                    CatalogCommand.newBuilder()
                            .setRemoveNode(RemoveNode.newBuilder().setName(name())),
                    "henge status");
        }

        @Override
        Answer outcome(List<String> addresses, Duration timeout) {
            return done("is no node of this cluster any more");
        }
    }
}
