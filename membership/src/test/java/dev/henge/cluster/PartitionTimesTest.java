package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.PartitionRecord;
import java.util.Optional;
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
        assertThat(known(WHOLE, WHOLE)).isZero();
        assertThat(known(HIGH, LOW)).isZero();
    }

    @Test
    void whatWasKnownBeforeASplitHoldsForBoth() {
        times.learn(WHOLE, 100);

        assertThat(known(LOW, LOW)).isEqualTo(100);
        assertThat(known(HIGH, LOW)).isEqualTo(100);
    }

    /** Else a copy of a request that the other one has forgotten could pass for one that it would remember. */
    @Test
    void whatOneLearnsBehindTheSplitTheOtherDoesNotKnow() {
        times.learn(WHOLE, 100);
        times.learn(LOW, 200);

        assertThat(known(LOW, LOW)).isEqualTo(200);
        assertThat(known(HIGH, LOW)).isEqualTo(100);
    }

    @Test
    void whatComesLateFromBeforeTheSplitIsTakenForThat() {
        times.learn(LOW, 200);
        times.learn(WHOLE, 110);

        assertThat(known(LOW, LOW)).isEqualTo(200);
        assertThat(known(HIGH, LOW)).isEqualTo(110);
    }

    @Test
    void behindAnotherSplitOfTheFirstNothingIsInherited() {
        times.learn(WHOLE, 100);
        times.learn(LOW, 200);
        times.learn(LOW.toBuilder().setEpoch(9).build(), 300);

        assertThat(known(HIGH, LOW)).isZero();
    }

    /** When it was split from the other one, its epoch does not tell any more. */
    @Test
    void whatWasSplitItselfInheritsNothing() {
        times.learn(LOW, 200);

        assertThat(known(HIGH.toBuilder().setEpoch(9).build(), LOW)).isZero();
    }

    @Test
    void whatIsItsOwnCounts() {
        times.learn(WHOLE, 100);
        times.learn(HIGH, 50);

        assertThat(known(HIGH, LOW)).isEqualTo(50);
    }

    /** @param parent as the map has it */
    private long known(PartitionRecord partition, PartitionRecord parent) {
        return times.knownMillis(partition, id -> Optional.of(parent).filter(record -> record.getId() == id));
    }
}
