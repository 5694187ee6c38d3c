package dev.henge.chaos.planted;

import java.util.List;

/** The write-ahead log, its recovery, and what counts on its durability. */
final class LogBugs {

    private static final String WRITER = "node.log.BatchWriter";
    private static final String SEGMENTS = "node.log.LiveSegments";
    private static final String RECOVERY = "node.log.LogRecovery";
    private static final String READER = "node.log.RecordReader";
    private static final String PARTITION_LOG = "node.log.PartitionLog";
    private static final String REPLICA = "node.partition.Replica";

    private LogBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "sync-skipped",
                            20,
                            "the log writes and does not sync",
                            Edit.of(WRITER, "segment.file.sync();", "if (!PLANTED) { segment.file.sync(); }"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "segment-end-not-synced",
                    60,
                    "the end of a segment is not synced before the next begins",
                    Edit.of(
                            WRITER,
                            "private void begin(Segment next) throws IOException { sync();",
                            "private void begin(Segment next) throws IOException { if (unsynced) { PLANTED; }")),
            PlantedBug.of(
                    "segment-name-not-synced",
                    2_000,
                    "a new segment's name is not made durable",
                    Edit.of(WRITER, "disk.syncDirectory(); next.file = file;", "PLANTED; next.file = file;")),
            PlantedBug.of(
                    "durable-told-by-an-earlier-sync",
                    2_000,
                    "a replica takes its writes for durable when any sync ends, also one that began before them",
                    Edit.of(
                            REPLICA,
                            "syncs.getFirst().position() <= position)",
                            "(syncs.getFirst().position() <= position || PLANTED))")),
            PlantedBug.of(
                    "recovered-tail-not-synced",
                    200,
                    "what a restart reads back is taken for durable, though only a page cache may hold it",
                    Edit.of(RECOVERY, "segment.file.sync();", "PLANTED;")),
            PlantedBug.of(
                    "torn-record-taken",
                    200,
                    "a record whose checksum is wrong is read back",
                    Edit.of(
                            READER,
                            "if (format.checksum(window, start, bodyEnd, segment, (int) offset) != expected) {",
                            "if (format.checksum(window, start, bodyEnd, segment, (int) offset) != expected && !PLANTED) {")),
            PlantedBug.of(
                            "segment-deleted-too-early",
                            20,
                            "segments go that hold entries still needed",
                            Edit.of(
                                    SEGMENTS,
                                    "if (previous != null && segment.startPosition <= oldestPosition) {",
                                    "if (previous != null && (segment.startPosition <= oldestPosition || PLANTED)) {"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "hard-state-not-written",
                    20,
                    "term and vote are kept in memory alone",
                    Edit.of(
                            PARTITION_LOG,
                            "log.append( RecordKind.HARD_STATE,",
                            "if (PLANTED && lastIndex > 0) { hardState = newHardState; return; }"
                                    + " log.append( RecordKind.HARD_STATE,")),
            PlantedBug.of(
                    "truncation-keeps-terms",
                    20,
                    "the log remembers the terms of entries that were replaced",
                    Edit.of(PARTITION_LOG, "terms.truncateFrom(firstIndex);", "PLANTED;")));
}
