package dev.henge.node.partition;

import java.util.Optional;

/** For tests in which nothing is damaged. */
final class NoDamageMarks implements DamageMarks {

    @Override
    public Optional<String> reason(int partition) {
        return Optional.empty();
    }

    @Override
    public void mark(int partition, String reason) {
        throw new AssertionError("partition " + partition + " is damaged: " + reason);
    }

    @Override
    public void clear(int partition) {
        throw new AssertionError("partition " + partition + " was never damaged");
    }
}
