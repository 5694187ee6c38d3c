package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RepeatedTaskTest {

    @Test
    void aTurnThatFailsIsNotTheLast() throws InterruptedException {
        CountDownLatch turns = new CountDownLatch(3);
        Runnable failing = () -> {
            turns.countDown();
            throw new IllegalStateException("a test's");
        };
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            timer.scheduleWithFixedDelay(new RepeatedTask("what fails", failing), 0, 1, TimeUnit.MILLISECONDS);

            assertThat(turns.await(30, TimeUnit.SECONDS)).isTrue();
            timer.shutdownNow();
        }
    }
}
