package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.node.catalog.Splits;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadRange;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions that are split, over real sockets and files, while a table with indexes is written and read. */
class PartitionSplitTest {

    @TempDir
    private Path directory;

    private TestCluster cluster;
    private TableRecord table;
    private final AtomicInteger written = new AtomicInteger();

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        cluster = TestCluster.ofThree(directory);
        table = createTable();
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void nothingIsLostAndNothingIsSkippedWhilePartitionsAreSplit() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> write(stopping));
        TestCluster.await("some writes", () -> written.get() > 200);

        for (int round = 0; round < 2; round++) {
            dataPartitions().forEach(this::split);
            int before = written.get();
            Set<String> seen = scan();
            for (int number = 0; number < before; number++) {
                assertThat(seen).as("what was there before the scan").contains("key" + number);
            }
        }
        TestCluster.await("the map to have them", () -> dataPartitions().size() == 4 * TestCluster.PARTITIONS);
        restart();
        int before = written.get();
        TestCluster.await("more writes", () -> written.get() > before + 20);
        stopping.set(true);
        writer.join();
        for (int number = 0; number < written.get(); number++) {
            assertThat(cluster.text(table, "key" + number, true)).isEqualTo("value" + number);
        }
        List<Long> numbers = List.of(
                table.getId(), table.getIndexes(0).getId(), table.getIndexes(1).getId());
        TestCluster.await(
                "both halves to have counted, and the indexes to have followed",
                () -> cluster.client().statistics(numbers, Deadline.after(TestCluster.PATIENCE)).join().stream()
                        .allMatch(statistics -> statistics.getItems() == written.get()));
        for (String name : cluster.names()) {
            assertThat(cluster.status(name).getReplicasCount()).isEqualTo(1 + 4 * TestCluster.PARTITIONS);
        }
        // Leaders may change meanwhile; whoever leads then is asked again.
        TestCluster.await(
                "equal replicas of all",
                () -> cluster.scrubAll().stream()
                                .filter(result -> result.getOutcome().equals("EQUAL"))
                                .map(ScrubProgress::getPartition)
                                .distinct()
                                .count()
                        == 1 + 4 * TestCluster.PARTITIONS);
    }

    @Test
    void whatBothHalvesCountAddsUpToWhatWasThere() {
        for (int number = 0; number < 100; number++) {
            put(number);
        }
        List<Long> numbers = List.of(table.getId());
        ToLongFunction<List<TableStatistics>> items = all -> all.getFirst().getItems();

        dataPartitions().forEach(this::split);

        TestCluster.await(
                "100 items",
                () -> items.applyAsLong(cluster.client()
                                .statistics(numbers, Deadline.after(TestCluster.PATIENCE))
                                .join())
                        == 100);
    }

    private void restart() throws StartupException {
        for (String name : cluster.names()) {
            cluster.stop(name);
            cluster.start(name);
            TestCluster.await(name + " to be back", () -> cluster.statusIfUp(name)
                    .filter(status -> status.getReplicasList().stream()
                            .noneMatch(replica -> replica.getLeader().isEmpty()))
                    .isPresent());
        }
    }

    private void write(AtomicBoolean stopping) {
        while (!stopping.get()) {
            put(written.get());
            written.incrementAndGet();
        }
    }

    private void put(int number) {
        String id = "key" + number;
        WriteItem write = TestCluster.writeOf(table, id)
                .setTableEpoch(table.getEpoch())
                .setPut(ByteString.copyFrom(ItemCodec.encode(Map.of(
                        "id",
                        new StringValue(id),
                        "value",
                        new StringValue("value" + number),
                        "group",
                        new StringValue("group" + number % 7)))))
                .build();
        cluster.write(table, id, write, TestCluster.PATIENCE).join();
    }

    /** As a router scans: partition by partition, and by the new map where that has changed. */
    private Set<String> scan() {
        Set<String> seen = new HashSet<>();
        long token = 0;
        while (true) {
            PartitionRecord partition = cluster.client().partitionOf(token);
            long end = partition.getEndToken();
            ReadRange.Builder read = ReadRange.newBuilder()
                    .setTable(table.getId())
                    .setStart(boundary(token))
                    .setConsistent(true);
            if (end != 0) {
                read.setEnd(boundary(end));
            }
            try {
                RangeRead answer = cluster.client()
                        .readRange(token, read.build(), Deadline.after(TestCluster.PATIENCE))
                        .join();
                answer.getItemsList().forEach(item -> seen.add(id(item)));
                assertThat(answer.getLastKey().isEmpty()).isTrue();
            } catch (CompletionException e) {
                if (e.getCause() instanceof ClusterException refused
                        && refused.code() == ClusterException.Code.RANGE_SPLIT) {
                    continue;
                }
                throw e;
            }
            if (end == 0) {
                return seen;
            }
            token = end;
        }
    }

    private static String id(ByteString item) {
        return ItemCodec.decode(item.toByteArray()).get("id") instanceof StringValue id ? id.value() : "";
    }

    private static ByteString boundary(long token) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(Long.BYTES).putLong(token).flip());
    }

    private List<PartitionRecord> dataPartitions() {
        return cluster.client().catalog().getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
    }

    private void split(PartitionRecord partition) {
        CatalogOutcome outcome = cluster.client()
                .submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(TestCluster.newRequestId())
                                .setBeginSplit(BeginSplit.newBuilder()
                                        .setPartition(partition.getId())
                                        .setToken(Splits.middleOf(partition))
                                        .setEpoch(partition.getEpoch()))
                                .build(),
                        Deadline.after(TestCluster.PATIENCE))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
        TestCluster.await("partition " + partition.getId() + " to be split", () -> dataPartitions().stream()
                .noneMatch(PartitionRecord::hasSplit));
    }

    private TableRecord createTable() {
        KeyAttribute id = KeyAttribute.newBuilder().setName("id").setType("S").build();
        KeyAttribute grouped =
                KeyAttribute.newBuilder().setName("group").setType("S").build();
        TableRecord wanted = TableRecord.newBuilder()
                .setName("T")
                .setPartitionKey(id)
                .addIndexes(IndexRecord.newBuilder()
                        .setName("local")
                        .setKind(IndexRecord.Kind.LOCAL)
                        .addPartitionKey(id)
                        .addSortKey(grouped)
                        .setProjection(IndexRecord.Projection.ALL))
                .addIndexes(IndexRecord.newBuilder()
                        .setName("global")
                        .setKind(IndexRecord.Kind.GLOBAL)
                        .addPartitionKey(grouped)
                        .setProjection(IndexRecord.Projection.KEYS_ONLY))
                .build();
        CatalogCommand command = CatalogCommand.newBuilder()
                .setRequestId(TestCluster.newRequestId())
                .setCreateTable(CreateTable.newBuilder().setTable(wanted))
                .build();
        CatalogOutcome outcome = cluster.client()
                .submit(command, Deadline.after(TestCluster.PATIENCE))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
        return outcome.getTable();
    }
}
