package dev.henge.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.proto.DataRequest;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.ReadStatistics;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.SplitRange;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LoadMeterTest {

    /** Of so many writes that go together, one is always noted. */
    private static final int SURELY_SAMPLED = 64;

    private final LoadMeter meter = new LoadMeter();

    @Test
    void itCountsReadsAndRangesAndEachWrite() {
        meter.note(DataRequest.newBuilder()
                .setReadItem(ReadItem.newBuilder().setKey(key(1)))
                .build());
        meter.note(DataRequest.newBuilder()
                .setReadRange(ReadRange.newBuilder().setStart(key(2)))
                .build());
        meter.note(DataRequest.newBuilder()
                .setWriteItem(WriteItem.newBuilder().setKey(key(3)))
                .build());
        meter.note(writes(5, 4));

        assertThat(status().getOperations()).isEqualTo(7);
    }

    @Test
    void whatNodesAskOfEachOtherIsNoLoadOfClients() {
        meter.note(DataRequest.newBuilder()
                .setIndexBatch(IndexBatch.getDefaultInstance())
                .build());
        meter.note(DataRequest.newBuilder()
                .setReadStatistics(ReadStatistics.getDefaultInstance())
                .build());
        meter.note(DataRequest.newBuilder()
                .setSplitRange(SplitRange.getDefaultInstance())
                .build());
        meter.note(DataRequest.getDefaultInstance());

        assertThat(status().getOperations()).isZero();
    }

    @Test
    void writesThatGoTogetherAreNotedWhereTheirFirstOneIs() {
        meter.note(writes(17, SURELY_SAMPLED));

        assertThat(status().getSamplesTaken()).isEqualTo(1);
        assertThat(status().getSamplesList()).containsExactly(17L);
    }

    @Test
    void whatHasNoKeyIsCountedAndNotedNowhere() {
        for (int number = 0; number < 10 * SURELY_SAMPLED; number++) {
            meter.note(DataRequest.newBuilder()
                    .setReadRange(ReadRange.getDefaultInstance())
                    .build());
        }
        meter.note(writes(1, 0));

        assertThat(status().getOperations()).isEqualTo(10 * SURELY_SAMPLED);
        assertThat(status().getSamplesTaken()).isZero();
    }

    private ReplicaStatus status() {
        return meter.in(ReplicaStatus.getDefaultInstance());
    }

    private static DataRequest writes(long firstToken, int count) {
        WriteItems.Builder writes = WriteItems.newBuilder();
        LongStream.range(firstToken, firstToken + count)
                .forEach(token -> writes.addWrites(WriteItem.newBuilder().setKey(key(token))));
        return DataRequest.newBuilder().setWriteItems(writes).build();
    }

    private static ByteString key(long token) {
        return ByteString.copyFrom(ItemKeys.of(token, KeyEncoding.encode(new StringValue("k"))));
    }
}
