package dev.henge.membership.gossip;

/** How long a member is suspected before it is declared dead: Lifeguard's Local Health Aware Suspicion. */
final class Suspicion {

    /** In a cluster of up to so many members the least time is that of the settings. */
    private static final int SMALL_CLUSTER = 20;

    private final GossipSettings settings;
    private final LocalHealth health;

    Suspicion(GossipSettings settings, LocalHealth health) {
        this.settings = settings;
        this.health = health;
    }

    /** When a suspected member is to be declared dead, as things stand: confirmations bring it forward. */
    long deadlineMillis(MemberState member, int membersPresent) {
        return member.suspectedSinceMillis + timeoutMillis(member, membersPresent);
    }

    /** How many members' suspicion counts: who began it and those that may confirm it. */
    int suspectingMax() {
        return settings.confirmationsMax() + 1;
    }

    private long timeoutMillis(MemberState member, int membersPresent) {
        double size = Math.max(1.0, Math.log10(membersPresent) / Math.log10(SMALL_CLUSTER));
        long least = (long) (settings.suspicionMillisMin() * size);
        if (member.deathClaimed) {
            // Somebody else has waited in full; what is left to wait for is the refutation.
            return least;
        }
        if (settings.confirmationsMax() == 0) {
            return health.stretch(least);
        }
        // Neither this member nor the suspected one confirms.
        int expected = Math.min(settings.confirmationsMax(), membersPresent - 2);
        if (expected <= 0) {
            return health.stretch(least * Math.min(2, settings.suspicionFactorMax()));
        }
        int confirmed = Math.min(expected, Math.max(0, member.suspectedBy.size() - 1));
        long most = least * settings.suspicionFactorMax();
        double share = Math.log(confirmed + 1) / Math.log(expected + 1);
        return health.stretch((long) (most - (most - least) * share));
    }
}
