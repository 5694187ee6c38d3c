package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.node.log.Disk;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotPieces;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.snapshot.StagedSnapshot;
import dev.henge.node.storage.ExportedFile;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.BehindSeal;
import dev.henge.proto.HeldRange;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.SnapshotFile;
import dev.henge.proto.SnapshotManifest;
import dev.henge.proto.SnapshotPiece;
import dev.henge.proto.SnapshotReply;
import dev.henge.proto.SnapshotRequest;
import dev.henge.proto.TakePoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and sends a partition's snapshots: one at a time, for all replicas that need one. It is offered again and again until
 * its receiver says how it ended or is silent for too long, and kept for a while after that: a receiver that comes back goes
 * on where it was, as long as the log still holds what follows the snapshot.
 */
final class SnapshotSender {

    private static final Logger log = LoggerFactory.getLogger(SnapshotSender.class);

    private static final long OFFER_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How often it looks whether the rate lets more go. */
    private static final long ACTIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How often it looks whether a snapshot that nobody asks for is worth keeping. */
    private static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long SILENCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** A receiver that has just installed a snapshot needs the log after it for a while. */
    private static final long TAIL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int WANTED_MAX = 64;
    private static final int READS_WAITING_MAX = 4;

    /** What the sender needs of its replica. */
    interface Host {
        void send(String node, PeerMessage.Builder message);

        /** The node has installed the snapshot at this index. */
        void sent(String node, long index);

        void failed(String node);

        /** The replica's own storage could not be read. */
        void storageFailed(StorageException cause);
    }

    /** A replica that needs a snapshot. */
    private static final class Receiver {
        final String node;
        final SequencedSet<Integer> wanted = new LinkedHashSet<>();
        long lastHeardNanos;
        long nextOfferNanos;

        Receiver(String node, long nowNanos) {
            this.node = node;
            this.lastHeardNanos = nowNanos;
            this.nextOfferNanos = nowNanos;
        }
    }

    /** A snapshot: being made until it has a manifest. */
    private static final class Exported {
        final long transfer;
        final StateMachine.Applied position;
        final StorageEngine.View view;
        final HeldRange range;
        final Optional<BehindSeal> behindSeal;
        StorageEngine.@Nullable Export export;

        @Nullable
        SnapshotManifest manifest;

        @Nullable
        SnapshotPieces pieces;

        boolean sliceRunning;
        boolean discarded;
        long lastUsedNanos;
        long madeFromNanos;

        /** @param view of what the state machine holds now */
        Exported(long transfer, StateMachine machine, StorageEngine.View view, long nowNanos) {
            this.transfer = transfer;
            this.position = machine.applied();
            this.range = machine.range();
            this.behindSeal = machine.behindSeal();
            this.view = view;
            this.lastUsedNanos = nowNanos;
            this.madeFromNanos = nowNanos;
        }
    }

    private final int partition;
    private final StateMachine machine;
    private final StorageEngine storage;
    private final LongSupplier logBase;
    private final ReplicaEnvironment environment;
    private final SnapshotResources resources;
    private final SnapshotOptions options;
    private final Host host;
    private final BackgroundQueue background;
    private final Map<String, Receiver> receivers = new LinkedHashMap<>();
    private @Nullable Exported current;

    /** Those whose files may be there: the current one, and those being deleted. Each holds a permit. */
    private final List<Exported> held = new ArrayList<>();

    private int readsWaiting;
    private long pumpedNanos;
    private long tailIndex;
    private long tailUntilNanos;

    /** @param logBase index after which the log holds entries */
    SnapshotSender(
            int partition,
            StateMachine machine,
            StorageEngine storage,
            LongSupplier logBase,
            ReplicaEnvironment environment,
            Host host) {
        this.partition = partition;
        this.machine = machine;
        this.storage = storage;
        this.logBase = logBase;
        this.environment = environment;
        this.resources = environment.snapshotResources();
        this.options = resources.options();
        this.host = host;
        this.background = new BackgroundQueue(environment);
    }

    /** Sends the node a snapshot, however long it takes; says through the host how it ended. */
    void send(String node) {
        long now = environment.nanoTime();
        receivers.put(node, new Receiver(node, now));
        pump(now);
    }

    /** Sends no more. What was made is kept for a while. */
    void stop() {
        receivers.clear();
    }

    /** The log must be kept after this index, as long as it isn't too long; empty when it need not. */
    OptionalLong retainedIndex() {
        Exported snapshot = current;
        if (snapshot != null && !receivers.isEmpty()) {
            return OptionalLong.of(snapshot.position.index());
        }
        return environment.nanoTime() < tailUntilNanos ? OptionalLong.of(tailIndex) : OptionalLong.empty();
    }

    void onTick(long nowNanos) {
        pump(nowNanos);
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never. */
    long nextTickNanos() {
        if (!receivers.isEmpty()) {
            return pumpedNanos + ACTIVE_NANOS;
        }
        return current == null ? Long.MAX_VALUE : pumpedNanos + KEPT_NANOS;
    }

    private void pump(long nowNanos) {
        pumpedNanos = nowNanos;
        Exported snapshot = current;
        if (snapshot != null && isUseless(snapshot, nowNanos)) {
            discard(snapshot);
            snapshot = null;
        }
        if (receivers.isEmpty()) {
            return;
        }
        if (snapshot == null) {
            snapshot = begin(nowNanos);
        }
        if (snapshot == null || snapshot.manifest == null) {
            receivers.values().forEach(receiver -> receiver.lastHeardNanos = nowNanos);
            if (snapshot != null) {
                makeSome(snapshot, nowNanos);
            }
            return;
        }
        snapshot.lastUsedNanos = nowNanos;
        for (Receiver receiver : List.copyOf(receivers.values())) {
            if (nowNanos - receiver.lastHeardNanos > SILENCE_NANOS_MAX) {
                giveUp(receiver, "no answer");
                continue;
            }
            if (nowNanos >= receiver.nextOfferNanos) {
                receiver.nextOfferNanos = nowNanos + OFFER_NANOS;
                host.send(receiver.node, PeerMessage.newBuilder().setSnapshotOffer(snapshot.manifest));
            }
            serve(receiver, snapshot, nowNanos);
        }
    }

    /** Nobody could go on after it, or nobody needs it and its time or its place is up. */
    private boolean isUseless(Exported snapshot, long nowNanos) {
        if (snapshot.position.index() < logBase.getAsLong()) {
            if (!receivers.isEmpty()) {
                log.warn(
                        "partition {}: the log after the snapshot at index {} had to go; begins another snapshot",
                        partition,
                        snapshot.position.index());
            }
            return true;
        }
        if (!receivers.isEmpty()) {
            return false;
        }
        return snapshot.manifest == null
                || nowNanos - snapshot.lastUsedNanos > options.keptNanos()
                || resources.sending().wanted();
    }

    // ---- making ------------------------------------------------------------------------------------------------

    private @Nullable Exported begin(long nowNanos) {
        if (!resources.sending().tryTake()) {
            return null;
        }
        StorageEngine.View view = storage.view();
        if (OwnRange.stored(view, partition).filter(HeldRange::getTaken).isPresent()) {
            // Its items are another replica's by now, and change.
            view.close();
            resources.sending().giveBack();
            List.copyOf(receivers.values()).forEach(receiver -> giveUp(receiver, "the partition is part of another"));
            return null;
        }
        Exported snapshot = new Exported(environment.randomBelow(Long.MAX_VALUE), machine, view, nowNanos);
        current = snapshot;
        held.add(snapshot);
        log.info("partition {}: makes a snapshot at index {}", partition, snapshot.position.index());
        return snapshot;
    }

    private void makeSome(Exported snapshot, long nowNanos) {
        if (snapshot.sliceRunning || !resources.outgoing().tryTake(0, nowNanos)) {
            return;
        }
        snapshot.sliceRunning = true;
        background.run(
                () -> makeSlice(snapshot),
                complete -> {
                    snapshot.sliceRunning = false;
                    if (complete && !snapshot.discarded) {
                        made(snapshot);
                    }
                    pump(environment.nanoTime());
                },
                failure -> onStorageFailure(snapshot, failure));
    }

    private boolean makeSlice(Exported snapshot) {
        StorageEngine.Export export = snapshot.export;
        if (export == null) {
            export = storage.export(
                    snapshot.view,
                    StateMachine.ranges(partition, OwnRange.tokens(snapshot.range.getRange()), snapshot.view),
                    SnapshotResources.exportPrefix(partition, snapshot.transfer),
                    options.fileBytesMax());
            snapshot.export = export;
        }
        long writtenBytes = export.writeSome(options.sliceBytesMax());
        resources.outgoing().charge(Math.max(0, writtenBytes));
        return writtenBytes < 0;
    }

    private void made(Exported snapshot) {
        StorageEngine.Export export = snapshot.export;
        if (export == null) {
            throw new IllegalStateException("a snapshot was made without an export");
        }
        SnapshotManifest.Builder manifest = SnapshotManifest.newBuilder()
                .setTransfer(snapshot.transfer)
                .setIndex(snapshot.position.index())
                .setTerm(snapshot.position.term())
                .setPieceBytes(options.pieceBytesMax())
                .setRange(snapshot.range.getRange())
                .addAllSplits(snapshot.range.getSplitsList())
                .addAllTaken(snapshot.range.getTakesList().stream()
                        .map(TakePoint::getPartition)
                        .toList());
        snapshot.behindSeal.ifPresent(manifest::setBehindSeal);
        for (ExportedFile file : export.files()) {
            manifest.addFiles(
                    SnapshotFile.newBuilder().setSizeBytes(file.sizeBytes()).setChecksum(file.checksum()));
        }
        snapshot.manifest = manifest.build();
        SnapshotPieces pieces = new SnapshotPieces(snapshot.manifest);
        snapshot.pieces = pieces;
        background.run(
                () -> {
                    export.close();
                    return true;
                },
                done -> {},
                failure -> onStorageFailure(snapshot, failure));
        log.info(
                "partition {}: made a snapshot at index {}: {} bytes in {} files, in {} ms",
                partition,
                snapshot.position.index(),
                pieces.sizeBytes(),
                manifest.getFilesCount(),
                TimeUnit.NANOSECONDS.toMillis(environment.nanoTime() - snapshot.madeFromNanos));
    }

    private void onStorageFailure(Exported snapshot, Exception failure) {
        snapshot.sliceRunning = false;
        log.error(
                "partition {}: can't make a snapshot at index {}: {}",
                partition,
                snapshot.position.index(),
                failure.getMessage());
        if (current == snapshot) {
            discard(snapshot);
            List.copyOf(receivers.values()).forEach(receiver -> giveUp(receiver, "it could not be made"));
        }
        if (failure instanceof StorageException storageFailure && storageFailure.damage()) {
            host.storageFailed(storageFailure);
        }
    }

    /** Deletes it, when what is under way with it is done. */
    private void discard(Exported snapshot) {
        current = null;
        snapshot.discarded = true;
        receivers.values().forEach(receiver -> receiver.wanted.clear());
        background.run(
                () -> {
                    delete(snapshot);
                    return true;
                },
                done -> giveBack(snapshot),
                failure -> {
                    log.warn("partition {}: can't delete a snapshot: {}", partition, failure.getMessage());
                    giveBack(snapshot);
                });
    }

    private void giveBack(Exported snapshot) {
        held.remove(snapshot);
        resources.sending().giveBack();
    }

    private void delete(Exported snapshot) throws IOException {
        StorageEngine.Export export = snapshot.export;
        if (export == null) {
            snapshot.view.close();
        } else {
            export.close();
        }
        SnapshotResources.deleteExported(
                storage.snapshotFiles(), SnapshotResources.exportPrefix(partition, snapshot.transfer));
    }

    // ---- sending -----------------------------------------------------------------------------------------------

    void onRequest(String from, SnapshotRequest request) {
        Receiver receiver = receivers.get(from);
        Exported snapshot = current;
        if (receiver == null || snapshot == null || snapshot.pieces == null) {
            return;
        }
        long now = environment.nanoTime();
        receiver.lastHeardNanos = now;
        if (snapshot.transfer != request.getTransfer()) {
            return;
        }
        receiver.nextOfferNanos = now + OFFER_NANOS;
        for (int piece : request.getPiecesList()) {
            if (receiver.wanted.size() < WANTED_MAX && piece >= 0 && piece < snapshot.pieces.count()) {
                receiver.wanted.add(piece);
            }
        }
        serve(receiver, snapshot, now);
    }

    private void serve(Receiver receiver, Exported snapshot, long nowNanos) {
        SnapshotPieces pieces = snapshot.pieces;
        while (pieces != null && !receiver.wanted.isEmpty() && readsWaiting < READS_WAITING_MAX) {
            int piece = receiver.wanted.getFirst();
            SnapshotPieces.Place place = pieces.place(piece);
            if (!resources.outgoing().tryTake(place.sizeBytes(), nowNanos)) {
                return;
            }
            receiver.wanted.removeFirst();
            readsWaiting++;
            background.run(
                    () -> read(snapshot, piece, place),
                    message -> {
                        readsWaiting--;
                        if (receivers.get(receiver.node) == receiver && !snapshot.discarded) {
                            host.send(receiver.node, PeerMessage.newBuilder().setSnapshotPiece(message));
                            serve(receiver, snapshot, environment.nanoTime());
                        }
                    },
                    failure -> {
                        readsWaiting--;
                        onStorageFailure(snapshot, failure);
                    });
        }
    }

    private SnapshotPiece read(Exported snapshot, int piece, SnapshotPieces.Place place) throws IOException {
        StorageEngine.Export export = snapshot.export;
        if (export == null) {
            throw new IllegalStateException("a snapshot is sent without an export");
        }
        String name = export.files().get(place.file()).name();
        ByteBuffer content = ByteBuffer.allocate(place.sizeBytes());
        try (Disk.DiskFile file = storage.snapshotFiles().open(name)) {
            file.read(content, place.offset());
        }
        ByteString bytes = ByteString.copyFrom(content.flip());
        return SnapshotPiece.newBuilder()
                .setTransfer(snapshot.transfer)
                .setPiece(piece)
                .setContent(bytes)
                .setChecksum(StagedSnapshot.checksum(bytes))
                .build();
    }

    void onReply(String from, SnapshotReply reply) {
        Receiver receiver = receivers.get(from);
        Exported snapshot = current;
        if (receiver == null || snapshot == null || snapshot.transfer != reply.getTransfer()) {
            return;
        }
        long now = environment.nanoTime();
        receiver.lastHeardNanos = now;
        switch (reply.getOutcome()) {
            case INSTALLED -> {
                log.info("partition {}: node {} installed the snapshot at {}", partition, from, snapshot.position);
                receivers.remove(from);
                tailIndex = snapshot.position.index();
                tailUntilNanos = now + TAIL_NANOS;
                host.sent(from, snapshot.position.index());
            }
            case BUSY -> {}
            case STALE -> {
                giveUp(receiver, "it has no use for it");
                discardUnlessUsed(snapshot);
            }
            case DAMAGED -> {
                giveUp(receiver, "what it received is not what was made");
                discardUnlessUsed(snapshot);
            }
            case FAILED -> giveUp(receiver, reply.getReason());
            case UNKNOWN, UNRECOGNIZED -> giveUp(receiver, "the outcome is one that this version does not know");
        }
    }

    /** Another one is to be made next time; not under those who are served from it. */
    private void discardUnlessUsed(Exported snapshot) {
        if (receivers.isEmpty() && current == snapshot) {
            discard(snapshot);
        }
    }

    private void giveUp(Receiver receiver, String why) {
        log.warn("partition {}: the snapshot for node {} was given up: {}", partition, receiver.node, why);
        receivers.remove(receiver.node);
        host.failed(receiver.node);
    }

    /** The replica is given up while its process goes on; completes when nothing of this is left. */
    CompletableFuture<Void> abandon() {
        receivers.clear();
        current = null;
        List<Exported> left = List.copyOf(held);
        held.clear();
        return background.abandon(() -> {
            for (Exported snapshot : left) {
                resources.sending().giveBack();
            }
            for (Exported snapshot : left) {
                delete(snapshot);
            }
            return true;
        });
    }

    /** The process ends. */
    void close() {
        background.close();
    }
}
