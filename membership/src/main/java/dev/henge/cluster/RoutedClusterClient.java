package dev.henge.cluster;

import com.google.protobuf.ByteString;
import dev.henge.membership.Tokens;
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
import dev.henge.proto.LeadershipTransferred;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RangeRead;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.RangeSplit;
import dev.henge.proto.RangeTaken;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.ReadStatistics;
import dev.henge.proto.Refusal;
import dev.henge.proto.ReplicasPlaced;
import dev.henge.proto.SealRange;
import dev.henge.proto.SplitRange;
import dev.henge.proto.StatisticsRead;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.TakeRange;
import dev.henge.proto.TransferLeadership;
import dev.henge.proto.WriteItem;
import dev.henge.wire.Cork;
import io.grpc.ManagedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the leader of a request's partition and asks it, over one stream to each node.
 *
 * <p>An eventual read of a client with a zone asks a replica in that zone first, and after that the leader, as all others do.
 *
 * <p>Where the leader is, is guessed: the last one seen, else the first of the preference list. A wrong guess is corrected
 * by NOT_LEADER with the leader's name; a node that does not answer within the attempt's time is passed over for the next
 * replica. All attempts of a request together keep its deadline, and there are at most a few dozen a second.
 */
public final class RoutedClusterClient implements ClusterClient {

    private static final long ATTEMPT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final long BACKOFF_MILLIS_MIN = 5;
    private static final long BACKOFF_MILLIS_MAX = 80;

    /** How often who is to lead a partition first is asked again, with {@link #BACKOFF_MILLIS_MIN} in between. */
    private static final int FIRST_LEADER_ATTEMPTS_MAX = 20;

    /** How often a request goes where the one that it asked sends it, before it asks those in turn who were not asked yet. */
    private static final int NAMED_IN_A_ROW_MAX = 2;

    private final List<String> seeds;
    private final Function<NodeRecord, String> addressOf;
    private final CatalogCache cache = new CatalogCache();
    private final ClientEnvironment environment;
    private final Map<String, ManagedChannel> watchChannels = new ConcurrentHashMap<>();
    private final Map<Integer, String> leaders = new ConcurrentHashMap<>();

    private final NearReplicas near;
    private final PartitionTimes partitionTimes = new PartitionTimes();

    private final Optional<CatalogWatcher> watcher;

    /** Whether a client follows the catalog by itself, and whether it wants the credentials' secret keys with it. */
    private enum Watching {
        NOTHING,
        WITHOUT_SECRETS,
        WITH_SECRETS
    }

    private RoutedClusterClient(
            List<String> seeds,
            Watching watching,
            ClientEnvironment environment,
            Function<NodeRecord, String> addressOf,
            String zone) {
        this.seeds = List.copyOf(seeds);
        this.addressOf = addressOf;
        this.environment = environment;
        this.near = new NearReplicas(zone, environment);
        this.watcher = watching != Watching.NOTHING
                ? Optional.of(new CatalogWatcher(
                        this::sources,
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
        return connect(seeds, NodeRecord::getAddress, "");
    }

    /**
     * As the other one.
     *
     * @param addressOf where a node of the catalog is, "host:port"; any thread may ask
     * @param zone of the client: eventual reads ask a replica there first; empty for none
     */
    public static RoutedClusterClient connect(List<String> seeds, Function<NodeRecord, String> addressOf, String zone) {
        return new RoutedClusterClient(seeds, Watching.WITH_SECRETS, new ThreadedEnvironment(), addressOf, zone);
    }

    /** As {@link #connect}, but the catalog's credentials come without their secret keys. */
    public static RoutedClusterClient connectWithoutSecrets(List<String> seeds) {
        return new RoutedClusterClient(
                seeds, Watching.WITHOUT_SECRETS, new ThreadedEnvironment(), NodeRecord::getAddress, "");
    }

    /**
     * A client that is told the catalog through {@link #offer}; a node has one of its own.
     *
     * @param addressOf where a node of the catalog is, "host:port"; any thread may ask
     */
    public static RoutedClusterClient withCatalogOf(Catalog catalog, Function<NodeRecord, String> addressOf) {
        return withCatalogOf(catalog, new ThreadedEnvironment(), addressOf, "");
    }

    /**
     * A client that is told the catalog through {@link #offer}, in a world of its own.
     *
     * @param environment closed with the client; its clock is that of the deadlines
     */
    public static RoutedClusterClient withCatalogOf(Catalog catalog, ClientEnvironment environment) {
        return withCatalogOf(catalog, environment, "");
    }

    /** As the other one, of a client in a zone. */
    static RoutedClusterClient withCatalogOf(Catalog catalog, ClientEnvironment environment, String zone) {
        return withCatalogOf(catalog, environment, NodeRecord::getAddress, zone);
    }

    private static RoutedClusterClient withCatalogOf(
            Catalog catalog, ClientEnvironment environment, Function<NodeRecord, String> addressOf, String zone) {
        RoutedClusterClient client = new RoutedClusterClient(List.of(), Watching.NOTHING, environment, addressOf, zone);
        client.offer(catalog);
        return client;
    }

    /** Takes a catalog if it is newer than the one known. */
    public void offer(Catalog catalog) {
        cache.offer(catalog);
    }

    private CatalogSources sources() {
        return CatalogSources.of(cache.catalog(), addressOf, seeds);
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

    /** Grows with each change of the map. */
    public long mapVersion() {
        return cache.mapVersion();
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
    public List<CompletableFuture<ItemWritten>> writeAll(List<WriteItem> writes, Deadline deadline) {
        WriteGroups groups = WriteGroups.of(writes, cache::partitionOf);
        Cork.around(() -> groups.forEach(group -> write(group, deadline)));
        return groups.outcomes();
    }

    private void write(WriteGroups.Group group, Deadline deadline) {
        if (group.isSingle()) {
            group.settle(write(group.token(), group.first(), deadline));
            return;
        }
        DataRequest.Builder request = DataRequest.newBuilder().setWriteItems(group.request());
        Attempts attempts = new Attempts(ownerOf(group.token()), request, false, deadline);
        attempts.next();
        attempts.result.whenComplete((response, failure) -> settle(group, attempts, response, failure));
    }

    /** What the answering partition left out is another's since a split: the whole goes there as well. */
    private void settle(
            WriteGroups.Group group, Attempts done, @Nullable DataResponse response, @Nullable Throwable failure) {
        group.settle(response, failure);
        if (group.isSettled()) {
            return;
        }
        long token = group.token();
        if (done.answered == null || owns(done.answered, token)) {
            group.settle(null, new ClusterException(ClusterException.Code.INTERNAL, "a write was left out"));
            return;
        }
        Attempts rest = done.goOnWith(token);
        rest.next();
        rest.result.whenComplete((answer, trouble) -> settle(group, rest, answer, trouble));
    }

    private static boolean owns(PartitionRecord partition, long token) {
        return Tokens.inRange(token, partition.getStartToken(), partition.getEndToken());
    }

    private Supplier<Optional<PartitionRecord>> ownerOf(long token) {
        return () -> cache.partitionOf(token);
    }

    @Override
    public CompletableFuture<RangeRead> readRange(long token, ReadRange read, Deadline deadline) {
        return request(
                        () -> cache.partitionOf(token).map(partition -> requireCovers(partition, read)),
                        DataRequest.newBuilder().setReadRange(read),
                        !read.getConsistent(),
                        deadline)
                .thenApply(DataResponse::getRangeRead);
    }

    /** A partition that was split would answer for its part alone, and what comes behind it would be skipped. */
    private static PartitionRecord requireCovers(PartitionRecord partition, ReadRange read) {
        Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
        boolean fromStart =
                partition.getStartToken() == 0 || order.compare(read.getStart(), key(partition.getStartToken())) >= 0;
        boolean toEnd = partition.getEndToken() == 0
                || (!read.getEnd().isEmpty() && order.compare(read.getEnd(), key(partition.getEndToken())) <= 0);
        if (!fromStart || !toEnd) {
            throw new ClusterException(ClusterException.Code.RANGE_SPLIT, "the range lies in several partitions");
        }
        return partition;
    }

    private static ByteString key(long token) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(Long.BYTES).putLong(token).flip());
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
        return request(() -> stillInRing(partition), DataRequest.newBuilder().setIndexBatch(batch), false, deadline)
                .thenApply(response -> null);
    }

    /** What is sorted by the map must be sorted anew when the partition has become part of another. */
    private Optional<PartitionRecord> stillInRing(int partition) {
        Optional<PartitionRecord> found = cache.inRing(partition);
        if (found.isEmpty() && !cache.partitions().isEmpty()) {
            throw new ClusterException(
                    ClusterException.Code.RANGE_SPLIT, "partition " + partition + " is part of another one");
        }
        return found;
    }

    /** The partition of this number as the map has it; empty when that has none. */
    public Optional<PartitionRecord> knownPartition(int partition) {
        return cache.inRing(partition);
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

    /** Tells a partition's leader which nodes are to have replicas, and asks how its group stands. */
    public CompletableFuture<ReplicasPlaced> place(int partition, PlaceReplicas place, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setPlaceReplicas(place),
                        false,
                        deadline)
                .thenApply(DataResponse::getReplicasPlaced);
    }

    /** Has a partition's leader hand its leadership to the voter on another node; tells whether it did, and why not. */
    public CompletableFuture<LeadershipTransferred> transferLeadership(int partition, String to, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder()
                                .setTransferLeadership(
                                        TransferLeadership.newBuilder().setTo(to)),
                        false,
                        deadline)
                .thenApply(DataResponse::getLeadershipTransferred);
    }

    /** Tells a partition's leader to split it; completes when it has, or can't now. */
    public CompletableFuture<RangeSplit> split(int partition, SplitRange split, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setSplitRange(split),
                        false,
                        deadline)
                .thenApply(DataResponse::getRangeSplit);
    }

    /** Tells the leader of the partition that goes in a merge to serve no more; completes when that is so, or can't be now. */
    public CompletableFuture<RangeSealed> seal(int partition, SealRange seal, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setSealRange(seal),
                        false,
                        deadline)
                .thenApply(DataResponse::getRangeSealed);
    }

    /** Tells the leader of the partition that stays to take the other one; completes when it has, or can't now. */
    public CompletableFuture<RangeTaken> take(int partition, TakeRange take, Deadline deadline) {
        return request(
                        () -> cache.partition(partition),
                        DataRequest.newBuilder().setTakeRange(take),
                        false,
                        deadline)
                .thenApply(DataResponse::getRangeTaken);
    }

    @Override
    public CompletableFuture<List<TableStatistics>> statistics(List<Long> numbers, Deadline deadline) {
        ReadStatistics read = ReadStatistics.newBuilder().addAllTables(numbers).build();
        List<CompletableFuture<StatisticsRead>> answers = cache.partitions().stream()
                .map(PartitionRecord::getId)
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

        /** The replica that was asked last without having been named by another; null while that is who was asked first. */
        private @Nullable String inTurn;

        /** So many replicas in a row have named another one as the leader. */
        private int namedInARow;

        /** The replica that is asked for being near; asked once, and null but during that attempt. */
        private @Nullable String nearby;

        private boolean nearWasAsked;

        /** A copy of the request is on its way, or was taken in by a leader that lost its place. */
        private boolean outcomeUnknown;

        /** The partition, as it was, to which the first attempt went whose outcome is unknown; null without any. */
        private @Nullable PartitionRecord unknownAt;

        /** The partition that answered; null as long as none has. */
        private @Nullable PartitionRecord answered;

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

        /**
         * Attempts for what the partition that answered left out. Where an earlier attempt may have been carried out for it
         * before the split, it is one request with them; else, for the other partition, it is new.
         */
        Attempts goOnWith(long token) {
            Attempts rest = new Attempts(ownerOf(token), request.clone(), anyReplica, deadline);
            if (unknownAt != null && owns(unknownAt, token)) {
                rest.outcomeUnknown = outcomeUnknown;
                rest.unknownAt = unknownAt;
            }
            return rest;
        }

        private void unknownOutcome(PartitionRecord partition) {
            if (!outcomeUnknown) {
                outcomeUnknown = true;
                unknownAt = partition;
            }
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
            if (anyReplica && !nearWasAsked) {
                nearWasAsked = true;
                nearby = near.of(partition, cache.catalog(), leaders.get(partition.getId()))
                        .orElse(null);
            }
            String target = nearby != null ? nearby : target(partition);
            Optional<NodeCalls> link = link(target);
            if (link.isEmpty()) {
                lastTrouble = "the address of node " + target + " is not known";
                if (fallsBackToLeader()) {
                    return;
                }
                // It was removed, and led the partition when it was last heard of.
                suspectLeader(partition, target);
                retryAfterBackoff();
                return;
            }
            long timeoutNanos = Math.min(remainingNanos, ATTEMPT_NANOS_MAX);
            if (outcomeUnknown) {
                tellThatRepeated();
            }
            if (!outcomeUnknown) {
                request.setKnownTimeMillis(partitionTimes.knownMillis(partition, cache::inRing));
            }
            request.setPartition(partition.getId())
                    .setEpoch(partition.getEpoch())
                    .setNear(nearby != null)
                    .setTimeoutMillis((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNanos)));
            link.get()
                    .call(request, timeoutNanos)
                    .handle((response, failure) -> {
                        if (failure != null) {
                            onFailure(partition, target, failure);
                        } else {
                            onResponse(partition, target, response);
                        }
                        return response;
                    })
                    // A fault in what is made of the answer must not leave who asked without one.
                    .exceptionally(fault -> {
                        result.completeExceptionally(fault);
                        return null;
                    });
        }

        private void tellThatRepeated() {
            if (request.hasWriteItem()) {
                request.getWriteItemBuilder().setRepeated(true);
            } else if (request.hasWriteItems()) {
                request.getWriteItemsBuilder().setRepeated(true);
            }
        }

        private String target(PartitionRecord partition) {
            List<String> replicas = partition.getReplicasList();
            if (anyReplica && failures > 0) {
                return replicas.get((int) environment.randomBetween(0, replicas.size()));
            }
            // An eventual read asks the leader first as well: it has the newest state, and a follower lags by up to a
            // heartbeat when nothing else is written.
            String known = leaders.get(partition.getId());
            if (known == null && partition.getParent() != 0) {
                // Who led the partition that this one was split from leads this one first.
                String ofParent = leaders.get(partition.getParent());
                known = ofParent != null && replicas.contains(ofParent) ? ofParent : null;
            }
            return known == null ? replicas.getFirst() : known;
        }

        /** Whether it was the replica nearby that did not answer, or not with what was asked: then the leader is asked at once. */
        private boolean fallsBackToLeader() {
            boolean fellBack = nearby != null;
            nearby = null;
            if (fellBack) {
                next();
            }
            return fellBack;
        }

        private void onFailure(PartitionRecord partition, String target, Throwable failure) {
            if (!(failure instanceof LinkException trouble)) {
                result.completeExceptionally(failure);
                return;
            }
            if (trouble.sent()) {
                unknownOutcome(partition);
            }
            lastTrouble = String.valueOf(trouble.getMessage());
            if (nearby != null) {
                near.avoid(target);
            }
            if (fallsBackToLeader()) {
                return;
            }
            suspectLeader(partition, target);
            retryAfterBackoff();
        }

        private void onResponse(PartitionRecord partition, String target, DataResponse response) {
            if (response.getPartitionTimeMillis() != 0) {
                partitionTimes.learn(partition, response.getPartitionTimeMillis());
            }
            if (response.getOutcomeCase() != DataResponse.OutcomeCase.REFUSAL) {
                if (!anyReplica) {
                    leaders.put(partition.getId(), target);
                }
                answered = partition;
                result.complete(response);
                return;
            }
            Refusal refusal = response.getRefusal();
            boolean hasNoAnswer =
                    refusal.getCode() == Refusal.Code.NOT_LEADER || refusal.getCode() == Refusal.Code.UNKNOWN_PARTITION;
            if (hasNoAnswer && fallsBackToLeader()) {
                return;
            }
            nearby = null;
            switch (refusal.getCode()) {
                case NOT_LEADER -> {
                    lastTrouble = "partition " + partition.getId() + " has no leader";
                    if (refusal.getOutcomeUnknown()) {
                        unknownOutcome(partition);
                    }
                    if (refusal.getLeader().isEmpty() && staysWithFirstLeader(partition, target)) {
                        return;
                    }
                    followLeader(partition, target, refusal.getLeader());
                }
                case STALE_EPOCH -> {
                    lastTrouble = "the partition map is out of date";
                    if (refusal.hasSplit() && cache.splitWasCarriedOut(partition, refusal.getSplit())) {
                        retryAtOnceAFewTimes(partition);
                        return;
                    }
                    if (refusal.hasMerge() && cache.mergeWasCarriedOut(partition, refusal.getMerge())) {
                        retryAtOnceAFewTimes(partition);
                        return;
                    }
                    waitForCatalogNewerThan(
                            cache.catalog().getEpoch(), TimeUnit.MILLISECONDS.toNanos(BACKOFF_MILLIS_MAX));
                }
                case UNKNOWN_PARTITION -> {
                    lastTrouble = "node " + target + " has no replica of partition " + partition.getId();
                    if (staysWithFirstLeader(partition, target)) {
                        return;
                    }
                    suspectLeader(partition, target);
                    retryAfterBackoff();
                }
                case CATALOG_BEHIND -> {
                    lastTrouble = refusal.getMessage();
                    tellTable();
                    retryAtOnceAFewTimes(partition);
                }
                case TIMED_OUT -> {
                    lastTrouble = refusal.getMessage();
                    unknownOutcome(partition);
                    retryAfterBackoff();
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
                        retryAfterBackoff();
                        return;
                    }
                    fail(refusal);
                }
                case CONDITION_FAILED,
                        INVALID,
                        COLLECTION_FULL,
                        TABLE_DROPPED,
                        OUT_OF_RANGE,
                        INTERNAL,
                        CODE_UNSPECIFIED,
                        UNRECOGNIZED -> fail(refusal);
            }
        }

        private void fail(Refusal refusal) {
            result.completeExceptionally(ClusterException.ofFinal(refusal));
        }

        /** The leader learns the table from the write itself: no write waits for a catalog to spread. */
        private void tellTable() {
            if (request.hasWriteItem()) {
                tellTable(request.getWriteItemBuilder());
            } else if (request.hasWriteItems()) {
                request.getWriteItemsBuilder().getWritesBuilderList().forEach(this::tellTable);
            }
        }

        private void tellTable(WriteItem.Builder write) {
            cache.catalog().getTablesList().stream()
                    .filter(table -> table.getId() == write.getTable() && table.getEpoch() >= write.getTableEpoch())
                    .findFirst()
                    .ifPresent(write::setTableRecord);
        }

        private void followLeader(PartitionRecord partition, String target, String leader) {
            if (leader.isEmpty() || leader.equals(target) || namedInARow == NAMED_IN_A_ROW_MAX) {
                suspectLeader(partition, target);
                retryAfterBackoff();
                return;
            }
            namedInARow++;
            if (inTurn == null) {
                inTurn = target;
            }
            leaders.put(partition.getId(), leader);
            retryAtOnceAFewTimes(partition);
        }

        private void retryAtOnceAFewTimes(PartitionRecord partition) {
            if (failures++ < 2) {
                next();
                return;
            }
            retryAfterBackoff();
        }

        /** Who led the partition that this one was split from leads this one in a moment: nobody else is asked until then. */
        private boolean staysWithFirstLeader(PartitionRecord partition, String target) {
            boolean first = partition.getParent() != 0
                    && !leaders.containsKey(partition.getId())
                    && partition.getReplicasList().contains(target)
                    && target.equals(leaders.get(partition.getParent()));
            return first && failures < FIRST_LEADER_ATTEMPTS_MAX && retryAfter(BACKOFF_MILLIS_MIN);
        }

        /**
         * The next attempt tries the next replica: the one behind whom this request has asked last without having been sent there,
         * so that all come to their turn also where some name leaders that are none.
         */
        private void suspectLeader(PartitionRecord partition, String target) {
            List<String> replicas = partition.getReplicasList();
            String last = inTurn == null ? target : inTurn;
            int next = (replicas.indexOf(last) + 1) % replicas.size();
            if (replicas.get(next).equals(target)) {
                next = (next + 1) % replicas.size(); // its turn was just now
            }
            String other = replicas.get(next);
            inTurn = other;
            namedInARow = 0;
            leaders.compute(partition.getId(), (id, known) -> known == null || known.equals(target) ? other : known);
        }

        private void retryAfterBackoff() {
            long most = Math.min(BACKOFF_MILLIS_MAX, BACKOFF_MILLIS_MIN << Math.min(failures + 1, 5));
            if (!retryAfter(environment.randomBetween(BACKOFF_MILLIS_MIN, most + 1))) {
                giveUp();
            }
        }

        /** @return false when no time is left for another attempt by then */
        private boolean retryAfter(long pauseMillis) {
            long pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            if (remainingNanos(deadline) <= pauseNanos) {
                return false;
            }
            failures++;
            environment.schedule(this::next, pauseNanos);
            return true;
        }

        private void waitForCatalogNewerThan(long epoch, long waitNanos) {
            failures++;
            CompletableFuture.anyOf(cache.newerThan(epoch), after(Math.min(waitNanos, remainingNanos(deadline))))
                    .thenRun(() -> {
                        if (cache.catalog().getEpoch() > epoch) {
                            failures = 1; // whoever has it by the new map has done nothing to be spared
                        }
                        next();
                    });
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
                .map(record -> environment.node(addressOf.apply(record)));
    }

    @Override
    public void close() {
        watcher.ifPresent(CatalogWatcher::close);
        environment.close();
        watchChannels.values().forEach(ManagedChannel::shutdownNow);
    }
}
