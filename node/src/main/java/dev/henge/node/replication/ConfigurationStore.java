package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Where configurations are kept: as entries of the log, and, once applied, in the state machine, whose snapshots carry
 * them. Only the event loop that owns the partition calls it.
 */
public interface ConfigurationStore {

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
