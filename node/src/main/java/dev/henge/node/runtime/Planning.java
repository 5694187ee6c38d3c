package dev.henge.node.runtime;

import dev.henge.cluster.Deadline;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.coordinator.AnsweredLiveness;
import dev.henge.node.coordinator.PlanStep;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CoordinatorReport;
import dev.henge.proto.LeadershipTransferred;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs {@link PlanStep}s one after the other in a thread of its own: working out a plan may take most of a second of processor
 * time in a large cluster, and asking nodes that don't answer takes as long.
 */
final class Planning implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Planning.class);

    /** Between two rounds. */
    private static final long PAUSE_MILLIS = 2_000;

    /** A change of the catalog calls for a round sooner, but not at once: leaders' own word of what has changed comes a little later. */
    private static final long PAUSE_MILLIS_MIN = 500;

    private final Partitions partitions;
    private final NodeStatuses statuses;
    private final Semaphore wakeUps = new Semaphore(0);
    private final BlockingPort port;
    private final PlanStep step;
    private final Thread thread;
    private volatile boolean closed;

    /** @param statuses closed with it */
    Planning(String self, Partitions partitions, NodeStatuses statuses) {
        this.partitions = partitions;
        this.statuses = statuses;
        this.port = new BlockingPort();
        this.step = new PlanStep(self, port, new AnsweredLiveness());
        this.thread = Thread.ofPlatform().daemon().name(self + "-planner").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The catalog has changed. Any thread may call. */
    void wake() {
        wakeUps.release();
    }

    /** What the last round has found; empty unless this node coordinates. */
    Optional<CoordinatorReport> report() {
        return step.report().map(report -> CoordinatorReport.newBuilder()
                .setAgeMillis(Math.max(0, port.nowMillis() - report.atMillis()))
                .addAllNotes(report.notes())
                .build());
    }

    private void run() {
        try (port) {
            while (!closed) {
                Thread.sleep(PAUSE_MILLIS_MIN);
                boolean ignored = wakeUps.tryAcquire(PAUSE_MILLIS - PAUSE_MILLIS_MIN, TimeUnit.MILLISECONDS);
                wakeUps.drainPermits();
                round();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void round() throws InterruptedException {
        try {
            step.run().get();
        } catch (ExecutionException e) {
            log.debug("the planner tries again: {}", e.toString());
        } catch (RuntimeException e) {
            // A fault in a decision must not stop the node: its data are served without.
            log.error("the planner failed; it tries again", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Waits in the planner's own thread for each thing, so that all of a round happens there. */
    private final class BlockingPort implements PlanStep.Port, AutoCloseable {

        private final SystemReplica system = new SystemReplica(partitions);

        @Override
        public void close() {
            system.close();
            statuses.close();
        }

        @Override
        public CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
            return system.catalogIfLeading();
        }

        @Override
        public CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes) {
            return CompletableFuture.completedFuture(statuses.of(nodes));
        }

        @Override
        public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
            return system.submit(command);
        }

        @Override
        public CompletableFuture<LeadershipTransferred> transfer(int partition, String to) {
            // All of a round are asked for before any is waited for.
            return system.client()
                    .transferLeadership(partition, to, Deadline.after(SystemReplica.TIMEOUT))
                    .orTimeout(2 * SystemReplica.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public long nowMillis() {
            return TimeUnit.NANOSECONDS.toMillis(MonotonicClock.nanoTime());
        }

        @Override
        public long wallMillis() {
            return System.currentTimeMillis();
        }

        @Override
        public UUID newId() {
            return UUID.randomUUID();
        }
    }
}
