package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the files of one node's storage must reach no client, and must be mended without anybody's help. */
@Timeout(180)
class DamagedStorageTest {

    private static final int ITEMS = 400;

    @TempDir
    private Path directory;

    private TestCluster cluster;
    private TableRecord table;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        cluster = TestCluster.ofThree(directory);
        table = cluster.createTable("T");
        for (int i = 0; i < ITEMS; i++) {
            cluster.put(table, "key" + i, value(i));
        }
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void bitsFlippedInEveryFileOfAStoppedNodeAreNeverServedAndTheNodeIsRebuilt() throws Exception {
        cluster.stop("n1");
        flipBits("n1");

        cluster.start("n1");
        for (int round = 0; round < 3; round++) {
            everyItemIsRight();
        }

        cluster.scrubAll();
        cluster.awaitEqual();
        everyItemIsRight();
        assertThat(setAside("n1")).hasSize(1);
        assertThat(cluster.whole()).isTrue();
    }

    @Test
    void bitsFlippedUnderARunningNodeAreFoundByAScrubAndTheNodeIsRebuilt() throws Exception {
        // Only at the end of a process is all of the memtable in files.
        cluster.stop("n2");
        cluster.start("n2");
        TestCluster.await("n2's return", cluster::whole);
        // A compaction that finds the blocks in the cache writes them anew, whatever has become of them on the disk.
        List<Path> before = new ArrayList<>();
        TestCluster.await("the end of compactions", () -> {
            cluster.scrubAll();
            List<Path> now = sstFiles("n2");
            boolean quiet = now.equals(before);
            before.clear();
            before.addAll(now);
            return quiet;
        });
        flipBits("n2");

        cluster.scrubAll();
        TestCluster.await(
                "the damaged storage to be set aside", () -> setAside("n2").size() == 1);
        everyItemIsRight();

        cluster.awaitEqual();
        everyItemIsRight();
    }

    @Test
    void aReplicaThatDiffersInSilenceIsFoundByAScrubAndRebuilt() throws Exception {
        cluster.stop("n3");
        try (RocksDbEngine storage =
                RocksDbEngine.open(cluster.directoryOf("n3").resolve("storage"), RocksDbOptions.withCache(8 << 20))) {
            byte[] wrong = "wrong".getBytes(StandardCharsets.UTF_8);
            byte[] key = StorageKeys.itemKey(
                    table.getId(), TestCluster.key(table, "planted").toByteArray());
            storage.write(new WriteBatch().put(key, wrong));
            storage.flush();
        }
        cluster.start("n3");
        TestCluster.await("n3's return", cluster::whole);

        List<ScrubProgress> found = new ArrayList<>();
        TestCluster.await("a scrub that finds it", () -> {
            cluster.scrubAll().stream()
                    .filter(result -> result.getOutcome().equals("REPAIRING"))
                    .forEach(found::add);
            return !found.isEmpty();
        });

        assertThat(found.getFirst().getDetail()).contains("n3 differs in tokens ");
        cluster.awaitEqual();
        cluster.stop("n3");
        try (RocksDbEngine storage =
                RocksDbEngine.open(cluster.directoryOf("n3").resolve("storage"), RocksDbOptions.withCache(8 << 20))) {
            assertThat(storage.get(StorageKeys.itemKey(
                            table.getId(), TestCluster.key(table, "planted").toByteArray())))
                    .isNull();
        }
    }

    @Test
    void aStorageThatCannotBeOpenedIsSetAsideAndTheNodeRebuilt() throws Exception {
        cluster.stop("n1");
        try (Stream<Path> files = Files.list(cluster.directoryOf("n1").resolve("storage"))) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("MANIFEST")) {
                    overwrite(file);
                }
            }
        }

        cluster.start("n1");
        cluster.awaitEqual();

        everyItemIsRight();
        assertThat(setAside("n1")).hasSize(1);
    }

    @Test
    void aMissingFileOfTheStorageIsDamageLikeAnyOther() throws Exception {
        cluster.stop("n1");
        for (Path file : sstFiles("n1")) {
            Files.delete(file);
        }

        cluster.start("n1");
        cluster.awaitEqual();

        everyItemIsRight();
    }

    @Test
    void aNodeWhoseLogIsGoneBeginsAnew() throws Exception {
        cluster.stop("n1");
        try (Stream<Path> files = Files.walk(cluster.directoryOf("n1").resolve("log"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }

        cluster.start("n1");
        everyItemIsRight();
        TestCluster.await(
                "n1 as a new member everywhere",
                () -> cluster.statusIfUp("n1").stream()
                                .flatMap(status -> status.getReplicasList().stream())
                                .filter(replica -> !replica.getMember().equals("n1")
                                        && replica.getVotersList().contains(replica.getMember()))
                                .count()
                        == 5);
        cluster.awaitEqual();
        everyItemIsRight();
    }

    private void everyItemIsRight() {
        for (int i = 0; i < ITEMS; i++) {
            assertThat(cluster.text(table, "key" + i, i % 2 == 0)).isEqualTo(value(i));
        }
    }

    private static String value(int i) {
        return ("value" + i + " ").repeat(20);
    }

    private List<Path> setAside(String node) {
        try (Stream<Path> files = Files.list(cluster.directoryOf(node))) {
            return files.filter(file -> file.getFileName().toString().startsWith("storage.damaged-"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> sstFiles(String node) {
        try (Stream<Path> files = Files.list(cluster.directoryOf(node).resolve("storage"))) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".sst"))
                    .sorted()
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One bit in every eighth kilobyte of the data blocks; the end of the file, with its index, stays. */
    private void flipBits(String node) throws IOException {
        for (Path file : sstFiles(node)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                for (long at = 100; at < channel.size() / 2; at += 8192) {
                    ByteBuffer one = ByteBuffer.allocate(1);
                    channel.read(one, at);
                    one.flip();
                    channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 0x10)}), at);
                }
                channel.force(true);
            }
        }
    }

    private static void overwrite(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[64]), 8);
        }
    }
}
