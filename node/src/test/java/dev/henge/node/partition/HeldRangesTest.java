package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import org.junit.jupiter.api.Test;

class HeldRangesTest {

    private final HeldRanges held = new HeldRanges();

    @Test
    void noTwoHoldTheSame() {
        assertThat(held.take(1, new TokenRange(0, 100))).isTrue();

        assertThat(held.take(2, new TokenRange(50, 0))).isFalse();
        assertThat(held.take(2, new TokenRange(100, 0))).isTrue();
        assertThat(held.take(1, new TokenRange(0, 101))).isFalse();
    }

    @Test
    void whatOneLetsGoAnotherMayHave() {
        assertThat(held.take(1, new TokenRange(0, 0))).isTrue();

        assertThat(held.take(1, new TokenRange(0, 50))).isTrue();
        assertThat(held.take(2, new TokenRange(50, 0))).isTrue();
        held.release(2);
        assertThat(held.take(1, new TokenRange(0, 0))).isTrue();
    }
}
