package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.cluster.ClusterException;
import dev.henge.node.log.Disk;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes on disks that are full, damaged, or fail to sync. */
@Timeout(240)
class NodeDiskTest {

    private static final Duration SHORT = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private final Random random = new Random(1);
    private final Map<String, byte[]> acknowledged = new HashMap<>();

    @Test
    void aFullDiskRefusesWritesServesReadsAndGoesOnWhenThereIsSpace() throws Exception {
        try (SmallFileSystem files = SmallFileSystem.mount(directory.resolve("small"), 160)) {
            try (TestCluster cluster = cluster(Map.of("n1", files.directory().resolve("n1")))) {
                TableRecord table = cluster.createTable("T");
                put(cluster, table, 50);
                files.fill();

                TestCluster.await("writes are refused", () -> !put(cluster, table));
                assertThat(refusal(cluster, table)).isEqualTo(ClusterException.Code.OVERLOADED);
                check(cluster, table);
                TestCluster.await(
                        "the status says so",
                        () -> cluster.status("n1").getDiskSpace().equals("scarce"));

                files.free();
                TestCluster.await("writes are taken again", () -> put(cluster, table));
                put(cluster, table, 50);
                cluster.stop("n1");
                cluster.start("n1", disk -> disk);
                check(cluster, table);
            }
        }
    }

    @Test
    void aNodeThatIsWrittenFullByItsClientsStopsTakingWritesBeforeAnythingBreaks() throws Exception {
        try (SmallFileSystem files = SmallFileSystem.mount(directory.resolve("small"), 256)) {
            try (TestCluster cluster = cluster(Map.of("n1", files.directory().resolve("n1")))) {
                TableRecord table = cluster.createTable("T");
                byte[] value = new byte[100_000];
                int taken = 0;
                while (true) {
                    random.nextBytes(value);
                    try {
                        cluster.put(table, "large" + taken, value, SHORT).join();
                        acknowledged.put("large" + taken, value.clone());
                        taken++;
                    } catch (CompletionException e) {
                        assertThat(e.getCause())
                                .isInstanceOfSatisfying(ClusterException.class, refused -> assertThat(refused.code())
                                        .isEqualTo(ClusterException.Code.OVERLOADED));
                        break;
                    }
                    assertThat(taken).as("the disk gets full").isLessThan(5000);
                }
                assertThat(taken).isGreaterThan(100);
                check(cluster, table);
                cluster.stop("n1");
                cluster.start("n1", disk -> disk);
                check(cluster, table);
            }
        }
    }

    @Test
    void theGroupGoesOnWithoutAFollowerThatIsFullAndItCatchesUp() throws Exception {
        try (SmallFileSystem files = SmallFileSystem.mount(directory.resolve("small"), 160);
                TestCluster cluster = cluster(Map.of(
                        "n1", directory.resolve("n1"),
                        "n2", directory.resolve("n2"),
                        "n3", files.directory().resolve("n3")))) {
            TableRecord table = cluster.createTable("T");
            put(cluster, table, 50);
            files.fill();
            TestCluster.await(
                    "n3 takes nothing",
                    () -> cluster.status("n3").getDiskSpace().equals("scarce"));

            List<Integer> ledElsewhere = Stream.of("n1", "n2")
                    .flatMap(node -> cluster.status(node).getReplicasList().stream())
                    .filter(replica -> replica.getPartition() != 0 && replica.getRole() == ReplicaStatus.Role.LEADER)
                    .map(ReplicaStatus::getPartition)
                    .toList();
            assertThat(ledElsewhere).isNotEmpty();
            int written = 0;
            for (int i = 0; i < 200; i++) {
                written += put(cluster, table) ? 1 : 0;
            }
            assertThat(written).as("of 200, those that n1 and n2 lead").isGreaterThan(50);
            check(cluster, table);

            files.free();
            TestCluster.await("n3 has everything", () -> caughtUp(cluster));
            check(cluster, table);
        }
    }

    private static boolean caughtUp(TestCluster cluster) {
        Map<Integer, Long> applied = new HashMap<>();
        for (ReplicaStatus replica : cluster.status("n1").getReplicasList()) {
            applied.put(replica.getPartition(), replica.getCommitIndex());
        }
        return cluster.status("n3").getReplicasList().stream()
                .allMatch(replica ->
                        replica.getAppliedIndex() >= applied.getOrDefault(replica.getPartition(), Long.MAX_VALUE));
    }

    @Test
    void aDamagedLogEndsTheReplicasConcernedAloneAndTheOthersTakeThemInAnew() throws Exception {
        Map<String, Path> places =
                Map.of("n1", directory.resolve("n1"), "n2", directory.resolve("n2"), "n3", directory.resolve("n3"));
        try (TestCluster cluster = cluster(places)) {
            TableRecord table = cluster.createTable("T");
            put(cluster, table, 200);
            cluster.stop("n2");
            damageLog(directory.resolve("n2/log"));

            cluster.start("n2", disk -> disk);
            assertThat(damaged(cluster)).as("what is lost is applied").isEmpty();
            put(cluster, table, 50);
            cluster.stop("n2");
            damageLog(directory.resolve("n2/log"));
            deleteAll(directory.resolve("n2/storage"));

            cluster.start("n2", disk -> disk);
            check(cluster, table);
            put(cluster, table, 50);
            TestCluster.await("n2's replicas are voters again", () -> allVote(cluster));
            assertThat(damaged(cluster)).isEmpty();
            List<String> members = members(cluster);
            assertThat(members).as("as new members").anyMatch(member -> member.startsWith("n2#"));
            check(cluster, table);

            cluster.stop("n2");
            cluster.start("n2", disk -> disk);
            TestCluster.await("n2's replicas are voters still", () -> allVote(cluster));
            assertThat(members(cluster)).isEqualTo(members);
            cluster.stop("n3");
            check(cluster, table);
            put(cluster, table, 50);
        }
    }

    private static boolean allVote(TestCluster cluster) {
        List<ReplicaStatus> replicas = cluster.status("n2").getReplicasList();
        return replicas.size() == 5
                && replicas.stream().allMatch(replica -> replica.getVotersList().contains(replica.getMember()));
    }

    private static List<String> members(TestCluster cluster) {
        return cluster.status("n2").getReplicasList().stream()
                .sorted((a, b) -> Integer.compare(a.getPartition(), b.getPartition()))
                .map(ReplicaStatus::getMember)
                .toList();
    }

    private static List<ReplicaStatus> damaged(TestCluster cluster) {
        TestCluster.await("n2 knows its replicas", () -> cluster.status("n2").getReplicasCount() == 5);
        return cluster.status("n2").getReplicasList().stream()
                .filter(replica -> !replica.getDamage().isEmpty())
                .sorted((a, b) -> Integer.compare(a.getPartition(), b.getPartition()))
                .toList();
    }

    @Test
    void entriesThatRottedAtALeaderAreNotSentAndItsFollowerGetsASnapshot() throws Exception {
        Map<String, Path> places =
                Map.of("n1", directory.resolve("n1"), "n2", directory.resolve("n2"), "n3", directory.resolve("n3"));
        try (TestCluster cluster = cluster(places)) {
            TableRecord table = cluster.createTable("T");
            put(cluster, table, 20);
            cluster.stop("n3");
            byte[] value = new byte[350_000];
            // More than the log keeps in memory.
            for (int i = 0; i < 260; i++) {
                random.nextBytes(value);
                acknowledged.put("large" + i, value.clone());
                cluster.put(table, "large" + i, value, TestCluster.PATIENCE).join();
            }
            for (String node : List.of("n1", "n2")) {
                rot(directory.resolve(node).resolve("log"));
            }

            cluster.start("n3", disk -> disk);
            TestCluster.await("n3 has everything", () -> caughtUp(cluster));
            assertThat(cluster.status("n1").getReplicasCount()).isEqualTo(5);
            assertThat(cluster.status("n2").getReplicasCount()).isEqualTo(5);
            check(cluster, table);
            put(cluster, table, 50);
        }
    }

    /** Flips a bit in every 100 KB of the oldest 20 MB, in the middle of values. */
    private static void rot(Path log) throws IOException {
        List<Path> segments;
        try (Stream<Path> files = Files.list(log)) {
            segments = files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
        int left = 200;
        for (Path segment : segments) {
            try (FileChannel file = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                for (long at = 100_000; at < file.size() && left > 0; at += 100_000, left--) {
                    ByteBuffer one = ByteBuffer.allocate(1);
                    file.read(one, at);
                    file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 4)}), at);
                }
            }
        }
    }

    private static void deleteAll(Path files) throws IOException {
        try (Stream<Path> all = Files.list(files)) {
            for (Path file : all.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Flips bits in the middle of what was written. */
    private static void damageLog(Path log) throws IOException {
        Path segment;
        try (Stream<Path> files = Files.list(log)) {
            segment = files.filter(file -> file.toString().endsWith(".log"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) ~bytes[end / 2]}), end / 2);
        }
    }

    @Test
    void aNodeWhoseDiskFailsToSyncStopsAcknowledgesNothingMoreAndSaysWhatToDo() throws Exception {
        AtomicBoolean failing = new AtomicBoolean();
        Map<String, Path> places = Map.of("n1", directory.resolve("n1"));
        try (TestCluster cluster = new TestCluster(
                places, NodeLimits.LOG_BYTES_MAX, Map.of("n1", disk -> new SyncFailingDisk(disk, failing)))) {
            TableRecord table = cluster.createTable("T");
            put(cluster, table, 50);

            failing.set(true);
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> cluster.put(table, "never", new byte[10], Duration.ofMillis(300))
                                .join())
                        .hasCauseInstanceOf(ClusterException.class);
            }
            assertThatThrownBy(() -> cluster.node("n1").awaitStop())
                    .isInstanceOf(NodeFaultException.class)
                    .hasMessageContaining("Input/output error")
                    .hasMessageContaining("reboot the machine before the node is started again");

            failing.set(false);
            cluster.start("n1", disk -> disk);
            check(cluster, table);
        }
    }

    private TestCluster cluster(Map<String, Path> places) throws IOException, StartupException {
        return new TestCluster(places, NodeLimits.LOG_BYTES_MAX, Map.of());
    }

    private void put(TestCluster cluster, TableRecord table, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(put(cluster, table)).isTrue();
        }
    }

    /** Puts one more item, and remembers it if it was acknowledged. */
    private boolean put(TestCluster cluster, TableRecord table) {
        String id = "item" + acknowledged.size() + "-" + random.nextInt(1 << 20);
        byte[] value = new byte[1000];
        random.nextBytes(value);
        try {
            cluster.put(table, id, value, SHORT).join();
            acknowledged.put(id, value);
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    private ClusterException.Code refusal(TestCluster cluster, TableRecord table) {
        try {
            cluster.put(table, "refused", new byte[10], SHORT).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ClusterException refused) {
                return refused.code();
            }
            throw e;
        }
        throw new AssertionError("a write was taken");
    }

    private void check(TestCluster cluster, TableRecord table) {
        acknowledged.forEach((id, value) -> assertThat(cluster.get(table, id)).isEqualTo(value));
    }

    /** A disk whose files fail to sync when told to. */
    private record SyncFailingDisk(Disk disk, AtomicBoolean failing) implements Disk {

        @Override
        public List<String> list() throws IOException {
            return disk.list();
        }

        @Override
        public DiskFile create(String name, long sizeBytes) throws IOException {
            return new SyncFailingFile(disk.create(name, sizeBytes), failing);
        }

        @Override
        public DiskFile open(String name) throws IOException {
            return new SyncFailingFile(disk.open(name), failing);
        }

        @Override
        public void rename(String from, String to) throws IOException {
            disk.rename(from, to);
        }

        @Override
        public void delete(String name) throws IOException {
            disk.delete(name);
        }

        @Override
        public void syncDirectory() throws IOException {
            disk.syncDirectory();
        }

        @Override
        public long freeBytes() throws IOException {
            return disk.freeBytes();
        }
    }

    private record SyncFailingFile(Disk.DiskFile file, AtomicBoolean failing) implements Disk.DiskFile {

        @Override
        public long sizeBytes() throws IOException {
            return file.sizeBytes();
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            file.write(source, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void sync() throws IOException {
            if (failing.get()) {
                throw new IOException("Input/output error");
            }
            file.sync();
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            file.truncate(sizeBytes);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
