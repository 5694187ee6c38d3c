package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.partition.Replica;
import dev.henge.node.replication.LogEntry;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What must hold at every moment, looked at after every turn of an event loop (Raft paper, figure 3, and the lease). */
final class Invariants {

    private static final int READ_BYTES_MAX = 1 << 20;

    private record Term(int partition, long term) {}

    private record Holder(String node, int partition) {}

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

    void nodeStarts(String node) {
        checkedIndexes.keySet().removeIf(holder -> holder.node().equals(node));
        ledTerms.keySet().removeIf(holder -> holder.node().equals(node));
    }

    void afterTurn(SimulatedNode node, Replica replica) {
        RaftCore core = replica.core();
        Holder holder = new Holder(node.name(), replica.partition());
        checkCommitted(holder, core, replica.log());
        if (core.role() == Role.LEADER) {
            checkLeader(holder, core, replica.log());
            checkLease(node, replica);
        }
    }

    /** Election safety, and leader completeness at the moment of the election. */
    private void checkLeader(Holder holder, RaftCore core, PartitionLog log) {
        Long led = ledTerms.put(holder, core.term());
        if (led != null && led == core.term()) {
            return;
        }
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
                checkEntry(holder, core.term(), entries, entry);
                index = entry.index() + 1;
            }
        }
        checkedIndexes.put(holder, last);
    }

    private static void checkEntry(Holder holder, long term, List<Committed> entries, LogEntry entry) {
        if (entry.index() == entries.size() + 1) {
            entries.add(new Committed(entry.term(), entry.payload(), term));
            return;
        }
        Committed known = entries.get((int) entry.index() - 1);
        if (known.term() != entry.term() || !known.payload().equals(entry.payload())) {
            throw new SimulationFailure(holder.node() + " committed an entry of term " + entry.term() + " at "
                    + entry.index() + " of partition " + holder.partition() + ", others one of term " + known.term());
        }
    }
}
