package dev.henge.node.log;

import java.util.Optional;

/** How far the storage engine holds each partition's log applied, durably: what recovery may do without. */
@FunctionalInterface
public interface AppliedStates {

    /** Knows nothing: every entry behind a partition's base is needed. */
    AppliedStates UNKNOWN = partition -> Optional.empty();

    /** The last entry applied. */
    record Applied(long index, long term) {}

    /** The last entry of this partition whose effect is durable and whole; empty when there is none. */
    Optional<Applied> of(int partition);
}
