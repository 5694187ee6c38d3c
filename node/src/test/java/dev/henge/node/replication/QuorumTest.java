package dev.henge.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuorumTest {

    @Test
    void whatAMajorityHasReachedIsAgreed() {
        assertThat(new Quorum(1).agreed(new long[] {7})).isEqualTo(7);
        assertThat(new Quorum(2).agreed(new long[] {7, 3})).isEqualTo(3);
        assertThat(new Quorum(3).agreed(new long[] {7, 3, 5})).isEqualTo(5);
        assertThat(new Quorum(4).agreed(new long[] {9, 3, 5, 7})).isEqualTo(5);
        assertThat(new Quorum(5).agreed(new long[] {1, 2, 3, 4, 5})).isEqualTo(3);
    }

    @Test
    void anElectionIsOpenUntilAMajorityGrantsOrCanNoLongerBeHad() {
        assertThat(new Quorum(3).outcome(2, 0)).isEqualTo(Quorum.Outcome.WON);
        assertThat(new Quorum(3).outcome(1, 1)).isEqualTo(Quorum.Outcome.OPEN);
        assertThat(new Quorum(3).outcome(1, 2)).isEqualTo(Quorum.Outcome.LOST);
        assertThat(new Quorum(4).outcome(2, 1)).isEqualTo(Quorum.Outcome.OPEN);
        assertThat(new Quorum(4).outcome(2, 2)).isEqualTo(Quorum.Outcome.LOST);
    }
}
