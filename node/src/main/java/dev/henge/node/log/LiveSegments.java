package dev.henge.node.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The segments of the log, oldest first; the last one is appended to. Guarded by the state lock. */
final class LiveSegments {

    private final ArrayDeque<Segment> segments;
    private final SegmentArchive archive;
    private boolean mayRelease = true;

    LiveSegments(Collection<Segment> recovered, SegmentArchive archive) {
        this.segments = new ArrayDeque<>(recovered);
        this.archive = archive;
    }

    void add(Segment segment) {
        segments.add(segment);
        mayRelease = true;
    }

    void remove(Segment segment) {
        segments.remove(segment);
    }

    void clear() {
        segments.clear();
    }

    List<Segment> all() {
        return List.copyOf(segments);
    }

    /** Some partition needs less than before. */
    void mayRelease() {
        mayRelease = true;
    }

    long bytes() {
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.capacityBytes;
        }
        return bytes;
    }

    Segment holding(long position) {
        for (Segment segment : (Iterable<Segment>) segments::descendingIterator) {
            if (segment.startPosition <= position) {
                return segment;
            }
        }
        throw new IllegalStateException("no segment holds position " + position);
    }

    /** Position at which the newest segments that together have about so many bytes begin; the last one is among them. */
    long cutoffPosition(long keepBytesMax) {
        long kept = 0;
        long cutoffPosition = segments.getLast().startPosition;
        for (Segment segment : (Iterable<Segment>) segments::descendingIterator) {
            kept += segment.capacityBytes;
            if (kept > keepBytesMax && segment != segments.getLast()) {
                break;
            }
            cutoffPosition = segment.startPosition;
        }
        return cutoffPosition;
    }

    /** Segments at the front that hold no entry still kept and are archived. */
    List<Segment> superfluous(Collection<PartitionLog> partitions) {
        if (!mayRelease) {
            return List.of();
        }
        mayRelease = false;
        if (segments.size() == 1) {
            return List.of();
        }
        long oldestPosition = segments.getLast().startPosition;
        for (PartitionLog partition : partitions) {
            oldestPosition = Math.min(oldestPosition, partition.oldestPosition());
        }
        List<Segment> superfluous = new ArrayList<>();
        Segment previous = null;
        for (Segment segment : segments) {
            if (previous != null && segment.startPosition <= oldestPosition) {
                if (!archive.archived(previous.name(), previous.startPosition, segment.startPosition)) {
                    mayRelease = true;
                    break;
                }
                superfluous.add(previous);
            }
            previous = segment;
        }
        return superfluous;
    }
}
