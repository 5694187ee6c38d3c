package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.membership.plan.NodeView;
import dev.henge.membership.plan.Safety;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.Nodes;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.SetNodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code henge node replace}: another node takes all that one has, at once. */
@Command(
        name = "replace",
        description = "Have another node take all that a node has, at once.",
        footer = {
            "",
            "For a node that is broken: without this its replicas are built anew after the time that",
            "henge settings tells, and shared by all. Start the new node with henge node --join first; without",
            "--with the others share what the old one has. What the new node has a copy of already goes to others.",
            "  henge node replace n3 --with n5 --wait && henge node remove n3",
            "It goes on by itself; henge tasks shows how far it is, henge node resume takes it back.",
            "Refused when a partition would have no majority without the node, when it still leads, and when the",
            "others can't take what it has."
        },
        sortOptions = false)
final class NodeReplacement extends NodeChange.Awaited {

    private static final int REASONS_MAX = 5;

    @Option(names = "--with", paramLabel = "NAME", description = "The node that takes all it has.")
    private String with = "";

    @Option(names = "--force", description = "Also when it is not safe, or the node still leads.")
    private boolean force;

    @Override
    void change(CatalogClient cluster, ClusterLook look) throws StartupException {
        if (!with.isEmpty()) {
            requireTaker(look);
        }
        List<String> reasons = reasons(look);
        if (!reasons.isEmpty() && !force) {
            throw refused(name() + " can't be replaced now", reasons);
        }
        cluster.require(
                CatalogCommand.newBuilder()
                        .setSetNodeState(SetNodeState.newBuilder()
                                .setName(name())
                                .setState(NodeRecord.State.DECOMMISSIONING)
                                .setReplacedBy(with)),
                "henge status");
        long shared = shared(look);
        if (shared > 0) {
            progress(with + " has " + shared + (shared == 1 ? " partition" : " partitions") + " of " + name()
                    + " already: what " + name() + " has of " + (shared == 1 ? "it" : "them") + " goes to others");
        }
    }

    /** What no --force helps against. */
    private void requireTaker(ClusterLook look) throws StartupException {
        if (Nodes.find(look.catalog(), with).isEmpty()) {
            throw new StartupException(
                    "no node of this cluster is named " + with + "; start it with henge node --join first");
        }
        boolean isUp = look.view().node(with).map(NodeView::isUp).orElse(false);
        if (!isUp) {
            throw new StartupException(
                    "node " + with + " does not answer; it must be up to take what " + name() + " has");
        }
    }

    private List<String> reasons(ClusterLook look) {
        List<String> reasons = new ArrayList<>();
        long leads = leads(look, name()).orElse(0);
        if (leads > 0) {
            reasons.add("it is up and leads " + leads + (leads == 1 ? " partition" : " partitions")
                    + ": henge node decommission " + name() + " moves what it has without haste, henge node drain "
                    + name() + " has it lead nothing");
        }
        Safety.ofStopping(look.view(), Set.of(name())).stream()
                .map(danger -> "partition " + danger.partition() + ": " + danger.reason())
                .limit(REASONS_MAX)
                .forEach(reasons::add);
        reasons.addAll(Safety.ofDecommissioning(look.view(), Set.of(name())));
        return reasons;
    }

    /** How many partitions both nodes are to have replicas of; who keeps a log in the place of one can have the replica, too. */
    private long shared(ClusterLook look) {
        return look.catalog().getPartitionsList().stream()
                .map(partition ->
                        partition.getTargetCount() > 0 ? partition.getTargetList() : partition.getReplicasList())
                .filter(nodes -> nodes.contains(name()) && nodes.contains(with))
                .count();
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
        return with.isEmpty() ? "is being replaced" : "is being replaced by " + with;
    }

    @Override
    String ended() {
        return (with.isEmpty() ? "is replaced" : "is replaced by " + with) + " and may be removed";
    }
}
