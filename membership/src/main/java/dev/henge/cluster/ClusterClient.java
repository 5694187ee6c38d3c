package dev.henge.cluster;

import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.WriteItem;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The cluster as the router's operations see it: finds the partition and its leader, follows NOT_LEADER and
 * STALE_EPOCH, retries within the deadline. A write keeps its request id through all attempts, so it applies once.
 *
 * <p>Futures complete with the answer or with a {@link ClusterException}; they complete by the deadline.
 */
public interface ClusterClient extends AutoCloseable {

    /** The newest catalog known; its epoch is 0 while no node was reached yet. */
    Catalog catalog();

    /** The partition that owns a token, by the newest map known. Tokens are unsigned. */
    PartitionRecord partitionOf(long token);

    /** @param token the token at the start of {@link ReadItem#getKey()} */
    CompletableFuture<ItemRead> read(long token, ReadItem read, Deadline deadline);

    CompletableFuture<ItemWritten> write(long token, WriteItem write, Deadline deadline);

    /**
     * Writes several items, no item twice, each for itself. What belongs to one partition goes there together.
     *
     * @param writes at their tokens; each with a request id of its own
     * @return what becomes of each, in order
     */
    List<CompletableFuture<ItemWritten>> writeAll(List<WriteItem> writes, Deadline deadline);

    /**
     * Reads a range that lies within one partition, the one that owns {@code token}: an end that is empty is the end of the
     * ring. Fails with {@link ClusterException.Code#RANGE_SPLIT} when it does not any more: the map has changed.
     */
    CompletableFuture<RangeRead> readRange(long token, ReadRange read, Deadline deadline);

    /**
     * How much the cluster holds of tables and indexes, in the order of their numbers asked for. Each partition's leader says
     * it as of a moment of its own.
     */
    CompletableFuture<List<TableStatistics>> statistics(List<Long> numbers, Deadline deadline);

    /**
     * Submits a catalog command to the system partition. Once it completes, {@link #catalog()} is at least as new as
     * the outcome's epoch.
     */
    CompletableFuture<CatalogOutcome> submit(CatalogCommand command, Deadline deadline);

    @Override
    void close();
}
