package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.partition.Replica;
import dev.henge.node.replication.LogEntry;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.Role;
import dev.henge.proto.Command;
import dev.henge.proto.HeldRange;
import dev.henge.proto.PeerMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What must hold at every moment, looked at after every turn of an event loop (Raft paper, figure 3, and the lease). */
final class Invariants {

    private static final int READ_BYTES_MAX = 1 << 20;

    private record Term(int partition, long term) {}

    private record Holder(String node, int partition) {}

    /** @param member with its generation: another one of the node is not this one */
    private record LostMember(String member, int partition) {}

    /** @param generation of the node's replica: one that began anew has voted for nobody */
    private record Voter(String node, long generation, int partition, long term) {}

    /** A replica has applied entries up to the index, and the placement of the epoch is the last one among them. */
    private record Placed(long index, long epoch) {}

    /** A replica told the leader of the term that it holds the leader's entries up to the index. */
    private record Acknowledged(long term, long index) {
        Acknowledged and(Acknowledged later) {
            return later.term == term ? new Acknowledged(term, Math.max(index, later.index)) : later;
        }
    }

    /**
     * An entry that some replica knows to be committed.
     *
     * @param knownInTerm the term that replica was in: some leader of this term or an earlier one committed it
     */
    private record Committed(long term, ByteString payload, long knownInTerm) {}

    private final World world;
    private final Map<Term, String> leaders = new HashMap<>();
    private final Map<Integer, List<Committed>> committed = new HashMap<>();
    private final Map<Holder, Long> checkedIndexes = new HashMap<>();
    private final Map<Holder, Long> ledTerms = new HashMap<>();

    /** How far who leads had committed when last looked at. */
    private final Map<Holder, Long> ledCommits = new HashMap<>();

    private final Map<Voter, String> votes = new HashMap<>();

    /** What each replica has acknowledged in the term in which it did so last. */
    private final Map<Holder, Acknowledged> acknowledged = new HashMap<>();

    private final Map<Holder, DurableTerms> durable = new HashMap<>();
    private final Map<LostMember, DurableTerms> lost = new HashMap<>();
    private final Map<Holder, List<String>> votersAfterLastTurn = new HashMap<>();

    private final Map<Replica, Placed> placements = new WeakHashMap<>();

    private Consumer<String> newLeaderListener = leader -> {};

    Invariants(World world) {
        this.world = world;
    }

    /** To be called with a node's name when it becomes a leader, before anything that it sends has arrived. */
    void onNewLeader(Consumer<String> listener) {
        newLeaderListener = listener;
    }

    /** How many terms had a leader. */
    int leaderCount() {
        return leaders.size();
    }

    long committedCount() {
        return committed.values().stream().mapToLong(List::size).sum();
    }

    /** The payloads of what is known to be committed behind an index, in order; an entry that opens a term has an empty one. */
    List<ByteString> committedBehind(int partition, long index) {
        List<Committed> entries = committed.getOrDefault(partition, List.of());
        return entries.subList((int) Math.min(index, entries.size()), entries.size()).stream()
                .map(Committed::payload)
                .toList();
    }

    void nodeStarts(String node) {
        checkedIndexes.keySet().removeIf(holder -> holder.node().equals(node));
        ledTerms.keySet().removeIf(holder -> holder.node().equals(node));
        ledCommits.keySet().removeIf(holder -> holder.node().equals(node));
        votersAfterLastTurn.keySet().removeIf(holder -> holder.node().equals(node));
    }

    /**
     * A member is lost with its machine. What it acknowledged before was durable then, and counts where it is acknowledged:
     * the acknowledgement may still be on its way.
     */
    void lost(Member member, int partition) {
        DurableTerms terms = durable.get(new Holder(member.node(), partition));
        if (terms != null) {
            lost.put(new LostMember(member.name(), partition), terms);
        }
    }

    /** The node has no replica of the partition any more, and nothing of what it had. */
    void erased(SimulatedNode node, int partition) {
        Holder holder = new Holder(node.name(), partition);
        forget(holder);
        durable.remove(holder);
    }

    /**
     * The node has no replica of the partition any more, as all of it is another's. What it acknowledged counts on: the group may
     * hear of that later.
     */
    void erasedAsTaken(SimulatedNode node, int partition) {
        forget(new Holder(node.name(), partition));
    }

    private void forget(Holder holder) {
        checkedIndexes.remove(holder);
        ledTerms.remove(holder);
        ledCommits.remove(holder);
        acknowledged.remove(holder);
        votersAfterLastTurn.remove(holder);
    }

    /** The log of a group that was split from another begins behind an entry of that one. */
    private void noteBeginning(Replica replica) {
        HeldRange range = replica.machine().range();
        if (range.getFirstIndex() > 0 && !committed.containsKey(replica.partition())) {
            Committed before = new Committed(range.getFirstTerm(), ByteString.EMPTY, range.getFirstTerm());
            committed.put(
                    replica.partition(), new ArrayList<>(Collections.nCopies((int) range.getFirstIndex(), before)));
        }
    }

    void afterTurn(SimulatedNode node, Replica replica) {
        noteBeginning(replica);
        RaftCore core = replica.core();
        Holder holder = new Holder(node.name(), replica.partition());
        checkCommitted(holder, core, replica.log());
        checkKept(holder, core, replica.log());
        checkPlacement(holder, replica);
        if (core.role() == Role.LEADER) {
            checkLeader(holder, core, replica.log());
            checkCommit(holder, core, replica.log());
            checkLease(node, replica);
        }
        votersAfterLastTurn.put(holder, core.configuration().voters());
    }

    /** To be called with all that nodes send: a member votes once in a term (Raft thesis, section 3.4). */
    void sent(String from, String to, PeerMessage message) {
        if (message.hasAppendReply() && message.getAppendReply().getAccepted()) {
            acknowledged.merge(
                    new Holder(from, message.getPartition()),
                    new Acknowledged(message.getTerm(), message.getAppendReply().getMatchIndex()),
                    Acknowledged::and);
        }
        boolean votesForItself = message.hasVote();
        if (!votesForItself && !message.getVoteReply().getGranted()) {
            return;
        }
        String candidate = votesForItself ? from : to;
        String before = votes.putIfAbsent(
                new Voter(from, message.getFromGeneration(), message.getPartition(), message.getTerm()), candidate);
        if (before != null && !before.equals(candidate)) {
            throw new SimulationFailure(from + " votes twice in term " + message.getTerm() + " of partition "
                    + message.getPartition() + ": for " + before + " and for " + candidate);
        }
    }

    /**
     * What a follower has acknowledged in a term it keeps as long as the term lasts, unless the run takes away what was
     * durable: a late append takes nothing away that agrees with it (Raft thesis, figure 3.1, AppendEntries 3).
     */
    private void checkKept(Holder holder, RaftCore core, PartitionLog log) {
        Acknowledged last = acknowledged.get(holder);
        if (last == null || last.term() != core.term() || log.lastIndex() >= last.index()) {
            return;
        }
        if (!world.settings.faults().contains(Fault.BIT_FLIP_IN_LOG)) {
            throw new SimulationFailure(holder.node() + " acknowledged entry " + last.index() + " of partition "
                    + holder.partition() + " in term " + last.term() + ", and its log ends at " + log.lastIndex());
        }
    }

    /**
     * A group that has been told where it is to be does not follow what it was told before: of two states of a replica, the one that is
     * further on in the log has no older placement. A damaged one is replaced by a snapshot that may be less far on.
     */
    private void checkPlacement(Holder holder, Replica replica) {
        Placed now = new Placed(
                replica.machine().applied().index(),
                replica.machine().placement().getEpoch());
        Placed before = placements.put(replica, now);
        if (before != null && now.index() >= before.index() && now.epoch() < before.epoch()) {
            throw new SimulationFailure(
                    holder.node() + " goes back to an older placement of partition " + holder.partition()
                            + ": from that of epoch " + before.epoch() + " to that of epoch " + now.epoch());
        }
    }

    /** To be called when the node's log was synced, or recovered: what it holds is durable. */
    void synced(SimulatedNode node, Replica replica) {
        durable.computeIfAbsent(new Holder(node.name(), replica.partition()), holder -> new DurableTerms())
                .update(replica.log());
    }

    /** No loss of power may take away what was synced. */
    static void checkDurable(SimulatedNode node, int segmentsMax) {
        List<String> segments = node.disk().list().stream()
                .filter(name -> name.endsWith(".log"))
                .sorted()
                .toList();
        for (String segment : segments.subList(Math.max(0, segments.size() - segmentsMax), segments.size())) {
            if (!node.disk().isDurable(segment)) {
                throw new SimulationFailure(node.name() + " counts on " + segment + ", which is not durable");
            }
        }
    }

    /**
     * A leader commits by counting only entries of its own term (Raft thesis, section 3.6.2). Durable on a majority is
     * what was committed in {@link #checkEntry}. That a seal was committed, which may be of an earlier term, the partition that
     * takes this one has proven to it.
     */
    private void checkCommit(Holder holder, RaftCore core, PartitionLog log) {
        Long before = ledCommits.put(holder, core.commitIndex());
        if (before == null || core.commitIndex() <= before) {
            return;
        }
        if (log.term(core.commitIndex()) != core.term() && !isCommittedSeal(holder, core.commitIndex(), log)) {
            throw new SimulationFailure(holder.node() + " commits by counting up to " + core.commitIndex()
                    + " of partition " + holder.partition() + ", an entry of term " + log.term(core.commitIndex())
                    + ", in term " + core.term());
        }
    }

    private boolean isCommittedSeal(Holder holder, long index, PartitionLog log) {
        List<Committed> entries = committed.getOrDefault(holder.partition(), List.of());
        if (index > entries.size() || entries.get((int) index - 1).term() != log.term(index)) {
            return false;
        }
        try {
            return Command.parseFrom(entries.get((int) index - 1).payload()).hasSeal();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an entry that was committed can't be read", e);
        }
    }

    /**
     * Election safety, and leader completeness at the moment of the election.
     */
    private void checkLeader(Holder holder, RaftCore core, PartitionLog log) {
        Long led = ledTerms.put(holder, core.term());
        if (led != null && led == core.term()) {
            return;
        }
        ledCommits.remove(holder);
        world.trace.event(
                world.scheduler.nowNanos(),
                holder.node(),
                "leads",
                core.term(),
                () -> "partition " + holder.partition() + " in term " + core.term());
        newLeaderListener.accept(holder.node());
        String other = leaders.putIfAbsent(new Term(holder.partition(), core.term()), holder.node());
        if (other != null && !other.equals(holder.node())) {
            throw new SimulationFailure("partition " + holder.partition() + " has two leaders in term " + core.term()
                    + ": " + other + " and " + holder.node());
        }
        List<Committed> entries = committed.getOrDefault(holder.partition(), List.of());
        for (long index = log.baseIndex() + 1; index <= entries.size(); index++) {
            Committed entry = entries.get((int) index - 1);
            // A leader that comes late, as votes do, need not hold what leaders of later terms have committed.
            if (entry.knownInTerm() < core.term() && (index > log.lastIndex() || log.term(index) != entry.term())) {
                throw new SimulationFailure(holder.node() + " leads partition " + holder.partition() + " in term "
                        + core.term() + " without the entry of term " + entry.term() + " at " + index
                        + ", which was committed in term " + entry.knownInTerm() + " or before");
            }
        }
    }

    /** Nobody else may be sure to be the leader. */
    private void checkLease(SimulatedNode node, Replica replica) {
        if (!leaseHolds(node, replica)) {
            return;
        }
        for (SimulatedNode other : world.nodes.values()) {
            if (other == node) {
                continue;
            }
            other.replica(replica.partition())
                    .filter(rival -> leaseHolds(other, rival))
                    .ifPresent(rival -> {
                        throw new SimulationFailure(
                                "two leases on partition " + replica.partition() + ": " + node.name()
                                        + " in term " + replica.core().term() + ", " + other.name() + " in term "
                                        + rival.core().term());
                    });
        }
    }

    private static boolean leaseHolds(SimulatedNode node, Replica replica) {
        return replica.core().role() == Role.LEADER
                && node.clock().nanoTime() < replica.core().leaseUntilNanos();
    }

    /** State machine safety: whoever commits an index commits the same entry there. */
    private void checkCommitted(Holder holder, RaftCore core, PartitionLog log) {
        long checked = checkedIndexes.getOrDefault(holder, 0L);
        long last = Math.min(core.commitIndex(), log.lastIndex());
        if (last <= checked) {
            return;
        }
        List<Committed> entries = committed.computeIfAbsent(holder.partition(), partition -> new ArrayList<>());
        long index = Math.max(checked, log.baseIndex()) + 1;
        if (index > entries.size() + 1) {
            throw new SimulationFailure(holder.node() + " has a log of partition " + holder.partition() + " from "
                    + index + " on, but only " + entries.size() + " was committed by anyone");
        }
        while (index <= last) {
            List<LogEntry> stored;
            try {
                stored = log.entries(index, READ_BYTES_MAX);
            } catch (CorruptLogException e) {
                // A bit was flipped: the replica will find out by itself.
                break;
            }
            for (LogEntry entry : stored) {
                if (entry.index() > last) {
                    break;
                }
                checkEntry(holder, core, entries, entry);
                index = entry.index() + 1;
            }
        }
        checkedIndexes.put(holder, last);
    }

    private void checkEntry(Holder holder, RaftCore core, List<Committed> entries, LogEntry entry) {
        if (entry.index() == entries.size() + 1) {
            checkHeldByMajority(holder, core, entry);
            entries.add(new Committed(entry.term(), entry.payload(), core.term()));
            return;
        }
        Committed known = entries.get((int) entry.index() - 1);
        if (known.term() != entry.term() || !known.payload().equals(entry.payload())) {
            throw new SimulationFailure(holder.node() + " committed an entry of term " + entry.term() + " at "
                    + entry.index() + " of partition " + holder.partition() + ", others one of term " + known.term());
        }
    }

    private long holding(Holder holder, List<String> voters, LogEntry entry) {
        return voters.stream()
                .filter(voter -> holds(durable.get(new Holder(Member.of(voter).node(), holder.partition())), entry)
                        || holds(lost.get(new LostMember(voter, holder.partition())), entry))
                .count();
    }

    private static boolean holds(@Nullable DurableTerms terms, LogEntry entry) {
        return terms != null && terms.hold(entry.index(), entry.term());
    }

    /** What a leader commits is durable on a majority, unless the run takes away what was durable. */
    private void checkHeldByMajority(Holder holder, RaftCore core, LogEntry entry) {
        if (core.role() != Role.LEADER || world.settings.faults().contains(Fault.BIT_FLIP_IN_LOG)) {
            return;
        }
        List<String> voters = core.configuration().voters();
        long holding = holding(holder, voters, entry);
        // The turn that commits an entry may go on to change the members.
        List<String> votersBefore = votersAfterLastTurn.getOrDefault(holder, voters);
        if (holding <= voters.size() / 2 && holding(holder, votersBefore, entry) <= votersBefore.size() / 2) {
            throw new SimulationFailure(holder.node() + " committed the entry of term " + entry.term() + " at "
                    + entry.index() + " of partition " + holder.partition() + ", which is durable on " + holding
                    + " of " + voters.size() + " voters");
        }
    }

    /** The terms of the entries that a replica's log holds durably. */
    private static final class DurableTerms {
        private final List<Long> terms = new ArrayList<>();
        private long baseIndex;

        boolean hold(long index, long term) {
            return index <= baseIndex || (index <= terms.size() && terms.get((int) index - 1) == term);
        }

        void update(PartitionLog log) {
            baseIndex = log.baseIndex();
            while (terms.size() > log.lastIndex()) {
                terms.removeLast();
            }
            while (terms.size() < log.lastIndex()) {
                terms.add(0L);
            }
            // Where terms agree, so do all entries before.
            for (long index = log.lastIndex();
                    index > baseIndex && terms.get((int) index - 1) != log.term(index);
                    index--) {
                terms.set((int) index - 1, log.term(index));
            }
        }
    }
}
