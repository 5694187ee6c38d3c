package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.node.log.LogUse;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.proto.Command;
import dev.henge.proto.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader appends: gathered for as long as a turn of the event loop takes, and proposed at its end as one append. Refuses
 * what there is no room for. Belongs to the replica's event loop.
 */
final class Proposals {

    /** What an entry takes in the log besides its payload, and a message besides its entries. */
    static final int OVERHEAD_BYTES = 64;

    private final int partition;
    private final RaftCore core;
    private final PartitionLog raftLog;
    private final InFlight inFlight;
    private final IndexKeeper indexKeeper;
    private final ReplicaEnvironment environment;
    private final Consumer<RaftEvent> step;
    private final List<ByteString> gathered = new ArrayList<>();

    /** Room in the log that is reserved for what is gathered. */
    private long gatheredBytes;

    /** Until when no writes are taken, because a member that keeps the log alone has no room for them. */
    private long standInFullUntilNanos;

    Proposals(
            int partition,
            RaftCore core,
            PartitionLog raftLog,
            InFlight inFlight,
            IndexKeeper indexKeeper,
            ReplicaEnvironment environment,
            Consumer<RaftEvent> step) {
        this.partition = partition;
        this.core = core;
        this.raftLog = raftLog;
        this.inFlight = inFlight;
        this.indexKeeper = indexKeeper;
        this.environment = environment;
        this.step = step;
    }

    /** A member that keeps the log alone says whether it has room for more. */
    void onStandIn(boolean full) {
        standInFullUntilNanos = full ? environment.nanoTime() + LogKeeper.FULL_VALID_NANOS : 0;
    }

    /** Appends at the end of the turn; false when there is no room, which the responder is told. */
    boolean append(Command wanted, Responder responder) {
        if (inFlight.full()) {
            responder.respond(
                    Refusals.of(Refusal.Code.OVERLOADED, "partition " + partition + " has too many writes in flight"));
            return false;
        }
        long trimTo = indexKeeper.trimmableTo();
        Command command = trimTo == 0
                ? wanted
                : wanted.toBuilder().setTrimOutboxTo(trimTo).build();
        ByteString payload = command.toByteString();
        long bytes = payload.size() + OVERHEAD_BYTES;
        // The drop of a table and a change of the catalog may free space.
        boolean bringsData = command.hasMutation()
                || command.hasMutations()
                || command.hasIndexBatches()
                || command.hasBackfillIndex();
        if (bringsData
                && standInFullUntilNanos != 0
                && environment.nanoTime() < standInFullUntilNanos
                && core.configuration().hasLogMembers()) {
            responder.respond(Refusals.of(
                    Refusal.Code.OVERLOADED,
                    "the log kept in the place of a lost replica of partition " + partition + " is full; reads go on"));
            return false;
        }
        if (!raftLog.reserve(bringsData ? LogUse.CLIENT_WRITE : LogUse.ENTRIES, bytes)) {
            responder.respond(Refusals.of(
                    Refusal.Code.OVERLOADED,
                    "the node that leads partition " + partition + " is low on disk space; reads go on"));
            return false;
        }
        gatheredBytes += bytes;
        long index = lastAppended() + 1;
        InFlight.Entry entry = new InFlight.Entry(index, command);
        entry.waiting.add(responder);
        inFlight.add(entry);
        gathered.add(payload);
        if (trimTo != 0) {
            indexKeeper.trimProposed(trimTo);
        }
        return true;
    }

    /** The index in the log of what was appended last, or is going to be at the end of the turn. */
    long lastAppended() {
        return raftLog.lastIndex() + gathered.size();
    }

    /** Proposes what the turn has gathered. */
    void proposeGathered() {
        while (!gathered.isEmpty()) {
            List<ByteString> payloads = List.copyOf(gathered);
            long bytes = gatheredBytes;
            gathered.clear();
            gatheredBytes = 0;
            step.accept(new RaftEvent.Propose(payloads, environment.nanoTime()));
            raftLog.release(bytes);
        }
    }

    /**
     * Leadership is lost: nobody knows what becomes of what is in flight.
     *
     * @param leader the next one, null while unknown
     */
    void abandon(@Nullable String leader) {
        gathered.clear();
        raftLog.release(gatheredBytes);
        gatheredBytes = 0;
        for (InFlight.Entry entry : inFlight.clear()) {
            entry.waiting.forEach(responder -> responder.respond(Refusals.abandoned(leader)));
        }
    }
}
