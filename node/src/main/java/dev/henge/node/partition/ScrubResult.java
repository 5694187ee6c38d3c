package dev.henge.node.partition;

/**
 * What a scrub of a partition came to.
 *
 * @param detail a sentence for people, empty when there is nothing to say
 * @param replicasDiffering how many replicas differed from a majority and are rebuilt
 * @param keys and {@code bytes}: what the leader's replica held
 */
public record ScrubResult(int partition, Outcome outcome, String detail, int replicasDiffering, long keys, long bytes) {

    /** The outcomes. */
    public enum Outcome {
        /** All replicas hold the same. */
        EQUAL,
        /** Those that answered hold the same, and are a majority; some did not answer. */
        INCOMPLETE,
        /** A majority holds the same; those that differ are rebuilt. */
        REPAIRING,
        /** No majority holds the same: nobody knows which is right, and nothing was changed. A person must look. */
        UNDECIDED,
        /** The leader lost its office or its storage on the way, or too few replicas answered; it can be tried again. */
        INTERRUPTED
    }
}
