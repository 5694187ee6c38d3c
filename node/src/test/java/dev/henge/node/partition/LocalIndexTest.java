package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.ItemSize;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.Fetch;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexWritten;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadRange;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A local index changes with its items, in the same entry of the log. */
final class LocalIndexTest {

    private static final long EPOCH = 5;

    private static final TableRecord TABLE = TableRecord.newBuilder()
            .setId(7)
            .setEpoch(EPOCH)
            .setPartitionKey(attribute("player", "S"))
            .setSortKey(attribute("round", "N"))
            .addIndexes(IndexRecord.newBuilder()
                    .setId(8)
                    .setName("by-points")
                    .setKind(IndexRecord.Kind.LOCAL)
                    .addPartitionKey(attribute("player", "S"))
                    .addSortKey(attribute("points", "N"))
                    .setProjection(IndexRecord.Projection.KEYS_ONLY))
            .build();

    private final LoneReplica replica;
    private int requests;

    LocalIndexTest() throws IOException {
        replica = new LoneReplica();
        replica.know(TABLE);
    }

    @Test
    void anIndexHoldsItsItemsInItsOwnOrder() {
        put(1, 30);
        put(2, 10);
        put(3, 20);

        assertThat(index())
                .extracting(entry -> entry.get("points"))
                .containsExactly(number(10), number(20), number(30));
        assertThat(index().getFirst()).containsOnlyKeys("player", "round", "points");
    }

    @Test
    void anEntryMovesWithItsItemAndGoesWithIt() {
        put(1, 30);
        put(2, 10);
        put(1, 5);

        assertThat(index()).extracting(entry -> entry.get("round")).containsExactly(number(1), number(2));

        write(request(1).setDelete(WriteItem.Delete.getDefaultInstance()));

        assertThat(index()).extracting(entry -> entry.get("round")).containsExactly(number(2));
    }

    @Test
    void anAnswerTellsWhatChangedInTheIndex() {
        IndexWritten added = onlyChange(put(1, 30));
        IndexWritten moved = onlyChange(put(1, 1));
        DataResponse same = put(1, 1);
        IndexWritten removed = onlyChange(write(request(1).setDelete(WriteItem.Delete.getDefaultInstance())));

        // Names and values of the keys; a number takes a byte for two digits, and one more.
        int entryBytes = "player".length() + "ann".length() + "round".length() + 2 + "points".length() + 2;
        assertThat(added)
                .isEqualTo(IndexWritten.newBuilder()
                        .setIndex(8)
                        .setNewSizeBytes(entryBytes)
                        .build());
        assertThat(moved)
                .isEqualTo(added.toBuilder()
                        .setOldSizeBytes(entryBytes)
                        .setMoved(true)
                        .build());
        assertThat(same.getItemWritten().getIndexesList()).isEmpty();
        assertThat(removed)
                .isEqualTo(IndexWritten.newBuilder()
                        .setIndex(8)
                        .setOldSizeBytes(entryBytes)
                        .build());
    }

    @Test
    void aReadFetchesTheItemsOfTheEntriesThatMatch() {
        put(1, 30);
        put(2, 10);

        RangeRead read = read(ReadRange.newBuilder()
                .setFetch(Fetch.newBuilder()
                        .setTable(TABLE.getId())
                        .addKeyAttributes("player")
                        .addKeyAttributes("round"))
                .setLimit(1));

        Map<String, AttributeValue> whole = item(2, number(10));
        assertThat(read.getItemsList())
                .extracting(image -> ItemCodec.decode(image.toByteArray()))
                .containsExactly(whole);
        assertThat(read.getFetchedBytes()).isEqualTo(ItemSize.ofItem(whole));
        assertThat(read.getFetchedBlocks()).isEqualTo(1);
        assertThat(read.getScannedBytes()).isLessThan(read.getFetchedBytes());
    }

    private static IndexWritten onlyChange(DataResponse answer) {
        assertThat(answer.getItemWritten().getIndexesList()).hasSize(1);
        return answer.getItemWritten().getIndexes(0);
    }

    @Test
    void aKeyOfTheWrongTypeIsRefusedAsTheServiceDoes() {
        DataResponse answer = ask(request(1).setPut(ItemCodec.encodeToByteString(item(1, new StringValue("many")))));

        assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.INVALID);
        assertThat(answer.getRefusal().getMessage())
                .isEqualTo("One or more parameter values were invalid: Type mismatch for Index Key points"
                        + " Expected: N Actual: S IndexName: by-points");
        assertThat(index()).isEmpty();
    }

    @Test
    void aLeaderThatDoesNotKnowTheTableYetDoesNothing() {
        long lastIndex = replica.lastIndex();

        DataResponse answer = ask(request(1)
                .setPut(ItemCodec.encodeToByteString(item(1, number(3))))
                .setTableEpoch(EPOCH + 1));

        assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.CATALOG_BEHIND);
        assertThat(replica.lastIndex()).isEqualTo(lastIndex);
    }

    @Test
    void aLeaderThatIsToldTheTableGoesByThat() {
        TableRecord newer = TABLE.toBuilder().setEpoch(EPOCH + 1).build();

        write(request(1)
                .setPut(ItemCodec.encodeToByteString(item(1, number(3))))
                .setTableEpoch(EPOCH + 1)
                .setTableRecord(newer));
        // It is part of the partition's own log now, so whoever leads next knows it too.
        write(request(2)
                .setPut(ItemCodec.encodeToByteString(item(2, number(1))))
                .setTableEpoch(EPOCH + 1));

        assertThat(index()).extracting(entry -> entry.get("round")).containsExactly(number(2), number(1));
    }

    @Test
    void aDroppedTableTakesItsIndexesAlong() {
        put(1, 30);

        replica.ask(DataRequest.newBuilder()
                .setDropTable(DropTable.newBuilder()
                        .setRequestId(requestId())
                        .setTable(TABLE.getId())
                        .addIndexes(8)));

        assertThat(index()).isEmpty();
    }

    private DataResponse put(int round, int points) {
        return write(request(round).setPut(ItemCodec.encodeToByteString(item(round, number(points)))));
    }

    private DataResponse write(WriteItem.Builder write) {
        DataResponse answer = ask(write);
        assertThat(answer.hasItemWritten()).isTrue();
        return answer;
    }

    private DataResponse ask(WriteItem.Builder write) {
        return replica.ask(DataRequest.newBuilder().setWriteItem(write));
    }

    private WriteItem.Builder request(int round) {
        byte[] partitionKey = KeyEncoding.encode(new StringValue("ann"));
        long token = Tokens.of(TABLE.getId(), partitionKey);
        return WriteItem.newBuilder()
                .setRequestId(requestId())
                .setTable(TABLE.getId())
                .setTableEpoch(EPOCH)
                .setKey(ByteString.copyFrom(ItemKeys.of(token, partitionKey, KeyEncoding.encode(number(round)))));
    }

    private ByteString requestId() {
        return ByteString.copyFromUtf8("request-" + requests++);
    }

    private List<Map<String, AttributeValue>> index() {
        return read(ReadRange.newBuilder()).getItemsList().stream()
                .map(image -> ItemCodec.decode(image.toByteArray()))
                .toList();
    }

    private RangeRead read(ReadRange.Builder read) {
        return replica.read(DataRequest.newBuilder()
                        .setReadRange(read.setTable(8)
                                .setStart(ByteString.copyFrom(new byte[Long.BYTES]))
                                .setConsistent(true)))
                .getRangeRead();
    }

    private static Map<String, AttributeValue> item(int round, AttributeValue points) {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("player", new StringValue("ann"));
        item.put("round", number(round));
        item.put("points", points);
        item.put("other", new StringValue("not in the index"));
        return item;
    }

    private static AttributeValue number(int value) {
        return new NumberValue(DynamoNumber.parse(Integer.toString(value)));
    }

    private static KeyAttribute attribute(String name, String type) {
        return KeyAttribute.newBuilder().setName(name).setType(type).build();
    }
}
