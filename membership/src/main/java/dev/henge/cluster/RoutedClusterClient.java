package dev.henge.cluster;

import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexPrepared;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.ReadStatistics;
import dev.henge.proto.Refusal;
import dev.henge.proto.StatisticsRead;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.WriteItem;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Finds the leader of a request's partition and asks it, over one stream to each node.
 *
 * <p>Where the leader is, is guessed: the last one seen, else the first of the preference list. A wrong guess is corrected
 * by NOT_LEADER with the leader's name; a node that does not answer within the attempt's time is passed over for the next
 * replica. All attempts of a request together keep its deadline, and there are at most a few dozen a second.
 */
public final class RoutedClusterClient implements ClusterClient {

    private static final long ATTEMPT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final long BACKOFF_MILLIS_MIN = 5;
    private static final long BACKOFF_MILLIS_MAX = 80;

    private final List<String> seeds;
    private final CatalogCache cache = new CatalogCache();
    private final ClientEnvironment environment;
    private final Map<String, ManagedChannel> watchChannels = new ConcurrentHashMap<>();
    private final Map<Integer, String> leaders = new ConcurrentHashMap<>();

    /** The last known time of each partition's own clock, see DataRequest.known_time_millis. */
    private final Map<Integer, Long> partitionTimesMillis = new ConcurrentHashMap<>();

    private final Optional<CatalogWatcher> watcher;

    /** Whether a client follows the catalog by itself, and whether it wants the credentials' secret keys with it. */
    private enum Watching {
        NOTHING,
        WITHOUT_SECRETS,
        WITH_SECRETS
    }

    private RoutedClusterClient(List<String> seeds, Watching watching, ClientEnvironment environment) {
        this.seeds = List.copyOf(seeds);
        this.environment = environment;
        this.watcher = watching != Watching.NOTHING
                ? Optional.of(new CatalogWatcher(
                        this::addresses,
                        address -> watchChannels.computeIfAbsent(address, Channels::open),
                        () -> cache.catalog().getEpoch(),
                        watching == Watching.WITH_SECRETS,
                        cache::offer))
                : Optional.empty();
    }

    /**
     * A client that learns the catalog by itself from the given nodes, "host:port" each; with the credentials' secret keys,
     * as a router needs them.
     */
    public static RoutedClusterClient connect(List<String> seeds) {
        return new RoutedClusterClient(seeds, Watching.WITH_SECRETS, new ThreadedEnvironment());
    }

    /** As {@link #connect}, but the catalog's credentials come without their secret keys. */
    public static RoutedClusterClient connectWithoutSecrets(List<String> seeds) {
        return new RoutedClusterClient(seeds, Watching.WITHOUT_SECRETS, new ThreadedEnvironment());
    }

    /** A client that is told the catalog through {@link #offer}; a node has one of its own. */
    public static RoutedClusterClient withCatalogOf(Catalog catalog) {
        return withCatalogOf(catalog, new ThreadedEnvironment());
    }

    /**
     * A client that is told the catalog through {@link #offer}, in a world of its own.
     *
     * @param environment closed with the client; its clock is that of the deadlines
     */
    public static RoutedClusterClient withCatalogOf(Catalog catalog, ClientEnvironment environment) {
        RoutedClusterClient client = new RoutedClusterClient(List.of(), Watching.NOTHING, environment);
        client.offer(catalog);
        return client;
    }

    /** Takes a catalog if it is newer than the one known. */
    public void offer(Catalog catalog) {
        cache.offer(catalog);
    }

    private List<String> addresses() {
        return Stream.concat(
                        seeds.stream(), cache.catalog().getNodesList().stream().map(NodeRecord::getAddress))
                .distinct()
                .toList();
    }

    @Override
    public Catalog catalog() {
        return cache.catalog();
    }

    @Override
    public PartitionRecord partitionOf(long token) {
        return cache.partitionOf(token)
                .orElseThrow(() -> new ClusterException(
                        ClusterException.Code.UNAVAILABLE, "no node of the cluster was reached yet"));
    }

    /** The partition that a token belongs to; empty while no catalog is known. */
    public Optional<PartitionRecord> knownPartitionOf(long token) {
        return cache.partitionOf(token);
    }

    @Override
    public CompletableFuture<ItemRead> read(long token, ReadItem read, Deadline deadline) {
        return request(
                        () -> cache.partitionOf(token),
                        DataRequest.newBuilder().setReadItem(read),
                        !read.getConsistent(),
                        deadline)
                .thenApply(DataResponse::getItemRead);
    }

    @Override
    public CompletableFuture<ItemWritten> write(long token, WriteItem write, Deadline deadline) {
        return request(() -> cache.partitionOf(token), DataRequest.newBuilder().setWriteItem(write), false, deadline)
                .thenApply(DataResponse::getItemWritten);
    }

    @Override
    public CompletableFuture<RangeRead> readRange(long token, ReadRange read, Deadline deadline) {
        return request(
                        () -> cache.partitionOf(token),
                        DataRequest.newBuilder().setReadRange(read),
                        !read.getConsistent(),
                        deadline)
                .thenApply(DataResponse::getRangeRead);
    }

    @Override
    public CompletableFuture<CatalogOutcome> submit(CatalogCommand command, Deadline deadline) {
        return request(() -> cache.partition(0), DataRequest.newBuilder().setCatalog(command), false, deadline)
                .thenApply(DataResponse::getCatalog)
                .thenCompose(outcome -> knowsEpoch(outcome, deadline));
    }

    private CompletableFuture<CatalogOutcome> knowsEpoch(CatalogOutcome outcome, Deadline deadline) {
        return CompletableFuture.anyOf(cache.newerThan(outcome.getEpoch() - 1), after(remainingNanos(deadline)))
                .thenApply(either -> outcome);
    }

    private long remainingNanos(Deadline deadline) {
        return Math.max(0, deadline.nanoTime() - environment.nanoTime());
    }

    private CompletableFuture<Void> after(long nanos) {
        CompletableFuture<Void> later = new CompletableFuture<>();
        environment.schedule(() -> later.complete(null), nanos);
        return later;
    }

    /** Drops a table's items from one partition. */
    public CompletableFuture<Void> dropTable(int partition, DropTable drop, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setDropTable(drop),
                        false,
                        deadline)
                .thenApply(response -> null);
    }

    /** Hands changes of global indexes to a partition; completes once they are committed there. */
    public CompletableFuture<Void> takeIndexBatch(int partition, IndexBatch batch, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setIndexBatch(batch),
                        false,
                        deadline)
                .thenApply(response -> null);
    }

    /** Has a partition fill a global index with what it holds of the table, and tells how far it is. */
    public CompletableFuture<IndexPrepared> prepareIndex(int partition, PrepareIndex prepare, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setPrepareIndex(prepare),
                        false,
                        deadline)
                .thenApply(DataResponse::getIndexPrepared);
    }

    @Override
    public CompletableFuture<List<TableStatistics>> statistics(List<Long> numbers, Deadline deadline) {
        ReadStatistics read = ReadStatistics.newBuilder().addAllTables(numbers).build();
        List<CompletableFuture<StatisticsRead>> answers = cache.catalog().getPartitionsList().stream()
                .map(PartitionRecord::getId)
                .filter(partition -> partition != 0)
                .map(partition -> statistics(partition, read, deadline))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> sum(numbers.size(), answers));
    }

    private CompletableFuture<StatisticsRead> statistics(int partition, ReadStatistics read, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setReadStatistics(read),
                        false,
                        deadline)
                .thenApply(DataResponse::getStatisticsRead);
    }

    private static List<TableStatistics> sum(int count, List<CompletableFuture<StatisticsRead>> answers) {
        List<TableStatistics> sums = new ArrayList<>(count);
        for (int place = 0; place < count; place++) {
            TableStatistics.Builder sum = TableStatistics.newBuilder();
            for (CompletableFuture<StatisticsRead> answer : answers) {
                TableStatistics ofPartition = answer.join().getTables(place);
                sum.setItems(sum.getItems() + ofPartition.getItems()).setBytes(sum.getBytes() + ofPartition.getBytes());
            }
            sums.add(sum.build());
        }
        return sums;
    }

    private CompletableFuture<DataResponse> request(
            Supplier<Optional<PartitionRecord>> partition,
            DataRequest.Builder request,
            boolean anyReplica,
            Deadline deadline) {
        Attempts attempts = new Attempts(partition, request, anyReplica, deadline);
        attempts.next();
        return attempts.result;
    }

    /** The attempts of one request. One attempt is under way at a time, so the fields need no lock. */
    private final class Attempts {
        private final Supplier<Optional<PartitionRecord>> partitionSource;
        private final DataRequest.Builder request;
        private final boolean anyReplica;
        private final Deadline deadline;
        private final CompletableFuture<DataResponse> result = new CompletableFuture<>();
        private int failures;

        /** A copy of the request is on its way, or was taken in by a leader that lost its place. */
        private boolean outcomeUnknown;

        private String lastTrouble = "no node of the cluster was reached yet";

        Attempts(
                Supplier<Optional<PartitionRecord>> partitionSource,
                DataRequest.Builder request,
                boolean anyReplica,
                Deadline deadline) {
            this.partitionSource = partitionSource;
            this.request = request;
            this.anyReplica = anyReplica;
            this.deadline = deadline;
        }

        void next() {
            try {
                attempt();
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }

        private void attempt() {
            long remainingNanos = remainingNanos(deadline);
            if (remainingNanos == 0) {
                giveUp();
                return;
            }
            Optional<PartitionRecord> found = partitionSource.get();
            if (found.isEmpty()) {
                waitForCatalogNewerThan(cache.catalog().getEpoch(), remainingNanos);
                return;
            }
            PartitionRecord partition = found.get();
            String target = target(partition);
            Optional<NodeCalls> link = link(target);
            if (link.isEmpty()) {
                lastTrouble = "the address of node " + target + " is not known";
                retryAfterBackoff(partition.getId());
                return;
            }
            long timeoutNanos = Math.min(remainingNanos, ATTEMPT_NANOS_MAX);
            if (outcomeUnknown && request.hasWriteItem()) {
                request.getWriteItemBuilder().setRepeated(true);
            }
            if (!outcomeUnknown) {
                request.setKnownTimeMillis(partitionTimesMillis.getOrDefault(partition.getId(), 0L));
            }
            request.setPartition(partition.getId())
                    .setEpoch(partition.getEpoch())
                    .setTimeoutMillis((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNanos)));
            link.get().call(request, timeoutNanos).whenComplete((response, failure) -> {
                if (failure != null) {
                    onFailure(partition, target, failure);
                } else {
                    onResponse(partition, target, response);
                }
            });
        }

        private String target(PartitionRecord partition) {
            List<String> replicas = partition.getReplicasList();
            if (anyReplica && failures > 0) {
                return replicas.get((int) environment.randomBetween(0, replicas.size()));
            }
            // An eventual read asks the leader first as well: it has the newest state, and a follower lags by up to a
            // heartbeat when nothing else is written.
            return leaders.getOrDefault(partition.getId(), replicas.getFirst());
        }

        private void onFailure(PartitionRecord partition, String target, Throwable failure) {
            if (!(failure instanceof LinkException trouble)) {
                result.completeExceptionally(failure);
                return;
            }
            outcomeUnknown |= trouble.sent();
            lastTrouble = String.valueOf(trouble.getMessage());
            suspectLeader(partition, target);
            retryAfterBackoff(partition.getId());
        }

        private void onResponse(PartitionRecord partition, String target, DataResponse response) {
            if (response.getPartitionTimeMillis() != 0) {
                partitionTimesMillis.merge(partition.getId(), response.getPartitionTimeMillis(), Math::max);
            }
            if (response.getOutcomeCase() != DataResponse.OutcomeCase.REFUSAL) {
                if (!anyReplica) {
                    leaders.put(partition.getId(), target);
                }
                result.complete(response);
                return;
            }
            Refusal refusal = response.getRefusal();
            switch (refusal.getCode()) {
                case NOT_LEADER -> {
                    lastTrouble = "partition " + partition.getId() + " has no leader";
                    outcomeUnknown |= refusal.getOutcomeUnknown();
                    followLeader(partition, target, refusal.getLeader());
                }
                case STALE_EPOCH -> {
                    lastTrouble = "the partition map is out of date";
                    waitForCatalogNewerThan(
                            cache.catalog().getEpoch(), TimeUnit.MILLISECONDS.toNanos(BACKOFF_MILLIS_MAX));
                }
                case UNKNOWN_PARTITION -> {
                    lastTrouble = "node " + target + " has no replica of partition " + partition.getId();
                    suspectLeader(partition, target);
                    retryAfterBackoff(partition.getId());
                }
                case CATALOG_BEHIND -> {
                    lastTrouble = refusal.getMessage();
                    tellTable();
                    retryAtOnceAFewTimes(partition);
                }
                case TIMED_OUT -> {
                    lastTrouble = refusal.getMessage();
                    outcomeUnknown = true;
                    retryAfterBackoff(partition.getId());
                }
                case REQUEST_TOO_OLD -> {
                    if (outcomeUnknown) {
                        // No one can tell any more whether an earlier attempt was carried out.
                        lastTrouble = refusal.getMessage();
                        giveUp();
                        return;
                    }
                    retryAtOnceAFewTimes(partition);
                }
                case OVERLOADED -> {
                    if (outcomeUnknown) {
                        // "Overloaded" says that the write was not carried out; an earlier attempt may have been.
                        lastTrouble = refusal.getMessage();
                        retryAfterBackoff(partition.getId());
                        return;
                    }
                    fail(ClusterException.Code.OVERLOADED, refusal);
                }
                case CONDITION_FAILED -> fail(ClusterException.Code.CONDITION_FAILED, refusal);
                case INVALID -> fail(ClusterException.Code.INVALID, refusal);
                case COLLECTION_FULL -> fail(ClusterException.Code.COLLECTION_FULL, refusal);
                case TABLE_DROPPED -> fail(ClusterException.Code.TABLE_DROPPED, refusal);
                case INTERNAL, CODE_UNSPECIFIED, UNRECOGNIZED -> fail(ClusterException.Code.INTERNAL, refusal);
            }
        }

        private void fail(ClusterException.Code code, Refusal refusal) {
            result.completeExceptionally(new ClusterException(code, refusal));
        }

        /** The leader learns the table from the write itself: no write waits for a catalog to spread. */
        private void tellTable() {
            if (!request.hasWriteItem()) {
                return;
            }
            WriteItem.Builder write = request.getWriteItemBuilder();
            cache.catalog().getTablesList().stream()
                    .filter(table -> table.getId() == write.getTable() && table.getEpoch() >= write.getTableEpoch())
                    .findFirst()
                    .ifPresent(write::setTableRecord);
        }

        private void followLeader(PartitionRecord partition, String target, String leader) {
            if (leader.isEmpty() || leader.equals(target)) {
                suspectLeader(partition, target);
                retryAfterBackoff(partition.getId());
                return;
            }
            leaders.put(partition.getId(), leader);
            retryAtOnceAFewTimes(partition);
        }

        private void retryAtOnceAFewTimes(PartitionRecord partition) {
            if (failures++ < 2) {
                next();
                return;
            }
            retryAfterBackoff(partition.getId());
        }

        /** The next request to the partition tries the replica behind this one. */
        private void suspectLeader(PartitionRecord partition, String target) {
            List<String> replicas = partition.getReplicasList();
            String other = replicas.get((replicas.indexOf(target) + 1) % replicas.size());
            leaders.compute(partition.getId(), (id, known) -> known == null || known.equals(target) ? other : known);
        }

        private void retryAfterBackoff(int partition) {
            failures++;
            long most = Math.min(BACKOFF_MILLIS_MAX, BACKOFF_MILLIS_MIN << Math.min(failures, 5));
            long backoffMillis = environment.randomBetween(BACKOFF_MILLIS_MIN, most + 1);
            long backoffNanos = TimeUnit.MILLISECONDS.toNanos(backoffMillis);
            if (remainingNanos(deadline) <= backoffNanos) {
                giveUp();
                return;
            }
            environment.schedule(this::next, backoffNanos);
        }

        private void waitForCatalogNewerThan(long epoch, long waitNanos) {
            failures++;
            CompletableFuture.anyOf(cache.newerThan(epoch), after(Math.min(waitNanos, remainingNanos(deadline))))
                    .thenRun(this::next);
        }

        private void giveUp() {
            ClusterException.Code code =
                    outcomeUnknown ? ClusterException.Code.TIMED_OUT : ClusterException.Code.UNAVAILABLE;
            result.completeExceptionally(new ClusterException(code, "gave up in time: " + lastTrouble));
        }
    }

    private Optional<NodeCalls> link(String node) {
        return cache.catalog().getNodesList().stream()
                .filter(record -> record.getName().equals(node))
                .findFirst()
                .map(record -> environment.node(record.getAddress()));
    }

    @Override
    public void close() {
        watcher.ifPresent(CatalogWatcher::close);
        environment.close();
        watchChannels.values().forEach(ManagedChannel::shutdownNow);
    }
}
