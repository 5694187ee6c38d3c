package dev.henge.node.runtime;

import dev.henge.cluster.Deadline;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DropTable;
import dev.henge.proto.IndexPrepared;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.RangeTaken;
import dev.henge.proto.ReplicasPlaced;
import dev.henge.proto.SealRange;
import dev.henge.proto.SplitRange;
import dev.henge.proto.TakeRange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link CoordinatorStep}s one after the other in a thread of its own, for as long as the node lives. */
final class Coordinator implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    /** Between two steps until there is a catalog, and after one that failed. */
    private static final long PAUSE_MILLIS = 50;

    /** Else: what changes in the catalog calls for a step by itself. */
    private static final long IDLE_PAUSE_MILLIS = 500;

    private final CoordinatorStep.Founding founding;
    private final Partitions partitions;
    private final Function<String, Optional<String>> instanceOf;
    private final NodeStatuses statuses;
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean catalogSeen;
    private volatile boolean closed;
    private final Thread thread;

    /**
     * @param instanceOf the data directory's id of a node, once this node has seen it
     * @param statuses closed with it
     */
    Coordinator(
            CoordinatorStep.Founding founding,
            Partitions partitions,
            Function<String, Optional<String>> instanceOf,
            NodeStatuses statuses) {
        this.statuses = statuses;
        this.founding = founding;
        this.partitions = partitions;
        this.instanceOf = instanceOf;
        this.thread = Thread.ofVirtual().name("coordinator").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The catalog has changed: there may be something to do. Any thread may call. */
    void wake() {
        catalogSeen = true;
        wakeUps.release();
    }

    private void run() {
        try (BlockingPort port = new BlockingPort()) {
            CoordinatorStep step = new CoordinatorStep(founding, port);
            long pauseMillis = PAUSE_MILLIS;
            while (!closed) {
                // A change that comes while this step is under way calls for another one.
                boolean ignored = wakeUps.tryAcquire(pauseMillis, TimeUnit.MILLISECONDS);
                wakeUps.drainPermits();
                pauseMillis = catalogSeen ? IDLE_PAUSE_MILLIS : PAUSE_MILLIS;
                try {
                    step.run().get();
                    pauseMillis = step.underWay() ? PAUSE_MILLIS : pauseMillis;
                } catch (ExecutionException e) {
                    log.debug("the coordinator tries again: {}", e.toString());
                    pauseMillis = PAUSE_MILLIS;
                } catch (RuntimeException e) {
                    // A fault in one step must not end all that follow: what was begun would never be finished.
                    log.error("the coordinator failed; it tries again", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Waits in the coordinator's own thread for each thing, so that all of a step happens there. */
    private final class BlockingPort implements CoordinatorStep.Port, AutoCloseable {

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
        public Optional<String> instanceOf(String node) {
            return instanceOf.apply(node);
        }

        @Override
        public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
            return system.submit(command);
        }

        @Override
        public CompletableFuture<Void> drop(Map<Integer, DropTable> dropsByPartition) {
            Deadline deadline = Deadline.after(SystemReplica.TIMEOUT);
            CompletableFuture<?>[] drops = dropsByPartition.entrySet().stream()
                    .map(drop -> system.client().dropTable(drop.getKey(), drop.getValue(), deadline))
                    .toArray(CompletableFuture[]::new);
            return SystemReplica.waitFor(CompletableFuture.allOf(drops), SystemReplica.TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<Boolean> prepare(Map<Integer, PrepareIndex> preparationsByPartition) {
            Deadline deadline = Deadline.after(SystemReplica.TIMEOUT);
            List<CompletableFuture<IndexPrepared>> answers = preparationsByPartition.entrySet().stream()
                    .map(prepare -> system.client().prepareIndex(prepare.getKey(), prepare.getValue(), deadline))
                    .toList();
            CompletableFuture<Boolean> filled = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done ->
                            answers.stream().allMatch(answer -> answer.join().getDone()));
            return SystemReplica.waitFor(filled, SystemReplica.TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<Set<Integer>> place(Map<Integer, PlaceReplicas> placementsByPartition) {
            return tell(placementsByPartition, ReplicasPlaced::getDone);
        }

        @Override
        public CompletableFuture<Set<Integer>> tell(Map<Integer, PlaceReplicas> placementsByPartition) {
            return tell(placementsByPartition, group -> true);
        }

        private CompletableFuture<Set<Integer>> tell(
                Map<Integer, PlaceReplicas> placementsByPartition, Predicate<ReplicasPlaced> counts) {
            Deadline deadline = Deadline.after(SystemReplica.TIMEOUT);
            Set<Integer> placed = ConcurrentHashMap.newKeySet();
            CompletableFuture<?>[] answers = placementsByPartition.entrySet().stream()
                    .map(placement -> system.client()
                            .place(placement.getKey(), placement.getValue(), deadline)
                            // One that has no leader keeps no other from being finished.
                            .handle((group, failure) -> failure == null
                                    && counts.test(group)
                                    && group.getEpoch() == placement.getValue().getEpoch()
                                    && placed.add(placement.getKey())))
                    .toArray(CompletableFuture[]::new);
            return SystemReplica.waitFor(
                    CompletableFuture.allOf(answers).thenApply(done -> placed), SystemReplica.TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<Set<Integer>> split(Map<Integer, SplitRange> splitsByPartition) {
            Deadline deadline = Deadline.after(SystemReplica.TIMEOUT);
            Set<Integer> done = ConcurrentHashMap.newKeySet();
            CompletableFuture<?>[] answers = splitsByPartition.entrySet().stream()
                    .map(split -> system.client()
                            .split(split.getKey(), split.getValue(), deadline)
                            .handle((answer, failure) ->
                                    failure == null && answer.getDone() && done.add(split.getKey())))
                    .toArray(CompletableFuture[]::new);
            return SystemReplica.waitFor(
                    CompletableFuture.allOf(answers).thenApply(all -> done), SystemReplica.TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<RangeSealed> seal(int partition, SealRange seal) {
            return SystemReplica.waitFor(
                    system.client().seal(partition, seal, Deadline.after(SystemReplica.TIMEOUT)),
                    SystemReplica.TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<RangeTaken> take(int partition, TakeRange take) {
            return SystemReplica.waitFor(
                    system.client().take(partition, take, Deadline.after(SystemReplica.TIMEOUT)),
                    SystemReplica.TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes) {
            return CompletableFuture.completedFuture(statuses.of(nodes));
        }

        @Override
        public UUID newId() {
            return UUID.randomUUID();
        }

        @Override
        public long wallMillis() {
            return System.currentTimeMillis();
        }
    }
}
