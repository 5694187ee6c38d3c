package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.cluster.Channels;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.ItemRead;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.ScrubRequest;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Three nodes in this process, over real sockets and files, and a client as a router has one. */
final class ClusterFixture implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Path directory;
    private final Map<String, String> addresses = new TreeMap<>();
    private final Map<String, NodeServer> nodes = new HashMap<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final RoutedClusterClient client;

    ClusterFixture(Path directory) throws IOException, StartupException {
        this.directory = directory;
        for (String name : List.of("n1", "n2", "n3")) {
            addresses.put(name, "127.0.0.1:" + freePort());
        }
        for (String name : addresses.keySet()) {
            start(name);
        }
        addresses.forEach((name, address) -> channels.put(name, Channels.open(address)));
        client = RoutedClusterClient.connect(List.copyOf(addresses.values()));
    }

    Path directoryOf(String node) {
        return directory.resolve(node);
    }

    void start(String name) throws StartupException {
        nodes.put(name, NodeServer.start(config(name)));
    }

    void stop(String name) {
        NodeServer node = nodes.remove(name);
        if (node != null) {
            node.close();
        }
    }

    NodeConfig config(String name) {
        String address = Objects.requireNonNull(addresses.get(name));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return new NodeConfig(
                        "test",
                        name,
                        addresses,
                        new InetSocketAddress("127.0.0.1", port),
                        directoryOf(name),
                        false,
                        4,
                        64L << 20)
                .withScrubInterval(Duration.ZERO);
    }

    /** How the node stands; nothing while it does not answer. */
    Optional<NodeStatusReply> status(String node) {
        try {
            return Optional.of(AdminGrpc.newBlockingStub(channel(node))
                    .withDeadlineAfter(2, TimeUnit.SECONDS)
                    .nodeStatus(NodeStatusRequest.getDefaultInstance()));
        } catch (StatusRuntimeException _) {
            return Optional.empty();
        }
    }

    private ManagedChannel channel(String node) {
        ManagedChannel channel = Objects.requireNonNull(channels.get(node));
        channel.resetConnectBackoff();
        return channel;
    }

    /** Scrubs everything, on every node, and waits for the results. */
    List<ScrubProgress> scrubAll() {
        List<ScrubProgress> results = new ArrayList<>();
        for (String node : addresses.keySet()) {
            try {
                AdminGrpc.newBlockingStub(channel(node))
                        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .scrub(ScrubRequest.getDefaultInstance())
                        .forEachRemaining(results::add);
            } catch (StatusRuntimeException _) {
                // A node that finds its own storage damaged starts again meanwhile.
            }
        }
        return results.stream().filter(result -> !result.getOutcome().isEmpty()).toList();
    }

    /** Five partitions, the system's included, three replicas each, all usable, as far as the nodes' own words go. */
    boolean whole() {
        for (String node : addresses.keySet()) {
            Optional<NodeStatusReply> status = status(node);
            if (status.isEmpty()
                    || status.get().getReplicasCount() != 5
                    || status.get().getReplicasList().stream()
                            .anyMatch(replica -> replica.getInstallingSnapshot()
                                    || !replica.getDamage().isEmpty()
                                    || replica.getLeader().isEmpty())) {
                return false;
            }
        }
        return true;
    }

    /** Waits until every partition is found equal on all its replicas. */
    void awaitEqual() {
        await("equal replicas", () -> {
            List<ScrubProgress> results = scrubAll();
            return results.size() == 5
                    && results.stream().allMatch(result -> result.getOutcome().equals("EQUAL"));
        });
    }

    static void await(String what, BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    TableRecord createTable(String name) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
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
            assertThat(System.nanoTime()).as(outcome.getMessage()).isLessThan(deadlineNanos);
        }
    }

    void put(TableRecord table, String id, String value) {
        WriteItem write = WriteItem.newBuilder()
                .setRequestId(newRequestId())
                .setTable(table.getId())
                .setKey(key(table, id))
                .setPut(ByteString.copyFrom(
                        ItemCodec.encode(Map.of("id", new StringValue(id), "value", new StringValue(value)))))
                .build();
        client.write(token(table, id), write, Deadline.after(PATIENCE)).join();
    }

    /** The item's value; empty when there is no item. */
    String get(TableRecord table, String id, boolean consistent) {
        ItemRead read = client.read(
                        token(table, id),
                        ReadItem.newBuilder()
                                .setTable(table.getId())
                                .setKey(key(table, id))
                                .setConsistent(consistent)
                                .build(),
                        Deadline.after(PATIENCE))
                .join();
        if (!read.getFound()) {
            return "";
        }
        AttributeValue value = ItemCodec.decode(read.getItem()).get("value");
        return value instanceof StringValue text ? text.value() : "";
    }

    static long token(TableRecord table, String id) {
        return Tokens.of(table.getId(), KeyEncoding.encode(new StringValue(id)));
    }

    static ByteString key(TableRecord table, String id) {
        return ByteString.copyFrom(ItemKeys.of(token(table, id), KeyEncoding.encode(new StringValue(id))));
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

    @Override
    public void close() {
        client.close();
        channels.values().forEach(ManagedChannel::shutdownNow);
        nodes.values().forEach(NodeServer::close);
    }
}
