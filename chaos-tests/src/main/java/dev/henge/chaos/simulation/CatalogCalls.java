package dev.henge.chaos.simulation;

import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has the catalog changed through a router's client, one command at a time. The trace tells what is asked for and what is learned. */
final class CatalogCalls {

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

    /** Takes the answer to a command: an outcome, or why there is none. */
    interface Learned {
        void accept(@Nullable CatalogOutcome outcome, @Nullable Throwable failure);
    }

    private final World world;
    private final SimulatedRouter router;
    private final String name;
    private boolean busy;

    /** @param name of the one who calls, for the trace */
    CatalogCalls(World world, SimulatedRouter router, String name) {
        this.world = world;
        this.router = router;
        this.name = name;
    }

    /** Whether no command waits for its answer. */
    boolean idle() {
        return !busy;
    }

    void submit(CatalogCommand command, Learned learned) {
        busy = true;
        traced("calls", command);
        router.client()
                .submit(command, new Deadline(router.nanoTime() + TIMEOUT_NANOS))
                .whenComplete((outcome, failure) -> world.scheduler.after(0, () -> {
                    busy = false;
                    traced("learns", outcome == null ? failure : outcome);
                    learned.accept(outcome, failure);
                }));
    }

    /** A cluster may be out of reach for a while; any other failure is a bug. */
    static void assertExpected(@Nullable Throwable failure, String message) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause != null && !(cause instanceof ClusterException)) {
            throw new SimulationFailure(message, cause);
        }
    }

    private void traced(String what, @Nullable Object text) {
        world.trace.event(world.scheduler.nowNanos(), name, what, 0, () -> String.valueOf(text)
                .replaceAll("\\s+", " "));
    }
}
