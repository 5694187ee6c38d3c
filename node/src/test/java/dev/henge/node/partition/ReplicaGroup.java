package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.SimulatedDisk;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.replication.Role;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Three replicas of one partition, on a clock that the test moves and a network that delivers at once. Nodes that are up
 * support each other, in sessions that end when one of them goes down.
 */
final class ReplicaGroup {

    static final int PARTITION = 1;
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A node: its disk and storage outlive its process. */
    final class Node implements ReplicaEnvironment {
        final String name;
        final StorageEngine storage = new InMemoryEngine();
        private SimulatedDisk disk = new SimulatedDisk();
        private @Nullable WriteAheadLog log;
        private @Nullable Replica replica;
        private @Nullable SnapshotResources snapshotResources;
        private final Deque<Runnable> posted = new ArrayDeque<>();
        private int lives;

        private Node(String name) {
            this.name = name;
        }

        boolean isUp() {
            return replica != null;
        }

        Replica replica() {
            if (replica == null) {
                throw new AssertionError(name + " is down");
            }
            return replica;
        }

        void start() throws IOException {
            lives++;
            snapshotResources =
                    new SnapshotResources(SnapshotOptions.ofRate(SnapshotOptions.BYTES_PER_SECOND), storage);
            WriteAheadLog opened = WriteAheadLog.open(disk, LogOptions.DEFAULTS, broken -> {
                throw broken;
            });
            log = opened;
            Replica started = new Replica(
                    PARTITION,
                    TokenRange.cut(1).getFirst(),
                    1,
                    RaftConfig.ofDefaults(
                            ReplicaIdentity.of(PARTITION, name, storage).name(), NAMES, name.equals("a")),
                    opened.partition(PARTITION),
                    storage,
                    this);
            replica = started;
            supportChanged(name);
        }

        void stop() {
            replica = null;
            posted.clear();
            supportChanged(name);
        }

        /** The log is gone; it is found out at the start that follows. */
        Member loseLog(long generation) throws IOException {
            stop();
            Member member = ReplicaIdentity.beginAnew(PARTITION, name, storage, generation);
            disk = new SimulatedDisk();
            start();
            return member;
        }

        boolean leads() {
            return replica != null && replica.leads();
        }

        Configuration configuration() {
            return replica().core().configuration();
        }

        private boolean turn() {
            Replica running = replica;
            WriteAheadLog opened = log;
            if (running == null || opened == null) {
                return false;
            }
            boolean busy = !posted.isEmpty();
            while (!posted.isEmpty()) {
                posted.removeFirst().run();
            }
            if (running.nextTickNanos() <= nowNanos) {
                running.onTick();
            }
            running.endTurn();
            running.onDurable(opened.sync());
            running.endTurn();
            return busy || running.awaitsSync();
        }

        @Override
        public SnapshotResources snapshotResources() {
            return Objects.requireNonNull(snapshotResources);
        }

        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public long randomBelow(long bound) {
            return Math.min(bound - 1, 1 + NAMES.indexOf(name) * (bound / 4));
        }

        @Override
        public NodeSupport support() {
            return new NodeSupport() {
                @Override
                public PeerSupport peer(String node) {
                    return new Support(Node.this, node(node));
                }

                @Override
                public boolean diskProves() {
                    return true;
                }
            };
        }

        @Override
        public void send(String to, PeerMessage message) {
            Node receiver = node(to);
            messages++;
            if (receiver.isUp()) {
                receiver.posted.addLast(() -> receiver.replica().onMessage(name, message));
            }
        }

        @Override
        public void runSliced(SlicedTask task) {
            while (task.runSlice() >= 0) {
                // Goes on until it is done.
            }
        }

        @Override
        public Optional<TableRecord> table(long id) {
            return Optional.empty();
        }

        @Override
        public OptionalInt partitionOf(long token) {
            return OptionalInt.empty();
        }

        @Override
        public CompletableFuture<Void> sendIndexBatch(int receiver, IndexBatch batch) {
            throw new AssertionError("there are no global indexes");
        }

        @Override
        public DamageMarks damageMarks() {
            return new NoDamageMarks();
        }

        @Override
        public void storageDamaged(StorageException cause) {
            throw cause;
        }

        @Override
        public void runInBackground(Runnable task) {
            posted.addLast(task);
        }

        @Override
        public void post(Runnable task) {
            posted.addLast(task);
        }

        @Override
        public void catalogApplied(Catalog catalog) {}

        @Override
        public void fail(Throwable cause) {
            throw new AssertionError(cause);
        }
    }

    private record Support(Node one, Node other) implements PeerSupport {
        @Override
        public long given() {
            return one.isUp() && other.isUp() ? one.lives * 1_000L + other.lives : 0;
        }

        @Override
        public long received() {
            return one.isUp() && other.isUp() ? other.lives * 1_000L + one.lives : 0;
        }

        @Override
        public long receivedUntilNanos(long session) {
            return session != 0 && session == received() ? Long.MAX_VALUE : 0;
        }
    }

    static final List<String> NAMES = List.of("a", "b", "c");

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private long nowNanos = 1;
    private long messages;

    ReplicaGroup() throws IOException {
        for (String name : NAMES) {
            nodes.put(name, new Node(name));
        }
        for (Node node : nodes.values()) {
            node.start();
        }
    }

    Node node(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new AssertionError("no node " + name);
        }
        return node;
    }

    Node leader() {
        return nodes.values().stream()
                .filter(Node::leads)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads"));
    }

    boolean hasLeader() {
        return nodes.values().stream().anyMatch(Node::leads);
    }

    long messages() {
        return messages;
    }

    private void supportChanged(String name) {
        for (Node node : nodes.values()) {
            if (!node.name.equals(name) && node.isUp()) {
                node.posted.addLast(() -> node.replica().onSupportChanged(name));
            }
        }
    }

    /** Lets time pass, and everything happen that is due. */
    void pass(long millis) {
        long endNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        while (nowNanos < endNanos) {
            settle();
            nowNanos += STEP_NANOS;
        }
        settle();
    }

    /** Lets everything happen that needs no time. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Node node : nodes.values()) {
                busy |= node.turn();
            }
        }
    }

    /** Asks a node; the answers that come are in the list. */
    List<DataResponse> submit(Node node, DataRequest.Builder request) {
        List<DataResponse> answers = new ArrayList<>();
        DataRequest whole = request.setPartition(PARTITION).setEpoch(1).build();
        node.post(() -> node.replica().submit(whole, response -> answers.add(response.build())));
        return answers;
    }

    /** Role of each node that is up, for messages. */
    String roles() {
        StringBuilder roles = new StringBuilder();
        nodes.forEach((name, node) -> roles.append(name)
                .append(' ')
                .append(node.isUp() ? node.replica().core().role() : Role.FOLLOWER));
        return roles.toString();
    }
}
