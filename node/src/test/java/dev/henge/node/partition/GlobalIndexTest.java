package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexPrepared;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.ReadRange;
import dev.henge.proto.ReadStatistics;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A global index follows its table; here the one partition holds both. */
final class GlobalIndexTest {

    private static final long INDEX = 8;

    private static final TableRecord WITHOUT_INDEX = TableRecord.newBuilder()
            .setId(7)
            .setEpoch(5)
            .setPartitionKey(attribute("player"))
            .build();

    private static final TableRecord WITH_INDEX = with(IndexRecord.Status.ACTIVE, 6);
    private static final TableRecord CREATING_INDEX = with(IndexRecord.Status.CREATING, 6);
    private static final TableRecord CREATED_INDEX = with(IndexRecord.Status.ACTIVE, 7);

    private final LoneReplica replica = new LoneReplica();
    private TableRecord table = WITH_INDEX;
    private int requests;

    GlobalIndexTest() throws IOException {}

    @Test
    void theIndexHoldsWhatItProjectsOfItemsThatHaveItsKey() {
        know(WITH_INDEX);

        put("ann", "red");
        put("bob", null);
        put("cid", "blue");

        assertThat(teams()).containsExactlyInAnyOrder("ann in red", "cid in blue");
        assertThat(index().getFirst()).containsOnlyKeys("player", "team");
    }

    @Test
    void anEntryMovesWithItsItemAndGoesWithIt() {
        know(WITH_INDEX);
        put("ann", "red");
        put("ann", "blue");

        assertThat(teams()).containsExactly("ann in blue");

        put("ann", null);

        assertThat(teams()).isEmpty();

        put("ann", "red");
        write(request("ann").setDelete(WriteItem.Delete.getDefaultInstance()));

        assertThat(teams()).isEmpty();
    }

    // Quotas of the service: items of 400 KB, 20 global secondary indexes on a table.
    @Test
    void theLargestItemGoesToAsManyIndexesAsThereMayBe() {
        TableRecord.Builder wide = WITHOUT_INDEX.toBuilder().setEpoch(6);
        for (int number = 0; number < 20; number++) {
            wide.addIndexes(IndexRecord.newBuilder()
                    .setId(100 + number)
                    .setName("by-team-" + number)
                    .setKind(IndexRecord.Kind.GLOBAL)
                    .setStatus(IndexRecord.Status.ACTIVE)
                    .addPartitionKey(attribute("team"))
                    .setProjection(IndexRecord.Projection.ALL));
        }
        know(wide.build());
        Map<String, AttributeValue> item = item("ann", "red");
        item.put("large", new StringValue("x".repeat(400 * 1024 - 100)));

        DataResponse written = ask(request("ann").setPut(ItemCodec.encodeToByteString(item)));

        assertThat(written.hasItemWritten()).as(written.getRefusal().toString()).isTrue();
        for (int number = 0; number < 20; number++) {
            assertThat(statistics(100 + number).getItems()).isEqualTo(1);
        }
    }

    @Test
    void whatTheReceiverWasNotThereForArrivesLater() {
        know(WITH_INDEX);
        replica.holdIndexBatches(true);
        put("ann", "red");
        put("bob", "red");
        put("ann", "blue");

        assertThat(teams()).isEmpty();

        replica.holdIndexBatches(false);
        replica.passSeconds(2);

        assertThat(teams()).containsExactlyInAnyOrder("ann in blue", "bob in red");
    }

    @Test
    void aCopyThatComesLateChangesNothing() {
        know(WITH_INDEX);
        put("ann", "red");
        IndexBatch first = replica.indexBatches().getFirst();
        put("ann", "blue");

        DataResponse again = replica.ask(DataRequest.newBuilder().setIndexBatch(first));

        assertThat(again.hasIndexBatchApplied()).isTrue();
        assertThat(teams()).containsExactly("ann in blue");
    }

    @Test
    void aBatchThatAlsoHoldsWhatArrivedBeforeBringsTheRestAlone() {
        know(WITH_INDEX);
        put("ann", "red");
        put("ann", "blue");
        List<IndexBatch> batches = replica.indexBatches();
        IndexBatch both = batches.getFirst().toBuilder()
                .addAllChanges(batches.getLast().getChangesList())
                .setSource(99)
                .build();
        replica.ask(DataRequest.newBuilder().setIndexBatch(both));
        // As the next leader of the source may send it: from the start of what it does not know to have arrived.
        DataResponse answer = replica.ask(DataRequest.newBuilder().setIndexBatch(both));

        assertThat(answer.hasIndexBatchApplied()).isTrue();
        assertThat(teams()).containsExactly("ann in blue");
    }

    @Test
    void writesWaitForAnIndexThatIsTooFarBehind() {
        know(WITH_INDEX);
        replica.holdIndexBatches(true);
        DataResponse answer = DataResponse.getDefaultInstance();
        for (int i = 0; i <= IndexKeeper.OUTBOX_ENTRIES_MAX; i++) {
            answer = ask(request("p" + i).setPut(ItemCodec.encodeToByteString(item("p" + i, "red"))));
        }

        assertThat(answer.getRefusal().getCode()).isEqualTo(Refusal.Code.OVERLOADED);
        assertThat(answer.getRefusal().getMessage()).contains("too far behind");
        // What does not concern the index goes on.
        put("nobody", null);

        replica.holdIndexBatches(false);
        replica.passSeconds(2);

        assertThat(index()).hasSize(IndexKeeper.OUTBOX_ENTRIES_MAX);
        replica.passSeconds(2);
        put("late", "red");
    }

    @Test
    void whatHasArrivedIsForgotten() {
        know(WITH_INDEX);
        put("ann", "red");
        assertThat(replica.outbox().isEmpty()).isFalse();

        replica.passSeconds(1);

        assertThat(replica.outbox().isEmpty()).isTrue();
    }

    @Test
    void aNewIndexIsFilledWithWhatTheTableHoldsAndFollowsWritesMeanwhile() {
        know(WITHOUT_INDEX);
        for (int i = 0; i < 1000; i++) {
            put("p" + i, "team" + i % 10);
        }
        know(CREATING_INDEX);
        replica.holdIndexBatches(true);
        assertThat(prepare().getDone()).isFalse();
        put("p1", "other");
        write(request("p2").setDelete(WriteItem.Delete.getDefaultInstance()));
        put("new", "team1");
        replica.passSeconds(1);
        assertThat(prepare().getDone()).isFalse();
        replica.holdIndexBatches(false);
        for (int i = 0; i < 10; i++) {
            replica.passSeconds(1);
        }

        IndexPrepared prepared = prepare();

        assertThat(prepared.getDone()).isTrue();
        assertThat(prepared.getItems()).isBetween(999L, 1001L);
        assertThat(teams())
                .hasSize(1000)
                .contains("p1 in other", "new in team1")
                .doesNotContain("p2 in team2");
        assertThat(statistics(INDEX).getItems()).isEqualTo(1000);
        know(CREATED_INDEX);
        put("p3", "other");
        assertThat(prepare().getDone()).isTrue();
        assertThat(teams()).hasSize(1000).contains("p3 in other");
    }

    @Test
    void aDroppedIndexIsEmptyAndTakesNothing() {
        know(WITH_INDEX);
        put("ann", "red");
        IndexBatch first = replica.indexBatches().getFirst();

        drop(INDEX);
        put("bob", "red");
        replica.ask(DataRequest.newBuilder().setIndexBatch(first.toBuilder().setSource(99)));

        assertThat(teams()).isEmpty();
        assertThat(statistics(INDEX)).isEqualTo(TableStatistics.getDefaultInstance());
    }

    @Test
    void whatTableAndIndexHoldIsCounted() {
        know(WITH_INDEX);
        put("ann", "red");
        put("bob", null);
        put("cid", "blue");
        write(request("cid").setDelete(WriteItem.Delete.getDefaultInstance()));
        put("ann", "green");

        // Names and values: player, team, other.
        int annBytes = "playerann".length() + "teamgreen".length() + "othernot in the index".length();
        int bobBytes = "playerbob".length() + "othernot in the index".length();
        assertThat(statistics(7))
                .isEqualTo(TableStatistics.newBuilder()
                        .setItems(2)
                        .setBytes(annBytes + bobBytes)
                        .build());
        assertThat(statistics(INDEX))
                .isEqualTo(TableStatistics.newBuilder()
                        .setItems(1)
                        .setBytes("playerann".length() + "teamgreen".length())
                        .build());
    }

    private void know(TableRecord record) {
        table = record;
        replica.know(record);
    }

    private IndexPrepared prepare() {
        return replica.ask(DataRequest.newBuilder()
                        .setPrepareIndex(PrepareIndex.newBuilder()
                                .setTable(table.getId())
                                .setIndex(INDEX)
                                .setTableEpoch(table.getEpoch())))
                .getIndexPrepared();
    }

    private void drop(long number) {
        replica.ask(DataRequest.newBuilder()
                .setDropTable(DropTable.newBuilder().setRequestId(requestId()).setTable(number)));
    }

    private TableStatistics statistics(long number) {
        return replica.ask(DataRequest.newBuilder()
                        .setReadStatistics(ReadStatistics.newBuilder().addTables(number)))
                .getStatisticsRead()
                .getTables(0);
    }

    private void put(String player, @Nullable String team) {
        write(request(player).setPut(ItemCodec.encodeToByteString(item(player, team))));
    }

    private void write(WriteItem.Builder write) {
        DataResponse answer = ask(write);
        assertThat(answer.hasItemWritten()).as("%s", answer).isTrue();
    }

    private DataResponse ask(WriteItem.Builder write) {
        return replica.ask(DataRequest.newBuilder().setWriteItem(write));
    }

    private WriteItem.Builder request(String player) {
        byte[] partitionKey = KeyEncoding.encode(new StringValue(player));
        long token = Tokens.of(table.getId(), partitionKey);
        return WriteItem.newBuilder()
                .setRequestId(requestId())
                .setTable(table.getId())
                .setTableEpoch(table.getEpoch())
                .setKey(ByteString.copyFrom(ItemKeys.of(token, partitionKey, new byte[0])));
    }

    private ByteString requestId() {
        return ByteString.copyFromUtf8("request-" + requests++);
    }

    private List<String> teams() {
        return index().stream()
                .map(entry -> text(entry.get("player")) + " in " + text(entry.get("team")))
                .toList();
    }

    private static String text(@Nullable AttributeValue value) {
        return value instanceof StringValue string ? string.value() : "nothing";
    }

    private List<Map<String, AttributeValue>> index() {
        return replica
                .read(DataRequest.newBuilder()
                        .setReadRange(ReadRange.newBuilder()
                                .setTable(INDEX)
                                .setStart(ByteString.copyFrom(new byte[Long.BYTES]))
                                .setConsistent(true)))
                .getRangeRead()
                .getItemsList()
                .stream()
                .map(image -> ItemCodec.decode(image.toByteArray()))
                .toList();
    }

    private static Map<String, AttributeValue> item(String player, @Nullable String team) {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("player", new StringValue(player));
        if (team != null) {
            item.put("team", new StringValue(team));
        }
        item.put("other", new StringValue("not in the index"));
        return item;
    }

    private static TableRecord with(IndexRecord.Status status, long epoch) {
        return WITHOUT_INDEX.toBuilder()
                .setEpoch(epoch)
                .addIndexes(IndexRecord.newBuilder()
                        .setId(INDEX)
                        .setName("by-team")
                        .setKind(IndexRecord.Kind.GLOBAL)
                        .setStatus(status)
                        .addPartitionKey(attribute("team"))
                        .setProjection(IndexRecord.Projection.KEYS_ONLY))
                .build();
    }

    private static KeyAttribute attribute(String name) {
        return KeyAttribute.newBuilder().setName(name).setType("S").build();
    }
}
