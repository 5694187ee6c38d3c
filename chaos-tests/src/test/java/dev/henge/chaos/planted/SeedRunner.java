package dev.henge.chaos.planted;

import org.jspecify.annotations.Nullable;

/** Runs one seed of the simulation. Stands between the classes of the tests and those that a bug is planted in. */
public interface SeedRunner {

    /**
     * Runs a seed.
     *
     * @param sabotage the name of a {@code Sabotage}
     * @return why it failed, null when it passed
     */
    @Nullable
    RuntimeException run(long seed, Profile profile, String sabotage);
}
