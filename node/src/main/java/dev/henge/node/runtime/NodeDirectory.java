package dev.henge.node.runtime;

import dev.henge.cluster.gossip.HeardAddresses;
import dev.henge.membership.gossip.Members;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which other nodes there are, and where. Who belongs to the cluster, the catalog says, and before there is one, what this
 * node was started with. Where a node is now is known by the gossip, at once, and by the catalog, once the node has told the
 * system partition: after a restart with other addresses nobody could reach that by the catalog alone.
 */
final class NodeDirectory {

    private final String self;
    private final Map<String, String> founders;
    private final CatalogHolder catalogs;

    private final HeardAddresses heard = new HeardAddresses();

    NodeDirectory(String self, Map<String, String> founders, CatalogHolder catalogs) {
        this.self = self;
        this.founders = Map.copyOf(founders);
        this.catalogs = catalogs;
    }

    /** Takes in what the gossip knows; says whether that is something new. */
    boolean hear(Members members) {
        return heard.hear(members);
    }

    /** The other nodes: name to address. */
    Map<String, String> others() {
        Map<String, String> others = new TreeMap<>();
        Catalog catalog = catalogs.current();
        if (catalog.getEpoch() == 0) {
            others.putAll(founders);
        }
        catalog.getNodesList().forEach(node -> others.put(node.getName(), addressOf(node)));
        others.remove(self);
        return others;
    }

    /** Where a node of the catalog is now. */
    String addressOf(NodeRecord node) {
        return heard.of(node);
    }
}
