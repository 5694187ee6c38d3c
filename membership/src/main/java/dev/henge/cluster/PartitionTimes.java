package dev.henge.cluster;

import dev.henge.proto.PartitionRecord;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

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

    /**
     * A time that the partition has reached; 0 when none is known.
     *
     * @param map gives partitions as they are on the ring by now
     */
    long knownMillis(PartitionRecord partition, IntFunction<Optional<PartitionRecord>> map) {
        Known own = byPartition.get(partition.getId());
        return own == null ? inheritedMillis(partition, map) : own.millis();
    }

    private long inheritedMillis(PartitionRecord partition, IntFunction<Optional<PartitionRecord>> map) {
        Known parent = byPartition.get(partition.getParent());
        if (partition.getParent() == 0 || parent == null) {
            return 0;
        }
        // Both have the epoch of their split until one of them changes again, and when that split was is known no more.
        boolean asSplit = map.apply(partition.getParent())
                .filter(other -> other.getEpoch() == partition.getEpoch())
                .isPresent();
        if (!asSplit) {
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
