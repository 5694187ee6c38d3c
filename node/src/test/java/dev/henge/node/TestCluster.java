package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.henge.catalog.ClusterVersion;
import dev.henge.cluster.Channels;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.node.log.Disk;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.CreateTable;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.ScrubRequest;
import dev.henge.proto.TableRecord;
import dev.henge.proto.WriteItem;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.DatagramSocket;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Nodes in this process over real sockets and files, and a client as a router has one. */
final class TestCluster implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);
    static final int PARTITIONS = 4;

    /** Below those that systems give to outgoing connections: none of them may come in between. */
    private static final int PORTS_END = 15_000;

    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger(10_000 + (int) (ProcessHandle.current().pid() % 40) * 100);

    private static final long STATUS_SECONDS = 5;

    private final Map<String, String> addresses = new TreeMap<>();
    private final Map<String, Path> directories;
    private final Map<String, ClusterEntry> entries = new HashMap<>();
    private final Map<String, NodeServer> nodes = new HashMap<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final Map<String, String> zones;
    private final Map<String, Integer> clusterVersionsMax = new HashMap<>();
    private final RoutedClusterClient client;
    private final long logBytesMax;

    /**
     * @param directories name of each node and its data directory
     * @param logDisks how to break the disks of some
     */
    TestCluster(Map<String, Path> directories, long logBytesMax, Map<String, UnaryOperator<Disk>> logDisks)
            throws IOException, StartupException {
        this(directories, logBytesMax, logDisks, ClusterVersion.HIGHEST, Map.of());
    }

    private TestCluster(
            Map<String, Path> directories,
            long logBytesMax,
            Map<String, UnaryOperator<Disk>> logDisks,
            int clusterVersionMax,
            Map<String, String> zones)
            throws IOException, StartupException {
        directories.keySet().forEach(name -> upgrade(name, clusterVersionMax));
        this.zones = Map.copyOf(zones);
        this.directories = new TreeMap<>(directories);
        this.logBytesMax = logBytesMax;
        this.directories.keySet().forEach(this::chooseAddress);
        ClusterEntry founding = new ClusterEntry.Founding(addresses, PARTITIONS);
        this.directories.keySet().forEach(name -> entries.put(name, founding));
        try {
            for (String name : addresses.keySet()) {
                start(name, logDisks.getOrDefault(name, UnaryOperator.identity()));
            }
        } catch (StartupException | RuntimeException e) {
            stopAll();
            throw e;
        }
        addresses.forEach((name, address) -> channels.put(name, Channels.open(address)));
        client = RoutedClusterClient.connect(List.copyOf(addresses.values()));
    }

    /** n1 to n3, each with a directory of its name. */
    static TestCluster ofThree(Path directory) throws IOException, StartupException {
        return ofThree(directory, NodeLimits.LOG_BYTES_MAX);
    }

    static TestCluster ofThree(Path directory, long logBytesMax) throws IOException, StartupException {
        return new TestCluster(three(directory), logBytesMax, Map.of());
    }

    /** The same, with programs that know no more than this. */
    static TestCluster ofThreeKnowing(int clusterVersionMax, Path directory) throws IOException, StartupException {
        return new TestCluster(three(directory), NodeLimits.LOG_BYTES_MAX, Map.of(), clusterVersionMax, Map.of());
    }

    /** The same, each in the zone of its name. */
    static TestCluster ofThreeIn(Map<String, String> zones, Path directory) throws IOException, StartupException {
        return new TestCluster(three(directory), NodeLimits.LOG_BYTES_MAX, Map.of(), ClusterVersion.HIGHEST, zones);
    }

    private static Map<String, Path> three(Path directory) {
        Map<String, Path> directories = new TreeMap<>();
        List.of("n1", "n2", "n3").forEach(name -> directories.put(name, directory.resolve(name)));
        return directories;
    }

    private void chooseAddress(String name) {
        int port = NEXT_PORT.getAndIncrement();
        while (!isFree(port)) {
            port = NEXT_PORT.getAndIncrement();
            assertThat(port).as("a free port").isLessThan(PORTS_END);
        }
        addresses.put(name, "127.0.0.1:" + port);
    }

    /** For the service and for the gossip. */
    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                DatagramSocket _ = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    // ---- nodes -------------------------------------------------------------------------------------------------

    List<String> names() {
        return List.copyOf(addresses.keySet());
    }

    /** In order. */
    List<String> addresses() {
        return addresses.values().stream().sorted().toList();
    }

    Path directoryOf(String name) {
        return Objects.requireNonNull(directories.get(name));
    }

    /** Starts a further node, which is told of one of the others. */
    void join(String name, Path directory, String seed) throws StartupException {
        chooseAddress(name);
        directories.put(name, directory);
        entries.put(name, new ClusterEntry.Joining(List.of(Objects.requireNonNull(addresses.get(seed)))));
        channels.put(name, Channels.open(Objects.requireNonNull(addresses.get(name))));
        start(name);
    }

    /** Gives nodes that are stopped other addresses; each is told where the first of them is, and nothing else. */
    void readdress() {
        names().forEach(this::chooseAddress);
        ClusterEntry entry =
                new ClusterEntry.Joining(List.of(addresses.values().iterator().next()));
        names().forEach(name -> entries.put(name, entry));
        channels.values().forEach(ManagedChannel::shutdownNow);
        addresses.forEach((name, address) -> channels.put(name, Channels.open(address)));
    }

    /** A client that knows these nodes and nothing else. */
    RoutedClusterClient newClient() {
        return RoutedClusterClient.connect(List.copyOf(addresses.values()));
    }

    void start(String name) throws StartupException {
        start(name, UnaryOperator.identity());
    }

    void start(String name, UnaryOperator<Disk> logDisk) throws StartupException {
        nodes.put(name, NodeServer.start(config(name, directoryOf(name)), logDisk));
    }

    /** Starts a node of this name on another directory. */
    NodeServer startIn(Path data, String name) throws StartupException {
        NodeServer node = NodeServer.start(config(name, data));
        nodes.put(name, node);
        return node;
    }

    private NodeConfig config(String name, Path data) {
        String address = Objects.requireNonNull(addresses.get(name));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return new NodeConfig(
                new NodePlace(
                        "test",
                        name,
                        address,
                        new InetSocketAddress("127.0.0.1", port),
                        zones.getOrDefault(name, ""),
                        1),
                Objects.requireNonNull(entries.get(name)),
                data,
                false,
                NodeLimits.ofCache(32L << 20).withLogBytesMax(logBytesMax).withScrubInterval(Duration.ZERO),
                clusterVersionsMax.getOrDefault(name, ClusterVersion.HIGHEST));
    }

    /** Starts it the next time with a program that knows no more than this. */
    void upgrade(String name, int clusterVersionMax) {
        clusterVersionsMax.put(name, clusterVersionMax);
    }

    void stop(String name) {
        NodeServer node = nodes.remove(name);
        if (node != null) {
            node.close();
        }
    }

    void stopAll() {
        names().forEach(this::stop);
    }

    NodeServer node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    RoutedClusterClient client() {
        return client;
    }

    /** How many reads and writes a node's replica of a partition was asked for, those that it refused too. */
    long operations(String name, int partition) {
        return AdminGrpc.newBlockingStub(channel(name))
                .withDeadlineAfter(STATUS_SECONDS, TimeUnit.SECONDS)
                .nodeStatus(NodeStatusRequest.newBuilder().setWithLoad(true).build())
                .getReplicasList()
                .stream()
                .filter(replica -> replica.getPartition() == partition)
                .mapToLong(ReplicaStatus::getOperations)
                .sum();
    }

    NodeStatusReply status(String name) {
        return statusIfUp(name).orElseThrow(() -> new AssertionError("node " + name + " does not answer"));
    }

    /** How the node stands; nothing while it does not answer. */
    Optional<NodeStatusReply> statusIfUp(String name) {
        try {
            return Optional.of(AdminGrpc.newBlockingStub(channel(name))
                    .withDeadlineAfter(STATUS_SECONDS, TimeUnit.SECONDS)
                    .nodeStatus(NodeStatusRequest.getDefaultInstance()));
        } catch (StatusRuntimeException _) {
            return Optional.empty();
        }
    }

    private ManagedChannel channel(String name) {
        ManagedChannel channel = Objects.requireNonNull(channels.get(name));
        channel.resetConnectBackoff();
        return channel;
    }

    /** All partitions, the system's included, three replicas each, all usable, as far as the nodes' own words go. */
    boolean whole() {
        return names().stream()
                .map(this::statusIfUp)
                .allMatch(status -> status.isPresent()
                        && status.get().getReplicasCount() == 1 + PARTITIONS
                        && status.get().getReplicasList().stream()
                                .noneMatch(replica -> replica.getInstallingSnapshot()
                                        || !replica.getDamage().isEmpty()
                                        || replica.getLeader().isEmpty()));
    }

    /** Scrubs everything, on every node, and waits for the results. */
    List<ScrubProgress> scrubAll() {
        List<ScrubProgress> results = new ArrayList<>();
        for (String name : names()) {
            try {
                AdminGrpc.newBlockingStub(channel(name))
                        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .scrub(ScrubRequest.getDefaultInstance())
                        .forEachRemaining(results::add);
            } catch (StatusRuntimeException _) {
                // A node that finds its own storage damaged starts again meanwhile.
            }
        }
        return results.stream().filter(result -> !result.getOutcome().isEmpty()).toList();
    }

    /** Waits until every partition is found equal on all its replicas. */
    void awaitEqual() {
        await("equal replicas", () -> {
            List<ScrubProgress> results = scrubAll();
            return results.size() == 1 + PARTITIONS
                    && results.stream().allMatch(result -> result.getOutcome().equals("EQUAL"));
        });
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    /** Waits, and tells on failure what the catalog says and what each node knows of its replicas. */
    void awaitWithState(String what, BooleanSupplier condition) {
        await(what, condition, this::state);
    }

    private static void await(String what, BooleanSupplier condition, Supplier<String> state) {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNanos) {
                fail("waiting for " + what + state.get());
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private String state() {
        Catalog catalog = client.catalog();
        StringBuilder state = new StringBuilder();
        catalog.getPartitionsList().forEach(partition -> state.append("\n")
                .append(TextFormat.printer().emittingSingleLine(true).printToString(partition)));
        catalog.getFinishedTasksList().forEach(task -> state.append("\nended: ")
                .append(TextFormat.printer().emittingSingleLine(true).printToString(task)));
        names().forEach(name -> state.append("\n")
                .append(name)
                .append(": ")
                .append(statusIfUp(name)
                        .map(status ->
                                TextFormat.printer().emittingSingleLine(true).printToString(status))
                        .orElse("does not answer")));
        return state.toString();
    }

    // ---- tables and items --------------------------------------------------------------------------------------

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

    /** Changes what the coordinator decides by. */
    void change(ChangeSettings.Builder settings) {
        CatalogOutcome outcome = client.submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(newRequestId())
                                .setChangeSettings(settings)
                                .build(),
                        Deadline.after(PATIENCE))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
    }

    CompletableFuture<ItemWritten> put(TableRecord table, String id, byte[] value, Duration patience) {
        return put(table, id, new BinaryValue(ByteString.copyFrom(value)), patience);
    }

    void put(TableRecord table, String id, String value) {
        put(table, id, new StringValue(value), PATIENCE).join();
    }

    private CompletableFuture<ItemWritten> put(TableRecord table, String id, AttributeValue value, Duration patience) {
        return write(table, id, writeOf(table, id).setPut(item(id, value)).build(), patience);
    }

    CompletableFuture<ItemWritten> write(TableRecord table, String id, WriteItem write, Duration patience) {
        return client.write(token(table, id), write, Deadline.after(patience));
    }

    /** A write of this item, with a request id of its own, that does not say yet what it does. */
    static WriteItem.Builder writeOf(TableRecord table, String id) {
        return WriteItem.newBuilder()
                .setRequestId(newRequestId())
                .setTable(table.getId())
                .setKey(key(table, id));
    }

    /** The binary value last put, empty when there is none. */
    byte[] get(TableRecord table, String id) {
        return item(table, id, true).get("value") instanceof BinaryValue value
                ? value.value().toByteArray()
                : new byte[0];
    }

    /** The text last put; empty when there is none. */
    String text(TableRecord table, String id, boolean consistent) {
        return text(client, table, id, consistent);
    }

    static String text(RoutedClusterClient client, TableRecord table, String id, boolean consistent) {
        return item(client, table, id, consistent).get("value") instanceof StringValue text ? text.value() : "";
    }

    /** The whole item; empty when there is none. */
    Map<String, AttributeValue> item(TableRecord table, String id, boolean consistent) {
        return item(client, table, id, consistent);
    }

    /** As {@link #item(TableRecord, String, boolean)}, asked by another client. */
    static Map<String, AttributeValue> item(
            RoutedClusterClient client, TableRecord table, String id, boolean consistent) {
        ItemRead read = client.read(
                        token(table, id),
                        ReadItem.newBuilder()
                                .setTable(table.getId())
                                .setKey(key(table, id))
                                .setConsistent(consistent)
                                .build(),
                        Deadline.after(PATIENCE))
                .join();
        return read.getFound() ? ItemCodec.decode(read.getItem()) : Map.of();
    }

    static ByteString item(String id, AttributeValue value) {
        return ByteString.copyFrom(ItemCodec.encode(Map.of("id", new StringValue(id), "value", value)));
    }

    static long token(TableRecord table, String id) {
        return Tokens.of(table.getId(), KeyEncoding.encode(new StringValue(id)));
    }

    static ByteString key(TableRecord table, String id) {
        return ByteString.copyFrom(ItemKeys.of(token(table, id), KeyEncoding.encode(new StringValue(id))));
    }

    static ByteString newRequestId() {
        UUID id = UUID.randomUUID();
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    @Override
    public void close() {
        client.close();
        channels.values().forEach(ManagedChannel::shutdownNow);
        nodes.values().forEach(NodeServer::close);
    }
}
