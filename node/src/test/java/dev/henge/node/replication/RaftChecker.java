package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Knows what all replicas did, and says when it can't be right (Raft paper, figure 3; thesis, 6.4). */
final class RaftChecker {

    /** A safety property that did not hold. */
    static final class Violation extends AssertionError {
        Violation(String message) {
            super(message);
        }
    }

    /** Until a stall is noticed, and the support that was given before it has run out, by clocks that drift. */
    private static final long STALL_WITH_LEASE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2_000 + 600 + 200);

    private record Committed(LogEntry entry, long inTerm) {}

    private final RaftSimulation simulation;
    private final Map<Long, String> leaderByTerm = new HashMap<>();
    private final List<Committed> committed = new ArrayList<>();
    private final TestConfigurations codec = new TestConfigurations();
    private @Nullable Configuration configuration;
    private long changesCommitted;
    private long highestTermWithCommit;
    private long readsServed;
    private long leasesSeen;
    private long stepsUntilMatching;

    RaftChecker(RaftSimulation simulation) {
        this.simulation = simulation;
    }

    long committedIndex() {
        return committed.size();
    }

    long readsServed() {
        return readsServed;
    }

    long leasesSeen() {
        return leasesSeen;
    }

    long changesCommitted() {
        return changesCommitted;
    }

    /** The last one committed. */
    Configuration configuration() {
        return configuration != null ? configuration : simulation.firstConfiguration();
    }

    int elections() {
        return leaderByTerm.size();
    }

    void stepped(RaftSimulation.Node node, RaftCore core, long commitBefore) {
        if (core.role() == Role.LEADER) {
            String other = leaderByTerm.putIfAbsent(core.term(), node.member);
            if (other == null) {
                leaderCompleteness(node, core);
            } else if (!other.equals(node.member)) {
                throw new Violation("election safety: " + other + " and " + node.member + " lead term " + core.term());
            }
        }
        for (long index = Math.max(commitBefore, node.log.baseIndex()) + 1; index <= core.commitIndex(); index++) {
            commit(node.log.entry(index), node, core);
        }
        if (core.commitIndex() > committed.size()) {
            throw new Violation("state machine safety: a snapshot holds what nobody committed");
        }
        if (++stepsUntilMatching % 200 == 0) {
            logMatching();
        }
    }

    private void commit(LogEntry entry, RaftSimulation.Node leader, RaftCore core) {
        if (entry.index() <= committed.size()) {
            LogEntry first = committed.get((int) entry.index() - 1).entry();
            if (!first.equals(entry)) {
                throw new Violation("state machine safety: " + first + " and " + entry + " are both committed");
            }
            return;
        }
        if (entry.index() != committed.size() + 1L) {
            throw new Violation("state machine safety: a gap before " + entry);
        }
        Configuration counting = leader.configuration();
        long holders = counting.voters().stream()
                .filter(voter -> simulation.holds(voter, entry))
                .count();
        if (holders < counting.voters().size() / 2 + 1) {
            throw new Violation("durability: " + entry + " is committed in " + counting + " and durable on " + holders);
        }
        Configuration change = codec.decode(entry);
        if (change != null) {
            configuration = change;
            changesCommitted++;
        }
        committed.add(new Committed(entry, core.term()));
        highestTermWithCommit = Math.max(highestTermWithCommit, core.term());
    }

    private void leaderCompleteness(RaftSimulation.Node node, RaftCore core) {
        for (Committed one : committed) {
            LogEntry entry = one.entry();
            if (one.inTerm() >= core.term() || entry.index() <= node.log.baseIndex()) {
                continue;
            }
            if (entry.index() > node.log.lastIndex()
                    || !node.log.entry(entry.index()).equals(entry)) {
                throw new Violation(
                        "leader completeness: " + node.name + " leads term " + core.term() + " without " + entry);
            }
        }
    }

    private void logMatching() {
        List<RaftSimulation.Node> nodes = List.copyOf(simulation.nodes.values());
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = 0; j < i; j++) {
                logMatching(nodes.get(i).log, nodes.get(j).log);
            }
        }
    }

    private static void logMatching(MemoryRaftLog one, MemoryRaftLog other) {
        long floor = Math.max(one.baseIndex(), other.baseIndex());
        boolean agreed = false;
        for (long index = Math.min(one.lastIndex(), other.lastIndex()); index > floor; index--) {
            boolean equal = one.entry(index).equals(other.entry(index));
            if (agreed && !equal) {
                throw new Violation("log matching: the logs agree later and not at " + index);
            }
            if (!equal && one.term(index) == other.term(index)) {
                throw new Violation("log matching: two entries of one index and term at " + index);
            }
            agreed = equal;
        }
    }

    /** A lease holder knows everything that is committed, and nobody of a later term has committed anything. */
    void leases() {
        for (RaftSimulation.Node node : simulation.nodes.values()) {
            RaftCore core = node.core;
            if (core == null) {
                continue;
            }
            if (core.lease() != Lease.NONE) {
                node.lease = core.lease();
                node.leaseTerm = core.term();
            }
            if (!node.lease.holdsAt(node.clockNanos()) && !node.keptLease.holdsAt(node.clockNanos())) {
                continue;
            }
            leasesSeen++;
            if (node.leaseTerm < highestTermWithCommit) {
                throw new Violation("lease: " + node.name + " had it in term " + node.leaseTerm + ", term "
                        + highestTermWithCommit + " has committed");
            }
            if (core.leaseUntilNanos() > node.clockNanos() && core.commitIndex() < committed.size()) {
                throw new Violation("lease: " + node.name + " holds it and misses a committed entry");
            }
            boolean stalled = node.diskStalledSinceNanos >= 0
                    && simulation.timeNanos - node.diskStalledSinceNanos > STALL_WITH_LEASE_NANOS_MAX;
            if (stalled && core.configuration().voters().size() > 1) {
                throw new Violation("gray failure: " + node.name + " still leads and its disk has stalled for long");
            }
        }
    }

    /** ReadIndex is not below what was committed when the read was asked for. */
    void readReady(RaftSimulation.Node node, long index, @Nullable Long committedBefore) {
        if (committedBefore == null) {
            throw new Violation("a read was answered twice");
        }
        readsServed++;
        if (index < committedBefore) {
            throw new Violation(
                    "read index: " + node.name + " gave " + index + " after the commit of " + committedBefore);
        }
    }

    /** After a calm time all replicas have the same, all of it, and it is not empty. */
    void finished() {
        logMatching();
        LogEntry last = null;
        for (RaftSimulation.Node node : simulation.nodes.values()) {
            for (int i = 0; i < node.applied.size(); i++) {
                if (!committed.get(i).entry().equals(node.applied.get(i))) {
                    throw new Violation("state machine safety: " + node.name + " applied " + node.applied.get(i));
                }
            }
            if (configuration().isMember(node.member) && node.applied.size() + 50 < committed.size()) {
                throw new Violation("liveness: " + node.name + " is far behind in a calm time");
            }
            last = committed.getLast().entry();
        }
        for (String member : configuration().members()) {
            if (!simulation.isIntact(member)) {
                throw new Violation("liveness: " + member + " was lost and not replaced in a calm time");
            }
        }
        if (last == null || last.payload().equals(ByteString.EMPTY)) {
            throw new Violation("liveness: nothing was committed in a calm time");
        }
    }
}
