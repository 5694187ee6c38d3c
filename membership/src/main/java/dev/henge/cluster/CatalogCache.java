package dev.henge.cluster;

import dev.henge.membership.Tokens;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The newest catalog a client has seen. An older one, or one of another cluster, is never taken. */
final class CatalogCache {

    private record Map(Catalog catalog, List<PartitionRecord> byStart) {}

    private volatile Map map = new Map(Catalog.getDefaultInstance(), List.of());
    private CompletableFuture<Void> nextChange = new CompletableFuture<>();

    Catalog catalog() {
        return map.catalog();
    }

    void offer(Catalog candidate) {
        CompletableFuture<Void> change;
        synchronized (this) {
            Catalog current = map.catalog();
            boolean sameCluster =
                    current.getEpoch() == 0 || current.getClusterId().equals(candidate.getClusterId());
            if (candidate.getEpoch() <= current.getEpoch() || !sameCluster || candidate.getPartitionsCount() == 0) {
                return;
            }
            map = new Map(
                    candidate,
                    candidate.getPartitionsList().stream()
                            .filter(partition -> partition.getId() != 0)
                            .sorted(Comparator.comparing(PartitionRecord::getStartToken, Long::compareUnsigned))
                            .toList());
            change = nextChange;
            nextChange = new CompletableFuture<>();
        }
        change.complete(null);
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

    Optional<PartitionRecord> partition(int id) {
        return catalog().getPartitionsList().stream()
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
