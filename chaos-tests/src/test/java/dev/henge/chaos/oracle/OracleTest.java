package dev.henge.chaos.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Two thousand requests from a fixed seed. */
final class OracleTest {

    @Test
    void answersAsDynamoDbLocalButWhereItIsKnownToBeWrong() throws Exception {
        Tally tally = OracleRun.run(20_120_810, 2_000, true);

        assertThat(tally.unexplained()).as(tally.report()).isZero();
        assertThat(tally.equalCount()).as(tally.report()).isGreaterThan(1_200);
    }
}
