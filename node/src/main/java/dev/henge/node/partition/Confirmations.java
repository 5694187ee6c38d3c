package dev.henge.node.partition;

import dev.henge.node.replication.Effects;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What waits until it is certain that this replica leads. Belongs to the replica's event loop. */
final class Confirmations {

    private record Confirmation(Runnable confirmed, Responder responder) {}

    private final RaftCore core;
    private final ReplicaEnvironment environment;
    private final Consumer<RaftEvent> step;
    private final Map<Long, Confirmation> waiting = new HashMap<>();
    private long nextContextId;

    Confirmations(RaftCore core, ReplicaEnvironment environment, Consumer<RaftEvent> step) {
        this.core = core;
        this.environment = environment;
        this.step = step;
    }

    /**
     * Runs the task once this replica is sure that it was the leader after the call.
     *
     * @param responder is told when it is not
     */
    void confirmLeadership(Runnable confirmed, Responder responder) {
        if (core.lease().holdsAt(environment.nanoTime())) {
            confirmed.run();
            return;
        }
        long contextId = nextContextId++;
        waiting.put(contextId, new Confirmation(confirmed, responder));
        step.accept(new RaftEvent.ReadIndex(contextId, environment.nanoTime()));
    }

    void onReady(List<Effects.ReadReady> ready) {
        for (Effects.ReadReady read : ready) {
            Confirmation confirmation = waiting.remove(read.contextId());
            if (confirmation != null) {
                confirmation.confirmed().run();
            }
        }
    }

    /** @param leader the other one, null while unknown */
    void onFailed(List<Long> contextIds, @Nullable String leader) {
        for (long contextId : contextIds) {
            Confirmation confirmation = waiting.remove(contextId);
            if (confirmation != null) {
                confirmation.responder().respond(Refusals.notLeader(leader));
            }
        }
    }

    /** Refuses all that wait. */
    void abandon() {
        List.copyOf(waiting.values())
                .forEach(confirmation -> confirmation.responder().respond(Refusals.notLeader(null)));
        waiting.clear();
    }
}
