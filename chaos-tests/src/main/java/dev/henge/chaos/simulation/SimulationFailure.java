package dev.henge.chaos.simulation;

/** What must not happen happened. */
final class SimulationFailure extends RuntimeException {
    SimulationFailure(String message) {
        super(message);
    }

    SimulationFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
