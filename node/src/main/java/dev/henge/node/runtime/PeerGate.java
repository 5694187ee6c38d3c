package dev.henge.node.runtime;

import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.catalog.Nodes;
import dev.henge.proto.Catalog;
import dev.henge.proto.PeerHello;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who may send to this node: the nodes of the catalog, and before there is one, the cluster's founders. A node that comes
 * back under its old name with an empty data directory has forgotten what it promised and acknowledged: it must not take
 * part, or acknowledged writes could be lost.
 */
final class PeerGate {

    /**
     * Why a peer is not let in.
     *
     * @param lasting it never will be, as it is; else it may be soon, and should ask again
     */
    record Refusal(String reason, boolean lasting) {}

    private final String self;
    private final String cluster;
    private final Set<String> founders;
    private final CatalogHolder catalogs;
    private final Map<String, String> instancesSeen = new ConcurrentHashMap<>();

    PeerGate(String self, String cluster, Set<String> founders, CatalogHolder catalogs) {
        this.self = self;
        this.cluster = cluster;
        this.founders = Set.copyOf(founders);
        this.catalogs = catalogs;
    }

    /** A peer that was let in must be looked at again when this has changed. */
    long epoch() {
        return catalogs.current().getEpoch();
    }

    /** Why the peer is not let in, if it is not. */
    Optional<Refusal> refusal(PeerHello hello) {
        if (!hello.getCluster().equals(cluster)) {
            return lasting("this node belongs to the cluster '" + cluster + "', the caller to '" + hello.getCluster()
                    + "'; check --cluster and the addresses");
        }
        Catalog catalog = catalogs.current();
        boolean bothKnow =
                !catalog.getClusterId().isEmpty() && !hello.getClusterId().isEmpty();
        if (bothKnow && !catalog.getClusterId().equals(hello.getClusterId())) {
            return lasting("the cluster here has the id " + catalog.getClusterId() + ", the caller's "
                    + hello.getClusterId() + "; one of them has the data directory of another cluster");
        }
        if (!hello.getTo().isEmpty() && !hello.getTo().equals(self)) {
            return passing("this is node " + self + ", the caller looks for " + hello.getTo());
        }
        boolean isKnown = catalog.getEpoch() > 0
                ? Nodes.find(catalog, hello.getNode()).isPresent()
                : founders.contains(hello.getNode());
        if (!isKnown) {
            // It may have come in, and this node not have heard of it.
            return passing("no node of this cluster is named " + hello.getNode() + ", as far as is known here");
        }
        Optional<String> known = Nodes.instanceOf(catalog, hello.getNode());
        if (known.isPresent() && !known.get().equals(hello.getInstanceId())) {
            return lasting("node " + hello.getNode() + " is known with the data directory " + known.get()
                    + ", this one is " + hello.getInstanceId()
                    + "; start it with its own data directory, an empty one has forgotten what it acknowledged");
        }
        instancesSeen.put(hello.getNode(), hello.getInstanceId());
        return Optional.empty();
    }

    private static Optional<Refusal> lasting(String reason) {
        return Optional.of(new Refusal(reason, true));
    }

    private static Optional<Refusal> passing(String reason) {
        return Optional.of(new Refusal(reason, false));
    }

    /** The instance with which a node has presented itself, once it has. */
    Optional<String> instanceSeen(String node) {
        return Optional.ofNullable(instancesSeen.get(node));
    }
}
