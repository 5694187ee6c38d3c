package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Catalog;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.SizeSample;
import dev.henge.proto.TableRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Where in its range a partition's bytes are, so that it can be cut into halves that hold as much as each other: about {@value
 * #PARTS} pieces, each with what the storage says it takes. Pieces that hold more are halved, down to a single token if
 * need be, so all of one large item collection is one sample.
 */
public final class SizeSamples {

    private static final int PARTS = 16;

    /** How many ranges the storage is asked for at most, some microseconds each. */
    private static final int MEASUREMENTS_MAX = 4_096;

    private record Piece(long start, long end, long bytes) {

        /** The end of the ring is 0, and wraps around to the right width. */
        boolean isOneToken() {
            return end - start == 1;
        }

        long middle() {
            long width = end - start;
            return start + (width == 0 ? Long.MIN_VALUE : width >>> 1);
        }
    }

    private final StorageEngine storage;
    private final List<Long> tables;
    private int measurements;

    private SizeSamples(StorageEngine storage, List<Long> tables) {
        this.storage = storage;
        this.tables = tables;
    }

    /**
     * Whether a replica's partition may be split for its size by what the replica says: it leads, and holds enough.
     *
     * @param bytesMin the least size at which a partition is split
     */
    public static boolean areWanted(ReplicaStatus status, long bytesMin) {
        return status.getRole() == ReplicaStatus.Role.LEADER && status.getSizeBytes() >= bytesMin;
    }

    /**
     * Of a replica whose samples {@linkplain #areWanted are wanted}, under the range that the catalog has; else nothing.
     *
     * @param bytesMin the least size at which a partition is split
     */
    public static List<SizeSample> of(ReplicaStatus status, Catalog catalog, long bytesMin, StorageEngine storage) {
        if (!areWanted(status, bytesMin)) {
            return List.of();
        }
        Optional<PartitionRecord> partition = catalog.getPartitionsList().stream()
                .filter(record -> record.getId() == status.getPartition() && record.getEpoch() == status.getEpoch())
                .findFirst();
        return partition
                .filter(record -> record.getId() != 0)
                .map(record ->
                        of(storage, tablesOf(catalog), new TokenRange(record.getStartToken(), record.getEndToken())))
                .orElse(List.of());
    }

    /** @param tables their numbers, and those of indexes */
    static List<SizeSample> of(StorageEngine storage, List<Long> tables, TokenRange range) {
        return tables.isEmpty() ? List.of() : new SizeSamples(storage, tables).pieces(range);
    }

    private static List<Long> tablesOf(Catalog catalog) {
        List<Long> tables = new ArrayList<>();
        for (TableRecord table : catalog.getTablesList()) {
            tables.add(table.getId());
            table.getIndexesList().stream().map(IndexRecord::getId).forEach(tables::add);
        }
        return tables;
    }

    private List<SizeSample> pieces(TokenRange range) {
        Piece whole = measured(range.start(), range.end());
        long bytesMax = whole.bytes() / PARTS;
        Deque<Piece> left = new ArrayDeque<>();
        left.push(whole);
        List<SizeSample> samples = new ArrayList<>();
        while (!left.isEmpty()) {
            Piece piece = left.pop();
            if (piece.bytes() > bytesMax && !piece.isOneToken() && measurements < MEASUREMENTS_MAX) {
                left.push(measured(piece.middle(), piece.end()));
                left.push(measured(piece.start(), piece.middle()));
            } else if (piece.bytes() > 0) {
                samples.add(SizeSample.newBuilder()
                        .setToken(piece.start())
                        .setBytes(piece.bytes())
                        .build());
            }
        }
        return samples;
    }

    private Piece measured(long start, long end) {
        measurements += tables.size();
        List<KeyRange> ranges = tables.stream()
                .map(table -> StorageKeys.itemRange(table, start, end))
                .toList();
        return new Piece(start, end, storage.approximateBytes(ranges));
    }
}
