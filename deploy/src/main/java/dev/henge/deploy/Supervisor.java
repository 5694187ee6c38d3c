package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs processes in the foreground: passes their output on with their names before it, says how to start one again that
 * has ended, and ends all of them when it is closed.
 */
final class Supervisor implements AutoCloseable {

    private static final long READY_MILLIS_MAX = 60_000;
    private static final long STOP_MILLIS_MAX = 15_000;

    private final PrintWriter out;
    private final int nameWidth;
    private final List<Child> children = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final CountDownLatch allEnded = new CountDownLatch(1);
    private volatile boolean started;
    private volatile boolean stopping;

    /**
     * A process to run.
     *
     * @param name what its lines of output begin with
     * @param command what runs it
     * @param restartCommand what a person types to run it again, once it has ended
     */
    record Program(String name, List<String> command, String restartCommand) {}

    private record Child(Program program, Process process, CompletableFuture<Boolean> ready) {}

    private Supervisor(PrintWriter out, int nameWidth) {
        this.out = out;
        this.nameWidth = nameWidth;
    }

    /**
     * Starts the programs, and waits until each has told that it is ready.
     *
     * @throws StartupException when one ends before, or takes too long; then none is left running
     */
    static Supervisor start(PrintWriter out, List<Program> programs) throws StartupException, InterruptedException {
        int width = programs.stream()
                .mapToInt(program -> program.name().length())
                .max()
                .orElse(0);
        Supervisor supervisor = new Supervisor(out, width);
        try {
            for (Program program : programs) {
                supervisor.launch(program);
            }
            for (Child child : supervisor.children) {
                supervisor.awaitReady(child);
            }
            supervisor.started = true;
            return supervisor;
        } catch (StartupException | InterruptedException e) {
            supervisor.close();
            throw e;
        }
    }

    /** The pid of the program of that name. */
    long pid(String name) {
        return children.stream()
                .filter(child -> child.program().name().equals(name))
                .findFirst()
                .orElseThrow()
                .process()
                .pid();
    }

    /** Waits until every process has ended; whether they did so by themselves. */
    boolean awaitAllEnded() throws InterruptedException {
        allEnded.await();
        return !stopping;
    }

    /** Asks all processes to end, the last started first; kills what doesn't. */
    @Override
    public void close() {
        stopping = true;
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MILLIS_MAX);
        for (Child child : children.reversed()) {
            child.process().destroy();
        }
        for (Child child : children) {
            try {
                long leftNanos = Math.max(0, deadlineNanos - System.nanoTime());
                if (!child.process().waitFor(leftNanos, TimeUnit.NANOSECONDS)) {
                    child.process().destroyForcibly();
                }
            } catch (InterruptedException _) {
                child.process().destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    private void launch(Program program) throws StartupException {
        Process process;
        try {
            ProcessBuilder builder = new ProcessBuilder(program.command())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
            builder.environment().put("HENGE_NO_BUILD", "1");
            process = builder.start();
        } catch (IOException e) {
            throw new StartupException("can't start " + program.name() + ": " + e.getMessage(), e);
        }
        Child child = new Child(program, process, new CompletableFuture<>());
        children.add(child);
        running.incrementAndGet();
        Thread.ofPlatform().daemon().name("output-" + program.name()).start(() -> follow(child));
    }

    private void follow(Child child) {
        try (BufferedReader reader = child.process().inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                print(child.program().name(), line);
                if (ReadyLine.is(line)) {
                    child.ready().complete(true);
                }
            }
        } catch (IOException _) {
            // The pipe of a process that was killed may break; that the process has ended is what counts.
        }
        try {
            ended(child, child.process().waitFor());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void ended(Child child, int code) {
        child.ready().complete(false);
        if (!stopping && started) {
            print(child.program().name(), "has ended with code " + code + "; the others go on. Start it again with");
            print(child.program().name(), "  " + child.program().restartCommand());
        }
        if (running.decrementAndGet() == 0) {
            allEnded.countDown();
        }
    }

    private void awaitReady(Child child) throws StartupException, InterruptedException {
        String name = child.program().name();
        try {
            if (!child.ready().get(READY_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
                throw new StartupException(name + " did not start; its own message stands above");
            }
        } catch (TimeoutException e) {
            throw new StartupException(
                    name + " was not ready within " + TimeUnit.MILLISECONDS.toSeconds(READY_MILLIS_MAX) + " s", e);
        } catch (ExecutionException e) {
            throw new StartupException(name + " did not start: " + e.getMessage(), e);
        }
    }

    private void print(String name, String line) {
        synchronized (out) {
            out.println(name + " ".repeat(nameWidth - name.length()) + " | " + line);
            out.flush();
        }
    }
}
