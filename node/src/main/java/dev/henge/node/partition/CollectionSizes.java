package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.item.ItemKeys;
import dev.henge.membership.TokenRange;
import dev.henge.node.partition.WriteEvaluator.Evaluation;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.Refusal;
import dev.henge.proto.WriteItem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * About how much the item collections of this partition hold, in the table and its local indexes, and the bound on it
 * (DynamoDB developer guide, "Item collections in Local Secondary Indexes"). Only tables with local indexes have the bound.
 *
 * <p>An estimate: what the storage says its ranges take, as of a while ago, and what the leader has taken in since. Measuring
 * costs a little, so a collection is measured only if the partition's share of the whole table is above the bound, or when a
 * client asks. Off by: compression, what is deleted and not compacted yet, writes in flight when it was measured, and writes
 * of another leader since then.
 *
 * <p>For one thread, the leader's.
 */
final class CollectionSizes {

    /** Most sizes kept; the one that was not asked for the longest goes first. */
    private static final int KEPT_MAX = 4096;

    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Measured anew once so much of the bound was written. */
    private static final int MEASURED_PER_BOUND = 100;

    /** @param prefix of the item keys; empty for all of the partition */
    private record Name(long table, ByteString prefix) {}

    private static final class Size {
        final long measuredBytes;
        final long measuredNanos;
        long growthBytes;

        Size(long measuredBytes, long measuredNanos) {
            this.measuredBytes = measuredBytes;
            this.measuredNanos = measuredNanos;
        }

        long bytes() {
            return Math.max(0, measuredBytes + growthBytes);
        }
    }

    private final StorageEngine storage;
    private final Supplier<TokenRange> tokens;
    private final long bytesMax;
    private final LongSupplier nanoTime;
    private final Map<Name, Size> sizes = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Name, Size> eldest) {
            return size() > KEPT_MAX;
        }
    };

    /** @param bytesMax how large a collection may grow */
    CollectionSizes(StorageEngine storage, Supplier<TokenRange> tokens, long bytesMax, LongSupplier nanoTime) {
        this.storage = storage;
        this.tokens = tokens;
        this.bytesMax = bytesMax;
        this.nanoTime = nanoTime;
    }

    /** The partition has another range. */
    void forget() {
        sizes.clear();
    }

    /**
     * What a write comes to once the size of its collection is looked at: one that would grow it beyond the bound is refused,
     * one that asks for the size is told.
     *
     * @param indexes of the item's table
     */
    Evaluation judge(WriteItem write, List<IndexDefinition> indexes, Evaluation evaluation) {
        List<IndexDefinition> local =
                indexes.stream().filter(IndexDefinition::isLocal).toList();
        if (local.isEmpty()) {
            return evaluation;
        }
        return switch (evaluation) {
            case Evaluation.Accepted accepted -> judge(write, local, accepted);
            case Evaluation.Unchanged unchanged ->
                write.getReturnCollectionSize()
                        ? new Evaluation.Unchanged(told(size(collection(write, local), local), unchanged.outcome()))
                        : unchanged;
            case Evaluation.Refused refused -> refused;
        };
    }

    private Evaluation judge(WriteItem write, List<IndexDefinition> local, Evaluation.Accepted accepted) {
        long growthBytes = growthBytes(accepted);
        Name collection = collection(write, local);
        if (growthBytes > 0
                && table(write, local).bytes() + growthBytes > bytesMax
                && size(collection, local).bytes() + growthBytes > bytesMax) {
            return new Evaluation.Refused(Refusal.newBuilder()
                    .setCode(Refusal.Code.COLLECTION_FULL)
                    .setMessage("Collection size exceeded.")
                    .build());
        }
        // What is measured does not have this write yet.
        Size asked = write.getReturnCollectionSize() ? size(collection, local) : null;
        grow(sizes.get(new Name(write.getTable(), ByteString.EMPTY)), growthBytes);
        grow(sizes.get(collection), growthBytes);
        return asked == null ? accepted : new Evaluation.Accepted(accepted.mutation(), told(asked, accepted.outcome()));
    }

    private static void grow(@Nullable Size size, long growthBytes) {
        if (size != null) {
            size.growthBytes += growthBytes;
        }
    }

    private static long growthBytes(Evaluation.Accepted accepted) {
        ItemWritten outcome = accepted.outcome();
        long growthBytes = (long) outcome.getNewSizeBytes() - outcome.getOldSizeBytes();
        for (IndexMutation change : accepted.mutation().getIndexesList()) {
            if (change.getLocal()) {
                growthBytes += (long) change.getPutBytes() - change.getRemovedBytes();
            }
        }
        return growthBytes;
    }

    private static ItemWritten told(Size collection, ItemWritten outcome) {
        return outcome.toBuilder().setCollectionBytes(collection.bytes()).build();
    }

    private static Name collection(WriteItem write, List<IndexDefinition> local) {
        // A local index has its table's partition key.
        byte[] prefix = ItemKeys.collectionPrefix(
                write.getKey().toByteArray(),
                local.getFirst().partitionKey().getFirst().type());
        return new Name(write.getTable(), ByteString.copyFrom(prefix));
    }

    private Size size(Name collection, List<IndexDefinition> local) {
        byte[] prefix = collection.prefix.toByteArray();
        return size(collection, local, table -> StorageKeys.prefixRange(table, prefix));
    }

    /** What this partition has of the whole table. */
    private Size table(WriteItem write, List<IndexDefinition> local) {
        return size(
                new Name(write.getTable(), ByteString.EMPTY),
                local,
                table -> StorageKeys.itemRange(
                        table, tokens.get().start(), tokens.get().end()));
    }

    private Size size(Name name, List<IndexDefinition> local, Function<Long, KeyRange> rangeOf) {
        Size known = sizes.get(name);
        long now = nanoTime.getAsLong();
        if (known != null
                && now - known.measuredNanos < KEPT_NANOS
                && Math.abs(known.growthBytes) < bytesMax / MEASURED_PER_BOUND) {
            return known;
        }
        List<KeyRange> ranges = new ArrayList<>(1 + local.size());
        ranges.add(rangeOf.apply(name.table));
        local.forEach(index -> ranges.add(rangeOf.apply(index.id())));
        Size measured = new Size(storage.approximateBytes(ranges), now);
        sizes.put(name, measured);
        return measured;
    }
}
