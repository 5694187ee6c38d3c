package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.membership.TokenRange;
import dev.henge.node.index.Backfills;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Backfill;
import dev.henge.proto.DoneKeys;
import dev.henge.proto.HeldRange;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.RememberedRequest;
import dev.henge.proto.Seal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TakePoint;
import dev.henge.proto.TakeRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one partition, the left one, makes of what another held that becomes part of it: each of its replicas takes it from its own
 * node's storage, where the other one's replica has left it.
 */
final class Taking {

    /** A partition whose log has more merges than this tells of the last ones. */
    private static final int TAKES_KEPT_MAX = 32;

    private Taking() {}

    /** Whether the storage has all that a partition held as of its seal, and nothing is being done to it. */
    static boolean isReady(TakeRange take, StorageEngine storage) {
        try (StorageEngine.View view = storage.view()) {
            int right = take.getMerge().getRight();
            Seal seal = OwnRange.stored(view, right)
                    .filter(range -> !range.getTaken())
                    .map(HeldRange::getSeal)
                    .orElse(Seal.getDefaultInstance());
            return seal.getIndex() != 0
                    && seal.getIndex() == take.getSealIndex()
                    && seal.getTerm() == take.getSealTerm()
                    && view.get(StorageKeys.installingKey(right)) == null;
        }
    }

    /** The left partition's range behind the entry. */
    static HeldRange joined(HeldRange left, HeldRange right, TakeRange take, long index, long term) {
        HeldRange.Builder joined = left.toBuilder()
                .setRange(left.getRange().toBuilder()
                        .setEndToken(right.getRange().getEndToken())
                        .setEpoch(take.getMerge().getEpoch()))
                .clearTakes();
        // What one of them lacks that is behind, another's replica on its node may hold: all have to give way to a
        // snapshot.
        List<TakePoint> takes = new ArrayList<>(right.getTakesList());
        takes.addAll(left.getTakesList());
        return joined.addAllTakes(takes.subList(Math.max(0, takes.size() - TAKES_KEPT_MAX + 1), takes.size()))
                .addTakes(TakePoint.newBuilder()
                        .setIndex(index)
                        .setTerm(term)
                        .setPartition(take.getMerge().getRight()))
                .build();
    }

    /**
     * Both memories become one, on one clock: times of each are moved up to where the later of both clocks stands. A request
     * that the sender made when one of the clocks stood at some time is never newer by the other, so one that was forgotten is still
     * refused.
     *
     * @param leftMillis the left partition's time
     * @param rightMillis the right one's as of its seal
     */
    static void joinRequests(
            int partition,
            RequestMemory left,
            long leftMillis,
            int right,
            RequestMemory rightMemory,
            long rightMillis,
            WriteBatch batch) {
        long nowMillis = Math.max(leftMillis, rightMillis);
        long leftShift = nowMillis - leftMillis;
        long rightShift = nowMillis - rightMillis;
        long fromMillis = Math.max(
                shifted(left.surelyReachesBackToMillis(), leftShift),
                shifted(rightMemory.surelyReachesBackToMillis(), rightShift));
        Map<ByteString, RequestMemory.Place> known = new HashMap<>();
        for (RequestMemory.Place place : left.places()) {
            known.put(place.requestId(), place);
            byte[] key = StoredRequests.key(partition, place.source(), place.index());
            if (place.timestampMillis() + leftShift < fromMillis) {
                batch.delete(key);
            } else if (leftShift > 0) {
                batch.put(key, later(left.request(place), leftShift));
            }
        }
        for (RequestMemory.Place place : rightMemory.places()) {
            boolean kept = place.timestampMillis() + rightShift >= fromMillis;
            RequestMemory.Place same = known.get(place.requestId());
            if (same != null) {
                // Each has carried out its own part of writes that went together. What either of them would remember
                // stays,
                // and as long: how far back a memory reaches follows from its newest request.
                long timestampMillis =
                        Math.max(same.timestampMillis() + leftShift, place.timestampMillis() + rightShift);
                if (timestampMillis >= fromMillis) {
                    RememberedRequest both = LeftOutWrites.joined(left.request(same), rightMemory.request(place));
                    batch.put(StoredRequests.key(partition, same.source(), same.index()), at(both, timestampMillis));
                }
            } else if (kept) {
                int source = place.source() == 0 ? right : place.source();
                batch.put(
                        StoredRequests.key(partition, source, place.index()),
                        later(rightMemory.request(place), rightShift));
            }
        }
    }

    private static long shifted(long millis, long shift) {
        return millis == Long.MIN_VALUE ? millis : millis + shift;
    }

    private static byte[] later(RememberedRequest request, long shiftMillis) {
        return at(request, request.getTimestampMillis() + shiftMillis);
    }

    private static byte[] at(RememberedRequest request, long timestampMillis) {
        return request.toBuilder().setTimestampMillis(timestampMillis).build().toByteArray();
    }

    /** Of each table the newer definition. */
    static Map<Long, TableRecord> newestDefinitions(StorageEngine.View view, int left, int right) {
        Map<Long, TableRecord> newest = new TreeMap<>();
        for (int partition : List.of(left, right)) {
            KeyRange range = StorageKeys.tableDefinitionRange(partition);
            try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
                for (; cursor.valid(); cursor.next()) {
                    TableRecord table = TableRecord.parseFrom(cursor.value());
                    newest.merge(
                            table.getId(),
                            table,
                            (known, other) -> other.getEpoch() > known.getEpoch() ? other : known);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new StorageException("a table's definition of partition " + partition + " can't be read", e);
            }
        }
        return newest;
    }

    /**
     * How far the fill of new indexes is in both together.
     *
     * @param tables as the partition sees them behind the entry
     * @param dropped numbers that take nothing any more
     * @param takesChanges whether there is something to hand on that the right one's fills have made
     * @param index of the entry
     */
    static void joinBackfills(
            int partition,
            Backfills left,
            Backfills right,
            TokenRange rightTokens,
            Iterable<TableRecord> tables,
            Set<Long> dropped,
            boolean takesChanges,
            long index,
            WriteBatch batch) {
        Set<Long> filling = new TreeSet<>();
        for (TableRecord table : tables) {
            for (IndexRecord each : table.getIndexesList()) {
                boolean fills = each.getKind() == IndexRecord.Kind.GLOBAL
                        && each.getStatus() == IndexRecord.Status.CREATING
                        && !dropped.contains(each.getId());
                if (fills) {
                    filling.add(each.getId());
                    Backfill fresh = Backfill.newBuilder()
                            .setTable(table.getId())
                            .setIndex(each.getId())
                            .build();
                    Backfill joined = joined(
                            left.find(each.getId()).orElse(fresh),
                            right.find(each.getId()).orElse(fresh),
                            rightTokens);
                    Backfill whole = takesChanges
                            ? joined.toBuilder().setLastEntry(index).build()
                            : joined;
                    batch.put(StorageKeys.backfillKey(partition, each.getId()), whole.toByteArray());
                }
            }
        }
        left.all()
                .map(Backfill::getIndex)
                .filter(each -> !filling.contains(each))
                .forEach(each -> batch.delete(StorageKeys.backfillKey(partition, each)));
    }

    private static Backfill joined(Backfill left, Backfill right, TokenRange rightTokens) {
        ByteString first = key(rightTokens.start());
        ByteString reached = right.getDone()
                ? rightTokens.end() == 0 ? ByteString.EMPTY : key(rightTokens.end())
                : later(right.getNextKey(), first);
        Backfill.Builder joined = left.toBuilder().setItems(left.getItems() + right.getItems());
        if (left.getDone()) {
            return joined.setDone(right.getDone())
                    .setNextKey(reached)
                    .clearDoneKeys()
                    .addAllDoneKeys(right.getDoneKeysList())
                    .build();
        }
        List<DoneKeys> done = new ArrayList<>(left.getDoneKeysList());
        if (right.getDone() || !reached.equals(first)) {
            done.add(DoneKeys.newBuilder().setFrom(first).setTo(reached).build());
        }
        if (!right.getDone()) {
            done.addAll(right.getDoneKeysList());
        }
        return joined.clearDoneKeys().addAllDoneKeys(done).build();
    }

    private static ByteString later(ByteString one, ByteString other) {
        return ByteString.unsignedLexicographicalComparator().compare(one, other) > 0 ? one : other;
    }

    private static ByteString key(long token) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(Long.BYTES).putLong(token).flip());
    }
}
