package dev.henge.chaos.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A long run; the name keeps it out of the build. The README of this module says how to start it. */
final class OracleOnDemand {

    @Test
    void answersAsDynamoDbLocal() throws Exception {
        Tally tally = OracleRun.run(
                Long.getLong("henge.oracle.seed", 1),
                Integer.getInteger("henge.oracle.requests", 100_000),
                !Boolean.getBoolean("henge.oracle.withoutGlobalIndexes"));

        String report = tally.report();
        Files.writeString(Path.of("target", "oracle-report.txt"), report);
        System.out.println(report);
        assertThat(tally.unexplained()).isZero();
    }
}
