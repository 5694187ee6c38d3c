package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Histories of a true item: each call takes effect at its own moment, in that order, and its client sees it called
 * some time before and returned some time after. Some outcomes are then forgotten.
 */
final class GeneratedHistories {

    private static final long STEP_NANOS = 100;

    private GeneratedHistories() {}

    static List<Operation> ofRegister(Random random, int count, int overlapNanos, double unknownShare) {
        List<Operation> operations = new ArrayList<>();
        Value state = Value.ABSENT;
        for (int index = 0; index < count; index++) {
            Call call =
                    switch (random.nextInt(5)) {
                        case 0 -> new Call.Put(Value.text("v" + index));
                        case 1 -> new Call.Delete();
                        case 2 ->
                            new Call.CompareAndSet(
                                    random.nextBoolean() ? state : Value.text("?"), Value.text("v" + index));
                        default -> new Call.Get();
                    };
            operations.add(operation(random, index, call, state, overlapNanos, unknownShare));
            state = after(state, call);
        }
        return operations;
    }

    static List<Operation> ofCounter(Random random, int count, int overlapNanos, double unknownShare) {
        List<Operation> operations = new ArrayList<>();
        Value state = Value.ABSENT;
        for (int index = 0; index < count; index++) {
            Call call = random.nextInt(3) == 0 ? new Call.Get() : new Call.Add(1 + random.nextInt(3));
            operations.add(operation(random, index, call, state, overlapNanos, unknownShare));
            state = after(state, call);
        }
        return operations;
    }

    private static Operation operation(
            Random random, int index, Call call, Value before, int overlapNanos, double unknownShare) {
        long momentNanos = (index + 1) * STEP_NANOS + overlapNanos;
        long invokedNanos = momentNanos - random.nextInt(overlapNanos + 1);
        if (random.nextDouble() < unknownShare) {
            return new Operation(index, "k", call, Outcome.UNKNOWN, invokedNanos, Operation.NEVER);
        }
        long returnedNanos = momentNanos + random.nextInt(overlapNanos + 1);
        return new Operation(index, "k", call, outcome(random, before, call), invokedNanos, returnedNanos);
    }

    private static Outcome outcome(Random random, Value before, Call call) {
        return switch (call) {
            case Call.Get _ -> new Outcome.Holds(before);
            case Call.Put _, Call.Delete _ -> random.nextBoolean() ? Outcome.DONE : new Outcome.Replaced(before);
            case Call.CompareAndSet swap -> swap.expected().equals(before) ? Outcome.DONE : Outcome.REFUSED;
            case Call.Add _, Call.Append _ -> new Outcome.Holds(after(before, call));
        };
    }

    private static Value after(Value state, Call call) {
        return switch (call) {
            case Call.Get _ -> state;
            case Call.Put(Value value) -> value;
            case Call.Delete _ -> Value.ABSENT;
            case Call.CompareAndSet(Value expected, Value value) -> expected.equals(state) ? value : state;
            case Call.Add(long delta) ->
                state instanceof Value.Counter(long number) ? Value.number(number + delta) : Value.number(delta);
            case Call.Append(String element) ->
                state instanceof Value.Elements elements ? elements.plus(element) : Value.elements(element);
        };
    }
}
