package dev.henge.cluster;

import dev.henge.proto.PartitionRecord;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The last known time of each partition's own clock (DataRequest.known_time_millis). One that was split from another goes on
 * from that one's time: what was known of it before the split holds for both, what was learned since does not. Any thread may
 * call.
 */
final class PartitionTimes {

    /**
     * @param epoch of the partition's range when its time was learned last
     * @param millis the time
     * @param beforeMillis what was known of it under earlier epochs
     */
    private record Known(long epoch, long millis, long beforeMillis) {
        Known and(long newEpoch, long newMillis) {
            if (newEpoch < epoch) {
                return new Known(epoch, Math.max(millis, newMillis), Math.max(beforeMillis, newMillis));
            }
            return new Known(newEpoch, Math.max(millis, newMillis), newEpoch == epoch ? beforeMillis : millis);
        }
    }

    private final Map<Integer, Known> byPartition = new ConcurrentHashMap<>();

    /** @param partition as it was in the map when the request was sent */
    void learn(PartitionRecord partition, long millis) {
        byPartition.merge(
                partition.getId(),
                new Known(partition.getEpoch(), millis, 0),
                (known, news) -> known.and(news.epoch(), news.millis()));
    }

    /** A time that the partition has reached; 0 when none is known. */
    long knownMillis(PartitionRecord partition) {
        Known own = byPartition.get(partition.getId());
        return own == null ? inheritedMillis(partition, byPartition.get(partition.getParent())) : own.millis();
    }

    private static long inheritedMillis(PartitionRecord partition, @Nullable Known parent) {
        if (partition.getParent() == 0 || parent == null) {
            return 0;
        }
        if (parent.epoch() < partition.getEpoch()) {
            return parent.millis();
        }
        // The parent may have been split again since; then some of what was known before that is from behind this
        // split.
        return parent.epoch() == partition.getEpoch() ? parent.beforeMillis() : 0;
    }
}
