package dev.henge.cluster.gossip;

import dev.henge.membership.gossip.Member;
import dev.henge.membership.gossip.MemberRole;
import dev.henge.membership.gossip.Members;
import dev.henge.proto.NodeRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * Where nodes of the catalog are now: as the gossip has heard of them, else as the catalog says, which learns it later. Any thread
 * may ask.
 */
public final class HeardAddresses {

    /** Address by the id of the data directory. */
    private volatile Map<String, String> heard = Map.of();

    /** Takes in what the gossip knows; says whether that is something new. */
    public synchronized boolean hear(Members members) {
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

    /** Where a node is, "host:port". */
    public String of(NodeRecord node) {
        // By its directory, and not by its name: any process may call itself what it likes.
        return heard.getOrDefault(node.getInstanceId(), node.getAddress());
    }
}
