package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.catalog.Feature;
import dev.henge.cluster.Deadline;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions that are merged, over real sockets and files, while a table is written. */
class PartitionMergeTest {

    @TempDir
    private Path directory;

    private TestCluster cluster;
    private TableRecord table;
    private final AtomicInteger written = new AtomicInteger();

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        cluster = TestCluster.ofThreeKnowing(Feature.MERGES.since(), directory);
        table = createTable();
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void nothingIsLostWhilePartitionsAreMergedAndOverARestart() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> write(stopping));
        TestCluster.await("some writes", () -> written.get() > 50);

        merge(ring().get(0), ring().get(1));

        int before = written.get();
        TestCluster.await("more writes", () -> written.get() > before + 20);
        stopping.set(true);
        writer.join();
        TestCluster.await(
                "all to have taken it", () -> ring().stream().allMatch(partition -> partition.getMergedCount() == 0));
        for (String name : cluster.names()) {
            cluster.stop(name);
            cluster.start(name);
        }
        for (int number = 0; number < written.get(); number++) {
            assertThat(cluster.text(table, "key" + number, true)).isEqualTo("value" + number);
        }
        for (String name : cluster.names()) {
            assertThat(cluster.status(name).getReplicasCount()).isEqualTo(TestCluster.PARTITIONS);
        }
    }

    private void write(AtomicBoolean stopping) {
        while (!stopping.get()) {
            String id = "key" + written.get();
            WriteItem write = TestCluster.writeOf(table, id)
                    .setPut(ByteString.copyFrom(ItemCodec.encode(
                            Map.of("id", new StringValue(id), "value", new StringValue("value" + written.get())))))
                    .build();
            cluster.write(table, id, write, TestCluster.PATIENCE).join();
            written.incrementAndGet();
        }
    }

    /** The partitions with items, in the ring's order. */
    private List<PartitionRecord> ring() {
        return cluster.client().catalog().getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .sorted(Comparator.comparing(PartitionRecord::getStartToken, Long::compareUnsigned))
                .toList();
    }

    private void merge(PartitionRecord left, PartitionRecord right) {
        CatalogOutcome outcome = submit(CatalogCommand.newBuilder()
                .setBeginMerge(BeginMerge.newBuilder()
                        .setLeft(left.getId())
                        .setRight(right.getId())
                        .setLeftEpoch(left.getEpoch())
                        .setRightEpoch(right.getEpoch())));
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
        TestCluster.await("one partition of two", () -> ring().size() == TestCluster.PARTITIONS - 1);
        assertThat(ring().getFirst().getEndToken()).isEqualTo(right.getEndToken());
    }

    private CatalogOutcome submit(CatalogCommand.Builder command) {
        return cluster.client()
                .submit(command.setRequestId(TestCluster.newRequestId()).build(), Deadline.after(TestCluster.PATIENCE))
                .join();
    }

    private TableRecord createTable() {
        KeyAttribute id = KeyAttribute.newBuilder().setName("id").setType("S").build();
        TableRecord wanted =
                TableRecord.newBuilder().setName("T").setPartitionKey(id).build();
        return submit(CatalogCommand.newBuilder()
                        .setCreateTable(CreateTable.newBuilder().setTable(wanted)))
                .getTable();
    }
}
