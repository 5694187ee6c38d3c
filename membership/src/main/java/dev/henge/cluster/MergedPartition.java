package dev.henge.cluster;

import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;

/** What the map has of two partitions once their merge is finished. */
public final class MergedPartition {

    private MergedPartition() {}

    /**
     * The left one, with the range of both. The right one stays with it, for whoever still needs its replicas.
     *
     * @param left ends where {@code right} begins
     */
    public static PartitionRecord of(PartitionRecord left, PartitionRecord right, PartitionMerge merge) {
        return left.toBuilder()
                .clearTask()
                .clearMerge()
                .setEndToken(right.getEndToken())
                .setEpoch(merge.getEpoch())
                .addMerged(right)
                .build();
    }
}
