package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.Condition;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.DropTable;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.PathElement;
import dev.henge.proto.ReadItem;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import dev.henge.proto.WriteItems;
import dev.henge.proto.WriteOutcome;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Writes of one request: each for itself, in one entry of the log. */
class WritesTogetherTest {

    private static final long TABLE = 7;
    private static final long DROPPED = 8;

    private final LoneReplica replica = new LoneReplica();

    WritesTogetherTest() throws IOException {}

    @Test
    void areOneEntryOfTheLog() {
        long before = replica.lastIndex();

        List<WriteOutcome> outcomes = made("r", put("a", "1"), put("b", "2"), delete("c"));

        assertThat(outcomes).hasSize(3).allMatch(WriteOutcome::hasWritten);
        assertThat(replica.lastIndex()).isEqualTo(before + 1);
        assertThat(value("a")).isEqualTo("1");
        assertThat(value("b")).isEqualTo("2");
        assertThat(value("c")).isEmpty();
    }

    @Test
    void tellEachWhatWasThere() {
        made("r", put("a", "1"), put("b", "2"));

        List<WriteOutcome> outcomes = made(
                "s",
                returningOld(delete("b")),
                returningOld(put("c", "3")),
                returningOld(put("a", "longer than before")));

        assertThat(valueOf(outcomes.get(0).getWritten().getAttributes())).isEqualTo("2");
        assertThat(outcomes.get(1).getWritten().getHasAttributes()).isFalse();
        assertThat(valueOf(outcomes.get(2).getWritten().getAttributes())).isEqualTo("1");
        assertThat(outcomes.get(2).getWritten().getOldSizeBytes())
                .isLessThan(outcomes.get(2).getWritten().getNewSizeBytes());
    }

    @Test
    void aWriteThatIsRefusedHoldsUpNoOther() {
        made("r", put("a", "1"));

        List<WriteOutcome> outcomes = made("s", ifNew(put("a", "2")), ifNew(put("b", "2")));

        assertThat(outcomes.get(0).getRefusal().getCode()).isEqualTo(Refusal.Code.CONDITION_FAILED);
        assertThat(outcomes.get(1).hasWritten()).isTrue();
        assertThat(value("a")).isEqualTo("1");
        assertThat(value("b")).isEqualTo("2");
    }

    @Test
    void onesThatAreAllRefusedLeaveNoEntryUnlessTheyComeAgain() {
        made("r", put("a", "1"));
        long before = replica.lastIndex();

        List<WriteOutcome> first = made("s", ifNew(put("a", "2")));
        assertThat(replica.lastIndex()).isEqualTo(before);

        List<WriteOutcome> again = made(request("t", ifNew(put("a", "2"))).setRepeated(true));
        assertThat(replica.lastIndex()).isEqualTo(before + 1);

        assertThat(first.getFirst().getRefusal().getCode()).isEqualTo(Refusal.Code.CONDITION_FAILED);
        assertThat(again).isEqualTo(first);
        made("u", delete("a"));
        assertThat(made("t", ifNew(put("a", "2")))).isEqualTo(first);
        assertThat(value("a")).isEmpty();
    }

    @Test
    void aCopyIsGivenTheFirstOutcomesAndChangesNothing() {
        List<WriteOutcome> first = made("r", put("a", "1"), returningOld(put("b", "2")));
        made("s", put("a", "3"));
        long before = replica.lastIndex();

        List<WriteOutcome> copy = made("r", put("a", "1"), returningOld(put("b", "2")));

        assertThat(copy).isEqualTo(first);
        assertThat(replica.lastIndex()).isEqualTo(before);
        assertThat(value("a")).isEqualTo("3");
    }

    @Test
    void aTableThatIsGoneIsAMatterOfItsOwnWrites() {
        replica.ask(DataRequest.newBuilder()
                .setDropTable(DropTable.newBuilder()
                        .setRequestId(ByteString.copyFromUtf8("drop"))
                        .setTable(DROPPED)));

        List<WriteOutcome> outcomes = made("r", put(DROPPED, "a", "1"), put("a", "1"));

        assertThat(outcomes.get(0).getRefusal().getCode()).isEqualTo(Refusal.Code.TABLE_DROPPED);
        assertThat(outcomes.get(1).hasWritten()).isTrue();
    }

    @Test
    void nothingIsDoneWhereTheSenderKnowsANewerTable() {
        long before = replica.lastIndex();

        DataResponse answer =
                replica.ask(together("r", put("a", "1"), put("b", "2").setTableEpoch(9)));

        assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.CATALOG_BEHIND);
        assertThat(replica.lastIndex()).isEqualTo(before);
    }

    @Test
    void anItemIsWrittenOnceByARequest() {
        DataResponse answer = replica.ask(together("r", put("a", "1"), put("a", "2")));

        assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.INTERNAL);
        assertThat(value("a")).isEmpty();
    }

    @Test
    void theyChangeAGlobalIndexTogether() {
        replica.know(TableRecord.newBuilder()
                .setId(TABLE)
                .setEpoch(5)
                .setPartitionKey(attribute("k"))
                .addIndexes(IndexRecord.newBuilder()
                        .setId(20)
                        .setName("values")
                        .setKind(IndexRecord.Kind.GLOBAL)
                        .setStatus(IndexRecord.Status.ACTIVE)
                        .setProjection(IndexRecord.Projection.KEYS_ONLY)
                        .addPartitionKey(attribute("v")))
                .build());

        List<WriteOutcome> outcomes = made("r", put("a", "1"), put("b", "2"), delete("c"));

        assertThat(outcomes).allMatch(WriteOutcome::hasWritten);
        assertThat(replica.indexBatches()).singleElement().satisfies(batch -> assertThat(batch.getChangesList())
                .singleElement()
                .satisfies(ofEntry -> assertThat(ofEntry.getMutationsList()).hasSize(2)));
    }

    private List<WriteOutcome> made(String requestId, WriteItem.Builder... writes) {
        return made(request(requestId, writes));
    }

    private List<WriteOutcome> made(WriteItems.Builder request) {
        DataResponse answer = replica.ask(DataRequest.newBuilder().setWriteItems(request));
        assertThat(answer.hasItemsWritten()).as(answer.toString()).isTrue();
        return answer.getItemsWritten().getOutcomesList();
    }

    private static DataRequest.Builder together(String requestId, WriteItem.Builder... writes) {
        return DataRequest.newBuilder().setWriteItems(request(requestId, writes));
    }

    private static WriteItems.Builder request(String requestId, WriteItem.Builder... writes) {
        WriteItems.Builder request = WriteItems.newBuilder().setRequestId(ByteString.copyFromUtf8(requestId));
        Arrays.stream(writes).forEach(request::addWrites);
        return request;
    }

    private static WriteItem.Builder put(String key, String value) {
        return put(TABLE, key, value);
    }

    private static WriteItem.Builder put(long table, String key, String value) {
        return write(table, key)
                .setPut(ItemCodec.encodeToByteString(Map.of("k", new StringValue(key), "v", new StringValue(value))));
    }

    private static WriteItem.Builder delete(String key) {
        return write(TABLE, key).setDelete(WriteItem.Delete.getDefaultInstance());
    }

    private static WriteItem.Builder write(long table, String key) {
        return WriteItem.newBuilder().setTable(table).setKey(key(table, key));
    }

    private static WriteItem.Builder returningOld(WriteItem.Builder write) {
        return write.setReturn(WriteItem.Return.RETURN_ALL_OLD);
    }

    private static WriteItem.Builder ifNew(WriteItem.Builder write) {
        return write.setCondition(Condition.newBuilder()
                .setAttributeNotExists(DocumentPath.newBuilder()
                        .addElements(PathElement.newBuilder().setAttribute("k"))));
    }

    private static KeyAttribute attribute(String name) {
        return KeyAttribute.newBuilder().setName(name).setType("S").build();
    }

    private static ByteString key(long table, String key) {
        byte[] encoded = KeyEncoding.encode(new StringValue(key));
        return ByteString.copyFrom(ItemKeys.of(Tokens.of(table, encoded), encoded));
    }

    /** Empty when there is no item. */
    private String value(String key) {
        DataResponse read = replica.read(DataRequest.newBuilder()
                .setReadItem(ReadItem.newBuilder()
                        .setTable(TABLE)
                        .setKey(key(TABLE, key))
                        .setConsistent(true)));
        return read.getItemRead().getFound() ? valueOf(read.getItemRead().getItem()) : "";
    }

    private static String valueOf(ByteString item) {
        return ItemCodec.attribute(item, "v") instanceof StringValue value ? value.value() : "no value";
    }
}
