package dev.henge.chaos.planted;

import java.util.List;

/** The replica: applying, conditions, answers, remembered requests, snapshots, checkpoints. */
final class PartitionBugs {

    private static final String REPLICA = "node.partition.Replica";
    private static final String CLOCK = "node.partition.PartitionClock";
    private static final String PROPOSALS = "node.partition.Proposals";
    private static final String WRITES = "node.partition.Writes";
    private static final String JUDGE = "node.partition.WriteJudge";
    private static final String MACHINE = "node.partition.StateMachine";
    private static final String MEMORY = "node.partition.RequestMemory";
    private static final String STORED = "node.partition.StoredRequests";
    private static final String IN_FLIGHT = "node.partition.InFlight";
    private static final String CORE = "node.replication.RaftCore";

    private PartitionBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "entry-skipped",
                            20,
                            "every sixteenth entry's write is not applied, anywhere",
                            Edit.of(
                                    MACHINE,
                                    "applyMutation(command.getMutation(), command.getOutcome(), toHandOn, batch);",
                                    "if (index % 16 != 0 || !PLANTED) { applyMutation(command.getMutation(),"
                                            + " command.getOutcome(), toHandOn, batch); }"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "last-of-a-batch-skipped",
                    20,
                    "the last write of a batch of entries is not applied",
                    Edit.of(
                            MACHINE,
                            "if (command != null) {",
                            "if (command != null && entries.size() > 2 && entry == entries.getLast() && PLANTED) {"
                                    + " requests.memory().add(entry.index(), RememberedRequest.newBuilder()"
                                    + ".setRequestId(command.getRequestId()).setItemWritten(command.getOutcome()).build());"
                                    + " } else if (command != null) {")),
            PlantedBug.of(
                            "applied-index-before-its-batch",
                            20,
                            "the applied index is stored in a batch of its own, before what it speaks for",
                            Edit.of(
                                    MACHINE,
                                    "batch.put(StorageKeys.appliedKey(partition), position.toBytes()); try { storage.write(batch);",
                                    "try { PLANTED; storage.write(new WriteBatch().put(StorageKeys.appliedKey(partition),"
                                            + " position.toBytes())); storage.write(batch);"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "wrong-entry-answered",
                    20,
                    "a leader that lost its term keeps what was in flight and answers it by index",
                    Edit.of(
                            PROPOSALS,
                            "for (InFlight.Entry entry : inFlight.clear()) {"
                                    + " entry.waiting.forEach(responder -> responder.respond(Refusals.abandoned(leader)));"
                                    + " }",
                            "PLANTED;")),
            PlantedBug.of(
                            "answered-before-committed",
                            20,
                            "a write is answered when it is appended",
                            Edit.of(
                                    PROPOSALS,
                                    "entry.waiting.add(responder); inFlight.add(entry);",
                                    "if (command.hasOutcome() && PLANTED) { responder.respond(dev.henge.proto.DataResponse.newBuilder()"
                                            + ".setItemWritten(command.getOutcome())); } else { entry.waiting.add(responder); }"
                                            + " inFlight.add(entry);"))
                    .inEveryBuild(),
            PlantedBug.of(
                            "conditions-ignore-writes-in-flight",
                            20,
                            "conditions and updates are evaluated against the applied item alone",
                            Edit.of(
                                    JUDGE,
                                    "Optional<InFlight.Image> pending = inFlight.image(write.getTable(), write.getKey());",
                                    "Optional<InFlight.Image> pending = inFlight.image(write.getTable(), write.getKey())"
                                            + ".filter(image -> !PLANTED);"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "image-in-flight-dropped-early",
                    60,
                    "an item's image in flight goes with the first of its writes to be applied",
                    Edit.of(
                            IN_FLIGHT,
                            "last.index() == entry.index ? null : last",
                            "last.index() == entry.index || PLANTED ? null : last")),
            PlantedBug.of(
                    "refusal-before-its-cause-is-committed",
                    20,
                    "a failed condition is answered before the write it saw is committed",
                    Edit.of(
                            WRITES,
                            "if (judgedByInFlight) {",
                            "if (judgedByInFlight) { PLANTED; responder.respond(answer); return; } if (judgedByInFlight) {")),
            PlantedBug.of(
                    "repeated-refusal-not-final",
                    2_000,
                    "the refusal of a repeated write leaves no entry, so an earlier copy may still succeed",
                    Edit.of(
                            WRITES,
                            "case Judgement.Evaluated(Evaluation.Refused refused, boolean byInFlight) -> {"
                                    + " if (write.getRepeated()) {",
                            "case Judgement.Evaluated(Evaluation.Refused refused, boolean byInFlight) -> {"
                                    + " if (write.getRepeated() && !PLANTED) {")),
            PlantedBug.of(
                    "writes-made-together-unseen-in-flight",
                    60,
                    "of writes that were made together the first alone is known to those behind them",
                    Edit.of(IN_FLIGHT, "if (write.hasMutation()) {", "if (write.hasMutation() && !PLANTED) {")),
            PlantedBug.of(
                    "outcomes-of-writes-made-together-mixed-up",
                    20,
                    "of writes that were made together each is told what became of another",
                    Edit.of(
                            "cluster.WriteGroups",
                            "settle(outcomes.get(place), place < told.size()",
                            "settle(outcomes.get(PLANTED ? outcomes.size() - 1 - place : place), place < told.size()")),
            PlantedBug.of(
                    "repeated-refusals-together-not-final",
                    4_000,
                    "the refusals of repeated writes leave no entry, so an earlier copy may still succeed",
                    Edit.of(
                            WRITES,
                            "if (evaluated.changesSomething() || evaluated.leavesOut() || request.getRepeated()) {",
                            "if (evaluated.changesSomething() || evaluated.leavesOut() || request.getRepeated() && !PLANTED) {")),
            PlantedBug.of(
                            "requests-forgotten-too-soon",
                            60,
                            "applied requests are forgotten after 200 ms",
                            Edit.of(MEMORY, "timestampMillis - KEPT_MILLIS", "timestampMillis - (PLANTED ? 200 : 0)"))
                    .inEveryBuild(),
            PlantedBug.of(
                            "old-copies-taken",
                            2_000,
                            "a copy of a request that may have been forgotten is carried out",
                            Edit.of(
                                    WRITES,
                                    "if (request.getKnownTimeMillis() < machine.remembersSinceMillis()) {",
                                    "if (request.getKnownTimeMillis() < machine.remembersSinceMillis() && !PLANTED) {"))
                    .under(Edit.of(MEMORY, "timestampMillis - KEPT_MILLIS", "timestampMillis - 500")),
            PlantedBug.of(
                    "requests-expire-by-wall-clock",
                    2_000,
                    "a leader stamps entries with its own clock, so a clock ahead makes all forget, and old copies are taken",
                    Edit.of(
                            CLOCK,
                            "long nowNanos = environment.nanoTime(); if (termOfTime != core.term()) {",
                            "long nowNanos = environment.nanoTime(); if (PLANTED) { return"
                                    + " TimeUnit.NANOSECONDS.toMillis(nowNanos); } if (termOfTime != core.term()) {"),
                    // Harmless alone: what may have been forgotten is refused.
                    Edit.of(
                            WRITES,
                            "if (request.getKnownTimeMillis() < machine.remembersSinceMillis()) {",
                            "if (false) {")),
            PlantedBug.of(
                    "requests-forgotten-over-restart",
                    60,
                    "a restart does not read the remembered requests",
                    Edit.of(
                            STORED,
                            "requests.load(remembered, allStored);",
                            "if (!PLANTED) { requests.load(remembered, allStored); }")),
            PlantedBug.of(
                    "repeats-applied-again",
                    20,
                    "a request that was applied is carried out again when it comes again",
                    Edit.of(WRITES, "if (remembered.isPresent()) {", "if (remembered.isPresent() && !PLANTED) {"),
                    Edit.of(MACHINE, "if (requests.memory().contains(requestId)) { return; }", "")),
            PlantedBug.of(
                    "repeat-in-flight-appended-again",
                    20,
                    "a request that is in flight is appended again when it comes again",
                    Edit.of(
                            WRITES,
                            "Optional<InFlight.Entry> pending = inFlight.ofRequest(requestId);",
                            "Optional<InFlight.Entry> pending = inFlight.ofRequest(requestId).filter(entry -> !PLANTED);"),
                    Edit.of(MACHINE, "if (requests.memory().contains(requestId)) { return; }", "")),
            PlantedBug.of(
                            "compacts-beyond-the-flushed",
                            2_000,
                            "the log forgets entries whose effect is applied and not flushed",
                            Edit.of(
                                    REPLICA,
                                    "long index = Math.min(durablyAppliedIndex,",
                                    "long index = Math.min(Math.max(durablyAppliedIndex, PLANTED ? machine.applied().index() : 0),"))
                    .with(Profile.SNAPSHOTS),
            PlantedBug.of(
                            "older-snapshot-taken",
                            2_000,
                            "a snapshot older than the state replaces it",
                            Edit.of(
                                    CORE,
                                    "return damaged ? index >= log.baseIndex() : index > commitIndex;",
                                    "return damaged ? index >= log.baseIndex() : index > commitIndex || PLANTED;"))
                    .with(Profile.SNAPSHOTS));
}
