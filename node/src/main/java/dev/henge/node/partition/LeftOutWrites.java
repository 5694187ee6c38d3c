package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.membership.TokenRange;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ItemsWritten;
import dev.henge.proto.RememberedRequest;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes of a request that were left out when the others were carried out, and that the partition could carry out by now: it was
 * merged with the one that had their items.
 *
 * @param requests each of them alone, as a request of its own; copies of the whole lead to the same ones, whatever else was left
 *     out when they came
 * @param done what came of the others, by position
 * @param positions of those that were left out
 */
record LeftOutWrites(List<WriteItems> requests, ItemsWritten done, List<Integer> positions) {

    /**
     * @param done as remembered; empty when nothing of the request is
     * @param tokens of the partition
     */
    static Optional<LeftOutWrites> of(WriteItems whole, ItemsWritten done, TokenRange tokens) {
        List<Integer> positions = new ArrayList<>();
        List<WriteItems> requests = new ArrayList<>();
        for (int place = 0; place < done.getOutcomesCount(); place++) {
            byte[] key = whole.getWrites(place).getKey().toByteArray();
            if (isLeftOut(done.getOutcomes(place)) && tokens.contains(Tokens.ofItemKey(key))) {
                positions.add(place);
                requests.add(whole.toBuilder()
                        .setRequestId(whole.getRequestId().concat(ByteString.copyFromUtf8("+" + place)))
                        .clearWrites()
                        .addWrites(whole.getWrites(place))
                        .build());
            }
        }
        return positions.isEmpty() ? Optional.empty() : Optional.of(new LeftOutWrites(requests, done, positions));
    }

    /** Who answer for the {@link #requests}, in their order; when all have, the whole is answered, with what came of all. */
    List<Responder> answerTogether(Responder whole) {
        Answers answers = new Answers(done.toBuilder(), positions.size(), whole);
        return positions.stream().map(answers::at).toList();
    }

    private static final class Answers {
        private final ItemsWritten.Builder all;
        private final Responder whole;
        private int missing;
        private DataResponse.@Nullable Builder failed;

        Answers(ItemsWritten.Builder all, int missing, Responder whole) {
            this.all = all;
            this.missing = missing;
            this.whole = whole;
        }

        Responder at(int place) {
            return response -> {
                if (response.hasItemsWritten()) {
                    all.setOutcomes(place, response.getItemsWritten().getOutcomes(0));
                } else {
                    // The whole comes again, and what was carried out of it is known then.
                    failed = response;
                }
                missing--;
                if (missing == 0) {
                    whole.respond(failed == null ? response.setItemsWritten(all) : failed);
                }
            };
        }
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
