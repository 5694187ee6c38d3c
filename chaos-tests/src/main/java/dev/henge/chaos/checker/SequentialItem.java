package dev.henge.chaos.checker;

import org.jspecify.annotations.Nullable;

/** The specification: one item that carries out one call at a time. */
final class SequentialItem {

    private SequentialItem() {}

    /**
     * What the key holds after a call with this outcome, when it held {@code state} before; null when the call can't
     * have had this outcome then. A call of unknown outcome has whichever outcome it then has.
     */
    static @Nullable Value after(Value state, Call call, Outcome outcome) {
        Value next = effect(state, call);
        if (next == null) {
            return outcome instanceof Outcome.Unknown ? state : null;
        }
        boolean possible =
                switch (outcome) {
                    case Outcome.Done _ -> applies(state, call);
                    case Outcome.Replaced(Value old) -> applies(state, call) && old.equals(state);
                    case Outcome.Holds(Value value) -> applies(state, call) && value.equals(next);
                    case Outcome.ConditionFailed _ -> !applies(state, call);
                    case Outcome.ConditionFailedOn(Value actual) -> !applies(state, call) && actual.equals(state);
                    case Outcome.Unknown _ -> true;
                };
        return possible ? next : null;
    }

    private static boolean applies(Value state, Call call) {
        return !(call instanceof Call.CompareAndSet swap) || swap.expected().equals(state);
    }

    /** The state after the call; null when the call makes no sense on what the key holds. */
    private static @Nullable Value effect(Value state, Call call) {
        return switch (call) {
            case Call.Get _ -> state;
            case Call.Put(Value value) -> value;
            case Call.Delete _ -> Value.ABSENT;
            case Call.CompareAndSet(Value expected, Value value) -> expected.equals(state) ? value : state;
            case Call.Add(long delta) ->
                switch (state) {
                    case Value.Absent _ -> Value.number(delta);
                    case Value.Counter(long number) -> Value.number(number + delta);
                    case Value.Text _, Value.Elements _ -> null;
                };
            case Call.Append(String element) ->
                switch (state) {
                    case Value.Absent _ -> Value.elements(element);
                    case Value.Elements list -> list.plus(element);
                    case Value.Text _, Value.Counter _ -> null;
                };
        };
    }
}
