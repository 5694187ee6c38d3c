package dev.henge.node.partition;

import dev.henge.proto.DataResponse;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.Refusal;
import org.jspecify.annotations.Nullable;

/** Answers that say no. */
final class Refusals {

    private Refusals() {}

    static DataResponse.Builder notLeader(@Nullable String leader) {
        return of(Refusal.newBuilder()
                .setCode(Refusal.Code.NOT_LEADER)
                .setLeader(leader == null ? "" : leader)
                .build());
    }

    /** The leader that had taken the write in is none any more: the next one may carry it out. */
    static DataResponse.Builder abandoned(@Nullable String leader) {
        DataResponse.Builder answer = notLeader(leader);
        answer.getRefusalBuilder().setOutcomeUnknown(true);
        return answer;
    }

    /** Nothing was done: the node has to learn first how the table has changed. */
    static DataResponse.Builder catalogBehind() {
        return of(Refusal.Code.CATALOG_BEHIND, "this node does not know the newest definition of the table yet");
    }

    /**
     * @param split what has split the range as the sender knows it; null where that is not known
     * @param merge what has made it part of another, or another part of it; null where that is not known
     */
    static DataResponse.Builder staleEpoch(@Nullable PartitionSplit split, @Nullable PartitionMerge merge) {
        DataResponse.Builder answer = of(Refusal.Code.STALE_EPOCH, "the partition map is out of date");
        if (split != null) {
            answer.getRefusalBuilder().setSplit(split);
        }
        if (merge != null) {
            answer.getRefusalBuilder().setMerge(merge);
        }
        return answer;
    }

    static DataResponse.Builder of(Refusal.Code code, String message) {
        return of(Refusal.newBuilder().setCode(code).setMessage(message).build());
    }

    static DataResponse.Builder of(Refusal refusal) {
        return DataResponse.newBuilder().setRefusal(refusal);
    }
}
