package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AcknowledgedWritesCheckerTest {

    private static final Value A = Value.text("a");
    private static final Value B = Value.text("b");

    @Test
    void acceptsTheLastAcknowledgedWriteAndAnyOfTwoThatOverlap() {
        List<Operation> writes = List.of(done(0, 10, new Call.Put(A)), done(5, 15, new Call.Put(B)));
        assertThat(complaints(writes, A)).isEmpty();
        assertThat(complaints(writes, B)).isEmpty();
        assertThat(complaints(writes, Value.ABSENT)).singleElement().asString().contains("nobody wrote");
    }

    @Test
    void missesAWriteThatWasOverwrittenByAnOlderOne() {
        List<Operation> writes = List.of(done(0, 10, new Call.Put(A)), done(20, 30, new Call.Put(B)));
        assertThat(complaints(writes, A)).singleElement().asString().contains("is lost");
    }

    @Test
    void letsAWriteOfUnknownOutcomeBeTheLast() {
        List<Operation> writes = List.of(unknown(0, new Call.Delete()), done(20, 30, new Call.Put(B)));
        assertThat(complaints(writes, Value.ABSENT)).isEmpty();
        assertThat(complaints(writes, B)).isEmpty();
    }

    @Test
    void acceptsAnUntouchedKeyThatIsAbsent() {
        List<Operation> refused = List.of(new Operation(1, "k", new Call.CompareAndSet(A, B), Outcome.REFUSED, 0, 1));
        assertThat(complaints(refused, Value.ABSENT)).isEmpty();
        assertThat(complaints(refused, B)).hasSize(1);
    }

    @Test
    void boundsACounterByWhatMayHaveBeenAdded() {
        List<Operation> writes =
                List.of(done(0, 10, new Call.Add(5)), done(20, 30, new Call.Add(5)), unknown(40, new Call.Add(1)));
        assertThat(complaints(writes, Value.number(10))).isEmpty();
        assertThat(complaints(writes, Value.number(11))).isEmpty();
        assertThat(complaints(writes, Value.number(9))).hasSize(1);
        assertThat(complaints(writes, Value.number(12))).hasSize(1);
        assertThat(complaints(writes, Value.ABSENT)).hasSize(1);
    }

    @Test
    void wantsEachAcknowledgedElementOfAListOnce() {
        List<Operation> writes = List.of(done(0, 10, new Call.Append("x")), unknown(20, new Call.Append("y")));
        assertThat(complaints(writes, Value.elements("x"))).isEmpty();
        assertThat(complaints(writes, Value.elements("x", "y"))).isEmpty();
        assertThat(complaints(writes, Value.elements("y"))).hasSize(1);
        assertThat(complaints(writes, Value.elements("x", "x"))).hasSize(1);
        assertThat(complaints(writes, Value.elements("x", "z"))).hasSize(1);
    }

    @Test
    void wantsEveryKeyToBeRead() {
        Map<String, List<Operation>> history = Map.of("k", List.of(done(0, 10, new Call.Put(A))));
        assertThat(new AcknowledgedWritesChecker().complaints(history, Map.of()))
                .hasSize(1);
    }

    private static List<String> complaints(List<Operation> operations, Value finalValue) {
        return new AcknowledgedWritesChecker().complaints(Map.of("k", operations), Map.of("k", finalValue));
    }

    private static Operation done(long invokedNanos, long returnedNanos, Call call) {
        return new Operation(1, "k", call, Outcome.DONE, invokedNanos, returnedNanos);
    }

    private static Operation unknown(long invokedNanos, Call call) {
        return new Operation(1, "k", call, Outcome.UNKNOWN, invokedNanos, Operation.NEVER);
    }
}
