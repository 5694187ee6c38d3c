package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.membership.TokenRange;
import dev.henge.membership.Tokens;
import dev.henge.proto.ItemsWritten;
import dev.henge.proto.RememberedRequest;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes of a request that were left out when the others were carried out, and that the partition could carry out by now: it was
 * merged with the one that had their items.
 *
 * @param request they alone, as a request of their own; copies of the whole lead to the same one
 * @param done what came of the others, by position
 * @param positions of those that were left out
 */
record LeftOutWrites(WriteItems request, ItemsWritten done, List<Integer> positions) {

    private static final ByteString REST = ByteString.copyFromUtf8("+");

    /**
     * @param done as remembered; empty when nothing of the request is
     * @param tokens of the partition
     */
    static Optional<LeftOutWrites> of(WriteItems whole, ItemsWritten done, TokenRange tokens) {
        List<Integer> positions = new ArrayList<>();
        for (int place = 0; place < done.getOutcomesCount(); place++) {
            byte[] key = whole.getWrites(place).getKey().toByteArray();
            if (isLeftOut(done.getOutcomes(place)) && tokens.contains(Tokens.ofItemKey(key))) {
                positions.add(place);
            }
        }
        if (positions.isEmpty()) {
            return Optional.empty();
        }
        WriteItems.Builder rest = whole.toBuilder()
                .setRequestId(whole.getRequestId().concat(REST))
                .clearWrites();
        positions.forEach(place -> rest.addWrites(whole.getWrites(place)));
        return Optional.of(new LeftOutWrites(rest.build(), done, positions));
    }

    /** What came of all. */
    ItemsWritten joined(ItemsWritten ofRest) {
        ItemsWritten.Builder all = done.toBuilder();
        for (int place = 0; place < positions.size(); place++) {
            all.setOutcomes(positions.get(place), ofRest.getOutcomes(place));
        }
        return all.build();
    }

    /** What two partitions remember of one request, as one. */
    static RememberedRequest joined(RememberedRequest one, RememberedRequest other) {
        if (!one.hasItemsWritten() || !other.hasItemsWritten()) {
            return one;
        }
        ItemsWritten.Builder all = one.getItemsWritten().toBuilder();
        for (int place = 0; place < all.getOutcomesCount(); place++) {
            if (isLeftOut(all.getOutcomes(place))
                    && place < other.getItemsWritten().getOutcomesCount()) {
                all.setOutcomes(place, other.getItemsWritten().getOutcomes(place));
            }
        }
        return one.toBuilder().setItemsWritten(all).build();
    }

    private static boolean isLeftOut(WriteOutcome outcome) {
        return outcome.getOutcomeCase() == WriteOutcome.OutcomeCase.OUTCOME_NOT_SET;
    }
}
