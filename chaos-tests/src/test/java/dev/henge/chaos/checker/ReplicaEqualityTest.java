package dev.henge.chaos.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.checker.ReplicaEquality.Contents;
import dev.henge.chaos.checker.ReplicaEquality.Entry;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReplicaEqualityTest {

    private static final Contents ONE = contents("n1", 7, entry(1, 10), entry(2, 20));

    @Test
    void acceptsEqualReplicas() {
        assertThat(ReplicaEquality.complaints(List.of(ONE, contents("n2", 7, entry(1, 10), entry(2, 20)))))
                .isEmpty();
        assertThat(ReplicaEquality.complaints(List.of())).isEmpty();
    }

    @Test
    void namesTheFirstDifferenceOfEachReplica() {
        Contents behind = contents("behind", 6, entry(1, 10), entry(2, 20));
        Contents differs = contents("differs", 7, entry(1, 11), entry(2, 20));
        Contents misses = contents("misses", 7, entry(2, 20));
        Contents ends = contents("ends", 7, entry(1, 10));
        assertThat(ReplicaEquality.complaints(List.of(ONE, behind, differs, misses, ends)))
                .containsExactly(
                        "n1 applied up to 7, behind up to 6",
                        "n1 holds 0a, differs 0b under 01 at index 7",
                        "only n1 holds 01 at index 7",
                        "only n1 holds 02 at index 7");
    }

    private static Contents contents(String name, long appliedIndex, Entry... entries) {
        return new Contents(name, appliedIndex, List.of(entries));
    }

    private static Entry entry(int key, int value) {
        return new Entry(new byte[] {(byte) key}, new byte[] {(byte) value});
    }
}
