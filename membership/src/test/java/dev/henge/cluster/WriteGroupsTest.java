package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.proto.DataResponse;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.ItemsWritten;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.Refusal;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class WriteGroupsTest {

    /** Even tokens belong to partition 2, odd ones to partition 1. */
    private static final LongFunction<Optional<PartitionRecord>> BY_PARITY = token -> Optional.of(
            PartitionRecord.newBuilder().setId(token % 2 == 0 ? 2 : 1).build());

    @Test
    void whatBelongsToOnePartitionGoesTogether() {
        WriteGroups groups = WriteGroups.of(List.of(write(1), write(2), write(3), write(5)), BY_PARITY);

        assertThat(groups(groups)).extracting(WriteGroups.Group::token).containsExactly(1L, 2L);
        assertThat(groups(groups).getFirst().request().getWritesList()).containsExactly(write(1), write(3), write(5));
        assertThat(groups(groups).getFirst().request().getRequestId()).isEqualTo(write(1).getRequestId());
        assertThat(groups(groups).getLast().isSingle()).isTrue();
    }

    @Test
    void whatIsLargeGoesInSeveralGroups() {
        WriteItem large = write(1).toBuilder()
                .setPut(ByteString.copyFrom(new byte[200 << 10]))
                .build();

        WriteGroups groups = WriteGroups.of(List.of(large, large, write(3)), BY_PARITY);

        assertThat(groups(groups)).hasSize(2);
        assertThat(groups(groups).getLast().request().getWritesList()).containsExactly(large, write(3));
    }

    @Test
    void withoutAPartitionMapEachWriteWaitsForItself() {
        WriteGroups groups = WriteGroups.of(List.of(write(1), write(3)), token -> Optional.empty());

        assertThat(groups(groups)).hasSize(2).allMatch(WriteGroups.Group::isSingle);
    }

    @Test
    void eachWriteIsToldItsOwnOutcomeInTheOrderAskedFor() {
        WriteGroups groups = WriteGroups.of(List.of(write(1), write(2), write(3)), BY_PARITY);
        groups(groups).getFirst().settle(answer(written(10), refused(Refusal.Code.OVERLOADED)), null);
        groups(groups)
                .getLast()
                .settle(CompletableFuture.completedFuture(
                        ItemWritten.newBuilder().setNewSizeBytes(20).build()));

        List<CompletableFuture<ItemWritten>> outcomes = groups.outcomes();

        assertThat(outcomes.get(0).join().getNewSizeBytes()).isEqualTo(10);
        assertThat(outcomes.get(1).join().getNewSizeBytes()).isEqualTo(20);
        assertThatThrownBy(outcomes.get(2)::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(ClusterException.class, refused -> assertThat(refused.code())
                        .isEqualTo(ClusterException.Code.OVERLOADED));
    }

    @Test
    void whatBecameOfARequestBecameOfAllItsWrites() {
        WriteGroups groups = WriteGroups.of(List.of(write(1), write(3)), BY_PARITY);
        ClusterException unknown = new ClusterException(ClusterException.Code.TIMED_OUT, "gave up");

        groups(groups).getFirst().settle((DataResponse) null, unknown);

        assertThat(groups.outcomes())
                .allSatisfy(outcome -> assertThat(outcome.exceptionNow()).isSameAs(unknown));
    }

    @Test
    void anAnswerThatLeavesOneOutIsAFault() {
        WriteGroups groups = WriteGroups.of(List.of(write(1), write(3)), BY_PARITY);

        groups(groups).getFirst().settle(answer(written(10)), null);

        assertThat(groups.outcomes().getFirst()).isCompleted();
        assertThat(groups.outcomes().getLast().exceptionNow())
                .isInstanceOfSatisfying(ClusterException.class, fault -> assertThat(fault.code())
                        .isEqualTo(ClusterException.Code.INTERNAL));
    }

    private static List<WriteGroups.Group> groups(WriteGroups all) {
        List<WriteGroups.Group> groups = new ArrayList<>();
        all.forEach(groups::add);
        return groups;
    }

    private static WriteItem write(long token) {
        return WriteItem.newBuilder()
                .setRequestId(ByteString.copyFromUtf8("request" + token))
                .setKey(ByteString.copyFrom(
                        ByteBuffer.allocate(Long.BYTES).putLong(token).flip()))
                .build();
    }

    private static DataResponse answer(WriteOutcome... outcomes) {
        return DataResponse.newBuilder()
                .setItemsWritten(ItemsWritten.newBuilder().addAllOutcomes(List.of(outcomes)))
                .build();
    }

    private static WriteOutcome written(int newSizeBytes) {
        return WriteOutcome.newBuilder()
                .setWritten(ItemWritten.newBuilder().setNewSizeBytes(newSizeBytes))
                .build();
    }

    private static WriteOutcome refused(Refusal.Code code) {
        return WriteOutcome.newBuilder()
                .setRefusal(Refusal.newBuilder().setCode(code))
                .build();
    }
}
