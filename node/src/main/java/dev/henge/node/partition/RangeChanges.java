package dev.henge.node.partition;

import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.Role;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.Command;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.HeldRange;
import dev.henge.proto.OutboxTrim;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.RangeSplit;
import dev.henge.proto.RangeTaken;
import dev.henge.proto.Seal;
import dev.henge.proto.SealRange;
import dev.henge.proto.SplitRange;
import dev.henge.proto.TakeRange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a partition's range changes: it is split, ends as part of another one (seal), or takes another one in. The leader appends
 * an entry for each, one at a time; every replica does what follows once that is applied. Belongs to the replica's event
 * loop, but for {@link #served}.
 */
final class RangeChanges {

    private static final Logger log = LoggerFactory.getLogger(RangeChanges.class);

    /** What is still to be handed on to indexes is handed on by both halves: more than this is not copied. */
    private static final long OUTBOX_INHERITED_BYTES_MAX = 1 << 20;

    private final int partition;
    private final StateMachine machine;
    private final RaftCore core;
    private final PartitionClock clock;
    private final ReplicaEnvironment environment;
    private final IndexKeeper indexKeeper;
    private final ReplicaScrubs scrubs;
    private final WriteJudge writeJudge;
    private final WaitingTake waitingTake;
    private final Proposals proposals;
    private final Confirmations confirmations;

    /** The split that this leader has appended, and not applied yet. */
    private @Nullable PartitionSplit splitUnderWay;

    /** The end that this leader has appended, and not applied yet. */
    private @Nullable PartitionMerge sealUnderWay;

    /** The partition that this leader is to take by what it has appended, and not applied yet. */
    private @Nullable TakeRange takeUnderWay;

    /** What came while the partition is being split, and is the other half's to do: then it is told where that is. */
    private final WaitingTasks waitingForChange = new WaitingTasks();

    /** The epoch of the range before the last change; 0 for none. */
    private long epochBefore;

    private @Nullable PartitionSplit lastSplit;
    private @Nullable PartitionMerge lastMerge;

    /** The partition's end is applied, and what follows of it done. */
    private boolean endNoted;

    /** The epoch of the range as the storage holds it durably. */
    private volatile long durableEpoch;

    private volatile ServedRange served;

    RangeChanges(
            int partition,
            StateMachine machine,
            StorageEngine storage,
            RaftCore core,
            PartitionClock clock,
            ReplicaEnvironment environment,
            IndexKeeper indexKeeper,
            ReplicaScrubs scrubs,
            WriteJudge writeJudge,
            WaitingTake waitingTake,
            Proposals proposals,
            Confirmations confirmations) {
        this.partition = partition;
        this.machine = machine;
        this.core = core;
        this.clock = clock;
        this.environment = environment;
        this.indexKeeper = indexKeeper;
        this.scrubs = scrubs;
        this.writeJudge = writeJudge;
        this.waitingTake = waitingTake;
        this.proposals = proposals;
        this.confirmations = confirmations;
        this.served = new ServedRange(machine.tokens(), epochOf(machine), 0, null, false, 0, null, false);
        boolean hasState = OwnRange.stored(storage, partition).isPresent() && !machine.installing();
        this.durableEpoch = hasState ? epochOf(machine) : 0;
        if (machine.isSealed()) {
            endNoted = true;
            lastMerge = machine.range().getSeal().getMerge();
        }
    }

    private static long epochOf(StateMachine machine) {
        return machine.range().getRange().getEpoch();
    }

    private long epoch() {
        return epochOf(machine);
    }

    /** What the replica answers for. Any thread may ask. */
    ServedRange served() {
        return served;
    }

    /** Brings {@link #served} up to date. */
    void publish() {
        PartitionSplit split = splitUnderWay;
        ServedRange now = new ServedRange(
                machine.tokens(),
                epoch(),
                epochBefore,
                lastSplit,
                split != null,
                split == null ? 0 : split.getToken(),
                lastMerge,
                ends());
        if (!now.equals(served)) {
            served = now;
        }
    }

    /** The epoch of the range as the storage holds it durably; 0 while it holds none. */
    long durableEpoch() {
        return durableEpoch;
    }

    /** The storage holds the state under this epoch of the range durably. */
    void onDurableRange(long epoch) {
        durableEpoch = Math.max(durableEpoch, epoch);
    }

    /** Whether it is part of another partition, or about to be. */
    boolean ends() {
        return sealUnderWay != null || machine.isSealed();
    }

    /** Whether it is about to have all of another partition. */
    boolean isTaking() {
        return takeUnderWay != null;
    }

    /** Leadership is lost: nobody knows what becomes of what is under way. */
    void stop() {
        splitUnderWay = null;
        sealUnderWay = null;
        takeUnderWay = null;
    }

    /** The state machine has applied something: does what follows where that has changed the range. */
    void onApplied() {
        machine.takeSplitOff().ifPresent(this::onSplit);
        machine.takeTaken().ifPresent(this::onTaken);
        if (machine.isSealed() && !endNoted) {
            onSealed();
        }
    }

    /** A change that this leader has appended is applied, and what follows of it done: tells who asked for it. */
    void complete(InFlight.Entry own) {
        Command command = own.command;
        if (command.hasSeal()) {
            sealUnderWay = null;
        } else if (command.hasTake()) {
            takeUnderWay = null;
        }
        own.waiting.forEach(responder -> responder.respond(
                command.hasSplit() ? rangeSplit(true, "") : command.hasSeal() ? rangeSealed() : rangeTaken(true, "")));
    }

    private String notWithTheseMembers(String lacking) {
        if (core.configuration().index() > core.commitIndex()) {
            return "the group's members are being changed";
        }
        return core.configuration().hasLogMembers() ? "a member keeps the log alone, and has no " + lacking : "";
    }

    /** But where a replica is lost, nothing is waited for: it is not replaced before the change is over. */
    private boolean isFarBehindWithIndexes() {
        return machine.outbox().sizeBytes() > OUTBOX_INHERITED_BYTES_MAX
                && core.laggingVoters(Long.MAX_VALUE).isEmpty();
    }

    private Command.Builder command() {
        return Command.newBuilder().setTimestampMillis(clock.nowMillis());
    }

    /** The others learn with the next entry that the one before it is committed. */
    private void appendNext() {
        proposals.append(
                command().setOutboxTrim(OutboxTrim.getDefaultInstance()).build(), response -> {});
    }

    private void forgetScrub(String why) {
        scrubs.forget();
        scrubs.interrupt(why);
    }

    // ---- splits ------------------------------------------------------------------------------------------------

    void split(SplitRange wanted, Responder responder) {
        if (epoch() >= wanted.getEpoch()) {
            confirmations.confirmLeadership(() -> responder.respond(rangeSplit(true, "")), responder);
            return;
        }
        String why = notNow(wanted);
        if (!why.isEmpty()) {
            responder.respond(rangeSplit(false, why));
            return;
        }
        // What was gathered was taken in for the whole range, so it comes before.
        indexKeeper.takeGathered();
        PartitionSplit split = PartitionSplit.newBuilder()
                .setToken(wanted.getToken())
                .setChild(wanted.getChild())
                .setEpoch(wanted.getEpoch())
                .build();
        Command command = command().setSplit(split).build();
        splitUnderWay = split;
        publish();
        if (!proposals.append(command, responder)) {
            splitUnderWay = null;
            publish();
        }
    }

    private String notNow(SplitRange wanted) {
        boolean inside = wanted.getToken() != machine.tokens().start()
                && machine.tokens().contains(wanted.getToken());
        if (!inside) {
            return "the token does not lie inside the partition";
        }
        if (splitUnderWay != null) {
            return "it is under way";
        }
        if (ends() || takeUnderWay != null) {
            return "it is being merged";
        }
        String why = notWithTheseMembers("state to begin another partition with");
        if (!why.isEmpty()) {
            return why;
        }
        return isFarBehindWithIndexes() ? "its global indexes are too far behind" : "";
    }

    private static DataResponse.Builder rangeSplit(boolean done, String reason) {
        return DataResponse.newBuilder()
                .setRangeSplit(RangeSplit.newBuilder().setDone(done).setReason(reason));
    }

    /**
     * A change of the range takes some milliseconds. Who was sent away meanwhile by a split would know no better where to go.
     * Writes that go together are not judged while another partition is being taken: it may have carried out some of them, which
     * is known once its memory of requests is this one's too, and their entry would be passed over then, with what others had been
     * judged by already.
     *
     * @param task to be run once it is over
     * @return false when the request need not wait for that, or when too many do
     */
    boolean waits(DataRequest request, Runnable task) {
        boolean waitsForTake = isTaking() && request.hasWriteItems();
        if (!(waitsForTake || served.isFenced(request)) || waitingForChange.isFull()) {
            return false;
        }
        waitingForChange.add(task);
        return true;
    }

    /** To be called at the end of a turn, behind what was gathered in it. */
    void endTurn() {
        if (!waitingForChange.isEmpty() && splitUnderWay == null && !isTaking()) {
            waitingForChange.runAll();
        }
    }

    /** The entry is applied: half of what this replica held is another partition's now. */
    private void onSplit(SplitOff made) {
        boolean leads = core.role() == Role.LEADER;
        log.info(
                "partition {}: partition {} has what is from token {} on, as of entry {}",
                partition,
                made.record().getId(),
                Long.toHexString(made.record().getStartToken()),
                machine.applied().index());
        splitUnderWay = null;
        epochBefore = served.epoch();
        lastSplit = PartitionSplit.newBuilder()
                .setToken(made.record().getStartToken())
                .setChild(made.record().getId())
                .setEpoch(made.record().getEpoch())
                .build();
        lastMerge = null;
        publish();
        forgetScrub("the partition was split");
        writeJudge.forgetSizes();
        environment.split(machine.tokens(), made.record(), made.here(), leads);
        if (leads) {
            appendNext(); // the other partition waits for the others
        }
    }

    // ---- merges ------------------------------------------------------------------------------------------------

    /** The right one of two partitions: serves and takes nothing from here on. */
    void seal(SealRange wanted, Responder responder) {
        if (machine.isSealed()) {
            confirmations.confirmLeadership(() -> responder.respond(rangeSealed()), responder);
            return;
        }
        PartitionMerge merge = wanted.getMerge();
        String why = notNow(merge);
        if (!why.isEmpty()) {
            responder.respond(DataResponse.newBuilder()
                    .setRangeSealed(RangeSealed.newBuilder().setReason(why)));
            return;
        }
        // What was gathered was taken in before.
        indexKeeper.takeGathered();
        Command command = command().setSeal(merge).build();
        sealUnderWay = merge;
        publish();
        if (!proposals.append(command, responder)) {
            sealUnderWay = null;
            publish();
        }
    }

    private String notNow(PartitionMerge merge) {
        if (merge.getRight() != partition || merge.getEpoch() <= epoch()) {
            return "the range has changed since the merge was begun";
        }
        if (splitUnderWay != null || sealUnderWay != null || takeUnderWay != null) {
            return "it is under way";
        }
        String why = notWithTheseMembers("items");
        if (!why.isEmpty()) {
            return why;
        }
        return isFarBehindWithIndexes() ? "its global indexes are too far behind" : "";
    }

    private DataResponse.Builder rangeSealed() {
        Seal seal = machine.range().getSeal();
        return DataResponse.newBuilder()
                .setRangeSealed(RangeSealed.newBuilder()
                        .setDone(true)
                        .setIndex(seal.getIndex())
                        .setTerm(seal.getTerm()));
    }

    private void onSealed() {
        log.info(
                "partition {}: is part of partition {} as of entry {}",
                partition,
                machine.range().getSeal().getMerge().getLeft(),
                machine.range().getSeal().getIndex());
        endNoted = true;
        sealUnderWay = null;
        lastSplit = null;
        lastMerge = machine.range().getSeal().getMerge();
        publish();
        forgetScrub("the partition was merged");
    }

    /** The left one of two partitions: takes the other one's range and all it held. */
    void take(TakeRange wanted, Responder responder) {
        if (machine.hasTaken(wanted)) {
            confirmations.confirmLeadership(() -> responder.respond(rangeTaken(true, "")), responder);
            return;
        }
        String why = notNow(wanted);
        if (wanted.getSealIndex() == 0 || !why.isEmpty()) {
            responder.respond(rangeTaken(false, why));
            return;
        }
        // What was gathered is all that there is for the range of before.
        indexKeeper.takeGathered();
        if (proposals.append(command().setTake(wanted).build(), responder)) {
            takeUnderWay = wanted;
        }
    }

    private String notNow(TakeRange wanted) {
        if (wanted.getMerge().getLeft() != partition || ends()) {
            return "the range has changed since the merge was begun";
        }
        if (splitUnderWay != null || takeUnderWay != null) {
            return "it is under way";
        }
        String why = notWithTheseMembers("items");
        if (!why.isEmpty() || wanted.getSealIndex() == 0) {
            return why;
        }
        if (!waitingTake.hasAllOf(wanted)) {
            waitingTake.prove(wanted);
            return "the replica of partition " + wanted.getMerge().getRight() + " on the node that leads is not whole";
        }
        return "";
    }

    private static DataResponse.Builder rangeTaken(boolean done, String reason) {
        return DataResponse.newBuilder()
                .setRangeTaken(RangeTaken.newBuilder().setDone(done).setReason(reason));
    }

    /** The entry is applied: what another partition's replica here held is this one's now. */
    private void onTaken(HeldRange other) {
        PartitionMerge merge = other.getSeal().getMerge();
        log.info(
                "partition {}: has all of partition {}, up to token {}, as of entry {}",
                partition,
                merge.getRight(),
                Long.toHexString(machine.tokens().end()),
                machine.applied().index());
        takeUnderWay = null;
        epochBefore = served.epoch();
        lastSplit = null;
        lastMerge = merge;
        clock.catchUp();
        long epoch = epoch();
        environment.took(merge.getRight(), machine.tokens(), () -> onDurableRange(epoch));
        publish();
        forgetScrub("the partition was merged");
        writeJudge.forgetSizes();
        if (core.role() == Role.LEADER) {
            appendNext();
        }
    }
}
