package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node is away while more is written than the others keep in their logs. */
@Timeout(300)
class SnapshotCatchUpTest {

    private static final int ITEM_BYTES = 16 << 10;
    private static final long LOG_BYTES_MAX = 8L << 20;
    private static final int WRITES = 7_000;
    private static final int WRITES_AT_A_TIME = 32;

    @TempDir
    private Path directory;

    private TestCluster cluster;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        cluster = TestCluster.ofThree(directory, LOG_BYTES_MAX);
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void aNodeThatWasAwayForLongGetsSnapshotsAndHoldsTheSameAsTheOthersAfterwards() throws Exception {
        TableRecord table = cluster.createTable("T");
        write(table, 200);
        cluster.stop("n3");
        write(table, WRITES);
        write(table, 200);

        cluster.start("n3");
        TestCluster.await("n3 to install snapshots", () -> cluster.status("n3").getReplicasList().stream()
                .anyMatch(replica -> replica.getSnapshotsInstalled() > 0));
        write(table, 200);
        TestCluster.await("equal applied indexes", this::settled);

        cluster.stopAll();
        Map<String, Long> expected = contents("n1");
        assertThat(contents("n2")).containsExactlyInAnyOrderEntriesOf(expected);
        assertThat(contents("n3")).containsExactlyInAnyOrderEntriesOf(expected);
        try (RocksDbEngine storage = open("n3")) {
            assertThat(storage.snapshotFiles().list()).isEmpty();
        }
    }

    private boolean settled() {
        Map<Integer, String> states = new TreeMap<>();
        for (String name : cluster.names()) {
            for (ReplicaStatus replica : cluster.status(name).getReplicasList()) {
                String state = replica.getAppliedIndex() + " of " + replica.getLastIndex() + " "
                        + replica.getInstallingSnapshot();
                if (replica.getInstallingSnapshot()
                        || replica.getAppliedIndex() != replica.getLastIndex()
                        || !states.computeIfAbsent(replica.getPartition(), partition -> state)
                                .equals(state)) {
                    return false;
                }
            }
        }
        return states.size() == 1 + TestCluster.PARTITIONS;
    }

    /** Everything that a node's storage holds: each key with a checksum of its value. */
    private Map<String, Long> contents(String name) {
        Map<String, Long> contents = new TreeMap<>();
        try (RocksDbEngine storage = open(name);
                StorageEngine.View view = storage.view();
                StorageEngine.Cursor cursor = view.range(new byte[0], new byte[] {-1}, false)) {
            for (; cursor.valid(); cursor.next()) {
                CRC32C checksum = new CRC32C();
                checksum.update(cursor.value());
                contents.put(HexFormat.of().formatHex(cursor.key()), checksum.getValue());
            }
        }
        // Nodes that stop one after the other elect new leaders, whose first entries change nothing else.
        for (int partition = 0; partition <= TestCluster.PARTITIONS; partition++) {
            contents.remove(HexFormat.of().formatHex(StorageKeys.appliedKey(partition)));
        }
        assertThat(contents).hasSizeGreaterThan(1_000);
        return contents;
    }

    private RocksDbEngine open(String name) {
        return RocksDbEngine.open(cluster.directoryOf(name).resolve("storage"), RocksDbOptions.withCache(16 << 20));
    }

    /** Items of a thousand keys, over and over. */
    private void write(TableRecord table, int count) {
        Random random = new Random(count);
        Deque<CompletableFuture<ItemWritten>> waiting = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            String id = "item-" + i % 1_000;
            byte[] bytes = new byte[ITEM_BYTES];
            random.nextBytes(bytes);
            waiting.addLast(cluster.put(table, id, bytes, TestCluster.PATIENCE));
            if (waiting.size() == WRITES_AT_A_TIME) {
                waiting.removeFirst().join();
            }
        }
        waiting.forEach(CompletableFuture::join);
    }
}
