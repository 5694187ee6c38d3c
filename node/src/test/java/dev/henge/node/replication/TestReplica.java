package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A replica whose events are given by hand. Its disk syncs only when told. Elections come after exactly 500 ms, and at once
 * when support is withdrawn.
 */
final class TestReplica {

    static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    final MemoryRaftLog log = new MemoryRaftLog();
    final TestConfigurations configurations = new TestConfigurations();
    final FakeSupport support = new FakeSupport();
    private final RaftConfig config;
    private final List<Envelope> outbox = new ArrayList<>();
    RaftCore core;
    long nowMillis;
    private long unsyncedSequence;
    private long syncedSequence;
    private long round;

    TestReplica(String name, String... voters) {
        this(config(name, List.of(voters), false));
    }

    TestReplica(RaftConfig config) {
        this.config = config;
        this.core = newCore();
    }

    /** A replica that has been in the group before: hard state and entries of these terms, all durable. */
    static TestReplica withLog(String name, List<String> voters, long term, Long... terms) {
        TestReplica replica = new TestReplica(config(name, voters, false));
        replica.log.saveHardState(new HardState(term, null));
        List<LogEntry> entries = entries(1, terms);
        if (!entries.isEmpty()) {
            replica.log.append(entries);
        }
        replica.log.sync();
        replica.restart();
        return replica;
    }

    static List<LogEntry> entries(long firstIndex, Long... terms) {
        List<LogEntry> entries = new ArrayList<>();
        for (int i = 0; i < terms.length; i++) {
            long index = firstIndex + i;
            entries.add(new LogEntry(index, terms[i], ByteString.copyFromUtf8(terms[i] + "/" + index)));
        }
        return entries;
    }

    static RaftConfig config(String self, List<String> voters, boolean preferredFirstLeader) {
        int appendBytesMax = RaftConfig.ofDefaults(self, voters, false).appendBytesMax();
        return config(self, voters, preferredFirstLeader, appendBytesMax);
    }

    /** One entry, whatever its size, in an append. */
    static RaftConfig smallAppends(String self, List<String> voters) {
        return config(self, voters, false, 1);
    }

    private static RaftConfig config(
            String self, List<String> voters, boolean preferredFirstLeader, int appendBytesMax) {
        RaftConfig defaults = RaftConfig.ofDefaults(self, voters, preferredFirstLeader);
        return new RaftConfig(
                self,
                voters,
                500 * MILLI,
                1000 * MILLI,
                500 * MILLI,
                1,
                0,
                100 * MILLI,
                500 * MILLI,
                appendBytesMax,
                defaults.inflightBytesMax(),
                defaults.inflightMessagesMax(),
                defaults.uncommittedBytesMax(),
                defaults.readsPendingMax(),
                preferredFirstLeader);
    }

    private RaftCore newCore() {
        return new RaftCore(
                config, log, configurations, support, log.baseIndex(), log.baseTerm(), nowMillis * MILLI, bound -> 0);
    }

    /** A crash: what was not synced is lost. */
    void restart() {
        log.crash();
        outbox.clear();
        unsyncedSequence = 0;
        syncedSequence = 0;
        core = newCore();
    }

    Effects step(RaftEvent event) {
        Effects effects = core.step(event);
        outbox.addAll(effects.send());
        for (Envelope envelope : effects.send()) {
            if (envelope.message() instanceof RaftMessage.Heartbeat heartbeat) {
                round = heartbeat.round();
            }
        }
        if (effects.mustSync()) {
            unsyncedSequence = effects.writeSequence();
        }
        return effects;
    }

    Effects receive(String from, RaftMessage message) {
        return step(new RaftEvent.Received(from, message, nowMillis * MILLI));
    }

    Effects propose(String... commands) {
        return step(new RaftEvent.Propose(
                Arrays.stream(commands).map(ByteString::copyFromUtf8).toList(), nowMillis * MILLI));
    }

    Effects read(long contextId) {
        return step(new RaftEvent.ReadIndex(contextId, nowMillis * MILLI));
    }

    Effects change(ConfigurationChange change) {
        return step(new RaftEvent.ChangeConfiguration(change, nowMillis * MILLI));
    }

    Effects transferTo(String to) {
        return step(new RaftEvent.TransferLeadership(to, nowMillis * MILLI));
    }

    Effects tickAfter(long millis) {
        nowMillis += millis;
        return step(new RaftEvent.Tick(nowMillis * MILLI));
    }

    /** This node withdraws its support from another; the replica is told. */
    Effects withdraw(String node) {
        return give(node, 0);
    }

    /** This node supports another in a session from now on; the replica is told. */
    Effects give(String node, long session) {
        support.peer(node).given = session;
        return step(new RaftEvent.SupportChanged(node, nowMillis * MILLI));
    }

    /** Another node supports this one in a session, until a time; the replica is told. */
    Effects receiveSupport(String node, long session, long untilMillis) {
        support.peer(node).received = session;
        support.peer(node).receivedUntilNanos = untilMillis * MILLI;
        return step(new RaftEvent.SupportChanged(node, nowMillis * MILLI));
    }

    Effects damage() {
        return step(new RaftEvent.StateMachineDamaged(nowMillis * MILLI));
    }

    Effects waits() {
        return step(new RaftEvent.StateMachineWaits(nowMillis * MILLI));
    }

    Effects sync() {
        log.sync();
        long sequence = unsyncedSequence;
        unsyncedSequence = 0;
        syncedSequence = Math.max(syncedSequence, sequence);
        return step(new RaftEvent.Durable(syncedSequence));
    }

    /** Syncs, if there is anything to sync. */
    boolean syncIfNeeded() {
        if (unsyncedSequence == 0) {
            return false;
        }
        sync();
        return true;
    }

    /** The last round of heartbeats that it sent. */
    long currentRound() {
        return round;
    }

    /** What was sent since the last call. */
    List<Envelope> sent() {
        List<Envelope> sent = List.copyOf(outbox);
        outbox.clear();
        return sent;
    }

    List<RaftMessage> sentTo(String to) {
        return sent().stream()
                .filter(envelope -> envelope.to().equals(to))
                .map(Envelope::message)
                .toList();
    }

    /** Lets it win an election of a group of three, everything synced, nothing of the new term acknowledged. */
    TestReplica elect(String voter) {
        tickAfter(500);
        receive(voter, new RaftMessage.PreVoteReply(core.term() + 1, true));
        sync();
        receive(voter, new RaftMessage.VoteReply(core.term(), true));
        sync();
        return this;
    }

    /** As {@link #elect}, and the voter has acknowledged the term's first entry and promised its loyalty. */
    TestReplica electAndCommit(String voter) {
        elect(voter);
        receive(voter, accepted(core.term(), core.termStartIndex()));
        receive(voter, answer(core.term(), 0));
        sent();
        return this;
    }

    static RaftMessage.AppendReply accepted(long term, long matchIndex) {
        return new RaftMessage.AppendReply(term, true, matchIndex, 0, 0, 0, 0);
    }

    /** With the promise of the session that {@link FakeSupport} begins with. */
    static RaftMessage.HeartbeatReply answer(long term, long round) {
        return new RaftMessage.HeartbeatReply(term, round, false, 0, FakeSupport.SESSION);
    }

    static RaftMessage.Append append(long term, long previousIndex, long previousTerm, long commit, Long... terms) {
        return new RaftMessage.Append(
                term, previousIndex, previousTerm, commit, FakeSupport.INCARNATION, entries(previousIndex + 1, terms));
    }

    static RaftMessage.Heartbeat heartbeat(long term, long commitIndex) {
        return new RaftMessage.Heartbeat(term, commitIndex, 1, FakeSupport.INCARNATION);
    }
}
