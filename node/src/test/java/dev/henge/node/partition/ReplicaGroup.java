package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import dev.henge.node.log.LogDamage;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.PartitionLog;
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
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Three replicas of one partition, and those that are added, on a clock that the test moves and a network that delivers at once. Nodes that are up
 * support each other, in sessions that end when one of them goes down.
 */
final class ReplicaGroup {

    static final int PARTITION = 1;
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A node: its disk and storage outlive its process. */
    final class Node implements ReplicaEnvironment {
        final String name;
        StorageEngine storage = new InMemoryEngine();
        private SimulatedDisk disk = new SimulatedDisk();
        private @Nullable WriteAheadLog log;
        private @Nullable Replica replica;

        /** Of partitions that were split from the first, by number. */
        private final Map<Integer, Replica> others = new LinkedHashMap<>();

        private final Map<Integer, PartitionRecord> otherRecords = new LinkedHashMap<>();
        private HeldRanges held = new HeldRanges();

        /** The partition whose replica is being called. */
        private int acting = PARTITION;

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
            Replica started = open(ReplicaIdentity.of(PARTITION, name, storage), opened);
            replica = started;
            held = new HeldRanges();
            held.takeStored(storage);
            assertThat(held.take(PARTITION, started.tokens())).isTrue();
            for (PartitionRecord record : List.copyOf(otherRecords.values())) {
                if (storage.get(StorageKeys.appliedKey(record.getId())) != null) {
                    openOther(record, false);
                }
            }
            supportChanged(name);
        }

        private Replica open(Member member, WriteAheadLog opened) {
            return new Replica(
                    PARTITION,
                    TokenRange.cut(1).getFirst(),
                    1,
                    RaftConfig.ofDefaults(member.name(), NAMES, name.equals("a")),
                    opened.partition(PARTITION),
                    storage,
                    this);
        }

        /** The log turns out to be damaged under the running replica; the node stays up, and supports who supports it. */
        Member findLogDamaged(long generation) {
            WriteAheadLog opened = Objects.requireNonNull(log);
            replica().abandon();
            Predecessor predecessor = replica().asPredecessor();
            posted.clear();
            opened.declareDamaged(PARTITION, new LogDamage(1, 0, "the record read back is not the one written"));
            Member member = ReplicaIdentity.recover(
                    opened.partition(PARTITION), name, storage, false, false, bound -> generation - 1);
            Replica successor = open(member, opened);
            successor.succeeds(predecessor);
            replica = successor;
            return member;
        }

        /** As a node does that the catalog tells of a partition, or whose own replica was split. */
        boolean openOther(PartitionRecord record, boolean leadsFirst) {
            WriteAheadLog opened = Objects.requireNonNull(log);
            PartitionLog partitionLog = opened.partition(record.getId());
            PartitionRange range = OwnRange.toOpen(record, partitionLog, storage, false);
            if (!held.take(record.getId(), OwnRange.tokens(range))) {
                return false;
            }
            Catalog catalog = Catalog.newBuilder().addPartitions(record).build();
            ReplicaIdentity.inherit(record, catalog, storage);
            Member member = ReplicaIdentity.recover(partitionLog, name, storage, true, false, bound -> bound - 1);
            OwnRange.awaitSnapshotWhereSplit(record, range, storage);
            otherRecords.put(record.getId(), record);
            others.put(
                    record.getId(),
                    new Replica(
                            record.getId(),
                            OwnRange.tokens(range),
                            range.getEpoch(),
                            RaftConfig.ofDefaults(member.name(), record.getReplicasList(), leadsFirst),
                            partitionLog,
                            storage,
                            this));
            return true;
        }

        Optional<Replica> other(int partition) {
            return Optional.ofNullable(others.get(partition));
        }

        /** The records of the partitions that were split off here. */
        Map<Integer, PartitionRecord> splitOff() {
            return Map.copyOf(otherRecords);
        }

        /** The process dies and the node loses power: what was not flushed of the storage is lost. */
        void crash() {
            stop();
            ((InMemoryEngine) storage).crash();
        }

        @Override
        public void split(TokenRange kept, PartitionRecord child, boolean here, boolean leads) {
            held.split(acting, kept, here ? Optional.of(child) : Optional.empty());
            if (here) {
                otherRecords.put(child.getId(), child);
                posted.addLast(() -> {
                    if (!others.containsKey(child.getId())) {
                        openOther(child, leads);
                    }
                });
            }
        }

        @Override
        public boolean hold(TokenRange tokens) {
            return held.take(acting, tokens);
        }

        @Override
        public boolean couldHold(TokenRange tokens, List<Integer> without) {
            return held.couldTake(acting, tokens, without);
        }

        @Override
        public void proveSealed(int partition, long index, long term) {
            posted.addLast(() -> {
                acting = partition;
                other(partition).ifPresent(other -> other.proveCommitted(index, term));
                acting = PARTITION;
            });
        }

        @Override
        public void took(int partition, TokenRange tokens, Runnable durable) {
            held.join(acting, tokens, partition);
            int owner = acting;
            posted.addLast(() -> {
                letGo(partition);
                acting = owner;
                durable.run();
                acting = PARTITION;
            });
        }

        @Override
        public boolean giveWay(List<Integer> partitions) {
            partitions.stream()
                    .filter(others::containsKey)
                    .forEach(partition -> posted.addLast(() -> letGo(partition)));
            return partitions.stream().noneMatch(others::containsKey);
        }

        /** As a node does with what became part of another partition. */
        private void letGo(int partition) {
            Replica merged = others.remove(partition);
            if (merged != null) {
                otherRecords.remove(partition);
                merged.abandon();
                PartitionLog merging = Objects.requireNonNull(log).partition(partition);
                if (OwnRange.taken(storage, partition).isPresent()) {
                    ReplicaIdentity.eraseTaken(merging, storage);
                } else {
                    ReplicaIdentity.eraseForSnapshot(merging, merged.machine().range(), storage);
                }
                held.release(partition);
            }
        }

        /** The other partition's replica is gone from here, as if its node never had one. */
        void loseOther(int partition) {
            letGo(partition);
        }

        void stop() {
            replica = null;
            others.clear();
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

        /** The machine is gone for good, and another one comes in its place. */
        Member loseAll(long generation) throws IOException {
            stop();
            storage = new InMemoryEngine();
            return loseLog(generation);
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
            busy |= turn(running, opened);
            for (Replica other : List.copyOf(others.values())) {
                busy |= turn(other, opened);
            }
            return busy;
        }

        private boolean turn(Replica running, WriteAheadLog opened) {
            acting = running.partition();
            if (running.nextTickNanos() <= nowNanos) {
                running.onTick();
            }
            running.endTurn();
            running.onDurable(opened.sync());
            running.endTurn();
            acting = PARTITION;
            return running.awaitsSync();
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
            return Math.min(bound - 1, 1 + (name.charAt(0) - 'a') % 4 * (bound / 4));
        }

        @Override
        public NodeSupport support() {
            return new NodeSupport() {
                @Override
                public PeerSupport peer(String node) {
                    return new Support(Node.this, node(node));
                }

                @Override
                public long incarnation() {
                    return lives;
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
            if (receiver.isUp() && !lost.test(message)) {
                receiver.posted.addLast(() -> receiver.take(name, message));
            }
        }

        private void take(String from, PeerMessage message) {
            acting = message.getPartition();
            if (message.getPartition() == PARTITION) {
                replica().onMessage(from, message);
            } else {
                other(message.getPartition()).ifPresent(other -> other.onMessage(from, message));
            }
            acting = PARTITION;
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
        public List<String> nodesOf(int partition) {
            return List.of();
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
            post(task);
        }

        @Override
        public void post(Runnable task) {
            int owner = acting;
            posted.addLast(() -> {
                acting = owner;
                task.run();
                acting = PARTITION;
            });
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
        public long given(long incarnation) {
            return incarnation == other.lives ? given() : 0;
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
    private Predicate<PeerMessage> lost = message -> false;

    ReplicaGroup() throws IOException {
        for (String name : NAMES) {
            nodes.put(name, new Node(name));
        }
        for (Node node : nodes.values()) {
            node.start();
        }
    }

    /** A node that has a new replica: it was made after the group, and is no member. */
    Node add(String name) throws IOException {
        Node added = new Node(name);
        nodes.put(name, added);
        ReplicaIdentity.beginAnew(PARTITION, name, added.storage, name.charAt(0));
        added.start();
        return added;
    }

    /** A node that is to keep the log alone. */
    Node addLogReplica(String name) throws IOException {
        Node added = new Node(name);
        nodes.put(name, added);
        ReplicaIdentity.beginAnew(PARTITION, name, added.storage, -name.charAt(0));
        added.start();
        return added;
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

    /** From now on these messages get lost. */
    void lose(Predicate<PeerMessage> which) {
        lost = which;
    }

    private void supportChanged(String name) {
        for (Node node : nodes.values()) {
            if (!node.name.equals(name) && node.isUp()) {
                node.posted.addLast(() -> {
                    node.replica().onSupportChanged(name);
                    node.others.values().forEach(other -> other.onSupportChanged(name));
                });
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

    /** One turn of every node. */
    void settleOnce() {
        nodes.values().forEach(Node::turn);
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

    /** Asks a replica as it is; the answers that come are in the list. */
    List<DataResponse> submit(Node node, Replica replica, DataRequest.Builder request) {
        List<DataResponse> answers = new ArrayList<>();
        DataRequest whole = request.setPartition(replica.partition())
                .setEpoch(replica.epoch())
                .build();
        node.post(() -> replica.submit(whole, response -> answers.add(response.build())));
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
