package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.checker.LinearizabilityChecker.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

final class CheckerProperties {

    private final LinearizabilityChecker checker = new LinearizabilityChecker();

    @Property(tries = 300)
    void whatATrueRegisterAnswersIsLinearizable(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 400) int count,
            @ForAll @IntRange(min = 0, max = 400) int overlapNanos,
            @ForAll @DoubleRange(min = 0, max = 0.1) double unknownShare) {
        Random random = new Random(seed);
        List<Operation> operations = GeneratedHistories.ofRegister(random, count, overlapNanos, unknownShare);
        Collections.shuffle(operations, random);

        Verdict verdict = checker.check(operations);

        assertThat(verdict).isInstanceOf(Verdict.Linearizable.class);
        assertOrderKeepsRealTime(((Verdict.Linearizable) verdict).order());
    }

    @Property(tries = 200)
    void whatATrueCounterAnswersIsLinearizable(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int count,
            @ForAll @IntRange(min = 0, max = 300) int overlapNanos,
            @ForAll @DoubleRange(min = 0, max = 0.05) double unknownShare) {
        List<Operation> operations = GeneratedHistories.ofCounter(new Random(seed), count, overlapNanos, unknownShare);
        assertThat(checker.check(operations)).isInstanceOf(Verdict.Linearizable.class);
    }

    @Property(tries = 200)
    void aReadOfAValueThatWasOverwrittenLongAgoIsNot(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 300) int overlapNanos) {
        List<Operation> operations =
                new ArrayList<>(GeneratedHistories.ofRegister(new Random(seed), 100, overlapNanos, 0.05));
        long endNanos = 1_000_000;
        // Written, overwritten, and then read again.
        operations.add(new Operation(1, "k", new Call.Put(Value.text("old")), Outcome.DONE, endNanos, endNanos + 1));
        operations.add(
                new Operation(1, "k", new Call.Put(Value.text("new")), Outcome.DONE, endNanos + 2, endNanos + 3));
        operations.add(new Operation(
                1, "k", new Call.Get(), new Outcome.Holds(Value.text("old")), endNanos + 4, endNanos + 5));
        assertThat(checker.check(operations)).isInstanceOf(Verdict.Violation.class);
    }

    @Property(tries = 300)
    void aCounterThatAnswersWrongOnceIsNot(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 150) int count,
            @ForAll @IntRange(min = 0, max = 300) int overlapNanos) {
        Random random = new Random(seed);
        List<Operation> operations = GeneratedHistories.ofCounter(random, count, overlapNanos, 0);
        // The sum of all that could have been added by then and one more.
        int place = random.nextInt(count);
        Operation told = operations.get(place);
        long sum = operations.stream()
                .mapToLong(operation -> operation.call() instanceof Call.Add add ? add.delta() : 0)
                .sum();
        Outcome lie = new Outcome.Holds(Value.number(sum + 1));
        operations.set(
                place, new Operation(told.client(), "k", told.call(), lie, told.invokedNanos(), told.returnedNanos()));
        assertThat(checker.check(operations)).isInstanceOf(Verdict.Violation.class);
    }

    @Property(tries = 200)
    void aSequentialRegisterThatAnswersAnythingElseIsNot(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 100) int count) {
        Random random = new Random(seed);
        List<Operation> operations = GeneratedHistories.ofRegister(random, count, 0, 0);
        List<Integer> reads = new ArrayList<>();
        for (int place = 0; place < count; place++) {
            if (operations.get(place).call().isRead()) {
                reads.add(place);
            }
        }
        if (reads.isEmpty()) {
            return;
        }
        int place = reads.get(random.nextInt(reads.size()));
        Operation told = operations.get(place);
        Value truth = ((Outcome.Holds) told.outcome()).value();
        Value lie = truth.equals(Value.ABSENT) ? Value.text("ghost") : Value.ABSENT;
        operations.set(
                place,
                new Operation(
                        told.client(),
                        "k",
                        told.call(),
                        new Outcome.Holds(lie),
                        told.invokedNanos(),
                        told.returnedNanos()));
        assertThat(checker.check(operations)).isInstanceOf(Verdict.Violation.class);
    }

    @Property(tries = 200)
    void theTruthAtTheEndMissesNoAcknowledgedWrite(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int count,
            @ForAll @IntRange(min = 0, max = 300) int overlapNanos) {
        List<Operation> operations = GeneratedHistories.ofRegister(new Random(seed), count, overlapNanos, 0.05);
        Verdict.Linearizable verdict = (Verdict.Linearizable) checker.check(operations);
        Value state = Value.ABSENT;
        for (Operation operation : verdict.order()) {
            Value next = SequentialItem.after(state, operation.call(), operation.outcome());
            assertThat(next).isNotNull();
            state = next == null ? state : next;
        }
        assertThat(new AcknowledgedWritesChecker().complaints(Map.of("k", operations), Map.of("k", state)))
                .isEmpty();
    }

    private static void assertOrderKeepsRealTime(List<Operation> order) {
        long latestCallNanos = Long.MIN_VALUE;
        for (Operation operation : order) {
            assertThat(operation.returnedNanos()).isGreaterThanOrEqualTo(latestCallNanos);
            latestCallNanos = Math.max(latestCallNanos, operation.invokedNanos());
        }
    }
}
