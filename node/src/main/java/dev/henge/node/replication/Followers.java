package dev.henge.node.replication;

import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a leader knows about the other members, voters and learners, and what a majority of the voters agrees on. Made anew
 * for each term in which this replica leads.
 */
final class Followers {

    private final String self;
    private final NodeSupport support;
    private final List<Progress> all = new ArrayList<>();
    private Configuration configuration;
    private Quorum quorum;
    private long[] values;

    /** @param next the first index that the leader will send */
    Followers(String self, Configuration configuration, NodeSupport support, long next) {
        this.self = self;
        this.support = support;
        this.configuration = configuration;
        this.quorum = new Quorum(configuration.voters().size());
        this.values = new long[configuration.voters().size()];
        follow(configuration, next);
    }

    /** Goes by another configuration from now on. */
    void follow(Configuration newConfiguration, long next) {
        configuration = newConfiguration;
        quorum = new Quorum(configuration.voters().size());
        values = new long[configuration.voters().size()];
        all.removeIf(progress -> !configuration.isMember(progress.name));
        for (String member : configuration.members()) {
            if (!member.equals(self) && find(member) == null) {
                all.add(new Progress(member, supportOf(member), next));
            }
        }
        for (Progress progress : all) {
            boolean voted = progress.voter;
            progress.voter = configuration.isVoter(progress.name);
            if (voted && !progress.voter) {
                progress.demoted();
            }
        }
    }

    /** Another generation of this replica is gone: it can support nobody. */
    private PeerSupport supportOf(String member) {
        String node = Member.of(member).node();
        return node.equals(Member.of(self).node()) ? PeerSupport.NONE : support.peer(node);
    }

    /** All members but this one. Not to be changed. */
    List<Progress> all() {
        return all;
    }

    @Nullable
    Progress find(String member) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).name.equals(member)) {
                return all.get(i);
            }
        }
        return null;
    }

    /** Largest index that a majority of the voters holds durably. */
    long agreedMatch(long ownDurableIndex) {
        int count = own(ownDurableIndex);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).voter) {
                values[count++] = all.get(i).match;
            }
        }
        return quorum.agreed(values);
    }

    /** Latest round of heartbeats that a majority of the voters has answered. */
    long agreedRound(long ownRound) {
        int count = own(ownRound);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).voter) {
                values[count++] = all.get(i).answeredRound;
            }
        }
        return quorum.agreed(values);
    }

    private int own(long value) {
        if (!configuration.isVoter(self)) {
            return 0;
        }
        values[0] = value;
        return 1;
    }

    /**
     * The lease of a leader in this configuration. Another configuration needs another one, and the old one revoked: its
     * majorities may have nothing in common with those of later configurations.
     */
    Lease lease() {
        if (!configuration.isVoter(self)) {
            return Lease.none();
        }
        List<Progress> others = all.stream().filter(progress -> progress.voter).toList();
        return new Lease(others, quorum.majority() - 1);
    }

    /** Whether a majority of the voters supports this leader. */
    boolean isSupported(long nowNanos) {
        int supporting = configuration.isVoter(self) ? 1 : 0;
        for (Progress progress : all) {
            if (progress.voter && progress.supportedUntilNanos() > nowNanos) {
                supporting++;
            }
        }
        return supporting >= quorum.majority();
    }

    /** Whether the voters but this one that are of use would be a majority of the voters but this one. */
    boolean majorityWithout(String removed, Predicate<Progress> isOfUse) {
        int voters = configuration.voters().size() - 1;
        int useful = configuration.isVoter(self) && !self.equals(removed) ? 1 : 0;
        for (Progress progress : all) {
            if (progress.voter && !progress.name.equals(removed) && isOfUse.test(progress)) {
                useful++;
            }
        }
        return voters > 0 && useful >= new Quorum(voters).majority();
    }

    /**
     * The largest index up to which a number of the voters with items hold everything durably, and are sound; 0 when there are
     * not so many.
     *
     * @param ownIndex what this replica holds durably
     */
    long heldBy(int count, Configuration next, long ownIndex) {
        List<String> full = next.fullVoters();
        long[] held = new long[full.size()];
        for (int place = 0; place < held.length; place++) {
            Progress progress = find(full.get(place));
            if (full.get(place).equals(self)) {
                held[place] = ownIndex;
            } else if (progress != null && progress.saidHowItIs && !progress.damaged) {
                held[place] = progress.match;
            }
        }
        Arrays.sort(held);
        return count > held.length ? 0 : held[held.length - count];
    }

    /** Smallest index that all other members hold durably; {@code Long.MAX_VALUE} when there are none. */
    long smallestMatch() {
        long smallest = Long.MAX_VALUE;
        for (Progress progress : all) {
            smallest = Math.min(smallest, progress.match);
        }
        return smallest;
    }
}
