package dev.henge.node.runtime;

import dev.henge.membership.gossip.Member;
import dev.henge.membership.gossip.MemberRole;
import dev.henge.membership.gossip.Members;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import java.util.HashMap;
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

    /** Address by the id of the data directory, as the gossip has it. */
    private volatile Map<String, String> heard = Map.of();

    NodeDirectory(String self, Map<String, String> founders, CatalogHolder catalogs) {
        this.self = self;
        this.founders = Map.copyOf(founders);
        this.catalogs = catalogs;
    }

    /** Takes in what the gossip knows; says whether that is something new. */
    boolean hear(Members members) {
        Map<String, String> addresses = new HashMap<>();
        for (Member member : members.present(MemberRole.NODE)) {
            if (!member.profile().serviceAddress().isEmpty()) {
                addresses.put(member.id().toString(), member.profile().serviceAddress());
            }
        }
        boolean news = !addresses.equals(heard);
        heard = Map.copyOf(addresses);
        return news;
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
        // By its directory, and not by its name: any process may call itself what it likes.
        return heard.getOrDefault(node.getInstanceId(), node.getAddress());
    }
}
