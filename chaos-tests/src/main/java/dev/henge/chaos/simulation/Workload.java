package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import dev.henge.membership.Tokens;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What clients call: registers, counters and lists, few of each, so that calls meet. */
final class Workload {

    private static final int LIST_APPENDS_MAX = 400;

    /** What a client is to do next. */
    sealed interface Wish {
        record OnKey(Requests.Key key, Call call) implements Wish {}

        /** Reads a key from whichever replica. */
        record EventualGet(Requests.Key key) implements Wish {}

        /**
         * Reads a range of one partition, page by page.
         *
         * @param token of the partition
         * @param keys all keys of the table in the partition, in the order they are read
         * @param start first item key, empty for the partition's first
         * @param end behind the last item key, empty for the partition's end
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
    private long written;
    private int appended;

    Workload(int keysPerKind) {
        registers = Requests.keys(Requests.TABLE, "register", keysPerKind);
        counters = Requests.keys(Requests.TABLE, "counter", keysPerKind);
        lists = Requests.keys(Requests.TABLE, "list", keysPerKind);
    }

    List<Requests.Key> keys() {
        List<Requests.Key> keys = new ArrayList<>(registers);
        keys.addAll(counters);
        keys.addAll(lists);
        return keys;
    }

    /** @param catalog as the client's router knows it */
    Wish next(Chance chance, Catalog catalog) {
        int other = chance.below(20);
        if (other < 2) {
            return new Wish.EventualGet(chance.oneOf(keys()));
        }
        if (other < 4) {
            return range(chance, catalog);
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

    private Wish range(Chance chance, Catalog catalog) {
        long token = chance.oneOf(keys()).token();
        PartitionRecord partition = catalog.getPartitionsList().stream()
                .filter(candidate -> candidate.getId() != 0)
                .filter(candidate -> Tokens.inRange(token, candidate.getStartToken(), candidate.getEndToken()))
                .findFirst()
                .orElseThrow();
        boolean backwards = chance.happens(0.3);
        Comparator<Requests.Key> order =
                Comparator.comparing(Requests.Key::itemKey, ByteString.unsignedLexicographicalComparator());
        List<Requests.Key> keys = keys().stream()
                .filter(key -> Tokens.inRange(key.token(), partition.getStartToken(), partition.getEndToken()))
                .sorted(backwards ? order.reversed() : order)
                .toList();
        ByteString start =
                chance.happens(0.7) ? ByteString.EMPTY : chance.oneOf(keys).itemKey();
        ByteString end =
                chance.happens(0.7) ? ByteString.EMPTY : chance.oneOf(keys).itemKey();
        boolean inOrder =
                end.isEmpty() || ByteString.unsignedLexicographicalComparator().compare(start, end) < 0;
        return new Wish.ReadRange(
                Requests.TABLE,
                token,
                keys,
                start,
                inOrder ? end : ByteString.EMPTY,
                backwards,
                chance.below(4),
                chance.happens(0.7));
    }

    private Call onRegister(Requests.Key key, Chance chance) {
        return switch (chance.below(10)) {
            case 0, 1, 2, 3 -> new Call.Get();
            case 4, 5 -> new Call.Put(newValue());
            case 6 -> new Call.Delete();
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
