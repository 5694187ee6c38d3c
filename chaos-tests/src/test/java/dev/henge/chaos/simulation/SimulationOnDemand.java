package dev.henge.chaos.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Not part of the build's tests (by its name): runs what system properties ask for. The README of this module says how. */
final class SimulationOnDemand {

    @Test
    void replay() {
        SimulationCampaign.replay(Long.getLong("henge.simulation.seed", 1), sabotage(), System.out);
    }

    @Test
    void campaign() {
        SimulationCampaign.Report report = SimulationCampaign.run(
                Long.getLong("henge.simulation.from", 1),
                Integer.getInteger("henge.simulation.seeds", 1_000),
                TimeUnit.MINUTES.toNanos(Long.getLong("henge.simulation.minutes", 60)),
                sabotage(),
                Integer.getInteger("henge.simulation.threads", 1),
                System.out::println);
        System.out.println(report);
        assertThat(report.failures()).isEmpty();
    }

    private static Sabotage sabotage() {
        return Sabotage.valueOf(System.getProperty("henge.simulation.sabotage", Sabotage.NONE.name()));
    }
}
