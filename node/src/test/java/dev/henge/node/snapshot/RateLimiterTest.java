package dev.henge.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

    @Property(tries = 100)
    void neverMoreThanTheRateAndOneBurstGoesThrough(@ForAll long seed) {
        Random random = new Random(seed);
        long bytesPerSecond = 1 + random.nextInt(100_000_000);
        int takeMax = 1 + random.nextInt(1_000_000);
        RateLimiter limiter = new RateLimiter(bytesPerSecond);
        long start = random.nextInt(1_000_000);
        long now = start;
        long taken = 0;
        for (int i = 0; i < 2_000; i++) {
            now += random.nextInt(2_000_000);
            int count = 1 + random.nextInt(takeMax);
            if (limiter.tryTake(count, now)) {
                taken += count;
            }
        }
        double allowed = bytesPerSecond * ((now - start) / 1e9 + 0.05) + takeMax + 1;
        assertThat((double) taken).isLessThanOrEqualTo(allowed);
    }

    @Test
    void aTakeLargerThanTheBucketIsAllowedAndPaidForAfterwards() {
        RateLimiter limiter = new RateLimiter(1_000);
        assertThat(limiter.tryTake(1_050, 0)).isTrue();
        assertThat(limiter.tryTake(1, TimeUnit.MILLISECONDS.toNanos(999))).isFalse();
        assertThat(limiter.tryTake(1, TimeUnit.MILLISECONDS.toNanos(1_001))).isTrue();
    }

    @Test
    void aPermitThatSomebodyWaitsForIsWanted() {
        Permits permits = new Permits(1);
        assertThat(permits.tryTake()).isTrue();
        assertThat(permits.wanted()).isFalse();
        assertThat(permits.tryTake()).isFalse();
        assertThat(permits.wanted()).isTrue();
        permits.giveBack();
        assertThat(permits.tryTake()).isTrue();
        assertThat(permits.wanted()).isFalse();
    }
}
