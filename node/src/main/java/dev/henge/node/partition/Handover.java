package dev.henge.node.partition;

import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.replication.Role;
import dev.henge.proto.DataResponse;
import dev.henge.proto.LeadershipTransferred;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a leader hands its leadership over (thesis, 3.10). What comes meanwhile waits, and is told who leads; it is over within
 * an election timeout. Belongs to the replica's event loop.
 */
final class Handover {

    /** A voter that lacks more of what is committed lags, and is not to lead or to be counted on. */
    static final long LAGGING_ENTRIES = 1_000;

    /** How long a leader that handed over waits to hear from the next one, so that it can tell clients. */
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final int partition;
    private final Member self;
    private final RaftCore core;
    private final ReplicaEnvironment environment;
    private final Proposals proposals;
    private final Confirmations confirmations;
    private final Consumer<RaftEvent> step;

    /** Requests that came while leadership was handed over, and who waits for the end of that. */
    private final WaitingTasks waiting = new WaitingTasks();

    /** The node that leadership was last handed to; null once a leader is known. */
    private @Nullable String successor;

    private long endsNanos = Long.MAX_VALUE;

    Handover(
            int partition,
            Member self,
            RaftCore core,
            ReplicaEnvironment environment,
            Proposals proposals,
            Confirmations confirmations,
            Consumer<RaftEvent> step) {
        this.partition = partition;
        this.self = self;
        this.core = core;
        this.environment = environment;
        this.proposals = proposals;
        this.confirmations = confirmations;
        this.step = step;
    }

    /** The node of a member; null for none. */
    static @Nullable String nodeOf(@Nullable String member) {
        return member == null ? null : Member.of(member).node();
    }

    /** Who leads instead of this replica, or is about to; null while unknown, or when it leads itself. */
    @Nullable
    String otherLeader() {
        if (core.role() == Role.LEADER) {
            return null;
        }
        return core.leader() == null ? successor : nodeOf(core.leader());
    }

    /** Leadership is not being handed over, and there is a leader to send clients to. */
    boolean isOver() {
        return core.role() == Role.LEADER ? core.transferTarget() == null : core.leader() != null || successor == null;
    }

    /**
     * Hands leadership to the replica on another node, or to the one that is best placed.
     *
     * @param node null for any
     * @param done told once, when another leads or it was given up
     */
    void transfer(@Nullable String node, Runnable done) {
        proposals.proposeGathered();
        Optional<String> target = node == null
                ? Optional.ofNullable(core.bestSuccessor())
                : core.configuration().voters().stream()
                        .filter(voter -> Member.of(voter).node().equals(node) && !Member.keepsLogAlone(voter))
                        .findFirst();
        target.ifPresent(member -> step.accept(new RaftEvent.TransferLeadership(member, environment.nanoTime())));
        if (isOver()) {
            done.run();
            return;
        }
        successor = nodeOf(core.transferTarget());
        waiting.add(done);
    }

    /** As an operator or the coordinator asks for it: refused when the node could not take over at once. */
    void transfer(String node, Responder responder) {
        if (node.equals(self.node())) {
            confirmations.confirmLeadership(() -> responder.respond(transferred(true, "")), responder);
            return;
        }
        Optional<String> member = core.configuration().voters().stream()
                .filter(voter -> Member.of(voter).node().equals(node))
                .findFirst();
        if (member.isEmpty()) {
            responder.respond(transferred(false, node + " has no voter of partition " + partition));
            return;
        }
        if (core.laggingVoters(LAGGING_ENTRIES).contains(member.get())) {
            responder.respond(transferred(false, node + " does not follow, or lacks too much of the log"));
            return;
        }
        Runnable done = () -> responder.respond(
                core.role() == Role.LEADER
                        ? transferred(false, node + " did not take over in time")
                        : transferred(true, ""));
        transfer(node, done);
    }

    private static DataResponse.Builder transferred(boolean done, String reason) {
        return DataResponse.newBuilder()
                .setLeadershipTransferred(
                        LeadershipTransferred.newBuilder().setDone(done).setReason(reason));
    }

    /** Has a request wait while leadership is handed over; false when it is not. */
    boolean waits(Runnable task, Responder responder) {
        if (isOver()) {
            return false;
        }
        if (waiting.isFull()) {
            responder.respond(Refusals.notLeader(successor));
            return true;
        }
        waiting.add(task);
        return true;
    }

    /** Somebody is known to lead. */
    void onLeader() {
        successor = null;
    }

    /** This replica leads no more; or still does not. */
    void onLeadershipLost() {
        if (successor != null) {
            endsNanos = environment.nanoTime() + WAIT_NANOS;
        }
    }

    /** When it is given up to hear from the next leader; {@code Long.MAX_VALUE} while nobody waits for that. */
    long endsNanos() {
        return endsNanos;
    }

    /** Whether somebody waits for the end of what is over. */
    boolean hasToEnd() {
        return !waiting.isEmpty() && isOver();
    }

    /** Lets those go on that waited. */
    void end() {
        endsNanos = Long.MAX_VALUE;
        successor = null;
        waiting.runAll();
    }
}
