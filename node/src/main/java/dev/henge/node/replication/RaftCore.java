package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One replica's Raft: {@code step(event)} changes its state and its {@link RaftLog}, and says what is to be done. The
 * package's page holds the contract. Not thread-safe: only the event loop that owns the partition calls it.
 *
 * <p>Throws {@link IllegalStateException} when an invariant of the protocol is broken (a bug, or a replica that lost
 * what it had promised to keep). The replica must then be stopped: no more steps, nothing of the failed step sent.
 */
public final class RaftCore {

    /** Answers that wait for a term or vote to be durable; the oldest gives way, as if the network had lost it. */
    private static final int HELD_MESSAGES_MAX = 64;

    private static final int ELECTION_DOUBLINGS_MAX = 1;

    /** How often and how soon the first leader of a group that was split from another asks for votes. */
    private static final int FOUNDING_ELECTIONS_MAX = 50;

    private static final long FOUNDING_ELECTION_NANOS = 10_000_000;

    /** How many intervals a leader lets pass before it asks a follower again whose node gives no support. */
    private static final int SILENT_INTERVALS = 10;

    /**
     * Loyalty to a leader: it stands as long as this node gives the leader's node the session (package page).
     *
     * @param term in which it was made
     */
    private record Promise(String to, PeerSupport support, long session, long term) {
        boolean stands() {
            return support.given() == session;
        }
    }

    private final RaftConfig config;
    private final RaftLog log;
    private final NodeSupport support;
    private final LongUnaryOperator randomBelow;
    private final WriteTracker writes;
    private Effects effects = new Effects();
    private boolean failed;

    private long nowNanos;
    private Role role = Role.FOLLOWER;
    private long term;
    private @Nullable String vote;
    private @Nullable String leader;
    private final Configurations configurations;
    private long commitIndex;
    private boolean damaged;
    /** Damaged for the sole reason that the state machine waits before an entry: what it was before that is sound. */
    private boolean waits;

    /** This replica keeps the log alone: it leads only to bring its log to those who hold items. */
    private final boolean keepsLogAlone;

    /** After a start: until then no vote is given in a later term, for the life before may have promised loyalty. */
    private final long loyalUntilNanos;

    /** To whom this replica is loyal, and how long; it outlives the term it was made in. */
    private @Nullable Promise promise;

    /** The leader's node had this node's support at the end of the last step: no election is due. */
    private boolean calm;

    private long electionDeadlineNanos;

    /** Time-outs since there was a leader. */
    private int electionsInVain;

    /** While damaged and led: when the leader is told next. */
    private long nextDamageReportNanos;

    /** The write that holds the present term and vote; nothing that speaks in this term's name goes out before. */
    private long hardStateSequence;

    private final List<Envelope> held = new ArrayList<>();

    // Follower: what agrees with the log of the term's one leader, and what that leader was told.
    private long verifiedIndex;
    private long acknowledgedIndex = -1;
    private boolean acknowledgementOwed;

    // Candidate and pre-candidate.
    private final Ballot ballot = new Ballot();

    /** The leader handed over to this candidate: the voters' loyalty is to nobody. */
    private boolean candidateByTransfer;

    // Leader; made anew with each term.
    private Followers followers;
    private HeartbeatRounds rounds;
    private final PendingReads reads = new PendingReads();
    private long termStartIndex = Long.MAX_VALUE;

    /** Of the last term that this replica led; revoked when that ended. */
    private Lease lease = Lease.NONE;

    /**
     * A term that this replica may have led and never will again, as long as followers may hold a promise to it and have nobody
     * else; 0 for none.
     */
    private long releaseTerm;

    private long nextRoundNanos = Long.MAX_VALUE;

    /** When the leader gives up, unless a majority supports it by then; {@code Long.MAX_VALUE} while one does. */
    private long quorumDeadlineNanos = Long.MAX_VALUE;

    private @Nullable Transfer transfer;

    /** The highest index that this leader has let logs of members begin behind that keep the log alone. */
    private long baseTold;

    /** A transfer's target was told in this term, and may campaign at any time: there is no lease any more. */
    private boolean leaseForfeited;

    private final PairQueue uncommitted = new PairQueue();
    private long uncommittedBytes;

    /** The append last made in this step: two followers at the same place get the same object. */
    private RaftMessage.@Nullable Append sharedAppend;

    private long sharedAppendBytes;

    /**
     * Starts a replica from what its disk holds. A state machine that is ahead of the log, or off it, stands: the log is
     * reset behind it (a crash came between a snapshot's or a flush's durability and the log's). A state machine that is
     * behind the log's base counts as damaged, see {@link #stateMachineDamaged()}.
     *
     * @param log as recovered; all of it durable
     * @param configurationStore what the recovered state machine and the log say about configurations; where they say
     *     nothing, {@link RaftConfig#voters()} are the members
     * @param support what this node and the voters' other nodes vouch for, read in every step
     * @param appliedIndex last entry that the recovered state machine holds, 0 when it is empty
     * @param appliedTerm that entry's term, 0 when it is empty
     * @param nowNanos as in {@link RaftEvent}
     * @param randomBelow gives for a bound a number of {@code [0, bound)}, for election timeouts:
     *     {@code RandomGenerator::nextLong}
     */
    public RaftCore(
            RaftConfig config,
            RaftLog log,
            ConfigurationStore configurationStore,
            NodeSupport support,
            long appliedIndex,
            long appliedTerm,
            long nowNanos,
            LongUnaryOperator randomBelow) {
        this(
                config,
                log,
                new Configurations(Configuration.initial(config.voters()), configurationStore),
                support,
                appliedIndex,
                appliedTerm,
                nowNanos,
                randomBelow);
    }

    RaftCore(
            RaftConfig config,
            RaftLog log,
            Configurations configurations,
            NodeSupport support,
            long appliedIndex,
            long appliedTerm,
            long nowNanos,
            LongUnaryOperator randomBelow) {
        Invariant.check(nowNanos >= 0, "time must not be negative");
        this.config = config;
        this.log = log;
        this.support = support;
        this.randomBelow = randomBelow;
        this.nowNanos = nowNanos;
        this.writes = new WriteTracker(log.lastIndex());
        this.configurations = configurations;
        this.keepsLogAlone = Member.keepsLogAlone(config.self());
        configurations.replaced();

        HardState hardState = log.hardState();
        term = hardState.term();
        vote = hardState.vote();
        damaged = appliedIndex < log.baseIndex();
        commitIndex = Math.max(appliedIndex, log.baseIndex());
        if (appliedIndex > log.lastIndex() || (!damaged && log.term(appliedIndex) != appliedTerm)) {
            if (appliedTerm > term) {
                // First, so that no crash leaves a log of a term that was never saved.
                saveHardState(appliedTerm, null);
            }
            resetLog(appliedIndex, appliedTerm);
        }
        Invariant.check(lastTerm() <= term, "recovery: the log holds a term that was never saved");
        recoverConfigurations();
        this.followers = new Followers(config.self(), configurations.current(), support, 0);
        this.rounds = new HeartbeatRounds(followers);
        verifiedIndex = commitIndex;
        // Before the crash it may have promised loyalty, and may be part of a lease.
        // A damaged one may have forgotten who else there is.
        boolean mayOweLoyalty = (!isAlone() || damaged) && !isUntouched();
        loyalUntilNanos = mayOweLoyalty ? nowNanos + config.loyaltyNanosAfterStart() : 0;
        electionDeadlineNanos = firstElectionNanos(mayOweLoyalty);
        // The one before it on this log may have led. A follower that gets a late message of its takes it for its
        // leader once more, and waits for it while this node is up.
        releaseTerm = term;
    }

    /** What stands in the log behind the state machine is in force as well, committed or not (thesis, 4.1). */
    private void recoverConfigurations() {
        long index = Math.max(configurations.current().index(), commitIndex);
        while (index < log.lastIndex()) {
            List<LogEntry> entries = log.entries(index + 1, config.appendBytesMax());
            entries.forEach(configurations::appended);
            index = entries.getLast().index();
        }
    }

    /** Takes in one event. */
    public Effects step(RaftEvent event) {
        Invariant.check(!failed, "the core has failed before");
        failed = true;
        effects = new Effects();
        Role roleBefore = role;
        long termBefore = term;
        String leaderBefore = leader;
        long commitBefore = commitIndex;

        switch (event) {
            case RaftEvent.Received received -> onReceived(received);
            case RaftEvent.Propose propose -> onPropose(propose);
            case RaftEvent.ChangeConfiguration change -> onChangeConfiguration(change);
            case RaftEvent.TransferLeadership to -> onTransferLeadership(to);
            case RaftEvent.Durable durable -> onDurable(durable.writeSequence());
            case RaftEvent.Tick tick -> onTick(tick.nowNanos());
            case RaftEvent.SupportChanged changed -> onSupportChanged(changed.node(), changed.nowNanos());
            case RaftEvent.ReadIndex read -> onReadIndex(read);
            case RaftEvent.SnapshotInstalled snapshot -> onSnapshotInstalled(snapshot.index(), snapshot.term());
            case RaftEvent.CommitProven proven -> onCommitProven(proven.index(), proven.term());
            case RaftEvent.SnapshotSent sent -> onSnapshotSent(sent.to(), sent.index());
            case RaftEvent.SnapshotFailed snapshotFailed -> onSnapshotFailed(snapshotFailed.to());
            case RaftEvent.PeerUnreachable unreachable -> onPeerUnreachable(unreachable.to());
            case RaftEvent.StateMachineDamaged damage -> onStateMachineDamaged(false, damage.nowNanos());
            case RaftEvent.StateMachineWaits waiting -> onStateMachineDamaged(!damaged || waits, waiting.nowNanos());
            case RaftEvent.StateMachineRepaired ignored -> onStateMachineRepaired();
        }
        configurations.committedTo(commitIndex);
        boolean mayApply = commitIndex > commitBefore || event instanceof RaftEvent.StateMachineRepaired;

        if (role == Role.LEADER && leadsAsLastResort()) {
            handOverToFullMember();
        }
        sharedAppend = null;
        if (role == Role.LEADER) {
            watchFollowers();
        }
        calm = isCalm();
        if (role != roleBefore || term != termBefore || !Objects.equals(leader, leaderBefore)) {
            effects.roleChanged(new RoleChange(role, term, leader));
        }
        Invariant.check(term >= termBefore, "the term went back");
        Invariant.check(commitIndex >= commitBefore, "the commit index went back");
        Invariant.check(commitIndex <= log.lastIndex(), "the commit index is past the log");
        effects.commitIndex(commitIndex, mayApply);
        effects.writeSequence(writes.endStep(log.lastIndex()));
        failed = false;
        return effects;
    }

    public Role role() {
        return role;
    }

    public long term() {
        return term;
    }

    /** The leader of {@link #term()}, itself included; null while not known. */
    public @Nullable String leader() {
        return leader;
    }

    public long commitIndex() {
        return commitIndex;
    }

    /** The configuration in force: the latest in the log, committed or not. */
    public Configuration configuration() {
        return configurations.current();
    }

    /** Whether this replica is a member, and not only by a change that may be taken back where it does not hear of it. */
    public boolean isCertainMember() {
        return configurations.committed().isMember(config.self())
                && configuration().isMember(config.self());
    }

    /** Leader: whether this learner has caught up, and is live, so that it may be promoted. */
    public boolean hasCaughtUp(String learner) {
        Progress follower = follower(learner);
        // One that holds the entry which made it a learner can't be erased on account of older news.
        return follower != null
                && !follower.voter
                && !follower.damaged
                && follower.hasCaughtUp(log.lastIndex())
                && follower.match >= configurations.current().index()
                && reachesLogMembers(follower)
                && isLive(follower);
    }

    /** What the logs of log members no longer hold, or may no longer hold by the word of leaders before, it has. */
    private boolean reachesLogMembers(Progress follower) {
        return !configurations.current().hasLogMembers() || follower.match >= Math.max(termStartIndex, baseTold);
    }

    /** Leader: whether the member follows it, and its node supports this one. */
    public boolean isLive(String member) {
        Progress follower = follower(member);
        return follower != null && isLive(follower);
    }

    /**
     * Leader: the voters that don't follow it, or lack much of what is committed.
     *
     * @param entriesMax how many committed entries one may lack and still count as following: some are always on their way
     */
    public List<String> laggingVoters(long entriesMax) {
        if (role != Role.LEADER) {
            return List.of();
        }
        List<String> lagging = new ArrayList<>();
        for (Progress follower : followers.all()) {
            boolean follows = isLive(follower) && commitIndex - follower.match <= entriesMax;
            if (follower.voter && !follows) {
                lagging.add(follower.name);
            }
        }
        return lagging;
    }

    private boolean isLive(Progress follower) {
        return follower.supportedUntilNanos() > nowNanos;
    }

    /** To whom leadership is being handed, null while it is not. */
    public @Nullable String transferTarget() {
        return transfer == null ? null : transfer.target;
    }

    /**
     * Leader: the voter to which leadership is best handed, that is the live one with the most that can serve; null when there
     * is none.
     */
    public @Nullable String bestSuccessor() {
        Progress best = null;
        for (Progress follower : followers.all()) {
            if (role == Role.LEADER
                    && follower.voter
                    && !follower.keepsLogAlone
                    && !follower.damaged
                    && isLive(follower)
                    && (best == null || follower.match > best.match)) {
                best = follower;
            }
        }
        return best == null ? null : best.name;
    }

    /** Last entry of this replica's own log that is durable here. */
    public long durableIndex() {
        return writes.durableIndex();
    }

    /**
     * Leader: index of the empty entry that opened its term. It must have been applied here before this replica
     * evaluates a write or answers a strong read. {@code Long.MAX_VALUE} on others.
     */
    public long termStartIndex() {
        return termStartIndex;
    }

    /** The leader's lease, for any thread; one that never holds on others. Ask again after every step. */
    public Lease lease() {
        return isTermCommitted() ? lease : Lease.NONE;
    }

    /** Until when the {@link #lease} holds if nothing extends it, in the events' time; 0 without one. */
    public long leaseUntilNanos() {
        return lease().untilNanos();
    }

    /** Leader: smallest index that all other voters hold durably, for deciding what to compact; else 0. */
    public long smallestMatchIndex() {
        if (role != Role.LEADER) {
            return 0;
        }
        return followers.smallestMatch();
    }

    /**
     * Leader: an index behind which the log of a member may begin that keeps the log alone and votes, or is to vote. In every
     * majority of the voters, this one among them, somebody with items holds everything up to there durably, and is sound.
     * With that, what is committed outlives whatever leaves a majority, as it would if all voters held items.
     *
     * <p>To be asked for a member that lacks what this leader's log begins with. Of one that votes already, as the only one of
     * its kind, nothing need be asked then: what is committed without it is so by a majority of others, who hold items; they
     * need not be here to say so.
     *
     * @param indexMin the log may begin behind this index at the earliest
     * @param indexMax and behind this one at the latest; not above what is committed
     * @return 0 when there is none at present
     */
    public long logBase(String member, long indexMin, long indexMax) {
        Configuration current = configurations.current();
        // Also before it has committed anything: that may wait for this very member.
        if (role != Role.LEADER || !current.isMember(member)) {
            return 0;
        }
        long lowest = Math.max(indexMin, log.baseIndex());
        Configuration next = current.isVoter(member)
                ? current
                : current.after(new ConfigurationChange.Promote(member), log.lastIndex() + 1);
        long index = Math.min(indexMax, heldInEveryMajority(next));
        if (index < lowest || index == 0 || !majoritiesHold(next, index)) {
            // Its own log, if it has one still, may begin behind that: then it takes what is offered later.
            index = isOnlyLogVoter(member) && lowest <= indexMax ? lowest : 0;
        }
        baseTold = Math.max(baseTold, index);
        return index;
    }

    /**
     * Leader: up to where members that keep the log alone may forget it: somebody with items in every majority holds that
     * durably. 0 for nothing.
     */
    public long forgettableIndex() {
        Configuration current = configurations.current();
        if (role != Role.LEADER || !majoritiesHold(current, baseTold)) {
            return 0;
        }
        long index = Math.min(commitIndex, heldInEveryMajority(current));
        baseTold = Math.max(baseTold, index);
        return index;
    }

    /**
     * Whether in every majority of a configuration a sound voter with items holds all up to the index, and all that leaders
     * before this one have let log members do without.
     */
    private boolean majoritiesHold(Configuration next, long index) {
        return heldInEveryMajority(next) >= Math.max(index, termStartIndex);
    }

    /**
     * Whether the member votes, and no other that keeps the log alone does, nor did in a configuration that may come back. What is
     * committed without it is then so by a majority of one of these whose voters all hold items; majorities of configurations
     * that follow each other overlap, so one of those voters is in every majority of each.
     */
    private boolean isOnlyLogVoter(String member) {
        for (Configuration known : configurations.all) {
            for (String voter : known.voters()) {
                if (Member.keepsLogAlone(voter) && !voter.equals(member)) {
                    return false;
                }
            }
        }
        return Member.keepsLogAlone(member) && configurations.current().isVoter(member);
    }

    /** In every majority of the configuration, and of those that may come back: what is not committed may be truncated. */
    private long heldInEveryMajority(Configuration next) {
        long held = heldInEveryMajorityOf(next);
        for (Configuration known : configurations.all) {
            held = Math.min(held, heldInEveryMajorityOf(known));
        }
        return held;
    }

    private long heldInEveryMajorityOf(Configuration configuration) {
        int voters = configuration.voters().size();
        int minority = voters - new Quorum(voters).majority();
        return followers.heldBy(minority + 1, configuration, writes.durableIndex());
    }

    /** Whether a snapshot taken at {@code index} may replace this replica's state machine now. */
    public boolean acceptsSnapshot(long index) {
        if (role == Role.LEADER) {
            return false;
        }
        return damaged ? index >= log.baseIndex() : index > commitIndex;
    }

    public boolean stateMachineDamaged() {
        return damaged;
    }

    /**
     * When the next {@link RaftEvent.Tick} has something to do, {@code Long.MAX_VALUE} for never: a partition at rest has no
     * timers. Ask again after every step, and never remember it.
     */
    public long nextTickNanos() {
        if (role != Role.LEADER) {
            if (!isCalm()) {
                return electionDeadlineNanos;
            }
            return damaged ? nextDamageReportNanos : Long.MAX_VALUE;
        }
        long next = Math.min(nextRoundNanos, quorumDeadlineNanos);
        for (Progress follower : followers.all()) {
            next = Math.min(next, follower.nextNudgeNanos);
        }
        if (transfer != null) {
            next = Math.min(next, Math.min(transfer.tellAgainNanos, transfer.deadlineNanos));
        }
        return next;
    }

    // ---------------------------------------------------------------- giving up a replica

    /**
     * Ends this object's part for good, in the middle of a step too: it may have been the leader, and threads may be
     * reading under its lease.
     */
    public void abandon() {
        lease.revoke();
        failed = true;
    }

    // ---------------------------------------------------------------- time

    private void onTick(long now) {
        advanceTime(now);
        if (role == Role.LEADER) {
            onLeaderTick();
            return;
        }
        reportDamageWhenDue();
        if (isCalm() || nowNanos < electionDeadlineNanos) {
            return;
        }
        electionsInVain++;
        electionDeadlineNanos = nowNanos + electionTimeoutNanos();
        if (releaseTerm != 0) {
            // Who still waits for this replica to lead must not wait for ever.
            release(releaseTerm);
        }
        if ((!damaged || waits) && !isLoyal() && support.diskProves() && configurations.mayBeVoter(config.self())) {
            askForPreVotes();
        }
    }

    private void onLeaderTick() {
        // Check-quorum (thesis, 6.2): a leader without a majority may have been replaced and must not linger.
        if (nowNanos >= quorumDeadlineNanos && !isSupported()) {
            becomeFollower(term, null);
            return;
        }
        advanceTransfer();
        if (nowNanos >= nextRoundNanos) {
            beginHeartbeatRound();
            return;
        }
        for (Progress follower : followers.all()) {
            if (nowNanos >= follower.nextNudgeNanos) {
                nudge(follower);
            }
        }
    }

    /** Support between this node and another began or ended. */
    private void onSupportChanged(String node, long now) {
        advanceTime(now);
        if (role != Role.LEADER) {
            return;
        }
        for (Progress follower : followers.all()) {
            if (Member.of(follower.name).node().equals(node) && lacksPromise(follower)) {
                nudge(follower);
            }
        }
    }

    private void advanceTime(long now) {
        Invariant.check(now >= 0, "time must not be negative");
        nowNanos = Math.max(nowNanos, now);
        if (calm && !isCalm()) {
            // The leader's node lost this node's support, and other replicas their leader with it: not all at once.
            calm = false;
            electionDeadlineNanos = nowNanos + electionStaggerNanos();
        }
    }

    /** Follows a leader whose node has this node's support: there is nothing to be done about it but to wait. */
    private boolean isCalm() {
        return role == Role.FOLLOWER
                && leader != null
                && promise != null
                && promise.to().equals(leader)
                && promiseStands();
    }

    private long firstElectionNanos(boolean owesLoyalty) {
        if (isAlone()) {
            return nowNanos;
        }
        return owesLoyalty
                ? loyalUntilNanos + randomBelow.applyAsLong(config.electionTimeoutNanosMax())
                : nowNanos + electionTimeoutNanos();
    }

    /** A node that stood still itself finds all support run out, and a moment later has new sessions and its leaders back. */
    private long electionStaggerNanos() {
        long max = config.electionStaggerNanosMax();
        return max / 4 + randomBelow.applyAsLong(max) + lastResortNanos();
    }

    /** One that has nothing but its log leaves it to the others to campaign, unless none of them can win. */
    private long lastResortNanos() {
        return leadsAsLastResort() ? config.electionTimeoutNanosMax() : 0;
    }

    /** It keeps the log alone, or its state machine can't go on: its log may still be the one that the others need. */
    private boolean leadsAsLastResort() {
        return keepsLogAlone || waits;
    }

    private long electionTimeoutNanos() {
        // A group that was split from another: who led that one leads on, as soon as the others have made their
        // replicas.
        if (isUntouched()
                && configurations.founding().index() > 0
                && config.preferredFirstLeader()
                && electionsInVain < FOUNDING_ELECTIONS_MAX) {
            return electionsInVain == 0
                    ? 0
                    : FOUNDING_ELECTION_NANOS + randomBelow.applyAsLong(FOUNDING_ELECTION_NANOS);
        }
        // At once, but not again and again: the others may not have made their replicas yet.
        if (isUntouched() && config.preferredFirstLeader() && electionsInVain == 0) {
            return randomBelow.applyAsLong(config.heartbeatIntervalNanos());
        }
        long min = config.electionTimeoutNanosMin();
        long timeout = min + randomBelow.applyAsLong(config.electionTimeoutNanosMax() - min) + lastResortNanos();
        if (isUntouched() && !config.preferredFirstLeader()) {
            return config.firstElectionNanos() + timeout;
        }
        // Where votes take long, for many partitions elect at once, asking again soon makes them take longer.
        return timeout << Math.clamp(electionsInVain - 2L, 0, ELECTION_DOUBLINGS_MAX);
    }

    /** Whether the group was just split from another, whose leader this replica was, and nobody leads it yet. */
    public boolean isFirstToLead() {
        ConfigurationStore.Founding founding = configurations.founding();
        return founding.index() > 0
                && config.preferredFirstLeader()
                && role != Role.LEADER
                && leader == null
                && log.lastIndex() == founding.index()
                && electionsInVain < FOUNDING_ELECTIONS_MAX;
    }

    /** The only voter has nobody to ask and nobody to be loyal to. */
    private boolean isAlone() {
        return configurations.current().voters().equals(List.of(config.self()));
    }

    /** Never voted, never heard a leader, never wrote: it can have promised nothing. */
    private boolean isUntouched() {
        ConfigurationStore.Founding founding = configurations.founding();
        return term == founding.term() && vote == null && log.lastIndex() == founding.index();
    }

    // ---------------------------------------------------------------- messages, by term (paper, 5.1)

    private void onReceived(RaftEvent.Received received) {
        advanceTime(received.nowNanos());
        String from = received.from();
        if (from.equals(config.self())) {
            return;
        }
        // Requests are taken from whoever sends them: this replica may not know yet that the sender has become a member
        // (thesis, 4.1). Answers are not: this replica asks members alone.
        if (isAnswer(received.message()) && !configurations.mayBeMember(from)) {
            return;
        }
        switch (received.message()) {
            case RaftMessage.PreVote preVote -> onPreVote(from, preVote);
            case RaftMessage.PreVoteReply reply -> onPreVoteReply(from, reply);
            case RaftMessage.Vote candidacy -> onVote(from, candidacy);
            case RaftMessage.VoteReply reply -> {
                stepDownIfBehind(reply.term());
                onVoteReply(from, reply);
            }
            case RaftMessage.Append append -> {
                if (followSender(from, append.term(), append.incarnation())) {
                    onAppend(from, append);
                } else {
                    sendOnceTermIsDurable(from, new RaftMessage.AppendReply(term, false, 0, 0, 0, 0, 0));
                }
            }
            case RaftMessage.Heartbeat heartbeat -> {
                if (followSender(from, heartbeat.term(), heartbeat.incarnation())) {
                    onHeartbeat(from, heartbeat);
                } else {
                    sendOnceTermIsDurable(from, new RaftMessage.HeartbeatReply(term, 0, false, 0, 0));
                }
            }
            case RaftMessage.Release release -> onRelease(from, release.term());
            case RaftMessage.TimeoutNow timeoutNow -> onTimeoutNow(from, timeoutNow);
            case RaftMessage.AppendReply reply -> {
                stepDownIfBehind(reply.term());
                Progress follower = follower(from);
                if (follower != null && reply.term() == term) {
                    follower.hear(reply.session(), reply.commitIndex());
                    onAppendReply(follower, reply);
                }
            }
            case RaftMessage.HeartbeatReply reply -> {
                stepDownIfBehind(reply.term());
                Progress follower = follower(from);
                if (follower != null && reply.term() == term) {
                    follower.hear(reply.session(), reply.commitIndex());
                    onHeartbeatReply(follower, reply);
                }
            }
        }
    }

    private static boolean isAnswer(RaftMessage message) {
        return switch (message) {
            case RaftMessage.PreVoteReply ignored -> true;
            case RaftMessage.VoteReply ignored -> true;
            case RaftMessage.AppendReply ignored -> true;
            case RaftMessage.HeartbeatReply ignored -> true;
            case RaftMessage.PreVote ignored -> false;
            case RaftMessage.Vote ignored -> false;
            case RaftMessage.Append ignored -> false;
            case RaftMessage.Heartbeat ignored -> false;
            case RaftMessage.Release ignored -> false;
            case RaftMessage.TimeoutNow ignored -> false;
        };
    }

    private void stepDownIfBehind(long seenTerm) {
        if (seenTerm > term) {
            becomeFollower(seenTerm, null);
        }
    }

    /**
     * Takes the sender of an append or heartbeat as leader, unless its term is over: then it is told the present term, or
     * a replica that came back with a higher one could never be led again.
     */
    private boolean followSender(String from, long senderTerm, long incarnation) {
        if (senderTerm < term) {
            return false;
        }
        if (senderTerm == term) {
            Invariant.check(role != Role.LEADER, "two leaders of one term");
            Invariant.check(leader == null || leader.equals(from), "two leaders of one term");
        }
        if (senderTerm > term || role != Role.FOLLOWER || leader == null) {
            becomeFollower(senderTerm, from);
        }
        promiseLoyalty(from, incarnation);
        electionsInVain = 0;
        electionDeadlineNanos = nowNanos + electionTimeoutNanos();
        return true;
    }

    /**
     * This replica will neither campaign nor vote for another while its node supports the leader's in the present session.
     * A promise to a leader before this one is void: a majority would not have elected this one while that one's lease held.
     * Nothing is promised to a message that came late, from a life of the leader's node that is over: in that node as it is
     * now nobody leads this term, and perhaps nobody knows that anybody did.
     */
    private void promiseLoyalty(String newLeader, long incarnation) {
        PeerSupport peer = promise != null && promise.to().equals(newLeader)
                ? promise.support()
                : support.peer(Member.of(newLeader).node());
        long session = peer.given(incarnation);
        if (session == 0) {
            promise = null;
            return;
        }
        if (promise == null
                || promise.session() != session
                || promise.term() != term
                || !promise.to().equals(newLeader)) {
            promise = new Promise(newLeader, peer, session, term);
        }
    }

    /**
     * The session of the promise to this term's leader, for an answer to it; 0 without one, or as long as this replica's
     * newest configuration does not hold the leader, for then it would not keep the promise.
     */
    private long promisedSession() {
        return promise != null && promise.term() == term && promiseStands() ? promise.session() : 0;
    }

    /** The sender led this term and will never lead it again. */
    private void onRelease(String from, long releasedTerm) {
        if (promise != null && promise.to().equals(from) && promise.term() <= releasedTerm) {
            promise = null;
        }
        if (role == Role.FOLLOWER && term == releasedTerm && from.equals(leader)) {
            leader = null;
            calm = false;
            electionDeadlineNanos = nowNanos + electionStaggerNanos();
        }
    }

    private void becomeFollower(long newTerm, @Nullable String newLeader) {
        Invariant.check(newTerm >= term, "the term went back");
        if (role == Role.LEADER) {
            // Before anything that this replica may do for another leader: threads may be reading under the lease.
            lease.revoke();
            releaseTerm = term;
            release(term);
            reads.failAll(effects);
            termStartIndex = Long.MAX_VALUE;
            uncommitted.clear();
            uncommittedBytes = 0;
            transfer = null;
            leaseForfeited = false;
        }
        candidateByTransfer = false;
        if (newTerm > term) {
            saveHardState(newTerm, null);
        }
        role = Role.FOLLOWER;
        leader = newLeader;
        electionDeadlineNanos = nowNanos + electionTimeoutNanos();
    }

    private void saveHardState(long newTerm, @Nullable String newVote) {
        Invariant.check(newTerm > term || (newTerm == term && vote == null), "a vote was changed");
        if (newTerm > term) {
            held.clear();
            verifiedIndex = commitIndex;
            acknowledgedIndex = -1;
            acknowledgementOwed = false;
        }
        term = newTerm;
        vote = newVote;
        log.saveHardState(new HardState(newTerm, newVote));
        writes.changed();
        hardStateSequence = writes.currentSequence();
    }

    private boolean isHardStateDurable() {
        return writes.durableSequence() >= hardStateSequence;
    }

    private void sendOnceTermIsDurable(String to, RaftMessage message) {
        if (isHardStateDurable()) {
            effects.addSend(to, message);
            return;
        }
        if (held.size() == HELD_MESSAGES_MAX) {
            held.removeFirst();
        }
        held.add(new Envelope(to, message));
    }

    // ---------------------------------------------------------------- election (paper, 5.2 and 5.4.1; thesis, 9.6)

    private void askForPreVotes() {
        role = Role.PRE_CANDIDATE;
        leader = null;
        ballot.begin();
        if (tally(config.self(), true) == Quorum.Outcome.WON) {
            becomeCandidate(false);
            return;
        }
        broadcast(new RaftMessage.PreVote(term + 1, log.lastIndex(), lastTerm()));
    }

    private void becomeCandidate(boolean byTransfer) {
        Invariant.check(byTransfer || !isLoyal(), "a candidate that is loyal to a leader");
        candidateByTransfer = byTransfer;
        role = Role.CANDIDATE;
        leader = null;
        saveHardState(term + 1, config.self());
        electionDeadlineNanos = nowNanos + electionTimeoutNanos();
        ballot.begin();
        // Its own vote counts, and the others are asked, once the vote is durable: see onDurable.
    }

    private void becomeLeader() {
        Invariant.check(isHardStateDurable(), "a leader whose vote is not durable");
        role = Role.LEADER;
        leader = config.self();
        termStartIndex = log.lastIndex() + 1;
        baseTold = 0;
        releaseTerm = 0;
        electionsInVain = 0;
        followers = new Followers(config.self(), configurations.current(), support, termStartIndex);
        rounds = new HeartbeatRounds(followers);
        lease = followers.lease();
        quorumDeadlineNanos = nowNanos + config.unsupportedNanosMax();
        nextRoundNanos = Long.MAX_VALUE;
        // Only an entry of its own term lets a leader count replicas (5.4.2), so it makes one at once (thesis, 6.4).
        appendOwn(List.of(new LogEntry(termStartIndex, term, ByteString.EMPTY)), 0);
    }

    private Quorum.Outcome tally(String voter, boolean granted) {
        ballot.answer(voter, granted);
        return ballot.outcome(configurations.current());
    }

    private void onPreVote(String from, RaftMessage.PreVote preVote) {
        // Who can't hear the leader asks the others: a voter that still supports the leader's node says no.
        if (preVote.term() > term && !isLoyalAgainst(from) && isUpToDate(preVote.lastIndex(), preVote.lastTerm())) {
            // It is the other's turn now; both at once would split the votes.
            electionDeadlineNanos = Math.max(electionDeadlineNanos, nowNanos + electionTimeoutNanos());
            effects.addSend(from, new RaftMessage.PreVoteReply(preVote.term(), true));
            return;
        }
        sendOnceTermIsDurable(from, new RaftMessage.PreVoteReply(term, false));
    }

    private void onPreVoteReply(String from, RaftMessage.PreVoteReply reply) {
        if (!reply.granted()) {
            stepDownIfBehind(reply.term());
        }
        if (role != Role.PRE_CANDIDATE || (reply.granted() && reply.term() != term + 1)) {
            return;
        }
        switch (tally(from, reply.granted())) {
            case WON -> becomeCandidate(false);
            case LOST -> becomeFollower(term, null);
            case OPEN -> {}
        }
    }

    private void onVote(String from, RaftMessage.Vote candidacy) {
        if (candidacy.term() > term) {
            if (isLoyalAgainst(from) && !candidacy.transfer()) {
                return;
            }
            becomeFollower(candidacy.term(), null);
        }
        if (candidacy.term() < term) {
            sendOnceTermIsDurable(from, new RaftMessage.VoteReply(term, false));
            return;
        }
        // Loyalty is owed also when the term came with some other message than the request for the vote.
        boolean free =
                vote == null ? leader == null && (candidacy.transfer() || !isLoyalAgainst(from)) : vote.equals(from);
        boolean granted = free && isUpToDate(candidacy.lastIndex(), candidacy.lastTerm());
        if (granted) {
            if (vote == null) {
                saveHardState(term, from);
            }
            electionDeadlineNanos = nowNanos + electionTimeoutNanos();
        }
        sendOnceTermIsDurable(from, new RaftMessage.VoteReply(term, granted));
    }

    private void onVoteReply(String from, RaftMessage.VoteReply reply) {
        if (role != Role.CANDIDATE || reply.term() != term) {
            return;
        }
        switch (tally(from, reply.granted())) {
            case WON -> becomeLeader();
            case LOST -> becomeFollower(term, null);
            case OPEN -> {}
        }
    }

    /** Whether this replica must not campaign. */
    private boolean isLoyal() {
        return role == Role.LEADER || nowNanos < loyalUntilNanos || promiseStands();
    }

    /** A leader that its newest configuration does not hold has no lease, so nothing is owed to it. */
    private boolean promiseStands() {
        return promise != null && promise.stands() && configurations.current().isVoter(promise.to());
    }

    /** Whether this replica must not vote for the candidate (thesis, 4.2.3 and 6.4.1). */
    private boolean isLoyalAgainst(String candidate) {
        return role == Role.LEADER
                || nowNanos < loyalUntilNanos
                || (promiseStands() && promise != null && !promise.to().equals(candidate));
    }

    private boolean isUpToDate(long lastIndex, long lastTerm) {
        long ownLastTerm = lastTerm();
        return lastTerm != ownLastTerm ? lastTerm > ownLastTerm : lastIndex >= log.lastIndex();
    }

    private long lastTerm() {
        return log.term(log.lastIndex());
    }

    /**
     * Also to those that an entry of this replica's takes out of the group, or took in: they may have promised to follow it, and it is
     * not sure which configuration holds. Such a message may get lost, and who is led by another now need not hear of that leader;
     * so it is told again whenever this replica has none.
     */
    private void release(long ledTerm) {
        configurations.all.stream()
                .flatMap(each -> each.voters().stream())
                .distinct()
                .filter(voter -> !voter.equals(config.self()))
                .forEach(voter -> effects.addSend(voter, new RaftMessage.Release(ledTerm)));
    }

    private void broadcast(RaftMessage message) {
        for (String voter : configurations.current().voters()) {
            if (!voter.equals(config.self())) {
                effects.addSend(voter, message);
            }
        }
    }

    // ---------------------------------------------------------------- durability

    private void onDurable(long sequence) {
        boolean wasHardStateDurable = isHardStateDurable();
        writes.durable(sequence);
        if (!wasHardStateDurable && isHardStateDurable()) {
            for (Envelope envelope : held) {
                effects.addSend(envelope.to(), envelope.message());
            }
            held.clear();
            if (role == Role.CANDIDATE) {
                askForVotes();
            }
        }
        if (role == Role.LEADER) {
            advanceCommitIndex();
            advanceTransfer();
        } else {
            acknowledge();
        }
    }

    private void askForVotes() {
        if (tally(config.self(), true) == Quorum.Outcome.WON) {
            becomeLeader();
            return;
        }
        broadcast(new RaftMessage.Vote(term, log.lastIndex(), lastTerm(), candidateByTransfer));
    }

    // ---------------------------------------------------------------- follower (paper, 5.3)

    private void onAppend(String from, RaftMessage.Append append) {
        long previousIndex = append.previousIndex();
        List<LogEntry> entries = append.entries();
        int count = entries.size();
        if (previousIndex > log.lastIndex()
                || (previousIndex > commitIndex && log.term(previousIndex) != append.previousTerm())) {
            refuse(from, append);
            return;
        }
        // Up to the commit index the logs agree (leader completeness); terms there may be compacted away.
        int skip = (int) Math.min(count, Math.max(0, commitIndex - previousIndex));
        if (skip > 0 && previousIndex + skip >= log.baseIndex()) {
            Invariant.check(
                    log.term(previousIndex + skip) == entries.get(skip - 1).term(),
                    "a committed entry differs from the leader's");
        }
        while (skip < count
                && previousIndex + skip < log.lastIndex()
                && log.term(previousIndex + skip + 1) == entries.get(skip).term()) {
            skip++;
        }
        if (skip < count) {
            appendFrom(previousIndex + skip + 1, skip == 0 ? entries : entries.subList(skip, count));
        }
        verifiedIndex = Math.max(verifiedIndex, previousIndex + count);
        commitTo(append.commitIndex());
        acknowledgementOwed = true;
        acknowledge();
    }

    private void appendFrom(long firstIndex, List<LogEntry> entries) {
        Invariant.check(entries.getFirst().index() == firstIndex, "an append with a gap");
        Invariant.check(firstIndex > commitIndex, "a committed entry would be truncated");
        Invariant.check(firstIndex > verifiedIndex, "an entry of this leader would be truncated");
        if (firstIndex <= log.lastIndex()) {
            writes.truncatedFrom(firstIndex);
            configurations.truncatedFrom(firstIndex);
        }
        log.append(entries);
        entries.forEach(configurations::appended);
        writes.changed();
    }

    /** Says where the logs may agree: the leader skips a whole term of conflicts at once (paper, end of 5.3). */
    private void refuse(String from, RaftMessage.Append append) {
        long hintIndex =
                lastIndexWithTermAtMost(Math.min(append.previousIndex() - 1, log.lastIndex()), append.previousTerm());
        sendOnceTermIsDurable(
                from,
                new RaftMessage.AppendReply(
                        term,
                        false,
                        append.previousIndex(),
                        hintIndex,
                        log.term(hintIndex),
                        commitIndex,
                        promisedSession()));
    }

    /** The largest index up to {@code index} that has at most this term; the base when there is none above it. */
    private long lastIndexWithTermAtMost(long index, long termMax) {
        long candidate = index;
        while (candidate > log.baseIndex() && log.term(candidate) > termMax) {
            candidate--;
        }
        return Math.max(candidate, log.baseIndex());
    }

    private void onHeartbeat(String from, RaftMessage.Heartbeat heartbeat) {
        // Never past what this replica acknowledged in this term (sendHeartbeat), be it before a restart: without
        // this, a follower that restarts under an idle leader would not commit until the next append.
        verifiedIndex = Math.max(verifiedIndex, Math.min(heartbeat.commitIndex(), log.lastIndex()));
        commitTo(heartbeat.commitIndex());
        sendOnceTermIsDurable(
                from, new RaftMessage.HeartbeatReply(term, heartbeat.round(), damaged, commitIndex, promisedSession()));
        acknowledge();
    }

    /** An idle leader does not ask: a replica that needs a snapshot says so, again and again. */
    private void reportDamageWhenDue() {
        if (!damaged || leader == null || nowNanos < nextDamageReportNanos) {
            return;
        }
        nextDamageReportNanos = nowNanos + config.electionTimeoutNanosMin();
        sendOnceTermIsDurable(leader, new RaftMessage.HeartbeatReply(term, 0, true, commitIndex, promisedSession()));
    }

    /** A follower commits only what it knows to agree with this term's leader. */
    private void commitTo(long leaderCommitIndex) {
        commitIndex = Math.max(commitIndex, Math.min(leaderCommitIndex, verifiedIndex));
    }

    /** Tells the leader what is durable here, once for all the appends that one sync covered. */
    private void acknowledge() {
        if (!acknowledgementOwed || leader == null || !isHardStateDurable()) {
            return;
        }
        long durable = Math.min(writes.durableIndex(), verifiedIndex);
        if (durable < verifiedIndex && durable <= acknowledgedIndex) {
            return;
        }
        effects.addSend(leader, new RaftMessage.AppendReply(term, true, durable, 0, 0, commitIndex, promisedSession()));
        acknowledgedIndex = durable;
        acknowledgementOwed = durable < verifiedIndex;
    }

    private void onSnapshotInstalled(long index, long snapshotTerm) {
        Invariant.check(role != Role.LEADER, "a leader installed a snapshot");
        configurations.replaced();
        if (index <= commitIndex) {
            return;
        }
        if (snapshotTerm > term) {
            becomeFollower(snapshotTerm, null);
        }
        if (index > log.lastIndex() || log.term(index) != snapshotTerm) {
            resetLog(index, snapshotTerm);
        }
        commitIndex = index;
        verifiedIndex = Math.max(verifiedIndex, index);
        acknowledgementOwed = true;
        acknowledge();
    }

    private void onCommitProven(long index, long entryTerm) {
        if (index > commitIndex && index <= log.lastIndex() && log.term(index) == entryTerm) {
            verifiedIndex = Math.max(verifiedIndex, index);
            commitIndex = index;
        }
    }

    private void resetLog(long index, long snapshotTerm) {
        // Until the reset is durable, a crash brings back the old log, of which only the committed part is sure.
        writes.truncatedFrom(Math.min(commitIndex, log.lastIndex()) + 1);
        log.resetTo(index, snapshotTerm);
        configurations.logReset();
        writes.changed();
    }

    private void onStateMachineDamaged(boolean forWaiting, long now) {
        advanceTime(now);
        damaged = true;
        waits = forWaiting;
        if (role != Role.FOLLOWER) {
            becomeFollower(term, null);
        } else if (waits) {
            electionDeadlineNanos = nowNanos + electionTimeoutNanos();
        }
        nextDamageReportNanos = nowNanos;
    }

    private void onStateMachineRepaired() {
        damaged = false;
        waits = false;
    }

    // ---------------------------------------------------------------- leader: replication (paper, 5.3)

    private void onPropose(RaftEvent.Propose propose) {
        advanceTime(propose.nowNanos());
        if (!takesProposals()) {
            return;
        }
        if (transfer != null) {
            effects.proposal(new ProposalResult.Transferring(transfer.target));
            return;
        }
        List<ByteString> payloads = propose.payloads();
        long firstIndex = log.lastIndex() + 1;
        List<LogEntry> entries = new ArrayList<>(payloads.size());
        long bytes = 0;
        for (int i = 0; i < payloads.size(); i++) {
            ByteString payload = payloads.get(i);
            bytes += payload.size();
            entries.add(new LogEntry(firstIndex + i, term, payload));
        }
        if (uncommittedBytes > 0 && uncommittedBytes + bytes > config.uncommittedBytesMax()) {
            effects.proposal(new ProposalResult.Overloaded());
            return;
        }
        effects.proposal(new ProposalResult.Accepted(firstIndex, term));
        appendOwn(Collections.unmodifiableList(entries), bytes);
    }

    /** One that has nothing but its log can't judge a proposal, and leads no longer than it must. */
    private boolean takesProposals() {
        if (role == Role.LEADER && !leadsAsLastResort()) {
            return true;
        }
        effects.proposal(new ProposalResult.NotLeader(role == Role.LEADER ? null : leader));
        return false;
    }

    private void appendOwn(List<LogEntry> entries, long bytes) {
        long previousIndex = log.lastIndex();
        if (bytes <= config.appendBytesMax()) {
            sharedAppend = new RaftMessage.Append(
                    term, previousIndex, lastTerm(), commitIndex, support.incarnation(), entries);
            sharedAppendBytes = bytes;
        }
        log.append(entries);
        writes.changed();
        uncommitted.add(log.lastIndex(), bytes);
        uncommittedBytes += bytes;
        for (Progress follower : followers.all()) {
            sendAppends(follower);
        }
    }

    /** Sends what the follower lacks, as much as its window takes. */
    private void sendAppends(Progress follower) {
        switch (follower.state) {
            case SNAPSHOT -> {}
            case PROBE -> {
                if (!follower.probeSent) {
                    sendAppend(follower, config.appendBytesMax());
                }
            }
            case REPLICATE -> {
                while (follower.state == Progress.State.REPLICATE
                        && follower.next <= log.lastIndex()
                        && !follower.isWindowFull(config)) {
                    sendAppend(follower, config.appendBytesMax());
                }
            }
        }
    }

    /** Sends one append from the follower's next index on; without entries for {@code bytesMax} 0. */
    private void sendAppend(Progress follower, int bytesMax) {
        long previousIndex = follower.next - 1;
        if (previousIndex < log.baseIndex() || follower.needsBase()) {
            askForSnapshot(follower);
            return;
        }
        RaftMessage.Append append = sharedAppend;
        if (bytesMax == 0) {
            append = new RaftMessage.Append(
                    term, previousIndex, log.term(previousIndex), commitIndex, support.incarnation(), List.of());
        } else if (append == null || append.previousIndex() != previousIndex || append.commitIndex() != commitIndex) {
            append = new RaftMessage.Append(
                    term,
                    previousIndex,
                    log.term(previousIndex),
                    commitIndex,
                    support.incarnation(),
                    log.entries(follower.next, config.appendBytesMax()));
            sharedAppendBytes = payloadBytes(append.entries());
            sharedAppend = append;
        }
        effects.addSend(follower.name, append);
        if (follower.state == Progress.State.PROBE) {
            follower.probeSent = true;
        } else if (!append.entries().isEmpty()) {
            follower.sent(previousIndex + append.entries().size(), sharedAppendBytes);
        }
    }

    private static long payloadBytes(List<LogEntry> entries) {
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).payload().size();
        }
        return bytes;
    }

    private void askForSnapshot(Progress follower) {
        if (!follower.heard) {
            // It may be down for long; a heartbeat's answer brings us back here.
            follower.probeSent = true;
            return;
        }
        follower.become(Progress.State.SNAPSHOT, follower.next);
        requestSnapshot(follower);
    }

    private void requestSnapshot(Progress follower) {
        if (!follower.snapshotPending) {
            follower.snapshotPending = true;
            effects.addSnapshotToSend(follower.name);
        }
    }

    private void onAppendReply(Progress follower, RaftMessage.AppendReply reply) {
        if (reply.accepted()) {
            onAccepted(follower, reply.matchIndex());
        } else {
            onRefused(follower, reply);
        }
    }

    private void onAccepted(Progress follower, long matchIndex) {
        Invariant.check(matchIndex <= log.lastIndex(), "a follower holds more than its leader");
        boolean grew = matchIndex > follower.match;
        follower.matched(matchIndex);
        switch (follower.state) {
            case REPLICATE -> {}
            case PROBE -> {
                if (matchIndex >= follower.match) {
                    follower.become(Progress.State.REPLICATE, follower.match + 1);
                }
            }
            case SNAPSHOT -> {
                if (follower.match >= log.baseIndex()) {
                    follower.become(Progress.State.REPLICATE, follower.match + 1);
                }
            }
        }
        if (!follower.voter) {
            follower.catchUp(log.lastIndex(), nowNanos, config.electionTimeoutNanosMin());
        }
        if (grew) {
            advanceCommitIndex();
            advanceTransfer();
        }
        if (role == Role.LEADER) {
            sendAppends(follower);
        }
    }

    private void onRefused(Progress follower, RaftMessage.AppendReply reply) {
        long refusedIndex = reply.matchIndex();
        switch (follower.state) {
            case SNAPSHOT -> {}
            case REPLICATE -> {
                if (refusedIndex > follower.match) {
                    follower.become(Progress.State.PROBE, follower.match + 1);
                    sendAppends(follower);
                }
            }
            case PROBE -> {
                if (refusedIndex != follower.next - 1) {
                    return;
                }
                long agreeing = reply.hintIndex() < log.baseIndex()
                        ? reply.hintIndex()
                        : lastIndexWithTermAtMost(Math.min(reply.hintIndex(), log.lastIndex()), reply.hintTerm());
                long next = Math.max(Math.min(refusedIndex, agreeing + 1), follower.match + 1);
                follower.become(Progress.State.PROBE, next);
                if (next <= refusedIndex) {
                    sendAppends(follower);
                }
                // Else it has forgotten what it had acknowledged, and would refuse the same again, as fast as messages
                // go.
            }
        }
    }

    /** Counts replicas, for entries of its own term alone (paper, 5.4.2); its own log counts once it is durable. */
    private void advanceCommitIndex() {
        long agreed = followers.agreedMatch(writes.durableIndex());
        if (agreed <= commitIndex || agreed < termStartIndex) {
            return;
        }
        Invariant.check(log.term(agreed) == term, "an entry of another term would be committed by counting");
        boolean firstOfTerm = commitIndex < termStartIndex;
        commitIndex = agreed;
        while (!uncommitted.isEmpty() && uncommitted.key() <= commitIndex) {
            uncommittedBytes -= uncommitted.value();
            uncommitted.remove();
        }
        stepDownIfRemoved();
        if (role == Role.LEADER && firstOfTerm && reads.canBeginBatch()) {
            beginHeartbeatRound();
        }
    }

    private boolean isTermCommitted() {
        return role == Role.LEADER && commitIndex >= termStartIndex;
    }

    private void onSnapshotSent(String to, long index) {
        Progress follower = follower(to);
        if (follower == null) {
            return;
        }
        Invariant.check(index <= commitIndex, "a snapshot of what is not committed");
        follower.snapshotPending = false;
        if (follower.state == Progress.State.SNAPSHOT) {
            follower.become(Progress.State.PROBE, Math.max(follower.match, index) + 1);
            sendAppends(follower);
        }
    }

    private void onSnapshotFailed(String to) {
        Progress follower = follower(to);
        if (follower == null) {
            return;
        }
        follower.snapshotPending = false;
        if (follower.state == Progress.State.SNAPSHOT) {
            follower.become(Progress.State.PROBE, follower.match + 1);
            follower.probeSent = true;
        }
    }

    private void onPeerUnreachable(String to) {
        Progress follower = follower(to);
        if (follower != null && follower.state == Progress.State.REPLICATE) {
            follower.become(Progress.State.PROBE, follower.match + 1);
        }
    }

    /** Null when this replica doesn't lead or doesn't know the node. */
    private @Nullable Progress follower(String name) {
        return role == Role.LEADER ? followers.find(name) : null;
    }

    // ---------------------------------------------------------------- leader: membership (thesis, chapter 4)

    private void onChangeConfiguration(RaftEvent.ChangeConfiguration event) {
        advanceTime(event.nowNanos());
        if (!takesProposals()) {
            return;
        }
        if (transfer != null) {
            effects.proposal(new ProposalResult.Transferring(transfer.target));
            return;
        }
        ChangeRefusal refusal = refusalOf(event.change());
        if (refusal != null) {
            effects.proposal(new ProposalResult.ChangeRefused(refusal));
            return;
        }
        long index = log.lastIndex() + 1;
        Configuration next = configurations.current().after(event.change(), index);
        LogEntry entry = new LogEntry(index, term, configurations.encode(next));
        // In force at once: the entry itself goes to the new members, and is counted by the new majority.
        configurations.appended(entry);
        lease.revoke();
        followers.follow(configurations.current(), index);
        lease = leaseForfeited ? Lease.NONE : followers.lease();
        effects.proposal(new ProposalResult.Accepted(index, term));
        appendOwn(List.of(entry), entry.payload().size());
    }

    private @Nullable ChangeRefusal refusalOf(ConfigurationChange change) {
        Configuration current = configurations.current();
        if (!configurations.settled(commitIndex)) {
            return ChangeRefusal.CHANGE_PENDING;
        }
        if (!isTermCommitted()) {
            return ChangeRefusal.TERM_NOT_COMMITTED;
        }
        return switch (change) {
            case ConfigurationChange.AddLearner add ->
                current.isMember(add.member()) ? ChangeRefusal.MEMBER_ALREADY : null;
            case ConfigurationChange.Promote promote -> {
                if (!current.isLearner(promote.member())) {
                    yield ChangeRefusal.NO_SUCH_MEMBER;
                }
                if (!hasCaughtUp(promote.member())) {
                    yield ChangeRefusal.NOT_CAUGHT_UP;
                }
                yield !Member.keepsLogAlone(promote.member()) || majoritiesHoldAfter(change)
                        ? null
                        : ChangeRefusal.TOO_FEW_FULL;
            }
            case ConfigurationChange.Demote demote -> {
                if (!current.isVoter(demote.member())) {
                    yield ChangeRefusal.NO_SUCH_MEMBER;
                }
                if (!followers.majorityWithout(demote.member(), this::isOfUse)) {
                    yield ChangeRefusal.TOO_FEW_LIVE;
                }
                // Else the loss of one more that holds items could be the loss of all.
                yield current.isMostlyFullWithout(demote.member()) && majoritiesHoldAfter(change)
                        ? null
                        : ChangeRefusal.TOO_FEW_FULL;
            }
            case ConfigurationChange.Remove remove -> {
                if (!current.isMember(remove.member())) {
                    yield ChangeRefusal.NO_SUCH_MEMBER;
                }
                if (current.isLearner(remove.member())) {
                    yield null;
                }
                if (!followers.majorityWithout(remove.member(), this::isOfUse)) {
                    yield ChangeRefusal.TOO_FEW_LIVE;
                }
                yield Member.keepsLogAlone(remove.member()) || majoritiesHoldAfter(change)
                        ? null
                        : ChangeRefusal.TOO_FEW_FULL;
            }
        };
    }

    /** A group whose voters all hold items asks for nothing here. */
    private boolean majoritiesHoldAfter(ConfigurationChange change) {
        Configuration next = configurations.current().after(change, log.lastIndex() + 1);
        // What was before is committed and does not come back: the one that goes may hold nothing.
        return next.fullVoters().size() == next.voters().size()
                || heldInEveryMajorityOf(next) >= Math.max(baseTold, termStartIndex);
    }

    private boolean isOfUse(Progress follower) {
        return isLive(follower) && follower.match >= commitIndex;
    }

    /** A leader that is no longer a voter leads until that is committed (thesis, 4.2.2). */
    private void stepDownIfRemoved() {
        Configuration current = configurations.current();
        if (current.index() <= commitIndex && !current.isVoter(config.self())) {
            // The others learn of the commit with the last heartbeat.
            beginHeartbeatRound();
            becomeFollower(term, null);
        }
    }

    // ---------------------------------------------------------------- transfer of leadership (thesis, 3.10)

    private void onTransferLeadership(RaftEvent.TransferLeadership event) {
        advanceTime(event.nowNanos());
        Progress target = follower(event.to());
        if (target == null || !target.voter || target.keepsLogAlone || transfer != null || !isTermCommitted()) {
            return;
        }
        beginTransfer(target);
    }

    private void beginTransfer(Progress target) {
        transfer = new Transfer(target.name, nowNanos + config.electionTimeoutNanosMin());
        sendAppends(target);
        advanceTransfer();
    }

    /**
     * One that has nothing but its log won because no other could: some entry may be committed that nobody else who is here
     * has. It brings its log to the voter with items that has the most, and hands over to that. Where that has as much
     * as it has itself, it does not wait until its term is committed: others may lack what its log no longer holds, and the
     * successor's does.
     */
    private void handOverToFullMember() {
        String successor = transfer == null ? bestSuccessor() : null;
        Progress target = successor == null ? null : follower(successor);
        if (target != null && (isTermCommitted() || target.match == log.lastIndex())) {
            beginTransfer(target);
        }
    }

    private void advanceTransfer() {
        Transfer current = transfer;
        if (current == null) {
            return;
        }
        Progress target = follower(current.target);
        if (nowNanos >= current.deadlineNanos || target == null || !target.voter) {
            // "If leadership transfer does not complete after about an election timeout, the prior leader aborts the
            // transfer and resumes accepting client requests." The target may have begun a term whose votes were lost:
            // in an
            // idle group nobody else would tell this leader, whom all that voted still support.
            transfer = null;
            beginHeartbeatRound();
            return;
        }
        boolean ready = target.match == log.lastIndex() && (commitIndex == log.lastIndex() || leadsAsLastResort());
        if (!ready || (current.told() && nowNanos < current.tellAgainNanos)) {
            return;
        }
        // First the lease, then the message: see Transfer.
        lease.revoke();
        leaseForfeited = true;
        current.tellAgainNanos = nowNanos + config.heartbeatIntervalNanos();
        effects.addSend(target.name, new RaftMessage.TimeoutNow(term));
    }

    private void onTimeoutNow(String from, RaftMessage.TimeoutNow timeoutNow) {
        if (timeoutNow.term() == term
                && role == Role.FOLLOWER
                && from.equals(leader)
                && !damaged
                && configurations.current().isVoter(config.self())) {
            becomeCandidate(true);
        }
    }

    // ---------------------------------------------------------------- leader: what followers lack

    /** Arms the timers for what is not acknowledged, and for the case that a majority's support is missing. */
    private void watchFollowers() {
        for (Progress follower : followers.all()) {
            if (!lacksSomething(follower)) {
                follower.nextNudgeNanos = Long.MAX_VALUE;
            } else if (follower.nextNudgeNanos == Long.MAX_VALUE) {
                follower.nextNudgeNanos = nowNanos + config.heartbeatIntervalNanos();
            }
        }
        if (reads.size() == 0) {
            nextRoundNanos = Long.MAX_VALUE;
        } else if (nextRoundNanos == Long.MAX_VALUE) {
            nextRoundNanos = nowNanos + config.heartbeatIntervalNanos();
        }
        if (isSupported()) {
            quorumDeadlineNanos = Long.MAX_VALUE;
        } else if (quorumDeadlineNanos == Long.MAX_VALUE) {
            quorumDeadlineNanos = nowNanos + config.unsupportedNanosMax();
        }
    }

    private boolean lacksSomething(Progress follower) {
        return follower.match < log.lastIndex()
                || follower.commit < commitIndex
                || follower.damaged
                || (!follower.saidHowItIs && configurations.current().hasLogMembers())
                || lacksPromise(follower);
    }

    /** Its node supports this one in a session in which it has not promised this leader anything. */
    private static boolean lacksPromise(Progress follower) {
        long session = follower.support.received();
        return session != 0 && session != follower.promisedSession;
    }

    private boolean isSupported() {
        return followers.isSupported(nowNanos);
    }

    /** Asks the follower where it stands, and tells it what is committed. */
    private void nudge(Progress follower) {
        sendHeartbeat(follower, rounds.current());
        // A node that gives no support is down or far away, and is back in touch when its support is.
        int intervals = follower.support.received() == 0 ? SILENT_INTERVALS : 1;
        follower.nextNudgeNanos = nowNanos + intervals * config.heartbeatIntervalNanos();
    }

    private void sendHeartbeat(Progress follower, long round) {
        effects.addSend(
                follower.name,
                new RaftMessage.Heartbeat(term, Math.min(commitIndex, follower.match), round, support.incarnation()));
    }

    // ---------------------------------------------------------------- leader: reads (thesis, 6.4)

    private void beginHeartbeatRound() {
        long round = rounds.begin();
        nextRoundNanos = nowNanos + config.heartbeatIntervalNanos();
        if (isTermCommitted() && reads.canBeginBatch()) {
            reads.beginBatch(commitIndex, round);
        }
        for (Progress follower : followers.all()) {
            sendHeartbeat(follower, round);
        }
        reads.confirmed(rounds.confirmed(), effects);
    }

    private void onHeartbeatReply(Progress follower, RaftMessage.HeartbeatReply reply) {
        rounds.answered(follower, reply.round());
        reads.confirmed(rounds.confirmed(), effects);
        if (isTermCommitted() && reads.canBeginBatch()) {
            beginHeartbeatRound();
        }
        follower.damaged = reply.wantsSnapshot();
        follower.saidHowItIs = true;
        if (reply.wantsSnapshot()) {
            requestSnapshot(follower);
        }
        switch (follower.state) {
            case SNAPSHOT -> {}
            case PROBE -> {
                follower.probeSent = false;
                // What it knows as committed it has, and so has every leader after it (paper, 5.4.3): a follower that
                // took
                // in a snapshot and could not say so needs no other.
                if (!reply.wantsSnapshot() && follower.next <= reply.commitIndex()) {
                    follower.become(Progress.State.PROBE, Math.min(reply.commitIndex(), log.lastIndex()) + 1);
                }
                sendAppends(follower);
            }
            case REPLICATE -> {
                // Appends may be lost without a sign. If it has not moved since its last answer, ask where it is.
                if (follower.match < log.lastIndex() && !follower.advanced) {
                    sendAppend(follower, 0);
                }
                follower.advanced = false;
            }
        }
    }

    private void onReadIndex(RaftEvent.ReadIndex read) {
        advanceTime(read.nowNanos());
        if (role != Role.LEADER || reads.size() >= config.readsPendingMax()) {
            effects.addReadFailed(read.contextId());
            return;
        }
        reads.add(read.contextId());
        if (isTermCommitted() && reads.canBeginBatch()) {
            beginHeartbeatRound();
        }
    }
}
