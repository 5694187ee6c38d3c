package dev.henge.node.index;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.membership.TokenRange;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.TakenSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a partition has taken the changes of each source: the index in the source's log of the last entry whose changes it
 * has. A source sends them in that order, so what is not above it was taken before.
 *
 * <p>Of what became part of the partition by a merge they may have been taken to another place: that is noted by range, until
 * a batch that has all changes for the whole partition has brought both to the same.
 */
public final class IndexSources {

    /** Of the ranges that have a token the smallest says: what was merged first lies within what was merged later. */
    private record Part(TokenRange range, int source) {}

    private final int partition;
    private final Map<Integer, Long> takenTo = new HashMap<>();
    private final Map<Part, Long> parts = new HashMap<>();

    public IndexSources(int partition) {
        this.partition = partition;
    }

    /** Takes what the storage has in the place of what was known. */
    public void load(StorageEngine.View view) throws InvalidProtocolBufferException {
        takenTo.clear();
        parts.clear();
        KeyRange range = StorageKeys.indexSourceRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                takenTo.put(
                        StorageKeys.indexSourceOf(cursor.key()),
                        ByteBuffer.wrap(cursor.value()).getLong());
            }
        }
        KeyRange ofParts = StorageKeys.takenSourceRange(partition);
        try (StorageEngine.Cursor cursor = view.range(ofParts.start(), ofParts.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                TakenSource part = TakenSource.parseFrom(cursor.value());
                TokenRange tokens = new TokenRange(
                        part.getRange().getStartToken(), part.getRange().getEndToken());
                parts.put(new Part(tokens, part.getSource()), part.getTakenTo());
            }
        }
    }

    /** The index of the last entry of the source's log whose changes were taken for all tokens; 0 for none. */
    public long takenTo(int source) {
        return parts.entrySet().stream()
                .filter(part -> part.getKey().source() == source)
                .mapToLong(Map.Entry::getValue)
                .reduce(takenTo.getOrDefault(source, 0L), Math::min);
    }

    /** The index of the last entry of the source's log whose changes were taken for a token; 0 for none. */
    public long takenTo(int source, long token) {
        if (parts.isEmpty()) {
            return takenTo.getOrDefault(source, 0L);
        }
        return parts.entrySet().stream()
                .filter(part -> part.getKey().source() == source
                        && part.getKey().range().contains(token))
                .min(Comparator.comparing(part -> lengthLessOne(part.getKey().range()), Long::compareUnsigned))
                .map(Map.Entry::getValue)
                .orElse(takenTo.getOrDefault(source, 0L));
    }

    private static long lengthLessOne(TokenRange range) {
        return range.end() - range.start() - 1;
    }

    /** Whether it was taken as far for all tokens, of all sources. */
    public boolean isEven() {
        return parts.isEmpty();
    }

    /** All changes of the source up to an entry were taken, for all tokens. */
    public void take(int source, long sourceIndex, WriteBatch batch) {
        for (Map.Entry<Part, Long> part : List.copyOf(parts.entrySet())) {
            if (part.getKey().source() == source) {
                put(partition, part.getKey(), Math.max(part.getValue(), sourceIndex), batch);
                parts.put(part.getKey(), Math.max(part.getValue(), sourceIndex));
            }
        }
        long own = Math.max(takenTo.getOrDefault(source, 0L), sourceIndex);
        takenTo.put(source, own);
        put(partition, source, own, batch);
        boolean even =
                parts.entrySet().stream().allMatch(part -> part.getKey().source() != source || part.getValue() == own);
        if (even) {
            List<Part> done = parts.keySet().stream()
                    .filter(part -> part.source() == source)
                    .toList();
            done.forEach(part -> {
                parts.remove(part);
                batch.delete(key(partition, part));
            });
        }
    }

    /**
     * Puts what is to be noted once another partition has become part of this one.
     *
     * @param other of the other one
     * @param tokens what this one had
     * @param otherTokens what the other one had
     */
    public void join(IndexSources other, TokenRange tokens, TokenRange otherTokens, WriteBatch batch) {
        Map<Part, Long> joined = new HashMap<>();
        clipped(parts, tokens).forEach(joined::put);
        Map<Integer, Long> all = new TreeMap<>(takenTo);
        all.putAll(other.takenTo);
        for (int source : all.keySet()) {
            // Where ranges are the same, what the other one has noted of it goes before.
            long here = takenTo.getOrDefault(source, 0L);
            long there = other.takenTo.getOrDefault(source, 0L);
            boolean differs = here != there || other.parts.keySet().stream().anyMatch(part -> part.source() == source);
            if (differs) {
                joined.put(new Part(otherTokens, source), there);
            }
        }
        clipped(other.parts, otherTokens).forEach(joined::put);
        KeyRange before = StorageKeys.takenSourceRange(partition);
        batch.deleteRange(before.start(), before.end());
        joined.forEach((part, index) -> put(partition, part, index, batch));
    }

    private static Map<Part, Long> clipped(Map<Part, Long> parts, TokenRange tokens) {
        Map<Part, Long> clipped = new HashMap<>();
        List<Map.Entry<Part, Long>> largestFirst = new ArrayList<>(parts.entrySet());
        largestFirst.sort(Comparator.comparing(
                (Map.Entry<Part, Long> part) -> lengthLessOne(part.getKey().range()),
                (one, other) -> Long.compareUnsigned(other, one)));
        for (Map.Entry<Part, Long> part : largestFirst) {
            TokenRange range = part.getKey().range();
            long start = Long.compareUnsigned(range.start(), tokens.start()) > 0 ? range.start() : tokens.start();
            // The end of the ring is one past the largest token.
            long last =
                    Long.compareUnsigned(range.end() - 1, tokens.end() - 1) < 0 ? range.end() - 1 : tokens.end() - 1;
            if (Long.compareUnsigned(start, last) <= 0) {
                clipped.put(
                        new Part(new TokenRange(start, last + 1), part.getKey().source()), part.getValue());
            }
        }
        return clipped;
    }

    private static byte[] key(int partition, Part part) {
        return StorageKeys.takenSourceKey(
                partition, part.range().start(), part.range().end(), part.source());
    }

    private static void put(int partition, Part part, long index, WriteBatch batch) {
        TakenSource stored = TakenSource.newBuilder()
                .setRange(PartitionRange.newBuilder()
                        .setStartToken(part.range().start())
                        .setEndToken(part.range().end()))
                .setSource(part.source())
                .setTakenTo(index)
                .build();
        batch.put(key(partition, part), stored.toByteArray());
    }

    private static void put(int partition, int source, long index, WriteBatch batch) {
        batch.put(
                StorageKeys.indexSourceKey(partition, source),
                ByteBuffer.allocate(Long.BYTES).putLong(index).array());
    }
}
