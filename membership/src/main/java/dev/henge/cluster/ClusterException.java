package dev.henge.cluster;

import dev.henge.proto.Refusal;
import java.util.Optional;

/** Why the cluster did not do what it was asked. */
public final class ClusterException extends RuntimeException {

    /** What went wrong, in the terms of the router's callers. */
    public enum Code {
        /** The condition did not hold; {@link #item()} has the item when it was asked for. */
        CONDITION_FAILED,
        /** The node found the request invalid; the message is the text of a ValidationException. */
        INVALID,
        /** The item collection is as large as it may get. */
        COLLECTION_FULL,
        /** The table was deleted. */
        TABLE_DROPPED,
        /** A bound was reached; the client should slow down. */
        OVERLOADED,
        /** No leader answered within the deadline; nothing was changed. */
        UNAVAILABLE,
        /** The deadline passed; a write may or may not have happened. */
        TIMED_OUT,
        /** A fault of ours. */
        INTERNAL
    }

    private final Code code;
    private final transient Optional<Refusal> refusal;

    public ClusterException(Code code, String message) {
        super(message);
        this.code = code;
        this.refusal = Optional.empty();
    }

    public ClusterException(Code code, Refusal refusal) {
        super(refusal.getMessage());
        this.code = code;
        this.refusal = Optional.of(refusal);
    }

    public Code code() {
        return code;
    }

    /** The old item in its binary form, with CONDITION_FAILED when the request asked for it. */
    public Optional<byte[]> item() {
        return refusal.filter(Refusal::getHasItem).map(r -> r.getItem().toByteArray());
    }
}
