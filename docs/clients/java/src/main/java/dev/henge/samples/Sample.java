package dev.henge.samples;

import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/** What the programs share. */
final class Sample {

    private static final Duration INDEX_LAG_MAX = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private Sample() {}

    /** The SDK's own waiter asks every 20 s. */
    static DynamoDbWaiter quickWaiter(DynamoDbClient client) {
        return DynamoDbWaiter.builder()
                .client(client)
                .overrideConfiguration(configuration -> configuration
                        .backoffStrategyV2(BackoffStrategy.fixedDelayWithoutJitter(POLL))
                        .maxAttempts(600))
                .build();
    }

    static String day(int number) {
        return "2026-11-%02d".formatted(number);
    }

    static void expect(@Nullable Object expected, @Nullable Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError("expected " + expected + " but was " + actual);
        }
    }

    /** A call that the database must refuse with this error. */
    static void expectError(Class<? extends AwsServiceException> type, Runnable call) {
        try {
            call.run();
        } catch (AwsServiceException refused) {
            if (type.isInstance(refused)) {
                return;
            }
            throw refused;
        }
        throw new AssertionError("no " + type.getSimpleName());
    }

    /** A global index follows its table: what was just written may take a moment to be seen there. */
    static void awaitIndex(BooleanSupplier condition) throws InterruptedException {
        long endNanos = System.nanoTime() + INDEX_LAG_MAX.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > endNanos) {
                throw new AssertionError("the index has not followed within " + INDEX_LAG_MAX);
            }
            Thread.sleep(POLL);
        }
    }
}
