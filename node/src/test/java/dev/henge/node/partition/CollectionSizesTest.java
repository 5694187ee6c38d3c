package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bound on item collections of tables with local indexes. */
final class CollectionSizesTest {

    private static final int BOUND_BYTES = 100_000;
    private static final String TEN_KB = "x".repeat(10_000);

    private static final TableRecord PLAIN = TableRecord.newBuilder()
            .setId(7)
            .setEpoch(5)
            .setPartitionKey(attribute("player", "S"))
            .setSortKey(attribute("round", "N"))
            .build();

    private static final TableRecord INDEXED = PLAIN.toBuilder()
            .setId(9)
            .addIndexes(IndexRecord.newBuilder()
                    .setId(10)
                    .setName("by-points")
                    .setKind(IndexRecord.Kind.LOCAL)
                    .addPartitionKey(attribute("player", "S"))
                    .addSortKey(attribute("points", "N"))
                    .setProjection(IndexRecord.Projection.ALL))
            .build();

    private final LoneReplica replica;
    private int requests;

    CollectionSizesTest() throws IOException {
        replica = new LoneReplica(1, BOUND_BYTES);
        replica.know(PLAIN);
        replica.know(INDEXED);
    }

    @Test
    void aCollectionGrowsToItsBoundAndNoFurther() {
        // Each item is in the index too.
        int taken = fill("ann", INDEXED);

        assertThat(taken).isEqualTo(4);
        assertThat(put(INDEXED, "ann", 100, "small").hasItemWritten()).isTrue();
    }

    @Test
    void anotherCollectionOfTheTableHasABoundOfItsOwn() {
        fill("ann", INDEXED);

        assertThat(fill("bob", INDEXED)).isEqualTo(4);
    }

    @Test
    void aFullCollectionTakesWhatDoesNotGrowIt() {
        fill("ann", INDEXED);

        assertThat(put(INDEXED, "ann", 0, TEN_KB).hasItemWritten()).isTrue();
        assertThat(put(INDEXED, "ann", 0, "smaller").hasItemWritten()).isTrue();
        assertThat(put(INDEXED, "ann", 10, TEN_KB).hasItemWritten()).isTrue();
        assertThat(put(INDEXED, "ann", 11, TEN_KB).getRefusal().getCode()).isEqualTo(Refusal.Code.COLLECTION_FULL);

        assertThat(ask(request(INDEXED, "ann", 1).setDelete(WriteItem.Delete.getDefaultInstance()))
                        .hasItemWritten())
                .isTrue();
        assertThat(put(INDEXED, "ann", 11, TEN_KB).hasItemWritten()).isTrue();
    }

    @Test
    void aTableWithoutLocalIndexesHasNoBound() {
        for (int round = 0; round < 20; round++) {
            assertThat(put(PLAIN, "ann", round, TEN_KB).hasItemWritten()).isTrue();
        }
    }

    @Test
    void aWriteThatAsksIsToldTheSizeOfItsCollection() {
        put(INDEXED, "bob", 0, TEN_KB);
        put(INDEXED, "ann", 0, TEN_KB);

        DataResponse told =
                ask(request(INDEXED, "ann", 1).setPut(item("ann", 1, TEN_KB)).setReturnCollectionSize(true));
        DataResponse notTold = put(INDEXED, "ann", 2, TEN_KB);

        assertThat(told.getItemWritten().getCollectionBytes()).isBetween(40_000L, 42_000L);
        assertThat(notTold.getItemWritten().getCollectionBytes()).isZero();
    }

    /** Puts items of 10 KB until one is refused. */
    private int fill(String player, TableRecord table) {
        for (int round = 0; ; round++) {
            DataResponse answer = put(table, player, round, TEN_KB);
            if (answer.hasRefusal()) {
                assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.COLLECTION_FULL);
                assertThat(answer.getRefusal().getMessage()).isEqualTo("Collection size exceeded.");
                return round;
            }
        }
    }

    private DataResponse put(TableRecord table, String player, int round, String filling) {
        return ask(request(table, player, round).setPut(item(player, round, filling)));
    }

    private DataResponse ask(WriteItem.Builder write) {
        return replica.ask(DataRequest.newBuilder().setWriteItem(write));
    }

    private WriteItem.Builder request(TableRecord table, String player, int round) {
        byte[] partitionKey = KeyEncoding.encode(new StringValue(player));
        long token = Tokens.of(table.getId(), partitionKey);
        return WriteItem.newBuilder()
                .setRequestId(ByteString.copyFromUtf8("request-" + requests++))
                .setTable(table.getId())
                .setTableEpoch(table.getEpoch())
                .setKey(ByteString.copyFrom(ItemKeys.of(token, partitionKey, KeyEncoding.encode(number(round)))));
    }

    private static ByteString item(String player, int round, String filling) {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("player", new StringValue(player));
        item.put("round", number(round));
        item.put("points", number(round));
        item.put("filling", new StringValue(filling));
        return ItemCodec.encodeToByteString(item);
    }

    private static AttributeValue number(int value) {
        return new NumberValue(DynamoNumber.parse(Integer.toString(value)));
    }

    private static KeyAttribute attribute(String name, String type) {
        return KeyAttribute.newBuilder().setName(name).setType(type).build();
    }
}
