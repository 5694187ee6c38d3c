package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.node.log.Disk;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.ReadItem;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** Nodes in this process over real sockets and files, and a client that writes and reads binary values by name. */
final class TestCluster implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, String> addresses = new TreeMap<>();
    private final Map<String, Path> directories;
    private final Map<String, NodeServer> nodes = new HashMap<>();
    private final RoutedClusterClient client;
    private final int partitions;

    /** @param directories name of each node and its data directory */
    TestCluster(Map<String, Path> directories, int partitions, Map<String, UnaryOperator<Disk>> logDisks)
            throws IOException, StartupException {
        this.directories = new TreeMap<>(directories);
        this.partitions = partitions;
        for (String name : directories.keySet()) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                addresses.put(name, "127.0.0.1:" + socket.getLocalPort());
            }
        }
        for (String name : addresses.keySet()) {
            start(name, logDisks.getOrDefault(name, UnaryOperator.identity()));
        }
        client = RoutedClusterClient.connect(List.copyOf(addresses.values()));
    }

    void start(String name, UnaryOperator<Disk> logDisk) throws StartupException {
        String address = Objects.requireNonNull(addresses.get(name));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        nodes.put(
                name,
                NodeServer.start(
                        new NodeConfig(
                                "test",
                                name,
                                addresses,
                                new InetSocketAddress("127.0.0.1", port),
                                Objects.requireNonNull(directories.get(name)),
                                false,
                                partitions,
                                32L << 20),
                        logDisk));
    }

    void stop(String name) {
        Objects.requireNonNull(nodes.remove(name)).close();
    }

    NodeServer node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    NodeStatusReply status(String name) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(addresses.get(name))
                .usePlaintext()
                .build();
        try {
            return AdminGrpc.newBlockingStub(channel).nodeStatus(NodeStatusRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    TableRecord createTable(String name) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            CatalogOutcome outcome = client.submit(
                            CatalogCommand.newBuilder()
                                    .setRequestId(newRequestId())
                                    .setCreateTable(CreateTable.newBuilder()
                                            .setTable(TableRecord.newBuilder()
                                                    .setName(name)
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

    CompletableFuture<ItemWritten> put(TableRecord table, String id, byte[] value, Duration patience) {
        ByteString item = ByteString.copyFrom(ItemCodec.encode(
                Map.of("id", new StringValue(id), "value", new BinaryValue(ByteString.copyFrom(value)))));
        return client.write(
                token(table, id),
                WriteItem.newBuilder()
                        .setRequestId(newRequestId())
                        .setTable(table.getId())
                        .setKey(key(table, id))
                        .setPut(item)
                        .build(),
                Deadline.after(patience));
    }

    /** The value last put, empty when there is none. */
    byte[] get(TableRecord table, String id) {
        ItemRead read = client.read(
                        token(table, id),
                        ReadItem.newBuilder()
                                .setTable(table.getId())
                                .setKey(key(table, id))
                                .setConsistent(true)
                                .build(),
                        Deadline.after(PATIENCE))
                .join();
        if (!read.getFound()) {
            return new byte[0];
        }
        return ItemCodec.decode(read.getItem()).get("value") instanceof BinaryValue value
                ? value.value().toByteArray()
                : new byte[0];
    }

    private static long token(TableRecord table, String id) {
        return Tokens.of(table.getId(), KeyEncoding.encode(new StringValue(id)));
    }

    private static ByteString key(TableRecord table, String id) {
        return ByteString.copyFrom(ItemKeys.of(token(table, id), KeyEncoding.encode(new StringValue(id))));
    }

    private static ByteString newRequestId() {
        UUID id = UUID.randomUUID();
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    @Override
    public void close() {
        client.close();
        nodes.values().forEach(NodeServer::close);
    }
}
