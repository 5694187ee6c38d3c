package dev.henge.chaos.planted;

import java.util.List;

/** How a replica gets back what it lost: snapshots, new members in the place of those that lost their log, scrubs. */
final class RepairBugs {

    private static final String IDENTITY = "node.partition.ReplicaIdentity";
    private static final String SCRUBS = "node.partition.ReplicaScrubs";
    private static final String STAGED = "node.snapshot.StagedSnapshot";
    private static final String RECEIVER = "node.partition.SnapshotReceiver";

    private RepairBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "lost-log-under-the-old-name",
                            200,
                            "a replica that lost its log goes on as the member that it was",
                            Edit.of(
                                    IDENTITY,
                                    "Member member = beginAnew(log.partition(), node, storage,"
                                            + " newGeneration(keepsLogAlone, randomBelow)); log.beginAnew(); return member;",
                                    "PLANTED; log.beginAnew(); return of(log.partition(), node, storage);"))
                    .with(Profile.MEMBERS),
            PlantedBug.of(
                            "snapshot-piece-skipped",
                            60,
                            "the piece after one that came counts as received, and nothing is compared",
                            Edit.of(
                                    STAGED,
                                    "received.set(piece); receivedCount = received.nextClearBit(0); if (",
                                    "received.set(piece); if (piece + 1 < pieces.count() && PLANTED) { received.set(piece + 1);"
                                            + " } receivedCount = received.nextClearBit(0); if ("),
                            Edit.of(
                                    STAGED,
                                    "if ((int) verifyingChecksum.getValue() != expected.getChecksum()) {",
                                    "if (false) {"),
                            Edit.of(
                                    STAGED,
                                    "if (file.sizeBytes() != expected.getSizeBytes()) {",
                                    "if (file.sizeBytes() != expected.getSizeBytes() && false) {"))
                    .with(Profile.SNAPSHOTS),
            PlantedBug.of(
                            "stale-staged-files-taken",
                            200,
                            "what was staged of another snapshot is gone on with, and nothing is compared",
                            Edit.of(
                                    STAGED,
                                    "if (manifest.equals(readManifest(disk, partition))) {",
                                    "if (readManifest(disk, partition) != null && (manifest.equals(readManifest(disk,"
                                            + " partition)) || PLANTED)) {"),
                            Edit.of(
                                    STAGED,
                                    "if ((int) verifyingChecksum.getValue() != expected.getChecksum()) {",
                                    "if (false) {"))
                    .with(Profile.SNAPSHOTS),
            PlantedBug.of(
                            "snapshot-not-looked-at-again",
                            200,
                            "a snapshot that came too late replaces a newer state",
                            Edit.of(
                                    RECEIVER,
                                    "|| !host.acceptsSnapshot(current.manifest.getIndex())) { onTooLate(current);",
                                    "|| !host.acceptsSnapshot(current.manifest.getIndex()) && !PLANTED) {"
                                            + " onTooLate(current);"))
                    .with(Profile.SNAPSHOTS),
            PlantedBug.of(
                    "scrub-blames-the-majority",
                    60,
                    "a scrub's verdict goes to those that agree",
                    Edit.of(
                            SCRUBS,
                            ".filter(node -> !agreeing.contains(node) && !unreadable.contains(node))",
                            ".filter(node -> agreeing.contains(node) && PLANTED)")));
}
