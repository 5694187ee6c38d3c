package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.PartitionRecord;
import org.junit.jupiter.api.Test;

class PartitionTimesTest {

    private static final PartitionRecord WHOLE =
            PartitionRecord.newBuilder().setId(1).setEpoch(1).build();
    private static final PartitionRecord LOW = WHOLE.toBuilder().setEpoch(5).build();
    private static final PartitionRecord HIGH =
            PartitionRecord.newBuilder().setId(2).setEpoch(5).setParent(1).build();

    private final PartitionTimes times = new PartitionTimes();

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(times.knownMillis(WHOLE)).isZero();
        assertThat(times.knownMillis(HIGH)).isZero();
    }

    @Test
    void whatWasKnownBeforeASplitHoldsForBoth() {
        times.learn(WHOLE, 100);

        assertThat(times.knownMillis(LOW)).isEqualTo(100);
        assertThat(times.knownMillis(HIGH)).isEqualTo(100);
    }

    /** Else a copy of a request that the other one has forgotten could pass for one that it would remember. */
    @Test
    void whatOneLearnsBehindTheSplitTheOtherDoesNotKnow() {
        times.learn(WHOLE, 100);
        times.learn(LOW, 200);

        assertThat(times.knownMillis(LOW)).isEqualTo(200);
        assertThat(times.knownMillis(HIGH)).isEqualTo(100);
    }

    @Test
    void whatComesLateFromBeforeTheSplitIsTakenForThat() {
        times.learn(LOW, 200);
        times.learn(WHOLE, 110);

        assertThat(times.knownMillis(LOW)).isEqualTo(200);
        assertThat(times.knownMillis(HIGH)).isEqualTo(110);
    }

    @Test
    void behindAnotherSplitOfTheFirstNothingIsInherited() {
        times.learn(WHOLE, 100);
        times.learn(LOW, 200);
        times.learn(LOW.toBuilder().setEpoch(9).build(), 300);

        assertThat(times.knownMillis(HIGH)).isZero();
    }

    @Test
    void whatIsItsOwnCounts() {
        times.learn(WHOLE, 100);
        times.learn(HIGH, 50);

        assertThat(times.knownMillis(HIGH)).isEqualTo(50);
    }
}
