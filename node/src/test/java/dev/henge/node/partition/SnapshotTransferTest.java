package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.membership.TokenRange;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.log.Disk;
import dev.henge.node.log.SimulatedDisk;
import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.Member;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Catalog;
import dev.henge.proto.Command;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.SnapshotManifest;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One sender and one receiver, a network that loses, doubles and reorders, and processes that die. */
class SnapshotTransferTest {

    private static final int PARTITION = 1;
    private static final TokenRange TOKENS = TokenRange.cut(1).getFirst();
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final SnapshotOptions OPTIONS =
            new SnapshotOptions(2_000, 300, 4, 500, 1_000, 1 << 20, 1, 1, TimeUnit.MINUTES.toNanos(10));

    /** What both sides share: time, chance and the wire. */
    private static final class Wire {
        final Random random;
        final List<Runnable> events = new ArrayList<>();
        long nowNanos = 1;
        int lossPercent;
        int doublePercent;

        Wire(long seed) {
            random = new Random(seed);
        }

        /** Everything that has gathered, in any order. */
        void run() {
            List<Runnable> batch = new ArrayList<>(events);
            events.clear();
            while (!batch.isEmpty()) {
                batch.remove(random.nextInt(batch.size())).run();
            }
        }

        void deliver(Runnable delivery) {
            if (random.nextInt(100) < lossPercent) {
                return;
            }
            events.add(delivery);
            if (random.nextInt(100) < doublePercent) {
                events.add(delivery);
            }
        }
    }

    /** A process: what it posts or does in the background is lost when it dies. */
    private static final class Process implements ReplicaEnvironment {
        final Wire wire;
        final SnapshotResources resources;
        boolean alive = true;

        Process(Wire wire, StorageEngine storage) throws IOException {
            this.wire = wire;
            this.resources = new SnapshotResources(OPTIONS, storage);
        }

        private void later(Runnable task) {
            wire.events.add(() -> {
                if (alive) {
                    task.run();
                }
            });
        }

        @Override
        public long nanoTime() {
            return wire.nowNanos;
        }

        @Override
        public long randomBelow(long bound) {
            return wire.random.nextLong(bound);
        }

        @Override
        public NodeSupport support() {
            throw new AssertionError("not asked for");
        }

        @Override
        public SnapshotResources snapshotResources() {
            return resources;
        }

        @Override
        public void send(String node, PeerMessage message) {
            throw new AssertionError("the hosts send");
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
            fail(cause);
        }

        @Override
        public void runInBackground(Runnable task) {
            later(task);
        }

        @Override
        public void post(Runnable task) {
            later(task);
        }

        @Override
        public void catalogApplied(Catalog catalog) {}

        @Override
        public void fail(Throwable cause) {
            throw new AssertionError(cause);
        }
    }

    private static final class Sending implements SnapshotSender.Host {
        final Wire wire;
        final InMemoryEngine storage = new InMemoryEngine();
        final List<Long> sent = new ArrayList<>();
        private final TreeMap<Long, TreeMap<String, String>> states = new TreeMap<>();
        StateMachine machine;
        Process process;
        SnapshotSender sender;

        @Nullable
        Receiving receiving;

        long logBase;
        boolean wanted = true;

        Sending(Wire wire, int items) throws IOException {
            this.wire = wire;
            machine = machineOn(storage);
            write(items);
            storage.flush();
            process = new Process(wire, storage);
            sender = new SnapshotSender(PARTITION, machine, storage, () -> logBase, process, this);
        }

        void write(int items) {
            for (int i = 0; i < items; i++) {
                long index = machine.applied().index() + 1;
                byte[] value = new byte[wire.random.nextInt(200)];
                wire.random.nextBytes(value);
                machine.apply(List.of(new StateMachine.CommittedEntry(
                        index,
                        1,
                        Command.newBuilder()
                                .setRequestId(ByteString.copyFromUtf8("request " + index))
                                .setMutation(ItemMutation.newBuilder()
                                        .setTable(3)
                                        .setKey(ByteString.copyFrom(ByteBuffer.allocate(12)
                                                .putLong(wire.random.nextLong())
                                                .putInt(i)
                                                .flip()))
                                        .setItem(ByteString.copyFrom(value)))
                                .build())));
            }
            states.put(machine.applied().index(), contents(storage));
        }

        TreeMap<String, String> stateAt(long index) {
            TreeMap<String, String> state = states.get(index);
            if (state == null) {
                throw new AssertionError("no snapshot was made at " + index);
            }
            return state;
        }

        void crash() throws IOException {
            process.alive = false;
            storage.flush();
            storage.crash();
            storage.snapshotFiles().crash(wire.random);
            machine = machineOn(storage);
            process = new Process(wire, storage);
            sender = new SnapshotSender(PARTITION, machine, storage, () -> logBase, process, this);
            wanted = true;
        }

        /** As the core does, which asks the receiver after a transfer that failed where it is. */
        void turn() {
            if (wanted && !done()) {
                wanted = false;
                sender.send("receiver");
            }
            sender.onTick(wire.nowNanos);
        }

        boolean done() {
            Receiving to = receiving;
            return to != null && !to.damaged && to.machine.applied().equals(machine.applied());
        }

        @Override
        public void send(String node, PeerMessage.Builder message) {
            PeerMessage built = message.setPartition(PARTITION).setTerm(1).build();
            Receiving to = receiving;
            if (to == null) {
                throw new AssertionError("nobody receives");
            }
            wire.deliver(() -> {
                if (built.hasSnapshotOffer()) {
                    to.receiver.onOffer("sender", 1, built.getSnapshotOffer());
                } else {
                    to.receiver.onPiece(built.getSnapshotPiece());
                }
            });
        }

        @Override
        public void sent(String node, long index) {
            sent.add(index);
        }

        @Override
        public void failed(String node) {
            wanted = true;
        }

        @Override
        public void storageFailed(StorageException cause) {
            throw new AssertionError(cause);
        }
    }

    private static final class Receiving implements SnapshotReceiver.Host {
        final Wire wire;
        final InMemoryEngine storage = new InMemoryEngine();
        final Sending sending;
        StateMachine machine;
        Process process;
        SnapshotReceiver receiver;
        boolean damaged;
        long neededIndex;
        int pieces;

        Receiving(Wire wire, Sending sending) throws IOException {
            this.wire = wire;
            this.sending = sending;
            sending.receiving = this;
            machine = machineOn(storage);
            process = new Process(wire, storage);
            receiver = new SnapshotReceiver(PARTITION, storage, process, this);
        }

        void crash() throws IOException {
            process.alive = false;
            storage.crash(wire.random);
            storage.snapshotFiles().crash(wire.random);
            machine = machineOn(storage);
            damaged = machine.installing();
            process = new Process(wire, storage);
            receiver = new SnapshotReceiver(PARTITION, storage, process, this);
            if (OwnRange.beingInstalled(storage, PARTITION).isPresent()) {
                receiver.resume();
            }
            // Old, marked or new: never a part of either.
            if (!damaged && machine.applied().index() > 0) {
                assertHoldsTheSame();
            }
        }

        void assertHoldsTheSame() {
            assertThat(contents(storage))
                    .isEqualTo(sending.stateAt(machine.applied().index()));
        }

        @Override
        public long term() {
            return 1;
        }

        @Override
        public boolean acceptsSnapshot(long index) {
            return index >= neededIndex && (damaged || index > machine.applied().index());
        }

        @Override
        public boolean needsSnapshot() {
            return damaged;
        }

        @Override
        public boolean holdsStateAt(long index, long term) {
            return machine.applied().index() == index && machine.applied().term() == term;
        }

        @Override
        public void send(String node, PeerMessage.Builder message) {
            PeerMessage built = message.build();
            pieces += built.getSnapshotRequest().getPiecesCount();
            wire.deliver(() -> {
                if (built.hasSnapshotRequest()) {
                    sending.sender.onRequest("receiver", built.getSnapshotRequest());
                } else {
                    sending.sender.onReply("receiver", built.getSnapshotReply());
                }
            });
        }

        @Override
        public Optional<StateMachine.Clearing> beginInstallation(SnapshotManifest manifest) {
            damaged = true;
            return Optional.of(machine.beginInstallation());
        }

        @Override
        public void endInstallation(long index, long term) {
            machine.endInstallation(index, term);
        }

        @Override
        public void installed(long index, long term, Runnable whenDurable) {
            damaged = false;
            assertThat(machine.applied().index()).isEqualTo(index);
            assertHoldsTheSame();
            whenDurable.run();
        }

        @Override
        public void storageFailed(StorageException cause) {
            throw new AssertionError(cause);
        }
    }

    @Test
    void aReceiverThatComesBackGoesOnWhereItWas() throws IOException {
        Wire wire = new Wire(1);
        Sending sending = new Sending(wire, 200);
        Receiving receiving = new Receiving(wire, sending);
        while (receiving.pieces < 40) {
            turn(sending, receiving);
        }
        receiving.process.alive = false;
        receiving.storage.snapshotFiles().kill();
        receiving.process = new Process(wire, receiving.storage);
        receiving.receiver = new SnapshotReceiver(PARTITION, receiving.storage, receiving.process, receiving);
        untilSent(sending, receiving);
        int inAll = pieces(sending);
        // What was on its way and what was not synced yet comes twice, no more.
        assertThat(receiving.pieces).isLessThan(inAll + 20);
        receiving.assertHoldsTheSame();
    }

    @Test
    void anInstallationThatACrashCutShortIsEndedWithoutASender() throws IOException {
        int notTakenIn = 0;
        int takenIn = 0;
        for (int seed = 0; seed < 40; seed++) {
            Wire wire = new Wire(seed);
            Sending sending = new Sending(wire, 30);
            Receiving receiving = new Receiving(wire, sending);
            while (!receiving.machine.installing()) {
                turn(sending, receiving);
            }
            for (int turns = 0; turns < seed % 6; turns++) {
                turn(sending, receiving);
            }
            sending.process.alive = false;
            wire.events.clear();
            receiving.crash();
            if (!receiving.damaged) {
                continue; // it was not begun durably, or was ended
            }
            if (receiving.holdsStateAt(sending.machine.applied().index(), 1)) {
                takenIn++;
            } else {
                notTakenIn++;
            }
            for (int step = 0; step < 200; step++) {
                wire.nowNanos += STEP_NANOS;
                receiving.receiver.onTick(wire.nowNanos);
                wire.run();
            }
            assertThat(receiving.damaged).isFalse();
            receiving.assertHoldsTheSame();
        }
        assertThat(notTakenIn).isPositive();
        assertThat(takenIn).isPositive();
    }

    /** Without it, it could promise nothing to a leader that the group did not begin with. */
    @Test
    void whoseStateIsThrownAwayKnowsTheMembersStill() {
        InMemoryEngine storage = new InMemoryEngine();
        StateMachine machine = machineOn(storage);
        machine.apply(List.of(new StateMachine.CommittedEntry(
                1, 1, StoredConfigurations.command(new Configuration(1, List.of("n4", "n5", "n6"), List.of())))));
        machine.beginInstallation();

        StateMachine openedAgain = machineOn(storage);
        assertThat(openedAgain.installing()).isTrue();
        assertThat(openedAgain.applied().index()).isZero();
        assertThat(new StoredConfigurations(openedAgain).applied())
                .satisfies(members -> assertThat(members.voters()).containsExactly("n4", "n5", "n6"));
    }

    @Test
    void aSnapshotWhoseFileIsDamagedIsNotInstalledAndAnotherOneIsMade() throws IOException {
        Wire wire = new Wire(2);
        Sending sending = new Sending(wire, 200);
        Receiving receiving = new Receiving(wire, sending);
        while (receiving.pieces < 10) {
            turn(sending, receiving);
        }
        String damagedSnapshot = sending.storage.snapshotFiles().list().getFirst();
        for (String name : sending.storage.snapshotFiles().list()) {
            sending.storage.snapshotFiles().flipBit(name, 100, 3);
        }
        untilSent(sending, receiving);
        receiving.assertHoldsTheSame();
        assertThat(sending.storage.snapshotFiles().list()).doesNotContain(damagedSnapshot);
        assertThat(receiving.storage.snapshotFiles().list()).isEmpty();
    }

    @Test
    void aDiskWithoutRoomRefusesBeforeAnythingIsReceived() throws IOException {
        Wire wire = new Wire(3);
        Sending sending = new Sending(wire, 50);
        Receiving receiving = new Receiving(wire, sending);
        receiving.storage.snapshotFiles().freeBytes(100 << 20);
        for (int step = 0; step < 500; step++) {
            turn(sending, receiving);
        }
        assertThat(receiving.pieces).isZero();
        assertThat(receiving.machine.applied().index()).isZero();

        receiving.storage.snapshotFiles().freeBytes(1 << 30);
        untilSent(sending, receiving);
        receiving.assertHoldsTheSame();
    }

    /** The leader keeps the snapshot, and offers it again to whoever needs one. */
    @Test
    void whoNeedsALaterStateThanTheSnapshotThatItHasInstalledGetsAnotherOne() throws IOException {
        Wire wire = new Wire(6);
        Sending sending = new Sending(wire, 50);
        Receiving receiving = new Receiving(wire, sending);
        untilSent(sending, receiving);
        sending.write(3);
        receiving.damaged = true;
        receiving.neededIndex = sending.machine.applied().index();
        sending.wanted = true;
        for (int step = 0; step < 1_000 && sending.sent.size() < 2; step++) {
            turn(sending, receiving);
        }
        assertThat(sending.done()).isTrue();
        assertThat(sending.sent).last().isEqualTo(receiving.neededIndex);
        receiving.assertHoldsTheSame();
    }

    @Test
    void whoIsDamagedAfterItHasInstalledASnapshotInstallsItOnceMore() throws IOException {
        Wire wire = new Wire(7);
        Sending sending = new Sending(wire, 50);
        Receiving receiving = new Receiving(wire, sending);
        untilSent(sending, receiving);
        int once = receiving.pieces;
        receiving.damaged = true;
        sending.wanted = true;
        for (int step = 0; step < 1_000 && receiving.damaged; step++) {
            turn(sending, receiving);
        }
        assertThat(receiving.damaged).isFalse();
        assertThat(receiving.pieces).isGreaterThan(once);
    }

    @Test
    void theLogAfterASnapshotIsKeptWhileItIsOnItsWayAndAWhileLonger() throws IOException {
        Wire wire = new Wire(4);
        Sending sending = new Sending(wire, 50);
        Receiving receiving = new Receiving(wire, sending);
        long index = sending.machine.applied().index();
        assertThat(sending.sender.retainedIndex()).isEmpty();
        turn(sending, receiving);
        assertThat(sending.sender.retainedIndex()).hasValue(index);
        untilSent(sending, receiving);
        assertThat(sending.sender.retainedIndex()).hasValue(index);
        wire.nowNanos += TimeUnit.SECONDS.toNanos(31);
        assertThat(sending.sender.retainedIndex()).isEmpty();
    }

    @Test
    void aSnapshotThatNobodyAsksForIsDeletedWhenItsTimeIsUp() throws IOException {
        Wire wire = new Wire(5);
        Sending sending = new Sending(wire, 50);
        Receiving receiving = new Receiving(wire, sending);
        untilSent(sending, receiving);
        assertThat(sending.storage.snapshotFiles().list()).isNotEmpty();
        wire.nowNanos += OPTIONS.keptNanos() + 1;
        for (int step = 0; step < 10; step++) {
            turn(sending, receiving);
        }
        assertThat(sending.storage.snapshotFiles().list()).isEmpty();
        assertThat(sending.process.resources.sending().tryTake()).isTrue();
    }

    /** Of the snapshot that stands in the sender's storage. */
    private static int pieces(Sending sending) throws IOException {
        int pieces = 0;
        for (String name : sending.storage.snapshotFiles().list()) {
            try (Disk.DiskFile file = sending.storage.snapshotFiles().open(name)) {
                pieces += (int) Math.ceilDiv(file.sizeBytes(), OPTIONS.pieceBytesMax());
            }
        }
        return pieces;
    }

    @Property(tries = 150)
    void whateverIsLostDoubledOrDiesTheReceiverHoldsTheOldStateOrTheNewOne(@ForAll long seed) throws IOException {
        Wire wire = new Wire(seed);
        wire.lossPercent = wire.random.nextInt(40);
        wire.doublePercent = wire.random.nextInt(40);
        Sending sending = new Sending(wire, 1 + wire.random.nextInt(60));
        Receiving receiving = new Receiving(wire, sending);
        for (int step = 0; step < 2_000; step++) {
            turn(sending, receiving);
            switch (wire.random.nextInt(400)) {
                case 0 -> receiving.crash();
                case 1 -> sending.crash();
                case 2 -> flipBit(sending.storage.snapshotFiles(), wire.random);
                case 3 -> {
                    // The sender's log goes on, and what follows the snapshot is lost.
                    sending.write(1 + wire.random.nextInt(3));
                    sending.logBase = sending.machine.applied().index();
                }
                case 4 -> wire.nowNanos += TimeUnit.SECONDS.toNanos(wire.random.nextInt(40));
                default -> {}
            }
        }
        wire.lossPercent = 0;
        // What fails from now on is tried again, until the receiver holds the last state.
        for (int step = 0; step < 10_000 && !sending.done(); step++) {
            if (step % 1_000 == 999) {
                sending.wanted = true;
            }
            turn(sending, receiving);
        }
        assertThat(sending.done()).isTrue();
        receiving.assertHoldsTheSame();
    }

    private static void flipBit(SimulatedDisk disk, Random random) {
        List<String> names = disk.list();
        if (!names.isEmpty()) {
            // One that is being written may still be empty.
            String name = names.get(random.nextInt(names.size()));
            try {
                disk.flipBit(name, random.nextInt(100), random.nextInt(8));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining(name);
            }
        }
    }

    private static TreeMap<String, String> contents(StorageEngine storage) {
        TreeMap<String, String> contents = new TreeMap<>();
        HexFormat hex = HexFormat.of();
        try (StorageEngine.View view = storage.view()) {
            for (KeyRange range : StateMachine.ranges(PARTITION, TOKENS, view)) {
                try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
                    for (; cursor.valid(); cursor.next()) {
                        contents.put(hex.formatHex(cursor.key()), hex.formatHex(cursor.value()));
                    }
                }
            }
        }
        return contents;
    }

    private static StateMachine machineOn(StorageEngine storage) {
        return new StateMachine(PARTITION, OwnRange.of(TOKENS, 1), new Member("nobody", 0), List.of(), storage);
    }

    private static void untilSent(Sending sending, Receiving receiving) {
        while (sending.sent.isEmpty()) {
            turn(sending, receiving);
        }
    }

    private static void turn(Sending sending, Receiving receiving) {
        Wire wire = sending.wire;
        wire.nowNanos += STEP_NANOS;
        sending.turn();
        receiving.receiver.onTick(wire.nowNanos);
        wire.run();
    }
}
