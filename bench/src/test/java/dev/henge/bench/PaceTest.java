package dev.henge.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000L;
    /** Nanosecond clocks may be negative and wrap around. */
    private static final long START = Long.sum(Long.MAX_VALUE, -SECOND / 2);

    @Test
    void closedLoopIsDueAtOnceUntilTheEnd() {
        Pace pace = new Pace.ClosedLoop(START + SECOND);

        assertThat(pace.nextDueNanos(START)).isEqualTo(START);
        assertThat(pace.nextDueNanos(START + SECOND - 1)).isEqualTo(START + SECOND - 1);
        assertThat(pace.nextDueNanos(START + SECOND)).isEqualTo(Pace.NOTHING_DUE);
        assertThat(pace.leftOver()).isZero();
    }

    @Test
    void openLoopSpacesRequestsEvenly() {
        Pace pace = new Pace.OpenLoop(START, START + SECOND, 4);

        for (int i = 0; i < 4; i++) {
            assertThat(pace.nextDueNanos(START)).isEqualTo(START + i * SECOND / 4);
        }
        assertThat(pace.nextDueNanos(START)).isEqualTo(Pace.NOTHING_DUE);
        assertThat(pace.leftOver()).isZero();
    }

    @Test
    void openLoopKeepsItsScheduleWhenTheClientIsLate() {
        Pace pace = new Pace.OpenLoop(START, START + SECOND, 1000);

        long due = pace.nextDueNanos(START + SECOND / 2);
        long next = pace.nextDueNanos(START + SECOND / 2);

        assertThat(due).as("due half a second ago, and counted from then").isEqualTo(START);
        assertThat(next).isEqualTo(START + SECOND / 1000);
    }

    @Test
    void openLoopTellsWhatWasNeverSent() {
        Pace pace = new Pace.OpenLoop(START, START + SECOND, 100);
        for (int i = 0; i < 30; i++) {
            pace.nextDueNanos(START);
        }

        assertThat(pace.nextDueNanos(START + SECOND)).isEqualTo(Pace.NOTHING_DUE);
        assertThat(pace.leftOver()).isEqualTo(70);
    }
}
