package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.ClusterException;
import dev.henge.proto.Condition;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadRange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Scan: walks the partitions in token order until the page is full. Partitions that turn out small are read several at
 * once, so that a small table spread over many partitions does not cost as many round trips, one after the other.
 */
final class Scan implements Operation {

    private static final int SEGMENTS_MAX = 1_000_000;

    /** A partition that gives less than this is small. */
    private static final long SMALL_BYTES = 32 * 1024;

    private static final int READS_AT_ONCE_MAX = 16;

    private static final Set<String> PARAMETERS = Set.of(
            "TableName",
            "IndexName",
            "AttributesToGet",
            "Limit",
            "Select",
            "ScanFilter",
            "ConditionalOperator",
            "ExclusiveStartKey",
            "ReturnConsumedCapacity",
            "TotalSegments",
            "Segment",
            "ProjectionExpression",
            "FilterExpression",
            Parameters.ATTRIBUTE_NAMES,
            Parameters.ATTRIBUTE_VALUES,
            "ConsistentRead");

    private final ClusterClient cluster;
    private final Tables tables;
    private final Expressions expressions;

    Scan(ClusterClient cluster, Tables tables, Expressions expressions) {
        this.cluster = cluster;
        this.tables = tables;
        this.expressions = expressions;
    }

    @Override
    public void execute(JsonReader in, ReplyWriter reply, Call call) {
        Parameters parameters = Parameters.read(in, PARAMETERS);
        Constraints constraints = new Constraints();
        constraints.atLeast(parameters.limit, 1, "limit");
        Capacity.Wanted capacity = Capacity.wanted(constraints, parameters.returnConsumedCapacity);
        constraints.atLeast(parameters.segment, 0, "segment");
        constraints.atMost(parameters.segment, SEGMENTS_MAX - 1L, "segment");
        PageRequest.Select select = constraints.oneOfOrNull(parameters.select, PageRequest.Select.class, "select");
        constraints.atLeast(parameters.totalSegments, 1, "totalSegments");
        constraints.atMost(parameters.totalSegments, SEGMENTS_MAX, "totalSegments");
        constraints.requiredName(parameters.tableName, "tableName");
        constraints.name(parameters.indexName, "indexName");
        parameters.legacy.checkConstraints(constraints, "");
        constraints.check();
        parameters.checkExpressionParameters(PARAMETERS);
        parameters.legacy.checkAttributesToGet();
        Condition legacyFilter = parameters.legacy.filter();
        StartKeys.checkValues(parameters.exclusiveStartKey);
        Segment segment = segment(parameters);
        PageRequest.checkSelect(select, parameters, "");
        RequestExpressions parsed = expressions.of(parameters);
        Condition filter = parsed.filter();
        PageRequest request = new PageRequest(
                capacity,
                parameters.consistentRead,
                select,
                parameters.limit == null ? 0 : parameters.limit,
                filter == null ? legacyFilter : filter,
                parsed.projection());
        parsed.checkAllUsed();

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        request.checkKeysAreScalars(table);
        ReadTarget target = ReadTarget.of(table, parameters.indexName);
        target.check(request, select);
        Position position = new Position(segment.start(), token(segment.start()));
        if (parameters.exclusiveStartKey != null) {
            ItemKey startKey = StartKeys.ofScan(target, parameters.exclusiveStartKey);
            if (!segment.contains(startKey.token())) {
                throw ApiException.validation(
                        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey "
                                + "with correct Segment. TotalSegments: " + parameters.totalSegments + " Segment: "
                                + parameters.segment);
            }
            position = new Position(startKey.token(), StartKeys.behind(startKey.bytes()));
        }
        Page page = new Page(request.limit());
        fill(page, request, target, position, segment, call);
        page.write(reply, target, request);
    }

    private static Segment segment(Parameters parameters) {
        Integer index = parameters.segment;
        Integer count = parameters.totalSegments;
        if (index == null && count == null) {
            return Segment.WHOLE;
        }
        if (count == null) {
            throw ApiException.validation("The TotalSegments parameter is required but was not present in the request "
                    + "when Segment parameter is present");
        }
        if (index == null) {
            throw ApiException.validation("The Segment parameter is required but was not present in the request when "
                    + "parameter TotalSegments is present");
        }
        if (index >= count) {
            throw ApiException.validation("The Segment parameter is zero-based and must be less than parameter "
                    + "TotalSegments: Segment: " + index + " is not less than TotalSegments: " + count);
        }
        return Segment.of(index, count);
    }

    /**
     * Where a read begins.
     *
     * @param token finds the partition
     * @param start item key, or part of one, in that partition
     */
    private record Position(long token, ByteString start) {}

    /**
     * A read of a partition, under way.
     *
     * @param endToken where it ends at the latest; 0 is the end of the ring
     * @param bytesMax the room that the page had when the read was started
     */
    private record Pending(CompletableFuture<RangeRead> read, Position from, long endToken, int bytesMax) {}

    private void fill(Page page, PageRequest request, ReadTarget target, Position from, Segment segment, Call call) {
        ArrayDeque<Pending> pending = new ArrayDeque<>();
        Position next = from;
        boolean allStarted = false;
        int atOnce = 1;
        int limit = page.limitLeft();
        while (true) {
            while (!allStarted && pending.size() < atOnce) {
                Pending started = start(page, request, target, next, segment, limit, call);
                pending.add(started);
                allStarted = started.endToken == segment.end();
                next = new Position(started.endToken, token(started.endToken));
            }
            Pending first = pending.poll();
            if (first == null) {
                return;
            }
            Optional<RangeRead> answer = awaitUnlessSplit(first.read);
            if (answer.isEmpty()) {
                // By the map as it is now.
                pending.clear();
                next = first.from;
                allStarted = false;
                atOnce = 1;
                limit = page.limitLeft();
                continue;
            }
            RangeRead read = answer.get();
            boolean taken = page.takes(read, first.bytesMax);
            if (!taken || page.isFullWith(read) && read.getLastKey().isEmpty()) {
                // It was read ahead, when the page had more room; or it fills the page with the last of its range, so
                // that it does not say where the page ends: a read does when it comes to its limit.
                pending.clear();
                next = first.from;
                allStarted = false;
                atOnce = 1;
                limit = taken ? read.getScannedCount() : page.limitLeft();
                continue;
            }
            page.add(read);
            limit = page.limitLeft();
            if (read.getLastKey().isEmpty()) {
                atOnce = read.getScannedBytes() + read.getFetchedBytes() < SMALL_BYTES
                        ? Math.min(2 * atOnce, READS_AT_ONCE_MAX)
                        : 1;
                continue;
            }
            if (page.isFull()) {
                page.endAt(read.getLastKey());
                return;
            }
            // The partition has a bound of its own on what it reads at once.
            pending.clear();
            next = new Position(StartKeys.token(read.getLastKey()), StartKeys.behind(read.getLastKey()));
            allStarted = false;
            atOnce = 1;
        }
    }

    /** Empty when the partition was split, so that the range lies in several by now. */
    private static Optional<RangeRead> awaitUnlessSplit(CompletableFuture<RangeRead> read) {
        try {
            return Optional.of(read.join());
        } catch (CompletionException e) {
            ClusterException refused = ClusterErrors.cluster(e);
            if (refused.code() == ClusterException.Code.RANGE_SPLIT) {
                return Optional.empty();
            }
            throw ClusterErrors.toApi(refused);
        }
    }

    private Pending start(
            Page page, PageRequest request, ReadTarget target, Position from, Segment segment, int limit, Call call) {
        PartitionRecord partition = cluster.partitionOf(from.token);
        long end = segment.endWithin(partition.getEndToken());
        ByteString endKey = end == 0 ? ByteString.EMPTY : token(end);
        ReadRange read =
                request.read(target, from.start, endKey, page).setLimit(limit).build();
        return new Pending(cluster.readRange(from.token, read, call.deadline()), from, end, read.getMaxBytes());
    }

    private static ByteString token(long token) {
        return ItemKey.wrap(ByteBuffer.allocate(Long.BYTES).putLong(token).array());
    }
}
