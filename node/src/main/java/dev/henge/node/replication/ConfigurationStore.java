package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Where configurations are kept: as entries of the log, and, once applied, in the state machine, whose snapshots carry
 * them. Only the event loop that owns the partition calls it.
 */
public interface ConfigurationStore {

    /** Behind which entry a group's log begins, the same for all who began with it; index and term 0 for the first of all. */
    record Founding(long index, long term) {
        static final Founding NOTHING = new Founding(0, 0);
    }

    /** Behind which entry the group's log began: not 0 when the group was split from another. */
    default Founding founding() {
        return Founding.NOTHING;
    }

    /** The configuration that the state machine applied last; null when it has applied none, or is damaged. */
    @Nullable
    Configuration applied();

    /** The payload of the entry that brings this configuration, not empty. Its index is the entry's and need not be in it. */
    ByteString encode(Configuration configuration);

    /** The configuration that an entry brings, null for any other entry. Asked for every entry: must be cheap. */
    @Nullable
    Configuration decode(LogEntry entry);

    /** The store of a group that never changes. */
    static ConfigurationStore ofUnchanging() {
        return new ConfigurationStore() {
            @Override
            public @Nullable Configuration applied() {
                return null;
            }

            @Override
            public ByteString encode(Configuration configuration) {
                throw new UnsupportedOperationException("this group's members do not change");
            }

            @Override
            public @Nullable Configuration decode(LogEntry entry) {
                return null;
            }
        };
    }
}
