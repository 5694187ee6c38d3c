package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.cluster.Channels;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node is away while more is written than the others keep in their logs. */
@Timeout(300)
class SnapshotCatchUpTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ITEM_BYTES = 16 << 10;
    private static final int PARTITIONS = 4;
    private static final int WRITES = 7_000;
    private static final int WRITES_AT_A_TIME = 32;

    @TempDir
    private Path directory;

    private final Map<String, String> addresses = new TreeMap<>();
    private final Map<String, NodeServer> nodes = new HashMap<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private RoutedClusterClient client;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        for (String name : List.of("n1", "n2", "n3")) {
            addresses.put(name, "127.0.0.1:" + freePort());
        }
        for (String name : addresses.keySet()) {
            start(name);
            channels.put(name, Channels.open(Objects.requireNonNull(addresses.get(name))));
        }
        client = RoutedClusterClient.connect(List.copyOf(addresses.values()));
    }

    @AfterEach
    void stopCluster() {
        client.close();
        channels.values().forEach(ManagedChannel::shutdownNow);
        nodes.values().forEach(NodeServer::close);
    }

    @Test
    void aNodeThatWasAwayForLongGetsSnapshotsAndHoldsTheSameAsTheOthersAfterwards() throws Exception {
        TableRecord table = createTable();
        write(table, 200);
        Objects.requireNonNull(nodes.remove("n3")).close();
        write(table, WRITES);
        write(table, 200);

        start("n3");
        await("n3 to install snapshots", () -> status("n3").getReplicasList().stream()
                .anyMatch(replica -> replica.getSnapshotsInstalled() > 0));
        write(table, 200);
        await("equal applied indexes", this::settled);

        nodes.values().forEach(NodeServer::close);
        nodes.clear();
        Map<String, Long> expected = contents("n1");
        assertThat(contents("n2")).containsExactlyInAnyOrderEntriesOf(expected);
        assertThat(contents("n3")).containsExactlyInAnyOrderEntriesOf(expected);
        try (RocksDbEngine storage = open("n3")) {
            assertThat(storage.snapshotFiles().list()).isEmpty();
        }
    }

    private boolean settled() {
        Map<Integer, String> states = new TreeMap<>();
        for (String name : nodes.keySet()) {
            for (ReplicaStatus replica : status(name).getReplicasList()) {
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
        return states.size() == 1 + PARTITIONS;
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waits for %s", what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private NodeStatusReply status(String name) {
        return AdminGrpc.newBlockingStub(Objects.requireNonNull(channels.get(name)))
                .withWaitForReady()
                .nodeStatus(NodeStatusRequest.getDefaultInstance());
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
        for (int partition = 0; partition <= PARTITIONS; partition++) {
            contents.remove(HexFormat.of().formatHex(StorageKeys.appliedKey(partition)));
        }
        assertThat(contents).hasSizeGreaterThan(1_000);
        return contents;
    }

    private RocksDbEngine open(String name) {
        return RocksDbEngine.open(directory.resolve(name).resolve("storage"), RocksDbOptions.withCache(16 << 20));
    }

    private void start(String name) throws StartupException {
        String address = Objects.requireNonNull(addresses.get(name));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        nodes.put(
                name,
                NodeServer.start(new NodeConfig(
                        "test",
                        name,
                        addresses,
                        new InetSocketAddress("127.0.0.1", port),
                        directory.resolve(name),
                        false,
                        PARTITIONS,
                        32L << 20,
                        8L << 20,
                        SnapshotOptions.BYTES_PER_SECOND)));
    }

    private TableRecord createTable() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            CatalogOutcome outcome = client.submit(
                            CatalogCommand.newBuilder()
                                    .setRequestId(newRequestId())
                                    .setCreateTable(CreateTable.newBuilder()
                                            .setTable(TableRecord.newBuilder()
                                                    .setName("T")
                                                    .setPartitionKey(KeyAttribute.newBuilder()
                                                            .setName("id")
                                                            .setType("S"))))
                                    .build(),
                            Deadline.after(PATIENCE))
                    .join();
            if (outcome.getCode() == CatalogOutcome.Code.OK) {
                return outcome.getTable();
            }
            assertThat(System.nanoTime()).as(outcome.getMessage()).isLessThan(deadline);
        }
    }

    /** Items of a thousand keys, over and over. */
    private void write(TableRecord table, int count) {
        Random random = new Random(count);
        Deque<CompletableFuture<ItemWritten>> waiting = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            String id = "item-" + i % 1_000;
            byte[] bytes = new byte[ITEM_BYTES];
            random.nextBytes(bytes);
            ByteString encodedKey = ByteString.copyFrom(KeyEncoding.encode(new StringValue(id)));
            long token = Tokens.of(table.getId(), encodedKey.toByteArray());
            WriteItem write = WriteItem.newBuilder()
                    .setRequestId(newRequestId())
                    .setTable(table.getId())
                    .setKey(ByteString.copyFrom(ItemKeys.of(token, encodedKey.toByteArray())))
                    .setPut(ByteString.copyFrom(ItemCodec.encode(
                            Map.of("id", new StringValue(id), "value", new BinaryValue(ByteString.copyFrom(bytes))))))
                    .build();
            waiting.addLast(client.write(token, write, Deadline.after(PATIENCE)));
            if (waiting.size() == WRITES_AT_A_TIME) {
                waiting.removeFirst().join();
            }
        }
        waiting.forEach(CompletableFuture::join);
    }

    private static ByteString newRequestId() {
        UUID id = UUID.randomUUID();
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
