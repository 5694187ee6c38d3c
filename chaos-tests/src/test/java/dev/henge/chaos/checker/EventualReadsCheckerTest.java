package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EventualReadsCheckerTest {

    private static final Value A = Value.text("a");
    private static final Value B = Value.text("b");

    @Test
    void aRegisterMayShowAnythingWrittenBeforeAndNothingElse() {
        List<Operation> writes = List.of(
                done(0, 10, new Call.Put(A)),
                done(20, 30, new Call.Put(B)),
                new Operation(1, "k", new Call.CompareAndSet(A, Value.text("c")), Outcome.REFUSED, 40, 50));
        assertThat(complaints(writes, Value.ABSENT, 100)).isEmpty();
        assertThat(complaints(writes, A, 100)).isEmpty();
        assertThat(complaints(writes, B, 25)).isEmpty();
        assertThat(complaints(writes, B, 15)).singleElement().asString().contains("by then");
        assertThat(complaints(writes, Value.text("c"), 100)).hasSize(1);
        assertThat(complaints(writes, Value.text("d"), 100)).hasSize(1);
    }

    @Test
    void aWriteOfUnknownOutcomeMayShow() {
        List<Operation> writes = List.of(new Operation(1, "k", new Call.Put(A), Outcome.UNKNOWN, 5, Operation.NEVER));
        assertThat(complaints(writes, A, 10)).isEmpty();
        assertThat(complaints(writes, A, 4)).hasSize(1);
    }

    @Test
    void aCounterShowsNoMoreThanWasAddedByThen() {
        List<Operation> writes = List.of(done(0, 10, new Call.Add(2)), done(20, 30, new Call.Add(3)));
        assertThat(complaints(writes, Value.number(2), 100)).isEmpty();
        assertThat(complaints(writes, Value.number(5), 100)).isEmpty();
        assertThat(complaints(writes, Value.number(5), 15)).hasSize(1);
        assertThat(complaints(writes, Value.number(6), 100)).hasSize(1);
        assertThat(complaints(writes, Value.number(1), 100)).hasSize(1);
    }

    @Test
    void aListShowsHowTheFinalOneBegins() {
        List<Operation> writes = List.of(done(0, 10, new Call.Append("x")), done(20, 30, new Call.Append("y")));
        Map<String, Value> end = Map.of("k", Value.elements("x", "y"));
        assertThat(complaints(writes, Value.elements("x"), 100, end)).isEmpty();
        assertThat(complaints(writes, Value.elements("x", "y"), 100, end)).isEmpty();
        assertThat(complaints(writes, Value.elements("x", "y"), 15, end)).hasSize(1);
        assertThat(complaints(writes, Value.elements("y"), 100, end)).hasSize(1);
        assertThat(complaints(writes, Value.elements("x", "x"), 100, end)).hasSize(1);
        assertThat(complaints(writes, Value.elements("x", "z"), 100, end)).hasSize(1);
    }

    private static List<String> complaints(List<Operation> writes, Value shown, long returnedNanos) {
        return complaints(writes, shown, returnedNanos, Map.of());
    }

    private static List<String> complaints(
            List<Operation> writes, Value shown, long returnedNanos, Map<String, Value> end) {
        return EventualReadsChecker.complaints(
                List.of(new EventualReadsChecker.Read(2, "k", shown, 0, returnedNanos)), Map.of("k", writes), end);
    }

    private static Operation done(long invokedNanos, long returnedNanos, Call call) {
        return new Operation(1, "k", call, Outcome.DONE, invokedNanos, returnedNanos);
    }
}
