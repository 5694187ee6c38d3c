package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HistoryTest {

    private final AtomicLong clockNanos = new AtomicLong();
    private final History history = new History(clockNanos::incrementAndGet);

    @Test
    void keepsWhatReturnedAndTakesWhatDidNotAsUnknown() {
        History.Pending answered = history.call(1, "k", new Call.Get());
        History.Pending lost = history.call(2, "k", new Call.Delete());
        history.call(3, "other", new Call.Add(1));
        history.call(4, "other", new Call.Add(2)).withoutEffect();
        answered.returned(new Outcome.Holds(Value.ABSENT));
        lost.returned(Outcome.UNKNOWN);

        assertThat(history.operationsByKey()).containsOnlyKeys("k", "other");
        assertThat(history.operations())
                .containsExactly(
                        new Operation(1, "k", new Call.Get(), new Outcome.Holds(Value.ABSENT), 1, 5),
                        new Operation(2, "k", new Call.Delete(), Outcome.UNKNOWN, 2, Operation.NEVER),
                        new Operation(3, "other", new Call.Add(1), Outcome.UNKNOWN, 3, Operation.NEVER));
    }

    @Test
    void refusesASecondEndOfACall() {
        History.Pending call = history.call(1, "k", new Call.Get());
        call.unknown();
        assertThatIllegalStateException().isThrownBy(() -> call.returned(Outcome.DONE));
    }
}
