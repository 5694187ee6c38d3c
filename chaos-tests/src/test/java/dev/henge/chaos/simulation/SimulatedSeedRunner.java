package dev.henge.chaos.simulation;

import dev.henge.chaos.planted.Profile;
import dev.henge.chaos.planted.SeedRunner;
import org.jspecify.annotations.Nullable;

/** Runs seeds with whatever variant of the product its class loader holds. */
public final class SimulatedSeedRunner implements SeedRunner {

    @Override
    public @Nullable RuntimeException run(long seed, Profile profile, String sabotage) {
        Settings settings =
                switch (profile) {
                    case CAMPAIGN -> Settings.ofSeed(seed, Sabotage.valueOf(sabotage));
                };
        try {
            Simulation.run(settings, Trace.silent());
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }
}
