package dev.henge.chaos.simulation;

import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Has commands of one kind carried out, one after the other, whether the last one came true or not, with a pause in between. A
 * router's catalog may be out of date, so commands are refused now and then; but none of them is senseless.
 */
final class RepeatedCommand {

    /**
     * What is asked for.
     *
     * @param name of the one who asks, for the trace
     * @param command with its article, for messages
     * @param senseless the outcome of a command that could never have been carried out
     * @param pauseNanosMax most time between two; 0 for none at all
     */
    record Kind(String name, String command, CatalogOutcome.Code senseless, long pauseNanosMax) {}

    private final World world;
    private final SimulatedRouter router;
    private final Kind kind;
    private final Chance chance;
    private final Function<Catalog, Optional<CatalogCommand>> source;
    private final CatalogCalls calls;
    private boolean stopping;

    /**
     * @param chance of the pauses
     * @param source the next command by the catalog as a router knows it; empty as long as it has no place for one
     */
    RepeatedCommand(
            World world,
            SimulatedRouter router,
            Kind kind,
            Chance chance,
            Function<Catalog, Optional<CatalogCommand>> source) {
        this.world = world;
        this.router = router;
        this.kind = kind;
        this.chance = chance;
        this.source = source;
        this.calls = new CatalogCalls(world, router, kind.name());
    }

    void start() {
        if (kind.pauseNanosMax() > 0) {
            world.scheduler.after(chance.below(kind.pauseNanosMax()), this::next);
        }
    }

    void stop() {
        stopping = true;
    }

    boolean idle() {
        return calls.idle();
    }

    private void next() {
        if (stopping) {
            return;
        }
        source.apply(router.client().catalog())
                .ifPresentOrElse(
                        command -> calls.submit(command, (outcome, failure) -> {
                            check(outcome, failure);
                            start();
                        }),
                        this::start);
    }

    private void check(@Nullable CatalogOutcome outcome, @Nullable Throwable failure) {
        if (outcome != null && outcome.getCode() == kind.senseless()) {
            throw new SimulationFailure(kind.command() + " was refused: " + outcome.getMessage());
        }
        CatalogCalls.assertExpected(failure, kind.command() + " failed");
    }
}
