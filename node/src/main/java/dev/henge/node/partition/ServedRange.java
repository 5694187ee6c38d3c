package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.membership.TokenRange;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.Refusal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a replica answers for, and what it refuses because of that; immutable, for any thread.
 *
 * @param epochBefore of the range before the last change that was applied in this replica's life; 0 for none
 * @param lastSplit that change, where it was a split; null for none
 * @param fenceToken where the leader's {@link Fence} stands, when {@code fenced}
 * @param lastMerge what made the range of before the present one, where that was no split, or ended it; null for none
 * @param sealed it is part of another partition, or about to be
 */
record ServedRange(
        TokenRange tokens,
        long epoch,
        long epochBefore,
        @Nullable PartitionSplit lastSplit,
        boolean fenced,
        long fenceToken,
        @Nullable PartitionMerge lastMerge,
        boolean sealed) {

    /** Whether only the split that is under way keeps the request out. */
    boolean isFenced(DataRequest request) {
        return fenced && request.getEpoch() == epoch && Fence.keepsOut(request, fenceToken);
    }

    /** The refusal of a request that is another partition's, or that was sent by an older or newer map; else empty. */
    Optional<DataResponse.Builder> misrouted(DataRequest request) {
        if (OperationKind.of(request) == OperationKind.GROUP) {
            return Optional.empty(); // whatever it has of the ring
        }
        if (sealed) {
            return Optional.of(Refusals.staleEpoch(null, lastMerge));
        }
        boolean before = request.getEpoch() < epoch;
        if (before && request.getEpoch() == epochBefore && isOfOneItem(request)) {
            before = false; // no matter what else the partition had: nobody else has the item
        }
        if (before || (fenced && Fence.keepsOut(request, fenceToken))) {
            boolean ofLast = request.getEpoch() == epochBefore;
            return Optional.of(Refusals.staleEpoch(ofLast ? lastSplit : null, ofLast ? lastMerge : null));
        }
        if (request.getEpoch() > epoch) {
            return Optional.of(Refusals.of(Refusal.Code.UNKNOWN_PARTITION, "this node's map is out of date"));
        }
        return Optional.empty();
    }

    private boolean isOfOneItem(DataRequest request) {
        return (request.hasReadItem() && isIn(request.getReadItem().getKey(), tokens))
                || (request.hasWriteItem() && isIn(request.getWriteItem().getKey(), tokens));
    }

    /** Whether an item's key belongs to these tokens. */
    static boolean isIn(ByteString itemKey, TokenRange tokens) {
        return tokens.contains(Tokens.ofItemKey(itemKey.toByteArray()));
    }
}
