package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import dev.henge.membership.Tokens;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TableRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** What clients call: registers, counters and lists, few of each, so that calls meet. */
final class Workload {

    private static final int LIST_APPENDS_MAX = 400;
    private static final int BATCH_WRITES_MAX = 6;

    /** What a client is to do next. */
    sealed interface Wish {
        record OnKey(Requests.Key key, Call call) implements Wish {}

        /** Writes several keys together, no key twice. */
        record Batch(List<OnKey> writes) implements Wish {}

        /** Reads a key from whichever replica. */
        record EventualGet(Requests.Key key) implements Wish {}

        /**
         * Reads a range of one partition, page by page.
         *
         * @param token of the partition
         * @param keys all keys of the table in the partition, in the order they are read
         * @param start first item key, empty for the ring's first
         * @param end behind the last item key, empty for the ring's end
         */
        record ReadRange(
                long table,
                long token,
                List<Requests.Key> keys,
                ByteString start,
                ByteString end,
                boolean backwards,
                int limit,
                boolean consistent)
                implements Wish {}
    }

    private final List<Requests.Key> registers;
    private final List<Requests.Key> counters;
    private final List<Requests.Key> lists;
    private final Map<Requests.Key, Value> lastSeen = new HashMap<>();
    private final Map<Long, Long> firstEpochs = new HashMap<>();
    private final int keysPerKind;
    private List<Requests.Key> fleeting = List.of();
    private List<Requests.Key> deleted = List.of();
    private long written;
    private int appended;

    Workload(int keysPerKind) {
        this.keysPerKind = keysPerKind;
        registers = Requests.keys(Requests.TABLE, "register", keysPerKind);
        counters = Requests.keys(Requests.TABLE, "counter", keysPerKind);
        lists = Requests.keys(Requests.TABLE, "list", keysPerKind);
    }

    /** The keys of the table that comes and goes, empty while there is none. */
    List<Requests.Key> fleetingKeys() {
        return fleeting;
    }

    /** The id of the table that comes and goes, 0 while there is none. */
    long fleetingTable() {
        return fleeting.isEmpty() ? 0 : fleeting.getFirst().table();
    }

    void tableCreated(long id) {
        fleeting = Requests.keys(id, "fleeting", keysPerKind);
    }

    /** Somebody has seen a table's record; who knows the table knows one that is no older than the first. */
    void tableSeen(TableRecord table) {
        firstEpochs.putIfAbsent(table.getId(), table.getEpoch());
    }

    /** Whether the table that stays is known to exist. */
    boolean hasTable() {
        return firstEpochs.containsKey(Requests.TABLE);
    }

    /** The epoch of a table's record as a router knows it that has the table from this catalog, or had it. */
    long tableEpoch(long table, Catalog catalog) {
        long first = firstEpochs.getOrDefault(table, 0L);
        return catalog.getTablesList().stream()
                .filter(record -> record.getId() == table)
                .mapToLong(record -> Math.max(first, record.getEpoch()))
                .findFirst()
                .orElse(first);
    }

    /** The table is about to be deleted: some clients go on with it, as they do who have not heard of it. */
    void tableGone() {
        deleted = fleeting;
        fleeting = List.of();
    }

    /** The keys of the table that stays. */
    List<Requests.Key> keys() {
        List<Requests.Key> keys = new ArrayList<>(registers);
        keys.addAll(counters);
        keys.addAll(lists);
        return keys;
    }

    /** @param partitionOf the partition of a token as the client's router knows it; empty before it knows the map */
    Wish next(Chance chance, LongFunction<Optional<PartitionRecord>> partitionOf) {
        int other = chance.below(20);
        if (other < 2) {
            return new Wish.EventualGet(chance.oneOf(keys()));
        }
        if (other < 4 && partitionOf.apply(0).isPresent()) {
            return range(chance, partitionOf);
        }
        if (other < 7 && !fleeting.isEmpty()) {
            Requests.Key key = chance.oneOf(fleeting);
            return new Wish.OnKey(key, onRegister(key, chance));
        }
        if (other == 7 && !deleted.isEmpty()) {
            Requests.Key key = chance.oneOf(deleted);
            return new Wish.OnKey(key, onRegister(key, chance));
        }
        if (other < 10) {
            return batch(chance);
        }
        int kind = chance.below(10);
        if (kind < 6) {
            Requests.Key key = chance.oneOf(registers);
            return new Wish.OnKey(key, onRegister(key, chance));
        }
        if (kind < 9 || appended >= LIST_APPENDS_MAX) {
            return new Wish.OnKey(
                    chance.oneOf(counters),
                    chance.happens(0.3) ? new Call.Get() : new Call.Add(chance.between(1L, 3L)));
        }
        if (chance.happens(0.4)) {
            return new Wish.OnKey(chance.oneOf(lists), new Call.Get());
        }
        appended++;
        return new Wish.OnKey(chance.oneOf(lists), new Call.Append("e" + appended));
    }

    /** Of all tables, so that one of them may be gone. */
    private Wish batch(Chance chance) {
        List<Requests.Key> candidates = new ArrayList<>(Stream.of(registers, fleeting, deleted)
                .flatMap(List::stream)
                .distinct()
                .toList());
        List<Wish.OnKey> writes = new ArrayList<>();
        int count = 2 + chance.below(BATCH_WRITES_MAX - 1);
        while (writes.size() < count && !candidates.isEmpty()) {
            Requests.Key key = chance.oneOf(candidates);
            candidates.remove(key);
            writes.add(new Wish.OnKey(key, writeOfRegister(key, chance)));
        }
        return new Wish.Batch(writes);
    }

    /** A strong read of a key, for a client that does nothing else. */
    Wish nextRead(Chance chance) {
        return new Wish.OnKey(chance.oneOf(keys()), new Call.Get());
    }

    private Wish range(Chance chance, LongFunction<Optional<PartitionRecord>> partitionOf) {
        List<Requests.Key> tableKeys = fleeting.isEmpty() || chance.happens(0.7) ? keys() : fleeting;
        long token = chance.oneOf(tableKeys).token();
        PartitionRecord partition = partitionOf.apply(token).orElseThrow();
        boolean backwards = chance.happens(0.3);
        Comparator<Requests.Key> order =
                Comparator.comparing(Requests.Key::itemKey, ByteString.unsignedLexicographicalComparator());
        List<Requests.Key> keys = tableKeys.stream()
                .filter(key -> Tokens.inRange(key.token(), partition.getStartToken(), partition.getEndToken()))
                .sorted(backwards ? order.reversed() : order)
                .toList();
        ByteString first = boundary(partition.getStartToken());
        ByteString last = boundary(partition.getEndToken());
        ByteString start = chance.happens(0.7) ? first : chance.oneOf(keys).itemKey();
        ByteString end = chance.happens(0.7) ? last : chance.oneOf(keys).itemKey();
        boolean inOrder =
                end.isEmpty() || ByteString.unsignedLexicographicalComparator().compare(start, end) < 0;
        return new Wish.ReadRange(
                tableKeys.getFirst().table(),
                token,
                keys,
                start,
                inOrder ? end : last,
                backwards,
                chance.below(4),
                chance.happens(0.7));
    }

    /** Where a range that ends or begins at the token does so; empty at the ring's begin and end. */
    private static ByteString boundary(long token) {
        return token == 0
                ? ByteString.EMPTY
                : ByteString.copyFrom(
                        ByteBuffer.allocate(Long.BYTES).putLong(token).flip());
    }

    private Call onRegister(Requests.Key key, Chance chance) {
        return chance.happens(0.4) ? new Call.Get() : writeOfRegister(key, chance);
    }

    private Call writeOfRegister(Requests.Key key, Chance chance) {
        return switch (chance.below(6)) {
            case 0, 1 -> new Call.Put(newValue());
            case 2 -> new Call.Delete();
            // Often what somebody saw last, so that many conditions hold and many fail.
            default -> new Call.CompareAndSet(lastSeen.getOrDefault(key, Value.ABSENT), newValue());
        };
    }

    private Value newValue() {
        written++;
        return Value.text("v" + written);
    }

    void learn(Requests.Key key, Outcome outcome) {
        switch (outcome) {
            case Outcome.Holds holds -> lastSeen.put(key, holds.value());
            case Outcome.ConditionFailedOn failed -> lastSeen.put(key, failed.actual());
            case Outcome.Done done -> {}
            case Outcome.Replaced replaced -> {}
            case Outcome.ConditionFailed failed -> {}
            case Outcome.Unknown unknown -> {}
        }
    }
}
