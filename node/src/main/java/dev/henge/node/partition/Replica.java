package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.membership.TokenRange;
import dev.henge.node.log.LogUse;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.partition.StateMachine.CommittedEntry;
import dev.henge.node.replication.ConfigurationChange;
import dev.henge.node.replication.Effects;
import dev.henge.node.replication.Envelope;
import dev.henge.node.replication.Lease;
import dev.henge.node.replication.LogEntry;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.ProposalResult;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.replication.RaftMessage;
import dev.henge.node.replication.RaftMessages;
import dev.henge.node.replication.Role;
import dev.henge.node.replication.RoleChange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Command;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.LogBaseRequest;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.ReadStatistics;
import dev.henge.proto.Refusal;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.ReplicasPlaced;
import dev.henge.proto.ScrubCheckpoint;
import dev.henge.proto.StatisticsRead;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of one partition: drives its {@link RaftCore}, applies what is committed, answers clients. The package's page
 * says how.
 *
 * <p>Everything is called on the event loop that owns the partition, but for {@link #read}, {@link #leader}, {@link #usable}
 * and {@link #status}, which any thread may call. After a turn of the loop in which the replica was called,
 * {@link #endTurn} must be.
 */
public final class Replica {

    private static final Logger log = LoggerFactory.getLogger(Replica.class);

    private static final int APPLY_BYTES_MAX = 4 << 20;

    /** Applying is tried again so long after the storage was out of space. */
    private static final long STORAGE_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A replica without room for a promise looks again after this. */
    private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What is remembered of requests leaves the memory when it was not used between two checks. */
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Sync(long position, long writeSequence, List<Runnable> followUps) {}

    private final int partition;
    private final ReplicaEnvironment environment;
    private final PartitionLog raftLog;
    private final StorageEngine storage;
    private final StateMachine machine;
    private final RaftCore core;
    private final PartitionClock clock;
    private final SnapshotTransfers snapshots;
    private final Member self;

    /** Of a replica that keeps the log alone; null on others. */
    private final @Nullable LogKeeper logKeeper;

    private long installedCount;

    private final RecountKeeper recountKeeper;
    private final ReplicaScrubs scrubs;
    private final CompletableFuture<Void> still = new CompletableFuture<>();

    /** Why the state machine must be rebuilt, as the damage marks have it; null when they have nothing. */
    private @Nullable String damage;

    /** The node's storage is to be replaced: nothing of it is used any more. */
    private boolean storageFailed;

    private final InFlight inFlight = new InFlight();
    private final IndexKeeper indexKeeper;
    private final WaitingTake waitingTake;
    private final RangeChanges rangeChanges;
    private final Proposals proposals;
    private final Confirmations confirmations;
    private final Handover handover;
    private final GroupMembers groupMembers;
    private final Writes writes;

    /** Until when it lets its timers pass, because a term or vote would not fit in the log. */
    private long silentUntilNanos;

    /** When to apply again what could not be applied for want of disk space, or of another partition; 0 when nothing waits. */
    private long applyAgainNanos;

    /** When to look next whether what is remembered of requests was used. */
    private long restNanos;

    private final Deque<Sync> syncs = new ArrayDeque<>();
    private final WaitingTasks waitingForTerm = new WaitingTasks();

    private LongSupplier archivedIndex = () -> Long.MAX_VALUE;

    /** Under which this replica may answer strong reads by itself. */
    private volatile Lease lease = Lease.NONE;

    private volatile boolean usable;
    private volatile boolean fresh;
    private final Freshness freshness = new Freshness();
    private volatile @Nullable String leader;
    private volatile boolean believesMember;
    private volatile ReplicaStatus status = ReplicaStatus.getDefaultInstance();

    /**
     * @param tokens the partition's part of the ring, unless its own log has said; of no meaning for the system partition
     * @param epoch of that range
     * @param raftLog as recovered
     */
    public Replica(
            int partition,
            TokenRange tokens,
            long epoch,
            RaftConfig config,
            PartitionLog raftLog,
            StorageEngine storage,
            ReplicaEnvironment environment) {
        this.partition = partition;
        this.raftLog = raftLog;
        this.storage = storage;
        this.environment = environment;
        this.self = Member.of(config.self());
        this.machine = new StateMachine(partition, OwnRange.of(tokens, epoch), self, config.voters(), storage);
        StoredConfigurations configurations = new StoredConfigurations(machine);
        this.core = new RaftCore(
                config,
                raftLog,
                configurations,
                environment.support(),
                machine.applied().index(),
                machine.applied().term(),
                environment.nanoTime(),
                environment::randomBelow);
        this.clock = new PartitionClock(machine, core, environment);
        this.waitingTake = new WaitingTake(
                partition,
                machine,
                storage,
                core,
                environment,
                this::step,
                nanos -> applyAgainNanos = nanos,
                this::othersGoAway);
        this.snapshots = new SnapshotTransfers(
                partition,
                machine,
                storage,
                raftLog,
                core,
                new MemberEnvironment(environment, this::send),
                this::step,
                this::whenDurable,
                this::storageDamaged,
                waitingTake::index);
        this.scrubs = new ReplicaScrubs(
                partition, machine::tokens, storage, new MemberEnvironment(environment, this::send), new ScrubHost());
        this.indexKeeper = new IndexKeeper(partition, machine, inFlight, storage, environment, new IndexKeeperHost());
        this.proposals = new Proposals(partition, core, raftLog, inFlight, indexKeeper, environment, this::step);
        this.confirmations = new Confirmations(core, environment, this::step);
        this.handover = new Handover(partition, self, core, environment, proposals, confirmations, this::step);
        this.groupMembers = new GroupMembers(
                partition,
                self,
                config.voters(),
                machine,
                core,
                clock,
                inFlight,
                environment,
                proposals,
                confirmations,
                handover,
                this::carryOut);
        CollectionSizes collectionSizes = new CollectionSizes(
                storage, machine::tokens, environment.itemCollectionBytesMax(), environment::nanoTime);
        WriteJudge writeJudge = new WriteJudge(partition, machine, inFlight, indexKeeper, collectionSizes);
        this.recountKeeper = new RecountKeeper(machine, clock, proposals);
        this.writes = new Writes(machine, inFlight, writeJudge, clock, proposals, confirmations);
        this.rangeChanges = new RangeChanges(
                partition,
                machine,
                storage,
                core,
                clock,
                environment,
                indexKeeper,
                scrubs,
                writeJudge,
                waitingTake,
                proposals,
                confirmations);
        this.logKeeper = !self.keepsLogAlone()
                ? null
                : new LogKeeper(
                        partition,
                        raftLog,
                        machine,
                        storage,
                        core,
                        configurations,
                        new MemberEnvironment(environment, this::send),
                        this::step,
                        this::send,
                        environment.logReplicaBytesMax());
        damage = environment.damageMarks().reason(partition).orElse(null);
        if (damage != null) {
            log.warn("partition {}: is to be rebuilt: {}", partition, damage);
        }
        StorageException unreadable = machine.unreadable();
        if (unreadable != null) {
            storageDamaged(unreadable);
        } else if (logKeeper == null && (machine.installing() || damage != null)) {
            step(new RaftEvent.StateMachineDamaged(environment.nanoTime()));
            snapshots.resumeInstallation(storage);
        }
        if (partition == 0 && machine.catalog().bootstrapped()) {
            environment.catalogApplied(machine.catalog().catalog());
        }
        publish();
    }

    public int partition() {
        return partition;
    }

    // ---- events ------------------------------------------------------------------------------------------------

    /** To be called at {@link #nextTickNanos}. */
    public void onTick() {
        long now = environment.nanoTime();
        if (now >= Math.max(core.nextTickNanos(), silentUntilNanos)) {
            if (raftLog.hasRoom(LogUse.PROMISE, Proposals.OVERHEAD_BYTES)) {
                step(new RaftEvent.Tick(now));
            } else {
                silentUntilNanos = now + SILENCE_NANOS;
            }
        }
        if (applyAgainNanos != 0 && now >= applyAgainNanos) {
            applyCommitted();
        }
        guarded(() -> snapshots.onTick(now));
        scrubs.onTick(now);
        guarded(() -> indexKeeper.onTick(now));
        if (logKeeper != null) {
            logKeeper.onTick(now);
        }
        if (ready() && handover.isOver() && !rangeChanges.ends()) {
            recountKeeper.onTick(now);
        }
        groupMembers.onTick(now, ready());
        if (now >= restNanos && machine.remembersInMemory()) {
            restNanos = now + REST_NANOS;
            machine.rest();
        }
        if (now >= handover.endsNanos()) {
            endHandover();
        }
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never; ask again after every turn. */
    public long nextTickNanos() {
        long applyNanos = applyAgainNanos == 0 ? Long.MAX_VALUE : applyAgainNanos;
        long ownNanos = Math.max(core.nextTickNanos(), silentUntilNanos);
        long next = Math.min(Math.min(ownNanos, applyNanos), snapshots.nextTickNanos());
        next = Math.min(next, Math.min(handover.endsNanos(), scrubs.nextTickNanos()));
        next = Math.min(next, indexKeeper.nextTickNanos());
        if (logKeeper != null) {
            next = Math.min(next, logKeeper.nextTickNanos());
        }
        if (ready() && handover.isOver() && !rangeChanges.ends()) {
            next = Math.min(next, recountKeeper.nextTickNanos());
        }
        if (machine.remembersInMemory()) {
            next = Math.min(next, restNanos);
        }
        return Math.min(next, groupMembers.nextTickNanos(ready()));
    }

    /** Support between this node and another began or ended. */
    public void onSupportChanged(String node) {
        step(new RaftEvent.SupportChanged(node, environment.nanoTime()));
    }

    public void onMessage(String from, PeerMessage message) {
        if (message.hasNotMember()) {
            groupMembers.onReport(from, message);
            return;
        }
        Member member = new Member(from, message.getFromGeneration());
        // A release is said to whoever is there, by whoever came in the place of the member that it is of.
        if (message.getToGeneration() != self.generation() && !message.hasRelease()) {
            return;
        }
        if (!takes(message)) {
            return; // as if it were lost: the sender tries again, and the group goes on without this replica meanwhile
        }
        if (!message.hasRelease()) {
            groupMembers.heard(member);
        }
        onMessageOf(member.name(), message);
    }

    private void onMessageOf(String member, PeerMessage message) {
        switch (message.getKindCase()) {
            case SNAPSHOT_OFFER, SNAPSHOT_REQUEST, SNAPSHOT_PIECE, SNAPSHOT_REPLY -> {
                if (logKeeper == null) {
                    guarded(() -> snapshots.onMessage(member, message));
                }
            }
            case LOG_BASE -> {
                if (logKeeper != null) {
                    guarded(() -> logKeeper.onLogBase(message.getLogBase()));
                }
            }
            case LOG_BASE_REQUEST -> onLogBaseRequest(member, message.getLogBaseRequest());
            case SCRUB_REPORT -> scrubs.onReport(member, message.getScrubReport());
            case SCRUB_VERDICT -> scrubs.onVerdict(member, message.getTerm(), message.getScrubVerdict());
            case PRE_VOTE,
                    PRE_VOTE_REPLY,
                    VOTE,
                    VOTE_REPLY,
                    APPEND,
                    APPEND_REPLY,
                    HEARTBEAT,
                    HEARTBEAT_REPLY,
                    RELEASE,
                    TIMEOUT_NOW -> {
                RaftMessage raft = RaftMessages.fromProto(message);
                if (raft != null) {
                    freshness.hear(message);
                    step(new RaftEvent.Received(member, raft, environment.nanoTime()));
                }
            }
            case NOT_MEMBER -> throw new IllegalStateException("a report is no message of a member");
            case SUPPORT -> throw new IllegalStateException("support is no matter of a replica");
            case KIND_NOT_SET ->
                log.warn("partition {}: member {} sent a message of an unknown kind", partition, member);
        }
    }

    /** Sends to the replica of a member, as long as the node has it. */
    private void send(String to, PeerMessage message) {
        Member receiver = Member.of(to);
        if (receiver.node().equals(self.node())) {
            return; // another generation of this very replica: it is gone
        }
        boolean plain = self.generation() == 0 && receiver.generation() == 0;
        environment.send(
                receiver.node(),
                plain
                        ? message
                        : message.toBuilder()
                                .setFromGeneration(self.generation())
                                .setToGeneration(receiver.generation())
                                .build());
    }

    /** Whether what the message may make this replica write fits in its log. */
    private boolean takes(PeerMessage message) {
        boolean entries = message.getAppend().getEntriesCount() > 0;
        long bytes = entries ? message.getSerializedSize() + Proposals.OVERHEAD_BYTES : Proposals.OVERHEAD_BYTES;
        if (!raftLog.hasRoom(entries ? LogUse.ENTRIES : LogUse.PROMISE, bytes)) {
            return false;
        }
        if (entries && logKeeper != null) {
            long previousIndex = message.getAppend().getPreviousIndex();
            logKeeper.taken(previousIndex + message.getAppend().getEntriesCount(), bytes);
        }
        return true;
    }

    /** Lets a member's log that keeps no items, and has not the entries that follow here, begin behind what others hold. */
    private void offerLogBase(String member) {
        dev.henge.proto.Configuration members = machine.configuration();
        if (members != null) {
            long index =
                    core.logBase(member, members.getIndex(), machine.applied().index());
            if (index > 0) {
                send(member, LogKeeper.message(partition, core.term(), index, raftLog.term(index), members));
            }
        }
        // It says how far it is in its answer to the next heartbeat, and is told again if the message was lost.
        step(new RaftEvent.SnapshotFailed(member));
    }

    private void onLogBaseRequest(String member, LogBaseRequest request) {
        proposals.onStandIn(request.getFull());
        long index = core.configuration().isMember(member) ? core.forgettableIndex() : 0;
        if (index > 0) {
            send(member, LogKeeper.message(partition, core.term(), index, 0, null));
        }
    }

    /** The log is durable up to a position of the write-ahead log. */
    public void onDurable(long position) {
        if (syncs.isEmpty() || syncs.getFirst().position() > position) {
            return;
        }
        long writeSequence = 0;
        List<Runnable> followUps = new ArrayList<>();
        while (!syncs.isEmpty() && syncs.getFirst().position() <= position) {
            Sync sync = syncs.removeFirst();
            writeSequence = sync.writeSequence();
            followUps.addAll(sync.followUps());
        }
        if (writeSequence != 0) {
            step(new RaftEvent.Durable(writeSequence));
        }
        followUps.forEach(Runnable::run);
    }

    /** Whether the replica waits for {@link #onDurable}. */
    public boolean awaitsSync() {
        return !syncs.isEmpty();
    }

    /** Runs the task once everything written to the log so far is durable. */
    private void whenDurable(Runnable task) {
        if (syncs.isEmpty()) {
            task.run();
            return;
        }
        syncs.getLast().followUps().add(task);
    }

    public void onPeerUnreachable(String node) {
        for (String member : core.configuration().members()) {
            if (Member.of(member).node().equals(node)) {
                step(new RaftEvent.PeerUnreachable(member));
            }
        }
    }

    /** Proposes what the turn has gathered, as one append. */
    public void endTurn() {
        proposals.proposeGathered();
        if (handover.hasToEnd()) {
            endHandover();
        }
        rangeChanges.endTurn();
        if (!waitingForTerm.isEmpty() && core.role() != Role.LEADER && !core.isFirstToLead()) {
            waitingForTerm.runAll();
        }
        publish();
    }

    // ---- effects -----------------------------------------------------------------------------------------------

    private void step(RaftEvent event) {
        if (event instanceof RaftEvent.StateMachineDamaged || event instanceof RaftEvent.StateMachineWaits) {
            scrubs.forget();
        } else if (event instanceof RaftEvent.StateMachineRepaired) {
            onRepaired();
        }
        carryOut(core.step(event));
    }

    private void carryOut(Effects effects) {
        for (Envelope envelope : effects.send()) {
            send(envelope.to(), RaftMessages.toProto(partition, envelope.message()));
        }
        if (effects.mustSync()) {
            syncs.addLast(new Sync(raftLog.position(), effects.writeSequence(), new ArrayList<>(0)));
        }
        if (effects.proposal() != null) {
            onProposal(effects.proposal());
        }
        if (effects.roleChanged() != null) {
            onRoleChange(effects.roleChanged());
        }
        if (effects.commitAdvanced()) {
            applyCommitted();
        }
        confirmations.onReady(effects.readsReady());
        if (!effects.readsFailed().isEmpty()) {
            confirmations.onFailed(effects.readsFailed(), handover.otherLeader());
        }
        for (String member : effects.snapshotsToSend()) {
            sendSnapshot(member);
        }
    }

    private void sendSnapshot(String member) {
        if (logKeeper != null) {
            step(new RaftEvent.SnapshotFailed(member)); // it has none
        } else if (Member.keepsLogAlone(member)) {
            offerLogBase(member);
        } else {
            guarded(() -> snapshots.send(member));
        }
    }

    private void onProposal(ProposalResult result) {
        switch (result) {
            case ProposalResult.Accepted accepted -> {
                if (inFlight.lastIndexOr(0) != raftLog.lastIndex()) {
                    throw new IllegalStateException("partition " + partition + ": writes in flight end at "
                            + inFlight.lastIndexOr(0) + ", the log at " + raftLog.lastIndex() + " after accepting at "
                            + accepted.firstIndex());
                }
            }
            case ProposalResult.NotLeader refused -> abandonInFlight();
            case ProposalResult.ChangeRefused refused -> {}
            // Nothing is gathered while leadership is handed over.
            case ProposalResult.Transferring refused -> {}
            // InFlight refuses long before the core would.
            case ProposalResult.Overloaded refused ->
                throw new IllegalStateException("partition " + partition + ": more is uncommitted than in flight");
        }
    }

    private void onRoleChange(RoleChange change) {
        leader = Handover.nodeOf(change.leader());
        if (change.leader() != null) {
            handover.onLeader();
        }
        log.info(
                "partition {}: {} in term {}, leader {}",
                partition,
                change.role(),
                change.term(),
                change.leader() == null ? "unknown" : change.leader());
        if (change.role() != Role.LEADER) {
            abandonInFlight();
            groupMembers.stop();
            indexKeeper.stop();
            recountKeeper.stop();
            rangeChanges.stop();
            snapshots.stopSending();
            scrubs.interrupt("the leader has changed");
            waitingForTerm.runAll();
            handover.onLeadershipLost();
        }
        publish();
    }

    private void abandonInFlight() {
        proposals.abandon(handover.otherLeader());
        writes.abandon(handover.otherLeader());
    }

    private boolean othersGoAway() {
        return snapshots.othersGoAway();
    }

    private void applyCommitted() {
        applyAgainNanos = 0;
        if (core.stateMachineDamaged()) {
            if (damage == null && !storageFailed && !machine.installing()) {
                waitingTake.goOn();
            }
            return;
        }
        if (logKeeper != null) {
            guarded(logKeeper::followCommit);
            return;
        }
        while (machine.applied().index() < core.commitIndex()) {
            try {
                if (!applySome()) {
                    break;
                }
            } catch (StorageException e) {
                if (e.damage()) {
                    storageDamaged(e);
                    return;
                }
                if (!e.outOfSpace()) {
                    throw e;
                }
                // Nothing is answered that is not applied; it is committed and waits in the log.
                log.warn("partition {}: can't apply: {}", partition, e.getMessage());
                applyAgainNanos = environment.nanoTime() + STORAGE_RETRY_NANOS;
                return;
            }
        }
        if (ready() && !waitingForTerm.isEmpty()) {
            waitingForTerm.runAll();
        }
        guarded(indexKeeper::advance);
    }

    /** False when the next entry has to wait for another partition's replica. */
    private boolean applySome() {
        long from = machine.applied().index() + 1;
        List<CommittedEntry> entries = new ArrayList<>();
        Iterator<InFlight.Entry> own = inFlight.iterator();
        for (LogEntry entry : raftLog.entries(from, APPLY_BYTES_MAX)) {
            if (entry.index() > core.commitIndex()) {
                break;
            }
            // What this leader appended in its term follows without a gap: once it begins, all is its own.
            Command command =
                    entry.index() >= inFlight.firstIndexOr(Long.MAX_VALUE) ? own.next().command : command(entry);
            // The state before it must be in the storage, and what it changes known before what follows.
            boolean alone = command != null && StateMachine.appliesAlone(command);
            if (alone && !entries.isEmpty()) {
                break;
            }
            if (command != null && command.hasTake() && !waitingTake.canApply(entry.index(), command.getTake())) {
                return false;
            }
            entries.add(new CommittedEntry(entry.index(), entry.term(), command));
            if (alone || (command != null && command.hasScrub())) {
                // What a scrub checksums is the state as of its entry, so it ends the batch.
                break;
            }
        }
        long epochBefore = machine.catalog().epoch();
        machine.apply(entries);
        rangeChanges.onApplied();
        for (CommittedEntry entry : entries) {
            complete(entry);
        }
        CommittedEntry last = entries.getLast();
        if (last.command() != null && last.command().hasScrub() && !machine.isSealed()) {
            scrubs.onCheckpoint(last.index(), last.command().getScrub());
        }
        if (partition == 0 && machine.catalog().epoch() != epochBefore) {
            environment.catalogApplied(machine.catalog().catalog());
        }
        writes.onApplied();
        return true;
    }

    private @Nullable Command command(LogEntry entry) {
        if (entry.payload().isEmpty()) {
            return null;
        }
        try {
            return Command.parseFrom(entry.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "partition " + partition + ": entry " + entry.index() + " can't be read", e);
        }
    }

    private void complete(CommittedEntry entry) {
        if (inFlight.firstIndexOr(Long.MAX_VALUE) != entry.index()) {
            return;
        }
        InFlight.Entry own = inFlight.removeFirst();
        switch (own.command.getKindCase()) {
            case MUTATION, MUTATIONS, CATALOG, DROP_TABLE, REFUSAL, UNCHANGED -> writes.complete(own);
            case INDEX_BATCHES -> own.waiting.forEach(responder -> responder.respond(IndexKeeper.taken()));
            case CONFIGURATION -> groupMembers.complete(entry.index());
            case SPLIT, SEAL, TAKE -> rangeChanges.complete(own);
            case SCRUB, PLACEMENT, DEFINE_TABLE, BACKFILL_INDEX, OUTBOX_TRIM, COUNT_ITEMS -> {} // nobody waits
            case KIND_NOT_SET -> throw new IllegalStateException("a leader knows what it appends");
        }
    }

    // ---- the range ---------------------------------------------------------------------------------------------

    /** The epoch of the partition's range. Any thread may ask. */
    public long epoch() {
        return machine.range().getRange().getEpoch();
    }

    /** The tokens that this replica holds. Any thread may ask. */
    public TokenRange tokens() {
        return machine.tokens();
    }

    /** The entry at this index of the log is committed, as somebody has proven. */
    public void proveCommitted(long index, long term) {
        if (!machine.isSealed()) {
            step(new RaftEvent.CommitProven(index, term));
        }
    }

    // ---- members (thesis, chapter 4) and leadership (3.10) ---------------------------------------------------------

    /**
     * Changes the group's members by one step.
     *
     * @param outcome told once, on this replica's event loop; at once when nothing is changed
     */
    public void changeMembership(ConfigurationChange change, Consumer<MembershipOutcome> outcome) {
        groupMembers.change(change, outcome);
    }

    /**
     * Whether the group has let this member go, so that it may be erased. Until then it counts in the group's majorities,
     * whatever the catalog says: erased, it could cost the group what it holds.
     *
     * @param group what a leader that was sure to lead has told. It may have been on its way for long: it counts only if this
     *     replica knows of no change of the members behind what was committed then. One before that, which the leader does not
     *     have, was never committed.
     */
    public boolean isLetGo(ReplicasPlaced group) {
        return groupMembers.isLetGo(group);
    }

    /**
     * Whether the group may have let it go without its knowledge, by what it knows itself: it counts itself as a member, and
     * either hears of no leader or its group is on the move. Any thread may ask.
     */
    public boolean mayBeLetGo(boolean moves) {
        return believesMember && (moves || leader == null);
    }

    /**
     * Hands leadership to the replica on another node, or to the one that is best placed. What comes meanwhile waits, and is
     * told who leads; it is over within an election timeout.
     *
     * @param node null for any
     * @param done told once, on this replica's event loop, when another leads or it was given up
     */
    public void transferLeadership(@Nullable String node, Runnable done) {
        handover.transfer(node, done);
    }

    /** Whether some live voter could take over the leadership, which this replica has. */
    public boolean hasSuccessor() {
        return core.bestSuccessor() != null;
    }

    private void endHandover() {
        handover.end();
        guarded(indexKeeper::advance);
    }

    // ---- requests ----------------------------------------------------------------------------------------------

    /** Takes a write, a catalog command or the drop of a table. */
    public void submit(DataRequest request, Responder caller) {
        Responder responder = tellingTimeUnder(request.getEpoch(), caller);
        if (rangeChanges.waits(request, () -> submit(request, responder))) {
            return;
        }
        Optional<DataResponse.Builder> misrouted = misrouted(request);
        if (misrouted.isPresent()) {
            responder.respond(misrouted.get());
            return;
        }
        if (logKeeper == null && handover.waits(() -> submit(request, responder), responder)) {
            return;
        }
        if (core.role() != Role.LEADER || logKeeper != null) {
            unlessFirstToLead(() -> submit(request, responder), responder);
            return;
        }
        if (!ready()) {
            whenReady(() -> submit(request, responder), responder);
            return;
        }
        try {
            evaluate(request, responder);
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            storageDamaged(e);
            responder.respond(unusable());
        }
    }

    private void evaluate(DataRequest request, Responder responder) {
        switch (request.getOperationCase()) {
            case INDEX_BATCH -> indexKeeper.take(request.getIndexBatch(), responder);
            case PREPARE_INDEX -> indexKeeper.prepare(request.getPrepareIndex(), responder);
            case READ_STATISTICS -> responder.respond(statistics(request.getReadStatistics()));
            case PLACE_REPLICAS -> groupMembers.place(request.getPlaceReplicas(), responder);
            case TRANSFER_LEADERSHIP ->
                handover.transfer(request.getTransferLeadership().getTo(), responder);
            case SPLIT_RANGE -> rangeChanges.split(request.getSplitRange(), responder);
            case SEAL_RANGE -> rangeChanges.seal(request.getSealRange(), responder);
            case TAKE_RANGE -> rangeChanges.take(request.getTakeRange(), responder);
            case WRITE_ITEM -> writes.writeItem(request, responder);
            case WRITE_ITEMS -> {
                if (rangeChanges.isTaking()) {
                    responder.respond(
                            Refusals.of(Refusal.Code.OVERLOADED, "too many writes wait for the end of a merge"));
                } else {
                    writes.writeTogether(request, responder);
                }
            }
            case CATALOG -> writes.changeCatalog(request, responder);
            case DROP_TABLE -> writes.dropTable(request, responder);
            case READ_ITEM, READ_RANGE, OPERATION_NOT_SET ->
                responder.respond(Refusals.of(Refusal.Code.INTERNAL, "not a write"));
        }
    }

    private DataResponse.Builder statistics(ReadStatistics read) {
        StatisticsRead.Builder answer = StatisticsRead.newBuilder();
        read.getTablesList().forEach(table -> answer.addTables(machine.statistics(table)));
        return DataResponse.newBuilder().setStatisticsRead(answer);
    }

    private final class IndexKeeperHost implements IndexKeeper.Host {
        @Override
        public boolean ready() {
            return Replica.this.ready() && handover.isOver() && !rangeChanges.ends();
        }

        @Override
        public long partitionTimeMillis() {
            return clock.nowMillis();
        }

        @Override
        public boolean append(Command command, Responder responder) {
            return proposals.append(command, responder);
        }

        @Override
        public long lastAppended() {
            return proposals.lastAppended();
        }

        @Override
        public boolean full() {
            return inFlight.full();
        }

        @Override
        public boolean coversAll(IndexBatch batch) {
            if (rangeChanges.isTaking()) {
                return false;
            }
            if (!batch.hasCovers()) {
                return machine.range().getTakesCount() == 0;
            }
            TokenRange covered = OwnRange.tokens(batch.getCovers());
            return StateMachine.union(covered, tokens()).equals(covered);
        }

        @Override
        public boolean has(IndexBatch batch) {
            return Fence.keys(batch).allMatch(key -> ServedRange.isIn(key, tokens()));
        }
    }

    /** Of a group that was just split off: whoever led before leads on in a moment, so requests wait for that here. */
    private void unlessFirstToLead(Runnable task, Responder responder) {
        if (logKeeper == null && core.isFirstToLead()) {
            whenReady(task, responder);
        } else {
            responder.respond(Refusals.notLeader(handover.otherLeader()));
        }
    }

    private void whenReady(Runnable task, Responder responder) {
        if (waitingForTerm.isFull()) {
            responder.respond(Refusals.of(Refusal.Code.OVERLOADED, "partition " + partition + " elects its leader"));
            return;
        }
        waitingForTerm.add(task);
    }

    // ---- reads: any thread -------------------------------------------------------------------------------------

    /** Reads an item or a range. Any thread may call; may block on the disk. */
    public void read(DataRequest request, Responder responder) {
        if (rangeChanges.served().isFenced(request)) {
            environment.post(() -> readAfterSplit(request, responder));
            return;
        }
        Optional<DataResponse.Builder> misrouted = misrouted(request);
        if (misrouted.isPresent()) {
            responder.respond(misrouted.get());
            return;
        }
        if (request.hasReadItem()) {
            ReadItem read = request.getReadItem();
            read(request, read.getConsistent(), () -> readItem(read), responder);
            return;
        }
        if (request.hasReadRange()) {
            ReadRange read = request.getReadRange();
            read(request, read.getConsistent(), () -> readRange(read), responder);
            return;
        }
        responder.respond(Refusals.of(Refusal.Code.INTERNAL, "not a read"));
    }

    private void readAfterSplit(DataRequest request, Responder responder) {
        if (!rangeChanges.waits(request, () -> read(request, responder))) {
            misrouted(request).ifPresentOrElse(responder::respond, () -> read(request, responder));
        }
    }

    private void read(
            DataRequest request, boolean consistent, Supplier<DataResponse.Builder> read, Responder responder) {
        if (!consistent) {
            DataResponse.Builder answer = unlessDamaged(read);
            if (answer == null || !usable) {
                responder.respond(unusable());
                return;
            }
            responder.respond(
                    request.getNear() && !fresh ? Refusals.notLeader(leader) : unlessMisrouted(request, answer));
            return;
        }
        Lease held = lease;
        if (held != Lease.NONE) {
            DataResponse.Builder answer = unlessDamaged(read);
            if (answer == null) {
                responder.respond(unusable());
                return;
            }
            if (held.holdsAt(environment.nanoTime())) {
                responder.respond(unlessMisrouted(request, answer));
                return;
            }
        }
        environment.post(() -> readConfirmed(request, read, responder));
    }

    /** The range may have become another one while it was read, and what was read another partition's. */
    private DataResponse.Builder unlessMisrouted(DataRequest request, DataResponse.Builder answer) {
        return misrouted(request).orElse(answer);
    }

    private void readConfirmed(DataRequest request, Supplier<DataResponse.Builder> read, Responder responder) {
        if (logKeeper == null && handover.waits(() -> readConfirmed(request, read, responder), responder)) {
            return;
        }
        if (core.role() != Role.LEADER || logKeeper != null) {
            unlessFirstToLead(() -> readConfirmed(request, read, responder), responder);
            return;
        }
        if (!ready()) {
            whenReady(() -> readConfirmed(request, read, responder), responder);
            return;
        }
        Optional<DataResponse.Builder> misrouted = misrouted(request);
        if (misrouted.isPresent()) {
            responder.respond(misrouted.get());
            return;
        }
        DataResponse.Builder answer = unlessDamaged(read);
        if (answer == null) {
            responder.respond(unusable());
            return;
        }
        confirmations.confirmLeadership(() -> responder.respond(answer), responder);
    }

    /** What was read; null when the storage could not, and the replica serves no more. Any thread may call. */
    private DataResponse.@Nullable Builder unlessDamaged(Supplier<DataResponse.Builder> read) {
        try {
            return read.get();
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            environment.post(() -> storageDamaged(e));
            return null;
        }
    }

    private DataResponse.Builder readItem(ReadItem read) {
        byte @Nullable [] image = machine.item(read.getTable(), read.getKey().toByteArray());
        return DataResponse.newBuilder().setItemRead(RangeReader.item(read, image));
    }

    private DataResponse.Builder readRange(ReadRange read) {
        try (StorageEngine.View view = storage.view()) {
            return DataResponse.newBuilder().setRangeRead(RangeReader.range(read, tokens(), view));
        }
    }

    private DataResponse.Builder unusable() {
        return Refusals.of(
                Refusal.Code.UNKNOWN_PARTITION, "this replica of partition " + partition + " is being rebuilt");
    }

    /** Any thread may ask. */
    private Optional<DataResponse.Builder> misrouted(DataRequest request) {
        return rangeChanges.served().misrouted(request);
    }

    /**
     * A sender that knows the range of before a split is not told the time since: it may take that for the time of the other
     * half, which goes on by itself.
     */
    private Responder tellingTimeUnder(long senderEpoch, Responder responder) {
        return response -> responder.respond(senderEpoch == epoch() ? response : response.clearPartitionTimeMillis());
    }

    // ---- damage and scrubs -------------------------------------------------------------------------------------

    /** The state machine can't be trusted: stops serving, remembers that, and waits for a snapshot to replace it. */
    private void declareDamaged(String reason) {
        if (damage != null) {
            return;
        }
        damage = reason;
        log.error("partition {}: this replica is damaged and will be rebuilt: {}", partition, reason);
        step(new RaftEvent.StateMachineDamaged(environment.nanoTime()));
        publish();
        environment.damageMarks().mark(partition, reason);
    }

    private void onRepaired() {
        scrubs.forget();
        waitingTake.forget();
        if (snapshots.installedCount() > installedCount) {
            installedCount = snapshots.installedCount();
            rangeChanges.onDurableRange(epoch());
        }
        if (damage != null) {
            log.info("partition {}: this replica was rebuilt", partition);
            environment.damageMarks().clear(partition);
            damage = null;
        }
    }

    /** The storage fails this replica; it serves no more until the node has replaced the storage. */
    private void storageDamaged(StorageException cause) {
        if (storageFailed) {
            return;
        }
        storageFailed = true;
        log.error("partition {}: the storage is damaged: {}", partition, cause.getMessage());
        step(new RaftEvent.StateMachineDamaged(environment.nanoTime()));
        publish();
        environment.storageDamaged(cause);
    }

    /** Runs what uses the storage, on the loop. */
    private void guarded(Runnable action) {
        if (storageFailed) {
            return;
        }
        try {
            action.run();
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            storageDamaged(e);
        }
    }

    /**
     * Begins to compare what the replicas hold, if this one leads and is not doing so already.
     *
     * @param wallMillis the time, for the record
     * @param onDone gets the result, on the loop
     */
    public void scrub(long wallMillis, Consumer<ScrubResult> onDone) {
        if (!ready() || rangeChanges.ends() || core.transferTarget() != null || scrubs.leadsRun() || inFlight.full()) {
            String why = !ready() || rangeChanges.ends() || core.transferTarget() != null
                    ? "this replica does not lead"
                    : scrubs.leadsRun() ? "it is being scrubbed" : "too many writes are in flight";
            onDone.accept(new ScrubResult(partition, ScrubResult.Outcome.INTERRUPTED, why, 0, 0, 0));
            return;
        }
        ScrubCheckpoint checkpoint = ScrubCheckpoint.newBuilder()
                .setId(scrubs.begin(onDone))
                .setWallMillis(wallMillis)
                .build();
        ByteString requestId = ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(environment.randomBelow(Long.MAX_VALUE))
                .putLong(checkpoint.getId())
                .flip());
        proposals.append(
                Command.newBuilder()
                        .setRequestId(requestId)
                        .setTimestampMillis(clock.nowMillis())
                        .setScrub(checkpoint)
                        .build(),
                response -> {});
    }

    private final class ScrubHost implements ReplicaScrubs.Host {
        @Override
        public List<String> voters() {
            return core.configuration().fullVoters();
        }

        @Override
        public String self() {
            return self.name();
        }

        @Override
        public @Nullable String leader() {
            return core.leader();
        }

        @Override
        public long term() {
            return core.term();
        }

        @Override
        public void declareDamaged(String reason) {
            Replica.this.declareDamaged(reason);
        }

        @Override
        public void storageDamaged(StorageException cause) {
            Replica.this.storageDamaged(cause);
        }
    }

    // ---- state -------------------------------------------------------------------------------------------------

    /** Whether this leader has applied everything that leaders before it committed. */
    private boolean ready() {
        return core.role() == Role.LEADER
                && logKeeper == null
                && !core.stateMachineDamaged()
                && machine.applied().index() >= core.termStartIndex();
    }

    /** The leader as this replica knows it, null while unknown. Any thread may ask. */
    public @Nullable String leader() {
        return leader;
    }

    /** Whether this replica keeps the log and no items. Any thread may ask. */
    public boolean keepsLogAlone() {
        return logKeeper != null;
    }

    /** Whether this replica's state can be read. Any thread may ask. */
    public boolean usable() {
        return usable;
    }

    /** Whether this replica leads its partition and serves. */
    public boolean leads() {
        return ready();
    }

    public StateMachine machine() {
        return machine;
    }

    /** How the replica stands; any thread may ask. */
    public ReplicaStatus status() {
        return status;
    }

    public RaftCore core() {
        return core;
    }

    public PartitionLog log() {
        return raftLog;
    }

    private void publish() {
        lease = ready() ? core.lease() : Lease.NONE;
        usable = logKeeper == null && !core.stateMachineDamaged();
        leader = Handover.nodeOf(core.leader());
        fresh = core.leader() != null
                && (core.role() == Role.LEADER
                        || freshness.isNear(machine.applied().index()));
        believesMember = groupMembers.isMember();
        rangeChanges.publish(); // behind the lease: who reads under it, and found no fence, finds it revoked
    }

    /**
     * Entries behind this index are kept in the log, whatever the storage holds: they are not archived yet. Asked for at
     * each compaction.
     */
    public void retainBehind(LongSupplier newArchivedIndex) {
        archivedIndex = newArchivedIndex;
    }

    /**
     * Forgets log entries up to an index that the storage holds durably.
     *
     * @param pressure what may be forgotten although a follower still lacks it
     */
    public void compact(long durablyAppliedIndex, LogPressure pressure) {
        if (core.stateMachineDamaged()) {
            return;
        }
        long index = Math.min(durablyAppliedIndex, archivedIndex.getAsLong());
        if (logKeeper != null) {
            logKeeper.compact(index);
            return;
        }
        if (core.role() == Role.LEADER) {
            // A receiver's log may reach further than the snapshot: what it has acknowledged does not tell what it
            // needs.
            long forReceivers = Math.min(index, snapshots.retainedIndex().orElse(index));
            index = switch (pressure) {
                case LOW -> Math.min(forReceivers, core.smallestMatchIndex());
                case HIGH -> forReceivers;
                case CRITICAL -> index;
            };
        }
        if (index > raftLog.baseIndex() && raftLog.hasRoom(LogUse.COMPACTION, Proposals.OVERHEAD_BYTES)) {
            raftLog.compactTo(index);
        }
    }

    /** Brings {@link #status} up to date; a few times a second is enough. */
    public void publishStatus() {
        status = ReplicaStatus.newBuilder()
                .setPartition(partition)
                .setRole(
                        switch (core.role()) {
                            case FOLLOWER ->
                                core.configuration().isVoter(self.name())
                                        ? ReplicaStatus.Role.FOLLOWER
                                        : ReplicaStatus.Role.LEARNER;
                            case PRE_CANDIDATE -> ReplicaStatus.Role.PRE_CANDIDATE;
                            case CANDIDATE -> ReplicaStatus.Role.CANDIDATE;
                            case LEADER -> ReplicaStatus.Role.LEADER;
                        })
                .setTerm(core.term())
                .setEpoch(epoch())
                .setDurableEpoch(rangeChanges.durableEpoch())
                .setLeader(leader == null ? "" : leader)
                .setMember(self.name())
                .addAllVoters(core.configuration().voters())
                .addAllLearners(core.configuration().learners())
                .setLastIndex(raftLog.lastIndex())
                .setCommitIndex(core.commitIndex())
                .setAppliedIndex(machine.applied().index())
                .setInstallingSnapshot(core.stateMachineDamaged() && logKeeper == null)
                .setSnapshotsInstalled(snapshots.installedCount())
                .setDamage(damage == null ? "" : damage)
                .setKeepsLogAlone(logKeeper != null)
                .setLastScrubWallMillis(machine.lastScrubWallMillis())
                .setLastScrubResult(scrubs.lastResult())
                .setSizeBytes(machine.sizeBytes())
                .addAllLagging(core.laggingVoters(Handover.LAGGING_ENTRIES).stream()
                        .map(voter -> Member.of(voter).node())
                        .toList())
                .build();
    }

    /**
     * Gives up everything, in the middle of a step that failed; the replica is not called again.
     *
     * @see #still
     */
    public void abandon() {
        core.abandon();
        usable = false;
        indexKeeper.stop();
        abandonInFlight();
        groupMembers.abandonChange();
        confirmations.abandon();
        snapshots.abandon().thenRun(() -> still.complete(null));
        closeScrubs();
    }

    /** Completes, off the loop, when nothing that the abandoned replica began is under way any more. */
    public CompletableFuture<Void> still() {
        return still;
    }

    /** What the replica has to be told that takes the place of this abandoned one in the running node. */
    public Predecessor asPredecessor() {
        return groupMembers.asPredecessor();
    }

    /**
     * To be called on a new replica, before anything else, that takes the place of an abandoned one in a running node: as the
     * member that it was, or as a new one.
     */
    public void succeeds(Predecessor abandoned) {
        if (!abandoned.member().equals(self)) {
            groupMembers.succeeds(abandoned);
        }
    }

    /** Stops all transfers; the replica is not called again. */
    public void close() {
        snapshots.close();
        closeScrubs();
    }

    private void closeScrubs() {
        scrubs.interrupt("the replica was closed");
        scrubs.close();
    }
}
