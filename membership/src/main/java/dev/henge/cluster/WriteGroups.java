package dev.henge.cluster;

import dev.henge.membership.Tokens;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Writes of several items by the partitions that they belong to, and what becomes of each. */
final class WriteGroups {

    /** What goes together is one entry of a partition's log, which is not to hold up others for long. */
    private static final int GROUP_BYTES_MAX = 256 << 10;

    /** Writes that go to one partition together. */
    static final class Group {
        private final List<WriteItem> writes = new ArrayList<>();
        private final List<CompletableFuture<ItemWritten>> outcomes = new ArrayList<>();
        private long bytes;

        private boolean hasRoomFor(WriteItem write) {
            return bytes + write.getSerializedSize() <= GROUP_BYTES_MAX;
        }

        private void add(WriteItem write, CompletableFuture<ItemWritten> outcome) {
            writes.add(write);
            outcomes.add(outcome);
            bytes += write.getSerializedSize();
        }

        /** The token of the first item whose write is not settled. */
        long token() {
            int place = 0;
            while (outcomes.get(place).isDone()) {
                place++;
            }
            return Tokens.ofItemKey(writes.get(place).getKey().toByteArray());
        }

        /** Whether it is known what became of all. */
        boolean isSettled() {
            return outcomes.stream().allMatch(CompletableFuture::isDone);
        }

        boolean isSingle() {
            return writes.size() == 1;
        }

        WriteItem first() {
            return writes.getFirst();
        }

        WriteItems request() {
            return WriteItems.newBuilder()
                    .setRequestId(first().getRequestId())
                    .addAllWrites(writes)
                    .build();
        }

        /** Passes on what becomes of the only write. */
        void settle(CompletableFuture<ItemWritten> outcome) {
            outcome.whenComplete((written, failure) -> {
                if (failure != null) {
                    outcomes.getFirst().completeExceptionally(failure);
                } else {
                    outcomes.getFirst().complete(written);
                }
            });
        }

        /**
         * Passes on what became of all, or that it is not known, or that nothing was done; where the partition was split, of
         * those that the answering one has.
         */
        void settle(@Nullable DataResponse response, @Nullable Throwable failure) {
            if (response == null) {
                outcomes.forEach(outcome -> outcome.completeExceptionally(
                        failure == null ? new IllegalStateException("neither an answer nor a failure") : failure));
                return;
            }
            List<WriteOutcome> told = response.getItemsWritten().getOutcomesList();
            for (int place = 0; place < outcomes.size(); place++) {
                boolean leftOut = place < told.size()
                        && told.get(place).getOutcomeCase() == WriteOutcome.OutcomeCase.OUTCOME_NOT_SET;
                if (leftOut || outcomes.get(place).isDone()) {
                    continue;
                }
                settle(outcomes.get(place), place < told.size() ? told.get(place) : null);
            }
        }

        private static void settle(CompletableFuture<ItemWritten> outcome, @Nullable WriteOutcome told) {
            if (told == null) {
                outcome.completeExceptionally(
                        new ClusterException(ClusterException.Code.INTERNAL, "a node left out what became of a write"));
            } else if (told.hasRefusal()) {
                outcome.completeExceptionally(ClusterException.ofFinal(told.getRefusal()));
            } else {
                outcome.complete(told.getWritten());
            }
        }
    }

    private final List<Group> groups = new ArrayList<>();
    private final List<CompletableFuture<ItemWritten>> outcomes = new ArrayList<>();

    private WriteGroups() {}

    /** @param partitionOf the partition that a token belongs to; empty while that is not known */
    static WriteGroups of(List<WriteItem> writes, LongFunction<Optional<PartitionRecord>> partitionOf) {
        WriteGroups all = new WriteGroups();
        Map<Integer, Group> open = new HashMap<>();
        for (WriteItem write : writes) {
            long token = Tokens.ofItemKey(write.getKey().toByteArray());
            CompletableFuture<ItemWritten> outcome = new CompletableFuture<>();
            all.outcomes.add(outcome);
            Optional<Integer> partition = partitionOf.apply(token).map(PartitionRecord::getId);
            Group group = partition.map(open::get).orElse(null);
            if (group == null || !group.hasRoomFor(write)) {
                group = new Group();
                all.groups.add(group);
            }
            group.add(write, outcome);
            if (partition.isPresent()) {
                open.put(partition.get(), group);
            }
        }
        return all;
    }

    void forEach(Consumer<Group> action) {
        groups.forEach(action);
    }

    /** What becomes of each write, in order. */
    List<CompletableFuture<ItemWritten>> outcomes() {
        return List.copyOf(outcomes);
    }
}
