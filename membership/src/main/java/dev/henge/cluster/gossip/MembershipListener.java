package dev.henge.cluster.gossip;

import dev.henge.membership.gossip.MemberEvent;
import dev.henge.membership.gossip.Members;

/** Is told of changes among the other members. */
@FunctionalInterface
public interface MembershipListener {

    /**
     * Called on the gossip's own thread, which must not wait: hand it over. An exception is logged and goes no further.
     *
     * @param members as they are now, after this event and perhaps others that follow it
     */
    void changed(MemberEvent event, Members members);
}
