package dev.henge.cluster;

import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;

/**
 * What the map has of a partition once its split is finished.
 *
 * @param remaining the partition itself, with the tokens before the split's
 * @param child the other one, on the same nodes
 */
public record SplitHalves(PartitionRecord remaining, PartitionRecord child) {

    /** @param whole with a split that was begun */
    public static SplitHalves of(PartitionRecord whole) {
        PartitionSplit split = whole.getSplit();
        PartitionRecord remaining = whole.toBuilder()
                .clearTask()
                .setEndToken(split.getToken())
                .setEpoch(split.getEpoch())
                .clearSplit()
                .build();
        PartitionRecord child = PartitionRecord.newBuilder()
                .setId(split.getChild())
                .setStartToken(split.getToken())
                .setEndToken(whole.getEndToken())
                .setEpoch(split.getEpoch())
                .setParent(whole.getId())
                .addAllReplicas(whole.getReplicasList())
                .build();
        return new SplitHalves(remaining, child);
    }
}
