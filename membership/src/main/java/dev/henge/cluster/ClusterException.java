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
        /** The partition was split meanwhile, and what was asked for reaches into another one; nothing was done. */
        RANGE_SPLIT,
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

    /**
     * Of a refusal that no further attempt would change.
     *
     * @throws IllegalArgumentException for one that a client of the cluster deals with by itself
     */
    static ClusterException ofFinal(Refusal refusal) {
        Code code =
                switch (refusal.getCode()) {
                    case CONDITION_FAILED -> Code.CONDITION_FAILED;
                    case INVALID -> Code.INVALID;
                    case COLLECTION_FULL -> Code.COLLECTION_FULL;
                    case TABLE_DROPPED -> Code.TABLE_DROPPED;
                    case OUT_OF_RANGE -> Code.RANGE_SPLIT;
                    case OVERLOADED -> Code.OVERLOADED;
                    case INTERNAL, CODE_UNSPECIFIED, UNRECOGNIZED -> Code.INTERNAL;
                    case NOT_LEADER, STALE_EPOCH, UNKNOWN_PARTITION, TIMED_OUT, REQUEST_TOO_OLD, CATALOG_BEHIND ->
                        throw new IllegalArgumentException(refusal.getCode() + " is no reason to give up");
                };
        return new ClusterException(code, refusal);
    }

    public Code code() {
        return code;
    }

    /** The old item in its binary form, with CONDITION_FAILED when the request asked for it. */
    public Optional<byte[]> item() {
        return refusal.filter(Refusal::getHasItem).map(r -> r.getItem().toByteArray());
    }
}
