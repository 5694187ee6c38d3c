package dev.henge.node.log;

/**
 * Something that was synced to the log is not there any more.
 *
 * @param segmentNumber number of the segment in which it stood
 * @param offset where in the segment's file it was missed first, in bytes
 * @param problem what was found instead; for people
 */
public record LogDamage(long segmentNumber, long offset, String problem) {

    /** Name of the segment's file. */
    public String segment() {
        return Segment.name(segmentNumber);
    }

    LogDamage because(String otherProblem) {
        return new LogDamage(segmentNumber, offset, otherProblem);
    }

    @Override
    public String toString() {
        return "segment " + segment() + ", offset " + offset + ": " + problem;
    }
}
