package dev.henge.node.runtime;

import dev.henge.node.catalog.CatalogHolder;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PeerHello;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who may send to this node. A node that comes back under its old name with an empty data directory has forgotten what it
 * promised and acknowledged: it must not take part, or acknowledged writes could be lost.
 */
final class PeerGate {

    private final String cluster;
    private final Set<String> nodes;
    private final CatalogHolder catalogs;
    private final Map<String, String> instancesSeen = new ConcurrentHashMap<>();

    PeerGate(String cluster, Set<String> nodes, CatalogHolder catalogs) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.catalogs = catalogs;
    }

    /** A peer that was let in must be looked at again when this has changed. */
    long epoch() {
        return catalogs.current().getEpoch();
    }

    /** Why the peer is not let in, if it is not. */
    Optional<String> refusal(PeerHello hello) {
        if (!hello.getCluster().equals(cluster)) {
            return Optional.of("this node belongs to the cluster '" + cluster + "', the caller to '"
                    + hello.getCluster() + "'; check --cluster and the addresses");
        }
        Catalog catalog = catalogs.current();
        boolean bothKnow =
                !catalog.getClusterId().isEmpty() && !hello.getClusterId().isEmpty();
        if (bothKnow && !catalog.getClusterId().equals(hello.getClusterId())) {
            return Optional.of("the cluster here has the id " + catalog.getClusterId() + ", the caller's "
                    + hello.getClusterId() + "; one of them has the data directory of another cluster");
        }
        if (!nodes.contains(hello.getNode())) {
            return Optional.of("no node of this cluster is named " + hello.getNode());
        }
        Optional<String> known = registeredInstance(catalog, hello.getNode());
        if (known.isPresent() && !known.get().equals(hello.getInstanceId())) {
            return Optional.of("node " + hello.getNode() + " is known with the data directory " + known.get()
                    + ", this one is " + hello.getInstanceId()
                    + "; start it with its own data directory, an empty one has forgotten what it acknowledged");
        }
        instancesSeen.put(hello.getNode(), hello.getInstanceId());
        return Optional.empty();
    }

    static Optional<String> registeredInstance(Catalog catalog, String node) {
        return catalog.getNodesList().stream()
                .filter(record -> record.getName().equals(node))
                .map(NodeRecord::getInstanceId)
                .filter(instance -> !instance.isEmpty())
                .findFirst();
    }

    /** The instance with which a node has presented itself, once it has. */
    Optional<String> instanceSeen(String node) {
        return Optional.ofNullable(instancesSeen.get(node));
    }
}
