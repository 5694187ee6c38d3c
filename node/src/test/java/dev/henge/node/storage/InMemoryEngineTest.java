package dev.henge.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class InMemoryEngineTest {

    private final InMemoryEngine engine = new InMemoryEngine();

    @Test
    void aCrashGoesBackToTheLastFlush() {
        write(0, 10);
        engine.flush();
        write(10, 20);
        engine.crash();
        assertThat(held()).isEqualTo(10);
    }

    @Test
    void aRandomCrashKeepsAPrefixOfTheBatches() {
        write(0, 10);
        engine.flush();
        Random random = new Random(1);
        int before = 10;
        for (int round = 0; round < 20; round++) {
            write(before, before + 10);
            engine.crash(random);
            int after = held();
            assertThat(after).isBetween(before, before + 10);
            before = after;
        }
    }

    @Test
    void aViewFromBeforeACrashCanNotBeRead() {
        write(0, 1);
        StorageEngine.View view = engine.view();
        engine.crash();
        assertThatThrownBy(() -> view.get(new byte[] {0})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClosedEngineKeepsWhatItHeld() {
        write(0, 3);
        engine.close();
        assertThatThrownBy(() -> engine.get(new byte[] {0})).isInstanceOf(IllegalStateException.class);
        engine.reopen();
        assertThat(held()).isEqualTo(3);
    }

    private void write(int from, int to) {
        for (int i = from; i < to; i++) {
            engine.write(new WriteBatch().put(new byte[] {(byte) (i >> 8), (byte) i}, new byte[] {1}));
        }
    }

    /** Count of keys from the first on without a hole; fails when there are more. */
    private int held() {
        int held = 0;
        while (engine.get(new byte[] {(byte) (held >> 8), (byte) held}) != null) {
            held++;
        }
        assertThat(engine.sizeBytes()).isEqualTo(held * 3L);
        return held;
    }
}
