package dev.henge.cluster;

import dev.henge.membership.Tokens;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The newest catalog a client has seen, by the rule of {@link CatalogSuccession}, and the partition map: the catalog's, with
 * what has become of splits and merges that partitions have told of. The catalog has them a little later, and can't while the
 * system partition is down.
 */
final class CatalogCache {

    /**
     * @param version grows with each map
     * @param byStart the partitions with items, in the ring's order
     */
    private record Map(long version, Catalog catalog, List<PartitionRecord> byStart) {}

    /** Splits that the catalog does not have yet, by the partition's number and the epoch of its range before. */
    private final java.util.Map<RangeVersion, PartitionSplit> carriedOut = new HashMap<>();

    /** Merges that the catalog does not have yet, by the right partition's number and the epoch of its range. */
    private final java.util.Map<RangeVersion, PartitionMerge> mergesCarriedOut = new HashMap<>();

    private record RangeVersion(int partition, long epoch) {

        static RangeVersion of(PartitionRecord partition) {
            return new RangeVersion(partition.getId(), partition.getEpoch());
        }
    }

    private volatile Map map = new Map(0, Catalog.getDefaultInstance(), List.of());
    private CompletableFuture<Void> nextChange = new CompletableFuture<>();

    Catalog catalog() {
        return map.catalog();
    }

    void offer(Catalog candidate) {
        CompletableFuture<Void> change;
        synchronized (this) {
            CatalogSuccession.Verdict verdict = CatalogSuccession.judge(map.catalog(), candidate);
            if (verdict != CatalogSuccession.Verdict.TAKE) {
                return;
            }
            map = mapOf(candidate);
            change = nextChange;
            nextChange = new CompletableFuture<>();
        }
        change.complete(null);
    }

    /**
     * A partition has refused a request since its own log has split it.
     *
     * @param asked the partition as it was asked
     * @return whether the map has another one now
     */
    synchronized boolean splitWasCarriedOut(PartitionRecord asked, PartitionSplit split) {
        Optional<PartitionRecord> found = partition(asked.getId());
        if (found.isEmpty() || found.get().getEpoch() > asked.getEpoch()) {
            return true;
        }
        if (split.getEpoch() <= asked.getEpoch() || found.get().getEpoch() != asked.getEpoch()) {
            return false;
        }
        carriedOut.put(RangeVersion.of(asked), split);
        map = mapOf(map.catalog());
        return true;
    }

    /**
     * A partition has refused a request since it is part of another one, or another one is part of it.
     *
     * @param asked the partition as it was asked
     * @return whether the map has another one now
     */
    synchronized boolean mergeWasCarriedOut(PartitionRecord asked, PartitionMerge merge) {
        Optional<PartitionRecord> found = inRing(asked.getId());
        if (found.isEmpty() || found.get().getEpoch() > asked.getEpoch()) {
            return true;
        }
        Optional<PartitionRecord> right = inRing(merge.getRight());
        // Of a range that has changed more than once since, what became of it is not to be told from its end alone.
        if (right.isEmpty() || right.get().getEpoch() != merge.getRightEpoch()) {
            return false;
        }
        mergesCarriedOut.put(RangeVersion.of(right.get()), merge);
        map = mapOf(map.catalog());
        Optional<PartitionRecord> now = inRing(asked.getId());
        return now.isEmpty() || now.get().getEpoch() > asked.getEpoch();
    }

    /** Of splits and merges only those stay that the catalog does not have. */
    private Map mapOf(Catalog catalog) {
        List<PartitionRecord> partitions = afterSplits(catalog.getPartitionsList());
        Set<RangeVersion> missing = new HashSet<>();
        for (Optional<Pair> next = nextMerged(partitions); next.isPresent(); next = nextMerged(partitions)) {
            Pair pair = next.get();
            missing.add(RangeVersion.of(pair.right()));
            partitions.remove(pair.right());
            partitions.remove(pair.left());
            partitions.add(MergedPartition.of(pair.left(), pair.right(), pair.merge()));
        }
        mergesCarriedOut.keySet().retainAll(missing);
        return new Map(
                map.version() + 1,
                catalog,
                partitions.stream()
                        .filter(partition -> partition.getId() != 0)
                        .sorted(Comparator.comparing(PartitionRecord::getStartToken, Long::compareUnsigned))
                        .toList());
    }

    private record Pair(PartitionRecord left, PartitionRecord right, PartitionMerge merge) {}

    private Optional<Pair> nextMerged(List<PartitionRecord> partitions) {
        for (PartitionRecord right : partitions) {
            PartitionMerge merge = mergesCarriedOut.get(RangeVersion.of(right));
            if (merge == null) {
                continue;
            }
            Optional<PartitionRecord> left = partitions.stream()
                    .filter(other -> other.getId() == merge.getLeft()
                            && other.getEpoch() == merge.getLeftEpoch()
                            && other.getEndToken() == right.getStartToken())
                    .findFirst();
            if (left.isPresent()) {
                return Optional.of(new Pair(left.get(), right, merge));
            }
        }
        return Optional.empty();
    }

    private List<PartitionRecord> afterSplits(List<PartitionRecord> ofCatalog) {
        List<PartitionRecord> partitions = new ArrayList<>();
        Set<RangeVersion> missing = new HashSet<>();
        Deque<PartitionRecord> left = new ArrayDeque<>(ofCatalog);
        while (!left.isEmpty()) {
            PartitionRecord partition = left.removeFirst();
            PartitionSplit split = carriedOut.get(RangeVersion.of(partition));
            if (split == null) {
                partitions.add(partition);
                continue;
            }
            missing.add(RangeVersion.of(partition));
            SplitHalves halves =
                    SplitHalves.of(partition.toBuilder().setSplit(split).build());
            left.addFirst(halves.child());
            left.addFirst(halves.remaining());
        }
        carriedOut.keySet().retainAll(missing);
        return partitions;
    }

    /** Completes at the first catalog with an epoch above {@code epoch}. */
    CompletableFuture<Void> newerThan(long epoch) {
        CompletableFuture<Void> change;
        synchronized (this) {
            if (map.catalog().getEpoch() > epoch) {
                return CompletableFuture.completedFuture(null);
            }
            change = nextChange;
        }
        return change.thenCompose(done -> newerThan(epoch));
    }

    Optional<PartitionRecord> partitionOf(long token) {
        List<PartitionRecord> partitions = map.byStart();
        int low = 0;
        int high = partitions.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Long.compareUnsigned(partitions.get(middle).getStartToken(), token) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return partitions.isEmpty() ? Optional.empty() : Optional.of(checked(partitions.get(low), token));
    }

    /** Grows with each change of the map, also where that comes from no catalog. */
    long mapVersion() {
        return map.version();
    }

    /** The partitions with items, in the ring's order. */
    List<PartitionRecord> partitions() {
        return map.byStart();
    }

    Optional<PartitionRecord> partition(int id) {
        Map now = map;
        return Stream.concat(now.byStart().stream(), now.catalog().getPartitionsList().stream())
                .filter(partition -> partition.getId() == id)
                .findFirst();
    }

    /** The partition as the map has it; empty for one that is part of another by now, whatever the catalog says. */
    Optional<PartitionRecord> inRing(int id) {
        return map.byStart().stream()
                .filter(partition -> partition.getId() == id)
                .findFirst();
    }

    private static PartitionRecord checked(PartitionRecord partition, long token) {
        if (!Tokens.inRange(token, partition.getStartToken(), partition.getEndToken())) {
            throw new IllegalStateException(
                    "no partition owns the token " + Long.toUnsignedString(token) + ": the partition map has a gap");
        }
        return partition;
    }
}
