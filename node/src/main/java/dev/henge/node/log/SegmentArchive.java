package dev.henge.node.log;

/**
 * Says which segments may go. A segment that no partition needs is deleted or used again only after its archive has it;
 * until then it stays, and so do all segments after it.
 */
@FunctionalInterface
public interface SegmentArchive {

    /** No archive: nothing is held back. */
    SegmentArchive NONE = (segment, startPosition, endPosition) -> true;

    /**
     * Whether a segment is archived. Asked at every sync while the segment could go, with the log's locks held: must be
     * quick and must not call the log.
     *
     * @param segment name of the segment's file; it is not written any more
     * @param startPosition position in the log at which it begins
     * @param endPosition position at which the next one begins
     */
    boolean archived(String segment, long startPosition, long endPosition);
}
