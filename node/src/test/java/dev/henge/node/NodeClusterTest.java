package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.Condition;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.PathElement;
import dev.henge.proto.ReadItem;
import dev.henge.proto.TableRecord;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import dev.henge.proto.WriteItem;
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
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in one process, over real sockets and files, spoken to as a router does. */
@Timeout(120)
class NodeClusterTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final Map<String, String> addresses = new TreeMap<>();
    private final Map<String, NodeServer> nodes = new HashMap<>();
    private RoutedClusterClient client;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        for (String name : List.of("n1", "n2", "n3")) {
            addresses.put(name, "127.0.0.1:" + freePort());
        }
        for (String name : addresses.keySet()) {
            start(name);
        }
        client = RoutedClusterClient.connect(List.copyOf(addresses.values()));
    }

    @AfterEach
    void stopCluster() {
        client.close();
        nodes.values().forEach(NodeServer::close);
    }

    @Test
    void anItemThatWasPutIsRead() {
        TableRecord table = createTable("T");

        put(table, "a", "hello");

        assertThat(get(table, "a")).containsEntry("value", new StringValue("hello"));
        assertThat(get(table, "b")).isEmpty();
    }

    @Test
    void concurrentCountersAddUpExactly() {
        TableRecord table = createTable("T");

        List<CompletableFuture<ItemWritten>> additions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            additions.add(add(table, "counter", newRequestId()));
        }
        additions.forEach(CompletableFuture::join);

        assertThat(get(table, "counter")).containsEntry("n", new NumberValue(DynamoNumber.of(100)));
    }

    @Test
    void aRequestThatIsRepeatedAppliesOnceAndGetsTheSameAnswer() {
        TableRecord table = createTable("T");
        ByteString requestId = newRequestId();

        ItemWritten first = add(table, "counter", requestId).join();
        ItemWritten second = add(table, "counter", requestId).join();

        assertThat(second).isEqualTo(first);
        assertThat(get(table, "counter")).containsEntry("n", new NumberValue(DynamoNumber.of(1)));
    }

    @Test
    void aFailedConditionLeavesTheItemAndGivesItBackWhenAsked() {
        TableRecord table = createTable("T");
        put(table, "a", "old");

        WriteItem write = write(table, "a")
                .setPut(item("a", "new"))
                .setCondition(Condition.newBuilder().setAttributeNotExists(path("id")))
                .setReturnItemOnConditionFailure(true)
                .build();

        assertThatThrownBy(() -> client.write(token(table, "a"), write, Deadline.after(PATIENCE))
                        .join())
                .cause()
                .isInstanceOfSatisfying(ClusterException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ClusterException.Code.CONDITION_FAILED);
                    assertThat(ItemCodec.decode(failure.item().orElseThrow()))
                            .containsEntry("value", new StringValue("old"));
                });
        assertThat(get(table, "a")).containsEntry("value", new StringValue("old"));
    }

    @Test
    void acknowledgedWritesSurviveTheLossOfAnyNodeAndItsReturn() throws StartupException {
        TableRecord table = createTable("T");
        int written = 0;
        for (String victim : addresses.keySet()) {
            for (int i = 0; i < 20; i++) {
                put(table, "key" + written, "value" + written);
                written++;
            }
            nodes.remove(victim).close();
            for (int i = 0; i < 20; i++) {
                put(table, "key" + written, "value" + written);
                written++;
            }
            start(victim);
        }
        for (int i = 0; i < written; i++) {
            assertThat(get(table, "key" + i)).containsEntry("value", new StringValue("value" + i));
        }
    }

    @Test
    void everythingIsThereAfterAllNodesWereStopped() throws StartupException {
        TableRecord table = createTable("T");
        for (int i = 0; i < 50; i++) {
            put(table, "key" + i, "value" + i);
        }

        nodes.values().forEach(NodeServer::close);
        for (String name : addresses.keySet()) {
            start(name);
        }

        for (int i = 0; i < 50; i++) {
            assertThat(get(table, "key" + i)).containsEntry("value", new StringValue("value" + i));
        }
    }

    @Test
    void aDeletedTableIsGoneWithItsItemsAndItsNameFree() {
        TableRecord first = createTable("T");
        put(first, "a", "old");

        CatalogOutcome deleted = client.submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(newRequestId())
                                .setDeleteTable(DeleteTable.newBuilder().setName("T"))
                                .build(),
                        Deadline.after(PATIENCE))
                .join();
        assertThat(deleted.getTable().getStatus()).isEqualTo(TableRecord.Status.DELETING);
        TableRecord second = createTable("T");

        assertThat(second.getId()).isGreaterThan(first.getId());
        assertThat(get(second, "a")).isEmpty();
        assertThatThrownBy(() -> put(first, "a", "late"))
                .cause()
                .isInstanceOfSatisfying(ClusterException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ClusterException.Code.TABLE_DROPPED));
    }

    @Test
    void aNodeWithAnEmptyDirectoryIsNotLetInUnderAnOldName() throws StartupException, InterruptedException {
        TableRecord table = createTable("T");
        awaitRegistration();
        nodes.remove("n2").close();

        NodeServer impostor = NodeServer.start(config("n2", directory.resolve("empty")));
        nodes.put("n2", impostor);

        put(table, "a", "hello");
        assertThatThrownBy(impostor::awaitStop)
                .isInstanceOf(NodeFaultException.class)
                .hasMessageContaining("data directory");
    }

    private void awaitRegistration() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (client.catalog().getNodesList().stream()
                .anyMatch(node -> node.getInstanceId().isEmpty())) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private void start(String name) throws StartupException {
        nodes.put(name, NodeServer.start(config(name, directory.resolve(name))));
    }

    private NodeConfig config(String name, Path data) {
        String address = Objects.requireNonNull(addresses.get(name));
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return new NodeConfig(
                "test", name, addresses, new InetSocketAddress("127.0.0.1", port), data, false, 4, 64L << 20);
    }

    private TableRecord createTable(String name) {
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

    private void put(TableRecord table, String id, String value) {
        client.write(token(table, id), write(table, id).setPut(item(id, value)).build(), Deadline.after(PATIENCE))
                .join();
    }

    private CompletableFuture<ItemWritten> add(TableRecord table, String id, ByteString requestId) {
        UpdateAction.WithLiteral addition = UpdateAction.WithLiteral.newBuilder()
                .setPath(path("n"))
                .setLiteral(ByteString.copyFrom(ItemCodec.encodeValue(new NumberValue(DynamoNumber.of(1)))))
                .build();
        WriteItem update = write(table, id)
                .setRequestId(requestId)
                .setUpdate(
                        Update.newBuilder().addActions(UpdateAction.newBuilder().setAdd(addition)))
                .setKeyAttributes(ByteString.copyFrom(ItemCodec.encode(Map.of("id", new StringValue(id)))))
                .setReturn(WriteItem.Return.RETURN_UPDATED_NEW)
                .build();
        return client.write(token(table, id), update, Deadline.after(PATIENCE));
    }

    private Map<String, AttributeValue> get(TableRecord table, String id) {
        ItemRead read = client.read(
                        token(table, id),
                        ReadItem.newBuilder()
                                .setTable(table.getId())
                                .setKey(key(table, id))
                                .setConsistent(true)
                                .build(),
                        Deadline.after(PATIENCE))
                .join();
        return read.getFound() ? ItemCodec.decode(read.getItem()) : Map.of();
    }

    private static WriteItem.Builder write(TableRecord table, String id) {
        return WriteItem.newBuilder()
                .setRequestId(newRequestId())
                .setTable(table.getId())
                .setKey(key(table, id));
    }

    private static ByteString item(String id, String value) {
        return ByteString.copyFrom(
                ItemCodec.encode(Map.of("id", new StringValue(id), "value", new StringValue(value))));
    }

    private static long token(TableRecord table, String id) {
        return Tokens.of(table.getId(), KeyEncoding.encode(new StringValue(id)));
    }

    private static ByteString key(TableRecord table, String id) {
        return ByteString.copyFrom(ItemKeys.of(token(table, id), KeyEncoding.encode(new StringValue(id))));
    }

    private static DocumentPath path(String attribute) {
        return DocumentPath.newBuilder()
                .addElements(PathElement.newBuilder().setAttribute(attribute))
                .build();
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
