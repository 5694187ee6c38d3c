package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.checker.LinearizabilityChecker.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class RangePageTest {

    private static final Value A = Value.text("a");
    private static final Value B = Value.text("b");
    private static final List<String> KEYS = List.of("k1", "k2", "k3");

    private final AtomicLong nowNanos = new AtomicLong();
    private final History history = new History(nowNanos::get);

    @Test
    void aPageThatShowsWhatIsThereIsRight() {
        put("k2", A, 10, 20);
        page(30, 40, new RangePage(KEYS, 0, shown("k2", A), Optional.empty()));
        assertThat(complaints()).isEmpty();
    }

    @Test
    void anItemThatWasThereAllTheTimeMustNotBeMissing() {
        put("k2", A, 10, 20);
        page(30, 40, new RangePage(KEYS, 0, shown(), Optional.empty()));
        assertThat(complaints()).singleElement().asString().contains("k2");
    }

    @Test
    void anItemWrittenMeanwhileMayBeMissingOrNot() {
        put("k2", A, 10, 35);
        page(30, 40, new RangePage(KEYS, 0, shown(), Optional.empty()));
        page(32, 41, new RangePage(KEYS, 0, shown("k2", A), Optional.empty()));
        assertThat(complaints()).isEmpty();
    }

    @Test
    void anItemThatWasNeverThereMustNotAppear() {
        put("k2", A, 10, 20);
        page(30, 40, new RangePage(KEYS, 0, shown("k1", A, "k2", A), Optional.empty()));
        assertThat(complaints()).singleElement().asString().contains("k1");
    }

    @Test
    void anItemThatWasOverwrittenBeforeTheCallMustNotAppear() {
        put("k2", A, 10, 20);
        put("k2", B, 21, 25);
        page(30, 40, new RangePage(KEYS, 0, shown("k2", A), Optional.empty()));
        assertThat(complaints()).hasSize(1);
    }

    @Test
    void aPageSaysNothingOfTheKeysBehindItsEnd() {
        put("k1", A, 10, 20);
        put("k3", B, 10, 20);
        page(30, 40, new RangePage(KEYS, 1, shown("k1", A), Optional.of("k1")));
        assertThat(complaints()).isEmpty();
    }

    @Test
    void aPageKeepsOrderLimitAndRange() {
        assertThat(new RangePage(KEYS, 0, shown("k3", A, "k1", A), Optional.empty()).complaint())
                .contains("order");
        assertThat(new RangePage(KEYS, 1, shown("k1", A, "k2", A), Optional.empty()).complaint())
                .contains("at most 1");
        assertThat(new RangePage(KEYS, 0, shown("k4", A), Optional.empty()).complaint())
                .contains("k4");
        assertThat(new RangePage(KEYS, 1, shown("k1", A), Optional.of("k2")).complaint())
                .contains("ends at k2");
    }

    /** A true table of registers, read by pages at a moment each; every call is seen to last longer than it did. */
    @Property(tries = 100)
    void whatATrueTableShowsIsRight(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int count,
            @ForAll @IntRange(min = 0, max = 300) int overlapNanos) {
        List<Operation> operations = generated(new Random(seed), count, overlapNanos, -1);
        assertThat(verdicts(operations)).allMatch(Verdict.Linearizable.class::isInstance);
    }

    @Property(tries = 100)
    void aTableThatHidesAnItemOnceIsFound(@ForAll long seed, @ForAll @IntRange(min = 3, max = 100) int count) {
        List<Operation> operations = generated(new Random(seed), count, 0, count - 1);
        assertThat(verdicts(operations)).anyMatch(Verdict.Violation.class::isInstance);
    }

    /** @param lieAt the call that is a page which hides an item that is there; -1 for none */
    private static List<Operation> generated(Random random, int count, int overlapNanos, int lieAt) {
        List<Operation> operations = new ArrayList<>();
        SequencedMap<String, Value> truth = new LinkedHashMap<>(shown("k1", A, "k2", A, "k3", A));
        for (String key : KEYS) {
            operations.add(new Operation(0, key, new Call.Put(A), Outcome.DONE, 0, 1));
        }
        for (int index = 0; index < count; index++) {
            long momentNanos = 1000 + index * 100L + overlapNanos;
            long invokedNanos = momentNanos - random.nextInt(overlapNanos + 1);
            long returnedNanos = momentNanos + random.nextInt(overlapNanos + 1);
            if (index == lieAt || random.nextInt(3) == 0) {
                SequencedMap<String, Value> shown = new LinkedHashMap<>();
                KEYS.forEach(key -> shown.put(key, truth.get(key)));
                if (index == lieAt) {
                    shown.remove(KEYS.get(random.nextInt(3)));
                }
                RangePage page = new RangePage(KEYS, 0, shown, Optional.empty());
                operations.addAll(page.reads(index, invokedNanos, returnedNanos));
                continue;
            }
            String key = KEYS.get(random.nextInt(3));
            Value value = Value.text("v" + index);
            truth.put(key, value);
            operations.add(new Operation(index, key, new Call.Put(value), Outcome.DONE, invokedNanos, returnedNanos));
        }
        return operations;
    }

    private static List<Verdict> verdicts(List<Operation> operations) {
        return KEYS.stream()
                .map(key -> new LinearizabilityChecker()
                        .check(operations.stream()
                                .filter(operation -> operation.key().equals(key))
                                .toList()))
                .toList();
    }

    private List<String> complaints() {
        return new LinearizabilityChecker().complaints(history.operationsByKey());
    }

    private void put(String key, Value value, long invokedNanos, long returnedNanos) {
        nowNanos.set(invokedNanos);
        History.Pending pending = history.call(1, key, new Call.Put(value));
        nowNanos.set(returnedNanos);
        pending.returned(Outcome.DONE);
    }

    private void page(long invokedNanos, long returnedNanos, RangePage page) {
        assertThat(page.complaint()).isNull();
        nowNanos.set(returnedNanos);
        history.pageReturned(2, page, invokedNanos);
    }

    private static SequencedMap<String, Value> shown(Object... keysAndValues) {
        SequencedMap<String, Value> shown = new LinkedHashMap<>();
        for (int place = 0; place < keysAndValues.length; place += 2) {
            shown.put((String) keysAndValues[place], (Value) keysAndValues[place + 1]);
        }
        return shown;
    }
}
