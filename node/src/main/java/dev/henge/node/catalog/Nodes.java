package dev.henge.node.catalog;

import dev.henge.catalog.ClusterVersion;
import dev.henge.catalog.Feature;
import dev.henge.membership.PlacementNode;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RegisterNode;
import dev.henge.proto.RemoveNode;
import dev.henge.proto.SetNodeState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which nodes belong to the cluster: what their commands make of the catalog. */
public final class Nodes {

    private static final int COUNT_MAX = 1_000;

    /** Directories of removed nodes that are remembered; an older one that comes back would be taken for a new node. */
    private static final int REMOVED_MAX = 1_000;

    /** As in a DNS label, since names end up in host names and file names. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** As gossip takes them. */
    private static final Pattern ZONE = Pattern.compile("[\\x21-\\x7e]{0,64}");

    private static final Pattern ADDRESS = Pattern.compile("\\S{1,255}:\\d{1,5}");

    private Nodes() {}

    /** Whether a node can have that name. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** The node of that name. */
    public static Optional<NodeRecord> find(Catalog catalog, String name) {
        return catalog.getNodesList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst();
    }

    /** The data directory by which a node is known; empty while it was never seen, or when it is not known. */
    public static Optional<String> instanceOf(Catalog catalog, String name) {
        return find(catalog, name).map(NodeRecord::getInstanceId).filter(instance -> !instance.isEmpty());
    }

    /** Whether the catalog says of a node what the node says of itself. */
    public static boolean isAsSaid(Catalog catalog, NodeRecord said) {
        return find(catalog, said.getName())
                .map(known -> withWhatIsSaid(known, said).equals(known))
                .orElse(false);
    }

    static Transition register(CatalogState state, RegisterNode command) {
        Catalog catalog = state.catalog();
        NodeRecord said = command.getNode();
        String name = said.getName();
        Optional<String> refusal = refusalOf(catalog, command);
        if (refusal.isPresent()) {
            return state.refuse(Code.NODE_REFUSED, refusal.get(), Optional.empty());
        }
        Optional<NodeRecord> known = find(catalog, name);
        if (known.isEmpty()) {
            Catalog.Builder next = state.nextEpoch();
            next.addNodes(said.toBuilder().clearState().clearReplacedBy().setEpoch(next.getEpoch()));
            return CatalogState.accept(next, Optional.empty());
        }
        if (isAsSaid(catalog, said)) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        return replace(state, withWhatIsSaid(known.get(), said));
    }

    private static Optional<String> refusalOf(Catalog catalog, RegisterNode command) {
        NodeRecord said = command.getNode();
        String name = said.getName();
        boolean otherCluster = !catalog.getClusterName().isEmpty()
                && !command.getClusterName().isEmpty()
                && !catalog.getClusterName().equals(command.getClusterName());
        if (otherCluster) {
            return Optional.of("this cluster is named \"" + catalog.getClusterName() + "\", node " + name
                    + " was given the name \"" + command.getClusterName() + "\"; check --cluster and --join");
        }
        if (said.getInstanceId().isEmpty()) {
            return Optional.of("a node registers with the id of its data directory");
        }
        if (catalog.getRemovedInstancesList().contains(said.getInstanceId())) {
            return Optional.of("node " + name + " was removed from this cluster with the data directory "
                    + said.getInstanceId() + "; to come in again it needs an empty one");
        }
        if (ClusterVersion.knownBy(said) < ClusterVersion.of(catalog)) {
            return Optional.of(ClusterVersion.tooOld(name, ClusterVersion.knownBy(said), ClusterVersion.of(catalog)));
        }
        Optional<NodeRecord> known = find(catalog, name);
        if (known.isPresent()) {
            String instance = known.get().getInstanceId();
            return instance.isEmpty() || instance.equals(said.getInstanceId())
                    ? faultOf(said)
                    : Optional.of("node " + name + " is known with the data directory " + instance + ", this one is "
                            + said.getInstanceId() + "; start it with its own, or give the new node a name of its own");
        }
        if (catalog.getNodesCount() >= COUNT_MAX) {
            return Optional.of("a cluster has at most " + COUNT_MAX + " nodes");
        }
        Optional<NodeRecord> sameDirectory = catalog.getNodesList().stream()
                .filter(node -> node.getInstanceId().equals(said.getInstanceId()))
                .findFirst();
        return sameDirectory
                .map(other -> "the data directory " + said.getInstanceId() + " belongs to node " + other.getName())
                .or(() -> faultOf(said));
    }

    private static Optional<String> faultOf(NodeRecord said) {
        if (!isName(said.getName())) {
            return Optional.of("\"" + said.getName()
                    + "\" can't name a node; use up to 63 small letters, digits and inner hyphens");
        }
        if (!ZONE.matcher(said.getZone()).matches()) {
            return Optional.of("the zone of node " + said.getName() + " is up to 64 printable characters, no spaces");
        }
        if (!ADDRESS.matcher(said.getAddress()).matches()) {
            return Optional.of(
                    "the address of node " + said.getName() + " is host:port, not \"" + said.getAddress() + "\"");
        }
        if (!(said.getWeight() >= 0 && said.getWeight() <= PlacementNode.WEIGHT_MAX)) {
            return Optional.of("the weight of node " + said.getName() + " is from 0 to " + PlacementNode.WEIGHT_MAX);
        }
        return Optional.empty();
    }

    /** An address says where the node is now; what it does not say stays as it is. */
    private static NodeRecord withWhatIsSaid(NodeRecord known, NodeRecord said) {
        return known.toBuilder()
                .setInstanceId(said.getInstanceId())
                .setAddress(said.getAddress())
                .setZone(said.getZone())
                .setWeight(said.getWeight())
                .setVersion(said.getVersion())
                .setHighestClusterVersion(said.getHighestClusterVersion())
                .build();
    }

    static Transition setState(CatalogState state, SetNodeState command) {
        Optional<NodeRecord> known = find(state.catalog(), command.getName());
        if (known.isEmpty()) {
            return notFound(state, command.getName());
        }
        if (command.getState() == NodeRecord.State.UNRECOGNIZED) {
            return state.refuse(Code.NODE_REFUSED, "nodes here know no such state", Optional.empty());
        }
        Optional<String> refusal = refusalOfReplacement(state.catalog(), command);
        if (refusal.isPresent()) {
            return state.refuse(Code.NODE_REFUSED, refusal.get(), Optional.empty());
        }
        NodeRecord changed = known.get().toBuilder()
                .setState(command.getState())
                .setReplacedBy(command.getReplacedBy())
                .build();
        return changed.equals(known.get()) ? state.refuse(Code.OK, "", Optional.empty()) : replace(state, changed);
    }

    private static Optional<String> refusalOfReplacement(Catalog catalog, SetNodeState command) {
        String by = command.getReplacedBy();
        if (by.isEmpty()) {
            return Optional.empty();
        }
        if (!Feature.NODE_REPLACEMENT.isAllowed(catalog)) {
            return Optional.of("the programs of some nodes are too old for it; henge status names them");
        }
        if (command.getState() != NodeRecord.State.DECOMMISSIONING) {
            return Optional.of("only a node that goes for good is replaced");
        }
        if (by.equals(command.getName())) {
            return Optional.of("a node can't be replaced by itself");
        }
        Optional<NodeRecord> taker = find(catalog, by);
        if (taker.isEmpty()) {
            return Optional.of("no node of this cluster is named " + by + "; start it with henge node --join first");
        }
        return taker.get().getState() == NodeRecord.State.SERVING
                ? Optional.empty()
                : Optional.of("node " + by + " takes nothing: it is "
                        + taker.get().getState().name().toLowerCase(Locale.ROOT) + "; henge node resume " + by
                        + " has it serve");
    }

    static Transition remove(CatalogState state, RemoveNode command) {
        Catalog catalog = state.catalog();
        Optional<NodeRecord> known = find(catalog, command.getName());
        if (known.isEmpty()) {
            return notFound(state, command.getName());
        }
        List<Integer> partitions = catalog.getPartitionsList().stream()
                .filter(partition -> Placements.nodesOf(partition).contains(command.getName()))
                .map(PartitionRecord::getId)
                .toList();
        if (!partitions.isEmpty()) {
            return state.refuse(
                    Code.NODE_IN_USE,
                    "node " + command.getName() + " has replicas of " + partitions.size() + " partitions (the first: "
                            + partitions.getFirst() + "); decommission it first",
                    Optional.empty());
        }
        Catalog.Builder next = state.nextEpoch();
        next.removeNodes(catalog.getNodesList().indexOf(known.get()));
        next.getNodesBuilderList().stream()
                .filter(node -> node.getReplacedBy().equals(command.getName()))
                .forEach(node -> node.clearReplacedBy().setEpoch(next.getEpoch()));
        if (!known.get().getInstanceId().isEmpty()) {
            next.addRemovedInstances(known.get().getInstanceId());
        }
        if (next.getRemovedInstancesCount() > REMOVED_MAX) {
            List<String> newest = List.copyOf(next.getRemovedInstancesList()
                    .subList(next.getRemovedInstancesCount() - REMOVED_MAX, next.getRemovedInstancesCount()));
            next.clearRemovedInstances().addAllRemovedInstances(newest);
        }
        return CatalogState.accept(next, Optional.empty());
    }

    private static Transition replace(CatalogState state, NodeRecord changed) {
        Catalog.Builder next = state.nextEpoch();
        for (int place = 0; place < next.getNodesCount(); place++) {
            if (next.getNodes(place).getName().equals(changed.getName())) {
                next.setNodes(place, changed.toBuilder().setEpoch(next.getEpoch()));
            }
        }
        return CatalogState.accept(next, Optional.empty());
    }

    private static Transition notFound(CatalogState state, String name) {
        return state.refuse(Code.NODE_NOT_FOUND, "no node of this cluster is named " + name, Optional.empty());
    }
}
