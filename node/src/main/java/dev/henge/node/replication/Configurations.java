package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * The configurations of a replica's log: the last one that is known to be committed, and those appended after it. The
 * latest is in force from the moment it is appended, and no longer when it is truncated (thesis, 4.1).
 *
 * <p>Not final, so that the simulation can plant bugs.
 */
class Configurations {

    private final ConfigurationStore store;

    /** The oldest first; never empty. */
    final List<Configuration> all = new ArrayList<>();

    Configurations(Configuration first, ConfigurationStore store) {
        this.store = store;
        all.add(first);
    }

    /** Behind which entry the group's log began. */
    ConfigurationStore.Founding founding() {
        return store.founding();
    }

    Configuration current() {
        return all.getLast();
    }

    /** The last one that is known to be committed. */
    Configuration committed() {
        return all.getFirst();
    }

    /** Whether the last change is committed, so that another may be made (thesis, 4.1). */
    boolean settled(long commitIndex) {
        return current().index() <= commitIndex;
    }

    /** Whether the member votes, or voted in a configuration that may come back. */
    boolean mayBeVoter(String member) {
        for (Configuration configuration : all) {
            if (configuration.isVoter(member)) {
                return true;
            }
        }
        return false;
    }

    /** As {@link #mayBeVoter}, learners included. */
    boolean mayBeMember(String member) {
        for (Configuration configuration : all) {
            if (configuration.isMember(member)) {
                return true;
            }
        }
        return false;
    }

    ByteString encode(Configuration configuration) {
        return store.encode(configuration);
    }

    /** The entry was appended. Whether that put another configuration in force. */
    boolean appended(LogEntry entry) {
        Configuration configuration = store.decode(entry);
        if (configuration == null || entry.index() <= committed().index()) {
            // A damaged replica may know of one that its log has yet to get.
            return false;
        }
        Invariant.check(entry.index() > current().index(), "configurations out of order");
        all.add(configuration);
        return true;
    }

    /** The entries from {@code index} on are gone. */
    void truncatedFrom(long index) {
        while (all.size() > 1 && all.getLast().index() >= index) {
            all.removeLast();
        }
    }

    /** Forgets what can no longer come back. */
    void committedTo(long index) {
        while (all.size() > 1 && all.get(1).index() <= index) {
            all.removeFirst();
        }
    }

    /** The state machine was replaced: what it holds is committed. */
    void replaced() {
        Configuration applied = store.applied();
        if (applied == null || applied.index() < all.getFirst().index()) {
            return;
        }
        all.removeIf(configuration -> configuration.index() <= applied.index());
        all.addFirst(applied);
    }

    /**
     * The log begins anew behind the state machine, as {@link #replaced} has found it: what entries brought that are gone was
     * never committed, also where the state machine has another entry at their index.
     */
    void logReset() {
        while (all.size() > 1) {
            all.removeLast();
        }
    }
}
