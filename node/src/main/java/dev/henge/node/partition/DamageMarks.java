package dev.henge.node.partition;

import java.util.Optional;

/**
 * Remembers, durably and outside the storage, which of a node's replicas have a state machine that must be rebuilt: what the
 * storage holds of them can't be read or can't be trusted, so the storage can't be asked. Any thread may call.
 */
public interface DamageMarks {

    /** Why the replica must be rebuilt, if it must. */
    Optional<String> reason(int partition);

    /** Marks the replica; durable when it returns. Marking it again changes the reason. */
    void mark(int partition, String reason);

    /** The replica is whole again. Called only once that is durable itself. */
    void clear(int partition);
}
