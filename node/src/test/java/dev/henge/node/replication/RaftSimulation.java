package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import dev.henge.node.liveness.LivenessConfig;
import dev.henge.node.liveness.NodeLiveness;
import dev.henge.node.liveness.SupportMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A group of replicas under a seeded scheduler: messages are lost, doubled, late and out of order, links break, nodes
 * crash and lose what was not synced, syncs are slow or hang, clocks run at different speeds within the configured bound,
 * logs are compacted and snapshots sent. Where there are more nodes than first voters, members are added, promoted, removed
 * and replaced under another generation when they lose their log, and leadership is handed over, all at random. The nodes support each other by {@link NodeLiveness}, over the same network.
 * {@link RaftChecker} watches every step.
 */
final class RaftSimulation {

    /** A planted bug that the checker has to find. */
    enum Fault {
        NONE,
        /** A sync is reported before it is made. */
        REPORTS_DURABLE_EARLY,
        /** A vote does not survive a crash, nor does the loyalty after it, which would mostly hide that. */
        FORGETS_VOTES,
        /** Truncation of conflicting entries leaves a tail behind. */
        KEEPS_CONFLICTING_TAIL,
        /** Leaders count on a longer loyalty than followers give. */
        LEASE_OUTLIVES_LOYALTY,
        /** A restarted replica forgets that it may still owe loyalty. */
        FORGETS_LOYALTY,
        /** Followers accept appends that they should refuse. */
        ACCEPTS_EVERYTHING,
        /** A node goes on in a session that it had withdrawn. */
        SUPPORTS_AGAIN_IN_A_WITHDRAWN_SESSION,
        /** A promise of loyalty is forgotten when somebody asks for votes for a later term. */
        FORGETS_PROMISES_IN_A_LATER_TERM,
        /** Support is counted from the arrival of the answer, not from the sending of the question. */
        COUNTS_SUPPORT_FROM_ITS_ARRIVAL,
        /** A node asks for support and gives it whatever its disk does. */
        NEEDS_NO_DISK,
        /** Majorities are those of the members that the group began with. */
        COUNTS_THE_FIRST_VOTERS,
        /** A configuration is in force only once it is committed. */
        CONFIGURES_ON_COMMIT,
        /** A change is made while another is not committed. */
        CHANGES_TWO_AT_ONCE,
        /** Votes and acknowledgements of learners count as those of voters. */
        COUNTS_LEARNERS,
        /** A replica that lost its log comes back under the same name. */
        KEEPS_ITS_NAME_WITHOUT_ITS_LOG,
        /** A leader keeps its lease when it tells the target of a transfer to campaign. */
        KEEPS_THE_LEASE_IN_A_TRANSFER;

        /** Whether it shows only where members change. */
        boolean isOfMembership() {
            return compareTo(COUNTS_THE_FIRST_VOTERS) >= 0;
        }
    }

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private static final LivenessConfig LONG_SUPPORT =
            new LivenessConfig(3_000 * MILLI, 100 * MILLI, 60 * MILLI, 2_000 * MILLI, 400 * MILLI);

    private record Action(long atNanos, long order, Runnable what) implements Comparable<Action> {
        @Override
        public int compareTo(Action other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** A node: its disk outlives its process. */
    final class Node {
        final String name;
        MemoryRaftLog log;
        private final double clockRate;

        /** Whom the replica takes part as; another one after its log was lost. */
        String member;

        private RaftConfig config;

        @Nullable
        RaftCore core;

        @Nullable
        NodeLiveness liveness;

        /** The latest lease that this process has seen, as a thread may hold it that reads under it. */
        Lease lease = Lease.NONE;

        long leaseTerm;

        /** A fault: a lease that is not revoked. */
        Lease keptLease = Lease.NONE;

        /** Since when the disk hangs; -1 while it works. */
        long diskStalledSinceNanos = -1;

        private long diskStalledUntilNanos;
        private final Map<String, SupportMessage> firstAnswers = new HashMap<>();

        /** Entries in the order of their application, from index 1; what the state machine "is". */
        final List<LogEntry> applied = new ArrayList<>();

        private int appliedDurably;
        private int incarnation;
        private long clockOriginNanos;
        private final Map<Long, Long> readFloors = new HashMap<>();

        private Node(String name, RaftConfig config, MemoryRaftLog log, double clockRate) {
            this.name = name;
            this.member = name;
            this.config = config;
            this.log = log;
            this.clockRate = clockRate;
        }

        long clockNanos() {
            return (long) ((timeNanos - clockOriginNanos) * clockRate) + bootNanos;
        }

        private final long bootNanos = random.nextInt(1_000_000_000);

        private RaftCore running() {
            if (core == null) {
                throw new AssertionError(name + " is down");
            }
            return core;
        }

        private void start() {
            long appliedTerm = applied.isEmpty() ? 0 : applied.getLast().term();
            boolean longSupport = fault == Fault.LEASE_OUTLIVES_LOYALTY && name.equals("a");
            NodeLiveness support = new NodeLiveness(
                    longSupport ? LONG_SUPPORT : LivenessConfig.DEFAULTS,
                    name,
                    names.stream().filter(other -> !other.equals(name)).toList(),
                    clockNanos(),
                    random::nextLong);
            liveness = support;
            core = new RaftCore(
                    config,
                    log,
                    configurations(),
                    support,
                    applied.size(),
                    appliedTerm,
                    clockNanos(),
                    random::nextLong);
            incarnation++;
            scheduleTick(incarnation);
            scheduleSupportTick(incarnation);
            carryOut(support.diskSynced(clockNanos()));
            if (!core.stateMachineDamaged()) {
                apply(core.commitIndex());
            }
        }

        private Configurations configurations() {
            Configuration first = Configuration.initial(voters);
            ConfigurationStore store =
                    new AppliedConfigurations(applied, fault == Fault.COUNTS_THE_FIRST_VOTERS ? voters : null);
            return switch (fault) {
                case CONFIGURES_ON_COMMIT ->
                    new Configurations(first, store) {
                        @Override
                        Configuration current() {
                            return all.getFirst();
                        }
                    };
                case CHANGES_TWO_AT_ONCE ->
                    new Configurations(first, store) {
                        @Override
                        boolean settled(long commitIndex) {
                            return true;
                        }
                    };
                default -> new Configurations(first, store);
            };
        }

        /** The configuration in force by what this node's log and state machine hold. */
        Configuration configuration() {
            for (long index = log.lastIndex(); index > log.baseIndex(); index--) {
                Configuration decoded = codec.decode(log.entry(index));
                if (decoded != null) {
                    return decoded;
                }
            }
            return appliedConfiguration(Math.min(applied.size(), log.baseIndex()));
        }

        private Configuration appliedConfiguration(long upTo) {
            for (long index = upTo; index > 0; index--) {
                Configuration decoded = codec.decode(applied.get((int) index - 1));
                if (decoded != null) {
                    return decoded;
                }
            }
            return Configuration.initial(voters);
        }

        /** The log is gone, and with it votes and acknowledgements; the state machine may be there. */
        private void loseLog() {
            if (core != null) {
                crash();
            }
            if (fault != Fault.KEEPS_ITS_NAME_WITHOUT_ITS_LOG) {
                lostLogs.put(member, log);
                member = new Member(name, 1 + random.nextLong(Long.MAX_VALUE)).name();
            }
            config = config(member);
            log = newLog();
            if (random.nextBoolean()) {
                applied.clear();
                appliedDurably = 0;
            }
            start();
        }

        private void scheduleTick(int ofIncarnation) {
            after(5 * MILLI + random.nextLong(20 * MILLI), () -> {
                if (core != null && incarnation == ofIncarnation) {
                    if (clockNanos() >= core.nextTickNanos()) {
                        step(new RaftEvent.Tick(clockNanos()));
                    }
                    scheduleTick(ofIncarnation);
                }
            });
        }

        // ---- support between nodes

        private NodeLiveness support() {
            if (liveness == null) {
                throw new AssertionError(name + " is down");
            }
            return liveness;
        }

        private void scheduleSupportTick(int ofIncarnation) {
            after(1 + random.nextLong(20 * MILLI), () -> {
                if (core != null && incarnation == ofIncarnation) {
                    if (fault == Fault.NEEDS_NO_DISK) {
                        carryOut(support().diskSynced(clockNanos()));
                    }
                    carryOut(support().tick(clockNanos()));
                    scheduleSupportTick(ofIncarnation);
                }
            });
        }

        private void carryOut(NodeLiveness.Effects effects) {
            int ofIncarnation = incarnation;
            for (NodeLiveness.Outgoing outgoing : effects.send()) {
                SupportMessage message = sabotaged(outgoing);
                transmit(name, outgoing.to(), receiver -> receiver.receive(name, message));
            }
            for (String other : effects.changed()) {
                after(random.nextLong(3 * MILLI), () -> {
                    if (core != null && incarnation == ofIncarnation) {
                        step(new RaftEvent.SupportChanged(other, clockNanos()));
                    }
                });
            }
            if (effects.probeDisk()) {
                whenDiskIsDone(MILLI / 10 + random.nextLong(8 * MILLI), ofIncarnation, () -> {
                    carryOut(support().diskProbed(true, clockNanos()));
                });
            }
        }

        private SupportMessage sabotaged(NodeLiveness.Outgoing outgoing) {
            SupportMessage message = outgoing.message();
            if (fault != Fault.SUPPORTS_AGAIN_IN_A_WITHDRAWN_SESSION || message.session() == 0) {
                return message;
            }
            SupportMessage first = firstAnswers.get(outgoing.to());
            if (first == null || first.answeredIncarnation() != message.answeredIncarnation()) {
                firstAnswers.put(outgoing.to(), message);
                return message;
            }
            return new SupportMessage(
                    message.incarnation(),
                    message.sentNanos(),
                    message.answeredIncarnation(),
                    message.answeredSentNanos(),
                    first.session());
        }

        private void receive(String from, SupportMessage message) {
            SupportMessage received = fault != Fault.COUNTS_SUPPORT_FROM_ITS_ARRIVAL
                    ? message
                    : new SupportMessage(
                            message.incarnation(),
                            message.sentNanos(),
                            message.answeredIncarnation(),
                            clockNanos(),
                            message.session());
            carryOut(support().receive(from, received, clockNanos()));
        }

        private void stallDisk(long nanos) {
            diskStalledUntilNanos = timeNanos + nanos;
            if (diskStalledSinceNanos < 0) {
                diskStalledSinceNanos = timeNanos;
            }
            after(nanos, () -> {
                if (timeNanos >= diskStalledUntilNanos) {
                    diskStalledSinceNanos = -1;
                }
            });
        }

        private void whenDiskIsDone(long nanos, int ofIncarnation, Runnable what) {
            after(nanos, () -> {
                if (core == null || incarnation != ofIncarnation) {
                    return;
                }
                if (timeNanos < diskStalledUntilNanos) {
                    whenDiskIsDone(diskStalledUntilNanos - timeNanos, ofIncarnation, what);
                    return;
                }
                what.run();
            });
        }

        // ---- the replica

        private void crash() {
            core = null;
            liveness = null;
            firstAnswers.clear();
            // What was written and not synced may be there, or a part of it.
            long unsyncedKept = random.nextInt(3) == 0 ? random.nextInt(log.changesWaiting() + 1) : 0;
            log.syncTo(log.changesMade() - log.changesWaiting() + unsyncedKept);
            log.crash();
            applied.subList(appliedDurably, applied.size()).clear();
            readFloors.clear();
            lease = Lease.NONE;
            lastDurable = 0;
        }

        private void step(RaftEvent event) {
            RaftCore running = running();
            long commitBefore = running.commitIndex();
            Effects effects = running.step(event);
            for (Envelope envelope : effects.send()) {
                transmit(this, envelope);
            }
            if (effects.mustSync()) {
                scheduleSync(effects.writeSequence());
            }
            checker.stepped(this, running, commitBefore);
            if (effects.commitAdvanced() && !running.stateMachineDamaged()) {
                apply(effects.commitIndex());
            }
            for (Effects.ReadReady ready : effects.readsReady()) {
                checker.readReady(this, ready.index(), readFloors.remove(ready.contextId()));
            }
            effects.readsFailed().forEach(readFloors::remove);
            for (String to : effects.snapshotsToSend()) {
                sendSnapshot(to);
            }
        }

        private void forgetPromises(long term) {
            for (Node other : nodes.values()) {
                step(new RaftEvent.Received(other.member, new RaftMessage.Release(term), clockNanos()));
            }
        }

        private void scheduleSync(long writeSequence) {
            int ofIncarnation = incarnation;
            long changes = log.changesMade();
            if (fault == Fault.REPORTS_DURABLE_EARLY) {
                step(new RaftEvent.Durable(writeSequence));
            }
            long slow = random.nextInt(50) == 0 ? random.nextLong(300 * MILLI) : 0;
            whenDiskIsDone(MILLI / 10 + random.nextLong(8 * MILLI) + slow, ofIncarnation, () -> {
                carryOut(support().diskSynced(clockNanos()));
                log.syncTo(changes);
                if (fault != Fault.REPORTS_DURABLE_EARLY) {
                    lastDurable = Math.max(lastDurable, writeSequence);
                    step(new RaftEvent.Durable(lastDurable));
                }
            });
        }

        private long lastDurable;

        private void apply(long commitIndex) {
            while (applied.size() < commitIndex) {
                applied.add(log.entry(applied.size() + 1L));
            }
            if (random.nextInt(10) == 0) {
                appliedDurably = applied.size();
            }
        }

        private void compact() {
            log.compactTo(Math.min(appliedDurably, running().commitIndex()));
        }

        private void sendSnapshot(String to) {
            int ofIncarnation = incarnation;
            long ofTerm = running().term();
            List<LogEntry> snapshot = running().stateMachineDamaged() ? List.of() : List.copyOf(applied);
            Node receiver = node(to);
            after(random.nextLong(100 * MILLI), () -> {
                boolean installed =
                        !isCut(name, receiver.name) && receiver.member.equals(to) && receiver.install(snapshot);
                if (core != null && incarnation == ofIncarnation && core.term() == ofTerm) {
                    step(
                            installed
                                    ? new RaftEvent.SnapshotSent(to, snapshot.size())
                                    : new RaftEvent.SnapshotFailed(to));
                }
            });
        }

        private boolean install(List<LogEntry> snapshot) {
            if (core == null || snapshot.isEmpty() || !core.acceptsSnapshot(snapshot.size())) {
                return false;
            }
            applied.clear();
            applied.addAll(snapshot);
            appliedDurably = applied.size();
            step(new RaftEvent.SnapshotInstalled(
                    snapshot.size(), snapshot.getLast().term()));
            if (core.stateMachineDamaged()) {
                step(new RaftEvent.StateMachineRepaired());
            }
            return true;
        }

        private boolean isDamaged() {
            return core != null ? core.stateMachineDamaged() : appliedDurably < log.baseIndex();
        }

        /** The state machine loses everything; the log does not. */
        private void damage() {
            applied.clear();
            appliedDurably = 0;
            step(new RaftEvent.StateMachineDamaged(clockNanos()));
        }
    }

    private final TestConfigurations codec = new TestConfigurations();
    private final Random random;
    private final Fault fault;
    private final List<String> voters;
    private final PriorityQueue<Action> agenda = new PriorityQueue<>();
    final Map<String, Node> nodes = new java.util.LinkedHashMap<>();

    /** What members that are gone had acknowledged. */
    private final Map<String, MemoryRaftLog> lostLogs = new HashMap<>();

    private final List<String> names;
    private final RaftChecker checker = new RaftChecker(this);
    private final Set<String> cutLinks = new HashSet<>();
    long timeNanos;
    private long order;
    private boolean calm;
    private int lossPercent;
    private final long electionTimeoutNanosMax;
    private final long electionStaggerNanosMax;
    private final long mischiefNanosMax;
    private final boolean votersCrash;
    private final long latencyNanosMax;
    private long proposals;
    private long reads;
    long transfers;
    long losses;

    RaftSimulation(long seed, int voters, Fault fault) {
        this(seed, voters, voters, fault);
    }

    /**
     * @param voters in the group's first configuration
     * @param nodes all that there are; where they are more than the voters, the members change
     */
    RaftSimulation(long seed, int voters, int nodes, Fault fault) {
        this.random = new Random(seed);
        this.fault = fault;
        this.names = List.copyOf(Arrays.asList("a", "b", "c", "d", "e").subList(0, nodes));
        this.voters = names.subList(0, voters);
        this.lossPercent = random.nextInt(12);
        // Few seeds' elections collide when the time-outs spread; in some they hardly do.
        this.electionTimeoutNanosMax = new long[] {310, 400, 600}[random.nextInt(3)] * MILLI;
        this.electionStaggerNanosMax = new long[] {1, 150, 300}[random.nextInt(3)] * MILLI;
        this.mischiefNanosMax = new long[] {100, 300, 1000}[random.nextInt(3)] * MILLI;
        this.votersCrash = random.nextBoolean();
        this.latencyNanosMax = new long[] {1, 4, 40}[random.nextInt(3)] * MILLI;
        for (String name : names) {
            RaftConfig config = config(name);
            // Two clocks differ by less than clockDriftNanosMax, 60 ms, in 600 ms.
            this.nodes.put(name, new Node(name, config, newLog(), 0.96 + random.nextDouble() * 0.08));
        }
    }

    private MemoryRaftLog newLog() {
        return new MemoryRaftLog(fault == Fault.KEEPS_CONFLICTING_TAIL, fault == Fault.FORGETS_VOTES);
    }

    Configuration firstConfiguration() {
        return Configuration.initial(voters);
    }

    boolean membersChange() {
        return voters.size() < names.size();
    }

    /** The node of a member, of whatever generation. */
    private Node node(String member) {
        Node node = nodes.get(Member.of(member).node());
        if (node == null) {
            throw new AssertionError(member);
        }
        return node;
    }

    /** Whether the member has the entry durably, or had it when it lost its log. */
    boolean holds(String member, LogEntry entry) {
        MemoryRaftLog log = isIntact(member) ? node(member).log : lostLogs.get(member);
        return log != null && log.isDurable(entry);
    }

    /** Whether there is a replica that takes part as this member: it did not lose its log. */
    boolean isIntact(String member) {
        return node(member).member.equals(member);
    }

    private RaftConfig config(String name) {
        RaftConfig defaults = RaftConfig.ofDefaults(name, voters, name.equals("a"));
        boolean forgetful = fault == Fault.FORGETS_LOYALTY || fault == Fault.FORGETS_VOTES;
        return new RaftConfig(
                name,
                voters,
                300 * MILLI,
                electionTimeoutNanosMax,
                defaults.unsupportedNanosMax(),
                electionStaggerNanosMax,
                random.nextBoolean() ? 0 : defaults.firstElectionNanos(),
                100 * MILLI,
                forgetful ? 1 : LivenessConfig.DEFAULTS.supportNanos(),
                random.nextBoolean() ? 64 : 1 << 20,
                random.nextBoolean() ? 256 : 1 << 20,
                1 + random.nextInt(16),
                1 << 16,
                1000,
                defaults.preferredFirstLeader());
    }

    /** Runs with faults for a while, then without, and checks that the group recovers. */
    RaftChecker run(long stormMillis) {
        nodes.values().forEach(Node::start);
        scheduleClient();
        scheduleMischief();
        runUntil(stormMillis * MILLI);
        calm = true;
        lossPercent = 0;
        cutLinks.clear();
        for (Node node : nodes.values()) {
            node.diskStalledUntilNanos = timeNanos;
            node.diskStalledSinceNanos = -1;
            if (node.core == null) {
                node.start();
            }
        }
        // A sync may hang for six seconds more, and in a group of two nobody can do without it.
        runUntil(timeNanos + (membersChange() ? 14_000 : 8_000) * MILLI);
        checker.finished();
        return checker;
    }

    private void runUntil(long endNanos) {
        while (true) {
            Action next = agenda.peek();
            if (next == null || next.atNanos() > endNanos) {
                break;
            }
            agenda.remove();
            timeNanos = next.atNanos();
            next.what().run();
            checker.leases();
        }
        timeNanos = endNanos;
    }

    private void after(long delayNanos, Runnable what) {
        agenda.add(new Action(timeNanos + delayNanos, order++, what));
    }

    private void transmit(Node from, Envelope envelope) {
        RaftMessage message = envelope.message();
        if (fault == Fault.ACCEPTS_EVERYTHING
                && message instanceof RaftMessage.AppendReply reply
                && !reply.accepted()
                && reply.matchIndex() > 0) {
            message = new RaftMessage.AppendReply(
                    reply.term(), true, reply.matchIndex(), 0, 0, reply.commitIndex(), reply.session());
        }
        if (message instanceof RaftMessage.VoteReply && votersCrash && !calm && random.nextInt(4) == 0) {
            after(MILLI / 10, () -> crashAndRestart(from, random.nextLong(4 * MILLI)));
        }
        RaftMessage sent = message;
        String sender = nameOnAnswer(from, envelope);
        transmit(from.name, node(envelope.to()).name, receiver -> {
            if (!receiver.member.equals(envelope.to())) {
                return;
            }
            long term = receiver.running().term();
            boolean asksForVotes = sent instanceof RaftMessage.PreVote || sent instanceof RaftMessage.Vote;
            if (fault == Fault.FORGETS_PROMISES_IN_A_LATER_TERM && asksForVotes && sent.term() > term) {
                receiver.forgetPromises(term);
            }
            receiver.step(new RaftEvent.Received(sender, sent, receiver.clockNanos()));
        });
    }

    /** Whose answer the receiver takes it for. */
    private String nameOnAnswer(Node from, Envelope envelope) {
        RaftCore asker = node(envelope.to()).core;
        if (fault != Fault.COUNTS_LEARNERS || asker == null) {
            return from.member;
        }
        List<String> others = asker.configuration().voters().stream()
                .filter(voter -> !voter.equals(envelope.to()))
                .toList();
        boolean counts =
                switch (envelope.message()) {
                    case RaftMessage.VoteReply vote -> vote.granted();
                    case RaftMessage.PreVoteReply preVote -> preVote.granted();
                    case RaftMessage.AppendReply append -> append.accepted();
                    default -> false;
                };
        return counts && !others.isEmpty() && !asker.configuration().isVoter(from.member)
                ? others.get(random.nextInt(others.size()))
                : from.member;
    }

    private void transmit(String from, String to, Consumer<Node> delivery) {
        int copies = random.nextInt(100) < lossPercent ? 0 : random.nextInt(30) == 0 && !calm ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long late = random.nextInt(100) == 0 && !calm ? random.nextLong(1_500 * MILLI) : 0;
            after(MILLI / 10 + random.nextLong(latencyNanosMax) + late, () -> {
                Node receiver = nodes.get(to);
                if (receiver != null && receiver.core != null && !isCut(from, to)) {
                    delivery.accept(receiver);
                }
            });
        }
    }

    private boolean isCut(String from, String to) {
        return cutLinks.contains(from + to);
    }

    private void scheduleClient() {
        // Now and then nobody wants anything for a while, and the group comes to rest.
        long pauseNanos = random.nextInt(100) == 0 ? random.nextLong(3_000 * MILLI) : random.nextLong(30 * MILLI);
        after(pauseNanos, () -> {
            Node node = anyNode();
            if (node.core != null) {
                act(node);
            }
            scheduleClient();
        });
    }

    private void act(Node node) {
        if (membersChange() && random.nextInt(5) == 0) {
            changeMembers();
            return;
        }
        if (random.nextInt(4) == 0) {
            reads++;
            node.readFloors.put(reads, checker.committedIndex());
            node.step(new RaftEvent.ReadIndex(reads, node.clockNanos()));
            return;
        }
        List<ByteString> payloads = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            proposals++;
            payloads.add(ByteString.copyFromUtf8("command " + proposals));
        }
        node.step(new RaftEvent.Propose(payloads, node.clockNanos()));
    }

    /** What an operator might ask of a leader; once all is calm, only to replace what was lost. */
    private void changeMembers() {
        List<Node> leading = leaders();
        if (leading.isEmpty()) {
            return;
        }
        Node leader = leading.get(random.nextInt(leading.size()));
        if (!calm && random.nextInt(4) == 0) {
            transferLeadership(leader);
            return;
        }
        Configuration current = leader.running().configuration();
        List<ConfigurationChange> changes = new ArrayList<>();
        for (String learner : current.learners()) {
            changes.add(new ConfigurationChange.Promote(learner));
        }
        for (String member : current.members()) {
            String present = node(member).member;
            if (!present.equals(member)) {
                changes.add(new ConfigurationChange.Remove(member));
                if (!current.isMember(present)) {
                    changes.add(new ConfigurationChange.AddLearner(present));
                }
            } else if (!calm
                    && current.voters().stream().allMatch(this::isIntact)
                    && current.voters().size() > 1 + random.nextInt(4)) {
                // Not while another is lost for good: a group of three bears one loss, of two none.
                changes.add(new ConfigurationChange.Remove(member));
            }
        }
        if (!calm) {
            String any = anyNode().member;
            if (!current.isMember(any)) {
                changes.add(new ConfigurationChange.AddLearner(any));
            }
        }
        if (!changes.isEmpty()) {
            ConfigurationChange change = changes.get(random.nextInt(changes.size()));
            leader.step(new RaftEvent.ChangeConfiguration(change, leader.clockNanos()));
        }
    }

    private void transferLeadership(Node leader) {
        Lease before = leader.running().lease();
        List<String> targets = leader.running().configuration().voters();
        String target = targets.get(random.nextInt(targets.size()));
        leader.step(new RaftEvent.TransferLeadership(target, leader.clockNanos()));
        transfers++;
        if (fault == Fault.KEEPS_THE_LEASE_IN_A_TRANSFER && before != Lease.NONE) {
            leader.keptLease = before;
        }
    }

    /** Whether a node may lose its log or state without the loss of a majority that some configuration counts on. */
    private boolean mayLose(Node lost) {
        List<Configuration> known = new ArrayList<>(List.of(checker.configuration()));
        nodes.values().forEach(node -> known.add(node.configuration()));
        for (Configuration configuration : known) {
            // A learner may be a voter by the time that its loss is noticed.
            List<String> counting = new ArrayList<>(configuration.voters());
            if (configuration.isLearner(lost.member)) {
                counting.add(lost.member);
            }
            long gone = counting.stream()
                    .filter(voter -> !isIntact(voter)
                            || node(voter) == lost
                            || node(voter).isDamaged())
                    .count();
            if (gone > (counting.size() - 1) / 2) {
                return false;
            }
        }
        return true;
    }

    private void scheduleMischief() {
        after(random.nextLong(mischiefNanosMax), () -> {
            if (calm) {
                return;
            }
            switch (random.nextInt(membersChange() ? 13 : 12)) {
                case 0 -> crashAndRestart(anyNode(), downNanos());
                case 1 -> leaders().forEach(node -> crashAndRestart(node, downNanos()));
                case 2 ->
                    nodes.values().forEach(node -> {
                        if (random.nextBoolean()) {
                            crashAndRestart(node, downNanos());
                        }
                    });
                case 3 -> {
                    cutLinks.clear();
                    isolate(anyNode().name);
                }
                case 8 -> {
                    cutLinks.clear();
                    leaders().forEach(node -> isolate(node.name));
                }
                case 4 -> {
                    String one = anyNode().name;
                    String other = anyNode().name;
                    cutLinks.add(one + other);
                    if (random.nextBoolean()) {
                        cutLinks.add(other + one);
                    }
                }
                case 9 -> {
                    Node node = anyNode();
                    boolean others = nodes.values().stream()
                            .anyMatch(other -> other.core == null || other.core.stateMachineDamaged());
                    if (!others && node.core != null && names.size() > 1 && (!membersChange() || mayLose(node))) {
                        node.damage();
                    }
                }
                case 12 -> {
                    Node node = anyNode();
                    if (mayLose(node)) {
                        node.loseLog();
                        losses++;
                    }
                }
                case 10 -> anyNode().stallDisk(random.nextLong(6_000 * MILLI));
                case 5, 7 -> cutLinks.clear();
                case 6 -> {
                    Node node = anyNode();
                    if (node.core != null) {
                        node.compact();
                    }
                }
                default -> {
                    Node node = anyNode();
                    if (node.core != null) {
                        node.step(new RaftEvent.PeerUnreachable(anyNode().member));
                    }
                }
            }
            scheduleMischief();
        });
    }

    private List<Node> leaders() {
        return nodes.values().stream()
                .filter(node -> node.core != null && node.core.role() == Role.LEADER)
                .toList();
    }

    private long downNanos() {
        return random.nextLong(random.nextBoolean() ? 20 * MILLI : 2_000 * MILLI);
    }

    private void crashAndRestart(Node node, long downNanos) {
        if (node.core == null) {
            return;
        }
        node.crash();
        after(downNanos, () -> {
            if (node.core == null) {
                node.start();
            }
        });
    }

    private void isolate(String name) {
        List<String> others = new ArrayList<>(names);
        Collections.shuffle(others, random);
        for (String other : others) {
            cutLinks.add(name + other);
            cutLinks.add(other + name);
        }
    }

    private Node anyNode() {
        Node node = nodes.get(names.get(random.nextInt(names.size())));
        if (node == null) {
            throw new AssertionError();
        }
        return node;
    }
}
