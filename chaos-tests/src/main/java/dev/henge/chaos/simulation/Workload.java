package dev.henge.chaos.simulation;

import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What clients call: registers, counters and lists, few of each, so that calls meet. */
final class Workload {

    private static final int LIST_APPENDS_MAX = 400;

    record Wish(Requests.Key key, Call call) {}

    private final List<Requests.Key> registers;
    private final List<Requests.Key> counters;
    private final List<Requests.Key> lists;
    private final Map<Requests.Key, Value> lastSeen = new HashMap<>();
    private long written;
    private int appended;

    Workload(int keysPerKind) {
        registers = Requests.keys("register", keysPerKind);
        counters = Requests.keys("counter", keysPerKind);
        lists = Requests.keys("list", keysPerKind);
    }

    List<Requests.Key> keys() {
        List<Requests.Key> keys = new ArrayList<>(registers);
        keys.addAll(counters);
        keys.addAll(lists);
        return keys;
    }

    Wish next(Chance chance) {
        int kind = chance.below(10);
        if (kind < 6) {
            Requests.Key key = chance.oneOf(registers);
            return new Wish(key, onRegister(key, chance));
        }
        if (kind < 9 || appended >= LIST_APPENDS_MAX) {
            return new Wish(
                    chance.oneOf(counters),
                    chance.happens(0.3) ? new Call.Get() : new Call.Add(chance.between(1L, 3L)));
        }
        if (chance.happens(0.4)) {
            return new Wish(chance.oneOf(lists), new Call.Get());
        }
        appended++;
        return new Wish(chance.oneOf(lists), new Call.Append("e" + appended));
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
