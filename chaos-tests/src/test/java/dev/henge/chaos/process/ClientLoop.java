package dev.henge.chaos.process;

import dev.henge.chaos.support.Await;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs a program of a client again and again, each time from its beginning, until it is stopped or fails. */
final class ClientLoop implements AutoCloseable {

    /** The program; returns when it has ended well. */
    @FunctionalInterface
    interface Program {
        void run() throws Exception;
    }

    private static final Duration RUN_MAX = Duration.ofMinutes(3);

    private final String name;
    private final Program program;
    private final Thread thread;
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    private ClientLoop(String name, Program program) {
        this.name = name;
        this.program = program;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::loop);
    }

    static ClientLoop start(String name, Program program) {
        ClientLoop loop = new ClientLoop(name, program);
        loop.thread.start();
        return loop;
    }

    private void loop() {
        try {
            while (!stopping) {
                program.run();
                ended.incrementAndGet();
            }
        } catch (Throwable e) {
            failure.set(e);
        }
    }

    String name() {
        return name;
    }

    /** How many runs have ended well. */
    int ended() {
        return ended.get();
    }

    /** Waits for so many more runs to end well. */
    void awaitRuns(int more) {
        int enough = ended() + more;
        Await.until(name + " runs " + more + " times", RUN_MAX, () -> ended() >= enough || failure.get() != null);
        requireNoFailure();
    }

    /** Lets the run that is on its way end, and throws what has failed in any. */
    void stop() throws InterruptedException {
        stopping = true;
        if (!thread.join(RUN_MAX)) {
            throw new AssertionError(name + " has not ended within " + RUN_MAX);
        }
        requireNoFailure();
    }

    private void requireNoFailure() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new AssertionError(name + " failed in run " + (ended() + 1), cause);
        }
    }

    @Override
    public void close() {
        stopping = true;
    }
}
