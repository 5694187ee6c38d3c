package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.checker.LinearizabilityChecker.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LinearizabilityCheckerTest {

    private static final Call GET = new Call.Get();
    private static final Call DELETE = new Call.Delete();
    private static final Call ADD_ONE = new Call.Add(1);
    private static final Value A = Value.text("a");
    private static final Value B = Value.text("b");
    private static final Call PUT_A = new Call.Put(A);
    private static final Call PUT_B = new Call.Put(B);

    private final LinearizabilityChecker checker = new LinearizabilityChecker();
    private final List<Operation> operations = new ArrayList<>();

    @Test
    void acceptsAnEmptyHistory() {
        assertLinearizable();
    }

    @Test
    void acceptsReadsThatFollowWrites() {
        known(0, 10, PUT_A, Outcome.DONE);
        known(20, 30, GET, new Outcome.Holds(A));
        known(40, 50, DELETE, new Outcome.Replaced(A));
        known(60, 70, GET, new Outcome.Holds(Value.ABSENT));
        assertLinearizable();
    }

    @Test
    void acceptsEitherValueWhileAWriteIsUnderWay() {
        known(0, 10, PUT_A, Outcome.DONE);
        known(20, 100, PUT_B, Outcome.DONE);
        known(30, 40, GET, new Outcome.Holds(A));
        known(50, 60, GET, new Outcome.Holds(B));
        assertLinearizable();
    }

    @Test
    void refusesAReadThatGoesBackInTime() {
        known(0, 10, PUT_A, Outcome.DONE);
        known(20, 100, PUT_B, Outcome.DONE);
        known(30, 40, GET, new Outcome.Holds(B));
        Operation stale = known(50, 60, GET, new Outcome.Holds(A));
        assertViolationOf(stale);
    }

    @Test
    void refusesAStaleRead() {
        known(0, 10, PUT_A, Outcome.DONE);
        known(20, 30, PUT_B, Outcome.DONE);
        Operation stale = known(40, 50, GET, new Outcome.Holds(A));
        assertViolationOf(stale);
    }

    @Test
    void refusesALostUpdate() {
        known(0, 10, PUT_A, Outcome.DONE);
        known(20, 40, new Call.CompareAndSet(A, B), Outcome.DONE);
        known(20, 40, new Call.CompareAndSet(A, Value.text("c")), Outcome.DONE);
        assertThat(checker.check(operations)).isInstanceOf(Verdict.Violation.class);
    }

    @Test
    void acceptsAFailedConditionOnlyWhenTheValueDiffered() {
        known(0, 10, PUT_A, Outcome.DONE);
        known(20, 30, new Call.CompareAndSet(B, A), Outcome.REFUSED);
        assertLinearizable();
        Operation wrong = known(40, 50, new Call.CompareAndSet(A, B), Outcome.REFUSED);
        assertViolationOf(wrong);
    }

    @Test
    void refusesAnIncrementAppliedTwice() {
        known(0, 10, ADD_ONE, new Outcome.Holds(Value.number(1)));
        Operation twice = known(20, 30, ADD_ONE, new Outcome.Holds(Value.number(3)));
        assertViolationOf(twice);
    }

    @Test
    void refusesALostAcknowledgedWrite() {
        known(0, 10, PUT_A, Outcome.DONE);
        Operation lost = known(20, 30, GET, new Outcome.Holds(Value.ABSENT));
        assertViolationOf(lost);
    }

    @Test
    void refusesAReplacedValueThatWasNotThere() {
        known(0, 10, PUT_A, Outcome.DONE);
        Operation wrong = known(20, 30, PUT_B, new Outcome.Replaced(Value.ABSENT));
        assertViolationOf(wrong);
    }

    @Test
    void refusesAReorderedList() {
        known(0, 10, new Call.Append("x"), Outcome.DONE);
        known(20, 30, new Call.Append("y"), Outcome.DONE);
        Operation wrong = known(40, 50, GET, new Outcome.Holds(Value.elements("y", "x")));
        assertViolationOf(wrong);
    }

    @Test
    void letsAWriteOfUnknownOutcomeTakeEffectLateOrNever() {
        known(0, 10, PUT_A, Outcome.DONE);
        unknown(20, PUT_B);
        known(30, 40, GET, new Outcome.Holds(A));
        assertLinearizable();
        known(1000, 1010, GET, new Outcome.Holds(B));
        assertLinearizable();
        Operation flapping = known(2000, 2010, GET, new Outcome.Holds(A));
        assertViolationOf(flapping);
    }

    @Test
    void letsAWriteOfUnknownOutcomeTakeEffectOnlyAfterItsCall() {
        known(0, 10, PUT_A, Outcome.DONE);
        Operation tooEarly = known(20, 30, GET, new Outcome.Holds(B));
        unknown(40, PUT_B);
        assertViolationOf(tooEarly);
    }

    @Test
    void countsIncrementsOfUnknownOutcomeAtMostOnceEach() {
        for (int index = 0; index < 60; index++) {
            unknown(index, ADD_ONE);
        }
        known(100, 110, GET, new Outcome.Holds(Value.number(60)));
        assertLinearizable();
        Operation tooMany = known(120, 130, GET, new Outcome.Holds(Value.number(61)));
        assertViolationOf(tooMany);
    }

    @Test
    void isNotSlowedDownByManyWritesOfUnknownOutcomeThatNobodyRead() {
        for (int index = 0; index < 300; index++) {
            unknown(index * 10L, new Call.Put(Value.text("unknown " + index)));
            known(index * 10L + 1, index * 10L + 5, new Call.Put(Value.text("known " + index)), Outcome.DONE);
        }
        Operation stale = known(10_000, 10_001, GET, new Outcome.Holds(Value.text("known 3")));
        assertViolationOf(stale);
    }

    @Test
    void saysSoWhenItGivesUp() {
        for (int index = 0; index < 12; index++) {
            known(0, 100, new Call.Append("e" + index), Outcome.DONE);
        }
        known(200, 300, GET, new Outcome.Holds(Value.elements("none of them")));
        assertThat(new LinearizabilityChecker(10_000).check(operations)).isInstanceOf(Verdict.Undecided.class);
    }

    @Test
    void judgesTensOfThousandsOfOperationsOnOneKey() {
        long atNanos = 0;
        for (int index = 0; index < 30_000; index++) {
            Value value = Value.text("v" + index);
            known(atNanos, atNanos + 25, new Call.Put(value), Outcome.DONE);
            known(atNanos + 3, atNanos + 28, GET, new Outcome.Holds(value));
            atNanos += 10;
        }
        // Every read overlaps three writes, each of which may stand before or behind it.
        assertLinearizable();
    }

    @Test
    void explainsWhatCouldNotBePlacedAndWhatStoodBeforeIt() {
        Operation first = known(0, 10, PUT_A, Outcome.DONE);
        Operation overlapping = known(15, 70, PUT_B, Outcome.DONE);
        Operation stale = known(40, 50, GET, new Outcome.Holds(Value.text("z")));

        Verdict verdict = checker.check(operations);

        assertThat(verdict).isInstanceOf(Verdict.Violation.class);
        assertThat(((Verdict.Violation) verdict).explanation())
                .contains("key k is not linearizable")
                .contains(first.toString())
                .contains(overlapping.toString())
                .contains("must come next at the latest:\n    " + stale);
    }

    @Test
    void appendsOfUnknownOutcomeThatNobodySawDoNotMakeTheSearchExplode() {
        for (int i = 0; i < 60; i++) {
            operations.add(new Operation(i, "k", new Call.Append("lost" + i), Outcome.UNKNOWN, i, Operation.NEVER));
        }
        known(100, 101, new Call.Append("kept"), Outcome.DONE);
        known(102, 103, GET, new Outcome.Holds(Value.elements("lost7", "kept")));

        assertThat(checker.check(operations)).isInstanceOf(LinearizabilityChecker.Verdict.Linearizable.class);
    }

    @Test
    void anAppendOfUnknownOutcomeThatVanishesAfterItWasSeenIsNoticed() {
        operations.add(new Operation(1, "k", new Call.Append("a"), Outcome.UNKNOWN, 0, Operation.NEVER));
        known(1, 2, GET, new Outcome.Holds(Value.elements("a")));
        known(3, 4, GET, new Outcome.Holds(Value.ABSENT));

        assertThat(checker.check(operations)).isInstanceOf(LinearizabilityChecker.Verdict.Violation.class);
    }

    private Operation known(long invokedNanos, long returnedNanos, Call call, Outcome outcome) {
        Operation operation = new Operation(operations.size(), "k", call, outcome, invokedNanos, returnedNanos);
        operations.add(operation);
        return operation;
    }

    private void unknown(long invokedNanos, Call call) {
        operations.add(new Operation(operations.size(), "k", call, Outcome.UNKNOWN, invokedNanos, Operation.NEVER));
    }

    private void assertLinearizable() {
        assertThat(checker.check(operations)).isInstanceOf(Verdict.Linearizable.class);
    }

    private void assertViolationOf(Operation blamed) {
        Verdict verdict = checker.check(operations);
        assertThat(verdict).isInstanceOf(Verdict.Violation.class);
        assertThat(((Verdict.Violation) verdict).blamed()).isEqualTo(blamed);
    }
}
