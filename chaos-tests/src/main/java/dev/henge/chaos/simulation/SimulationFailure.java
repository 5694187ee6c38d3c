package dev.henge.chaos.simulation;

import org.jspecify.annotations.Nullable;

/** What must not happen happened. */
final class SimulationFailure extends RuntimeException {
    SimulationFailure(String message) {
        super(message);
    }

    SimulationFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
