package dev.henge.node.partition;

import dev.henge.node.log.Disk;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotPieces;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.snapshot.StagedSnapshot;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.SnapshotManifest;
import dev.henge.proto.SnapshotPiece;
import dev.henge.proto.SnapshotReply;
import dev.henge.proto.SnapshotRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the snapshot that is to replace a replica's state: asks for its pieces, stages them, and, when all are there and
 * sound, throws the old state away and takes the files in. From the moment at which the old state goes until the new one is
 * durable a mark stands in the storage, and the replica counts as damaged.
 */
final class SnapshotReceiver {

    private static final Logger log = LoggerFactory.getLogger(SnapshotReceiver.class);

    /** How often it looks whether the rate lets it ask for more. */
    private static final long ACTIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long SILENCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** What is staged may be all that there is: it is tried again, also when the disk failed or was full. */
    private static final long RESUME_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How often it looks whether others have given way. */
    private static final long GIVE_WAY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long ROOM_SPARED_BYTES = 256L << 20;

    /** What the receiver needs of its replica. */
    interface Host {
        long term();

        boolean acceptsSnapshot(long index);

        /** Whether the replica lacks nothing of the snapshot but what may follow the end of a partition. */
        default boolean hasComeToSealOf(SnapshotManifest manifest) {
            return false;
        }

        /** Takes over what follows the end of the partition: declares the state machine damaged until that is durable. */
        default void passBehindSeal(SnapshotManifest manifest) {
            throw new IllegalStateException("the partition has not ended");
        }

        /** Whether the replica can't go on with the state that it has, whatever that is. */
        boolean needsSnapshot();

        /** Whether the storage, whole or not, says that it holds the state as of this entry. */
        boolean holdsStateAt(long index, long term);

        void send(String node, PeerMessage.Builder message);

        /** Whether no other replica of the node holds what the snapshot reaches into. */
        default boolean mayHold(SnapshotManifest manifest) {
            return true;
        }

        /**
         * Applies what the replica's own log has up to the last split of the partition: the snapshot proves that it is
         * committed, and has nothing of what was split off. False when that could not be applied now.
         */
        default boolean applyUpToSplits(SnapshotManifest manifest) {
            return true;
        }

        /**
         * Asks replicas of partitions that are part of this one, by the snapshot, to go from this node. False while they are
         * still here.
         */
        default boolean othersGaveWay(SnapshotManifest manifest) {
            return true;
        }

        /** The old state goes: declares the state machine damaged. Empty when {@link #mayHold} says no. */
        Optional<StateMachine.Clearing> beginInstallation(SnapshotManifest manifest);

        /** The new state is in its place: loads it. */
        void endInstallation(long index, long term);

        /** The new state is durable; runs the task once what follows for the log is durable too. */
        void installed(long index, long term, Runnable whenDurable);

        void storageFailed(StorageException cause);
    }

    private enum Phase {
        OPENING,
        RECEIVING,
        VERIFYING,
        /** The old state is gone. */
        REPLACING
    }

    private static final class Incoming {
        final SnapshotManifest manifest;
        final SnapshotPieces pieces;
        final Map<Integer, Long> askedNanos = new LinkedHashMap<>();

        @Nullable
        String from;

        Phase phase = Phase.OPENING;

        @Nullable
        StagedSnapshot staged;

        int nextPiece;
        int receivedCount;
        boolean othersGoAway;
        long beganNanos;
        long lastHeardNanos;
        long lastAskedNanos;
        boolean abandoned;

        /** What could not be done for want of disk space; null when nothing waits. */
        @Nullable
        Runnable retry;

        long retryNanos;

        /** @param from null while nobody sends it, for all of it is here */
        Incoming(@Nullable String from, SnapshotManifest manifest, SnapshotPieces pieces, long nowNanos) {
            this.from = from;
            this.manifest = manifest;
            this.pieces = pieces;
            this.beganNanos = nowNanos;
            this.lastHeardNanos = nowNanos;
            this.lastAskedNanos = nowNanos;
        }

        StagedSnapshot staged() {
            if (staged == null) {
                throw new IllegalStateException("nothing is staged yet");
            }
            return staged;
        }
    }

    private final int partition;
    private final StorageEngine storage;
    private final ReplicaEnvironment environment;
    private final SnapshotResources resources;
    private final SnapshotOptions options;
    private final Host host;
    private final BackgroundQueue background;
    private @Nullable Incoming incoming;
    private long installedTransfer = -1;
    private long tickedNanos;

    /** When what a transfer that went no further left behind is deleted; {@code Long.MAX_VALUE} when there is nothing. */
    private long deleteLeftNanos;

    /** When an installation is resumed that a restart found begun; {@code Long.MAX_VALUE} when there is none. */
    private long resumeNanos = Long.MAX_VALUE;

    private boolean reopening;
    private @Nullable StagedSnapshot reopened;

    SnapshotReceiver(int partition, StorageEngine storage, ReplicaEnvironment environment, Host host) {
        this.partition = partition;
        this.storage = storage;
        this.environment = environment;
        this.resources = environment.snapshotResources();
        this.options = resources.options();
        this.host = host;
        this.background = new BackgroundQueue(environment);
        this.deleteLeftNanos = environment.nanoTime() + options.keptNanos();
    }

    // ---- offers ------------------------------------------------------------------------------------------------

    void onOffer(String from, long term, SnapshotManifest manifest) {
        if (term < host.term()) {
            return;
        }
        Incoming current = incoming;
        boolean same = current != null && current.manifest.getTransfer() == manifest.getTransfer();
        if (current != null && same && (current.phase == Phase.REPLACING || !host.hasComeToSealOf(manifest))) {
            current.from = from;
            current.lastHeardNanos = environment.nanoTime();
            if (current.phase != Phase.RECEIVING) {
                // Shows that it goes on; there is nothing to ask for.
                request(current, List.of());
                return;
            }
            askForMore(current);
            return;
        }
        if (current != null && current.phase == Phase.REPLACING) {
            // The sender of another one offers it again.
            return;
        }
        // One that is damaged once more, or can't go on from there, needs this one again, or another.
        if (manifest.getTransfer() == installedTransfer && !host.needsSnapshot()) {
            reply(from, manifest.getTransfer(), SnapshotReply.Outcome.INSTALLED, "");
            return;
        }
        boolean useful =
                host.hasComeToSealOf(manifest) || (host.acceptsSnapshot(manifest.getIndex()) && host.mayHold(manifest));
        if (!useful) {
            reply(from, manifest.getTransfer(), SnapshotReply.Outcome.STALE, "");
            return;
        }
        if (current != null) {
            log.info("partition {}: a newer snapshot takes the place of the one being received", partition);
            leave(current);
        }
        begin(from, manifest);
    }

    private void begin(String from, SnapshotManifest manifest) {
        SnapshotPieces pieces;
        try {
            pieces = new SnapshotPieces(manifest);
        } catch (IllegalArgumentException e) {
            reply(from, manifest.getTransfer(), SnapshotReply.Outcome.FAILED, "the manifest: " + e.getMessage());
            return;
        }
        if (!resources.receiving().tryTake()) {
            reply(from, manifest.getTransfer(), SnapshotReply.Outcome.BUSY, "");
            return;
        }
        Incoming begun = new Incoming(from, manifest, pieces, environment.nanoTime());
        incoming = begun;
        resumeNanos = Long.MAX_VALUE;
        deleteLeftNanos = Long.MAX_VALUE;
        if (host.hasComeToSealOf(manifest)) {
            passBehindSeal(begun);
            return;
        }
        background.run(
                () -> {
                    StagedSnapshot staged = openStaged(begun);
                    begun.staged = staged;
                    return staged;
                },
                staged -> {
                    if (!begun.abandoned) {
                        onOpened(begun, staged);
                    }
                },
                failure -> abandon(begun, SnapshotReply.Outcome.FAILED, failure));
    }

    /** There is nothing to ask for: what the replica holds is what the snapshot holds. */
    private void passBehindSeal(Incoming current) {
        try {
            host.passBehindSeal(current.manifest);
        } catch (StorageException e) {
            if (!e.outOfSpace()) {
                throw e;
            }
            abandon(current, SnapshotReply.Outcome.FAILED, e);
            return;
        }
        current.phase = Phase.REPLACING;
        inBackground(current, storage::flush, () -> onDurable(current));
    }

    private StagedSnapshot openStaged(Incoming begun) throws IOException {
        Disk disk = storage.snapshotFiles();
        StagedSnapshot staged = StagedSnapshot.open(disk, partition, begun.manifest, options.syncBytes());
        long missing = begun.pieces.sizeBytes() - (long) staged.receivedCount() * begun.manifest.getPieceBytes();
        long free = disk.freeBytes();
        if (free - ROOM_SPARED_BYTES < missing) {
            staged.close();
            throw new IOException("the disk has room for " + free + " bytes more, the snapshot needs " + missing
                    + " and " + ROOM_SPARED_BYTES + " are spared");
        }
        return staged;
    }

    private void onOpened(Incoming opened, StagedSnapshot staged) {
        opened.phase = Phase.RECEIVING;
        opened.receivedCount = staged.receivedCount();
        opened.nextPiece = staged.receivedCount();
        log.info(
                "partition {}: receives a snapshot of node {} at index {}, {} bytes, from piece {} of {}",
                partition,
                opened.from,
                opened.manifest.getIndex(),
                opened.pieces.sizeBytes(),
                opened.nextPiece,
                opened.pieces.count());
        if (staged.complete()) {
            verify(opened);
            return;
        }
        askForMore(opened);
    }

    // ---- after a restart ---------------------------------------------------------------------------------------

    /**
     * To be called for a replica whose old state is gone because the node went down in the middle of an installation. Where
     * all of the snapshot is here it is ended without a sender: there may be none, for the others may need this replica's log
     * to elect a leader.
     */
    void resume() {
        resumeNanos = environment.nanoTime();
    }

    private boolean resumes() {
        return resumeNanos != Long.MAX_VALUE;
    }

    private void reopen() {
        if (!resources.receiving().tryTake()) {
            resumeNanos = environment.nanoTime() + RETRY_NANOS;
            return;
        }
        resumeNanos = Long.MAX_VALUE;
        reopening = true;
        background.run(
                () -> {
                    Optional<StagedSnapshot> staged =
                            StagedSnapshot.reopen(storage.snapshotFiles(), partition, options.syncBytes());
                    reopened = staged.orElse(null);
                    return staged;
                },
                this::onReopened,
                failure -> {
                    log.warn("partition {}: can't read what is staged: {}", partition, failure.getMessage());
                    resumeNanos = environment.nanoTime() + RESUME_AGAIN_NANOS;
                    onReopened(Optional.empty());
                });
    }

    private void onReopened(Optional<StagedSnapshot> found) {
        reopening = false;
        reopened = null;
        if (found.isEmpty() || incoming != null) {
            resources.receiving().giveBack();
            found.ifPresent(staged -> close(() -> staged));
            return;
        }
        StagedSnapshot staged = found.get();
        SnapshotManifest manifest = staged.manifest();
        Incoming current = new Incoming(null, manifest, new SnapshotPieces(manifest), environment.nanoTime());
        current.staged = staged;
        current.receivedCount = staged.receivedCount();
        incoming = current;
        boolean takenIn = staged.consumed() && host.holdsStateAt(manifest.getIndex(), manifest.getTerm());
        if (!host.needsSnapshot() || !host.acceptsSnapshot(manifest.getIndex()) || !(takenIn || staged.complete())) {
            leave(current);
            return;
        }
        log.info("partition {}: goes on installing the snapshot at index {}", partition, manifest.getIndex());
        if (takenIn) {
            current.phase = Phase.REPLACING;
            inBackground(current, staged::close, () -> onIngested(current));
        } else {
            verify(current);
        }
    }

    // ---- pieces ------------------------------------------------------------------------------------------------

    /** Asks for pieces that were not asked for yet, or so long ago that they must have been lost. */
    private void askForMore(Incoming current) {
        long now = environment.nanoTime();
        List<Integer> wanted = new ArrayList<>();
        current.askedNanos.forEach((piece, askedNanos) -> {
            if (now - askedNanos > ASK_AGAIN_NANOS) {
                wanted.add(piece);
            }
        });
        while (current.askedNanos.size() < options.piecesAskedMax()
                && current.nextPiece < current.pieces.count()
                && resources
                        .incoming()
                        .tryTake(current.pieces.place(current.nextPiece).sizeBytes(), now)) {
            current.askedNanos.put(current.nextPiece, now);
            wanted.add(current.nextPiece);
            current.nextPiece++;
        }
        wanted.forEach(piece -> current.askedNanos.put(piece, now));
        if (!wanted.isEmpty() || now - current.lastAskedNanos > ASK_AGAIN_NANOS) {
            request(current, wanted);
        }
    }

    private void request(Incoming current, List<Integer> pieces) {
        current.lastAskedNanos = environment.nanoTime();
        String from = current.from;
        if (from == null) {
            return;
        }
        host.send(
                from,
                PeerMessage.newBuilder()
                        .setSnapshotRequest(SnapshotRequest.newBuilder()
                                .setTransfer(current.manifest.getTransfer())
                                .addAllPieces(pieces)
                                .setReceivedPieces(current.receivedCount)));
    }

    void onPiece(SnapshotPiece piece) {
        Incoming current = incoming;
        if (current == null
                || current.phase != Phase.RECEIVING
                || current.manifest.getTransfer() != piece.getTransfer()
                || !current.askedNanos.containsKey(piece.getPiece())) {
            return;
        }
        current.lastHeardNanos = environment.nanoTime();
        StagedSnapshot staged = current.staged();
        background.run(
                () -> staged.write(piece.getPiece(), piece.getContent(), piece.getChecksum())
                        ? staged.receivedCount()
                        : -1,
                receivedCount -> onWritten(current, piece.getPiece(), receivedCount),
                failure -> abandon(current, SnapshotReply.Outcome.FAILED, failure));
    }

    /** @param receivedCount -1 when the piece was damaged */
    private void onWritten(Incoming current, int piece, int receivedCount) {
        if (current.abandoned || current.phase != Phase.RECEIVING) {
            return;
        }
        if (receivedCount < 0) {
            log.warn("partition {}: piece {} of a snapshot came damaged and is asked for again", partition, piece);
            return;
        }
        current.askedNanos.remove(piece);
        current.receivedCount = receivedCount;
        if (receivedCount == current.pieces.count()) {
            verify(current);
            return;
        }
        askForMore(current);
    }

    // ---- the end -----------------------------------------------------------------------------------------------

    private void verify(Incoming current) {
        current.phase = Phase.VERIFYING;
        StagedSnapshot staged = current.staged();
        background.run(
                () -> staged.verifySome(options.sliceBytesMax()),
                verdict -> {
                    if (current.abandoned) {
                        return;
                    }
                    switch (verdict) {
                        case OPEN -> verify(current);
                        case SOUND -> replace(current);
                        case DAMAGED -> onDamaged(current);
                    }
                },
                failure -> abandon(current, SnapshotReply.Outcome.FAILED, failure));
    }

    private void onDamaged(Incoming current) {
        log.error(
                "partition {}: a file of the snapshot at index {} does not match its checksum; it is not installed",
                partition,
                current.manifest.getIndex());
        reply(current, SnapshotReply.Outcome.DAMAGED, "");
        end(current);
        deleteStaged(current);
    }

    /** The turn in which the old state goes; from here there is no way back. */
    private void replace(Incoming current) {
        if (!host.applyUpToSplits(current.manifest) || !host.acceptsSnapshot(current.manifest.getIndex())) {
            onTooLate(current);
            return;
        }
        current.othersGoAway = true;
        if (!host.othersGaveWay(current.manifest)) {
            // Only now, when all of it is here, does this node give up what it has itself.
            current.retry = () -> replace(current);
            current.retryNanos = environment.nanoTime() + GIVE_WAY_NANOS;
            return;
        }
        StateMachine.Clearing clearing;
        try {
            Optional<StateMachine.Clearing> begun = host.beginInstallation(current.manifest);
            if (begun.isEmpty()) {
                onTooLate(current);
                return;
            }
            clearing = begun.get();
        } catch (StorageException e) {
            if (!e.outOfSpace()) {
                throw e;
            }
            abandon(current, SnapshotReply.Outcome.FAILED, e);
            return;
        }
        current.phase = Phase.REPLACING;
        List<String> files = current.staged().fileNames();
        // The mark must be durable before anything of the new state is.
        inBackground(
                current,
                () -> {
                    current.staged().close();
                    storage.flush();
                },
                () -> inBackground(
                        current,
                        () -> storage.ingest(clearing.batch(), clearing.ranges(), files),
                        () -> onIngested(current)));
    }

    private void onTooLate(Incoming current) {
        log.warn("partition {}: the snapshot at index {} came too late", partition, current.manifest.getIndex());
        reply(current, SnapshotReply.Outcome.STALE, "");
        end(current);
        deleteStaged(current);
    }

    private void onIngested(Incoming current) {
        SnapshotManifest manifest = current.manifest;
        try {
            host.endInstallation(manifest.getIndex(), manifest.getTerm());
        } catch (StorageException e) {
            if (!e.outOfSpace()) {
                throw e;
            }
            retryLater(current, () -> onIngested(current), e);
            return;
        }
        inBackground(current, storage::flush, () -> onDurable(current));
    }

    private void onDurable(Incoming current) {
        SnapshotManifest manifest = current.manifest;
        log.info(
                "partition {}: installed the snapshot at index {}, {} ms after it was offered",
                partition,
                manifest.getIndex(),
                TimeUnit.NANOSECONDS.toMillis(environment.nanoTime() - current.beganNanos));
        installedTransfer = manifest.getTransfer();
        end(current);
        deleteStaged(current);
        host.installed(
                manifest.getIndex(), manifest.getTerm(), () -> reply(current, SnapshotReply.Outcome.INSTALLED, ""));
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Does a step from which there is no way back: for want of disk space it is tried again until there is some. */
    private void inBackground(Incoming current, Step step, Runnable done) {
        background.run(
                () -> {
                    step.run();
                    return true;
                },
                ran -> done.run(),
                failure -> {
                    if (failure instanceof StorageException storageFailure && storageFailure.outOfSpace()) {
                        retryLater(current, () -> inBackground(current, step, done), storageFailure);
                        return;
                    }
                    stopOn(failure);
                });
    }

    private void retryLater(Incoming current, Runnable retry, StorageException why) {
        log.warn("partition {}: can't take in a snapshot yet: {}", partition, why.getMessage());
        current.retry = retry;
        current.retryNanos = environment.nanoTime() + RETRY_NANOS;
    }

    private void stopOn(Exception failure) {
        if (failure instanceof StorageException storageFailure && storageFailure.damage()) {
            host.storageFailed(storageFailure);
            return;
        }
        environment.fail(failure);
    }

    /** Gives the transfer up and says why; what is staged stays for another attempt. */
    private void abandon(Incoming current, SnapshotReply.Outcome outcome, Exception why) {
        if (current.abandoned) {
            return;
        }
        log.warn("partition {}: gives up receiving a snapshot: {}", partition, why.getMessage());
        reply(current, outcome, String.valueOf(why.getMessage()));
        if (current.from == null) {
            resumeNanos = environment.nanoTime() + RESUME_AGAIN_NANOS;
        }
        leave(current);
    }

    /** Goes no further with the transfer. What is staged stays for a while: it may be offered again. */
    private void leave(Incoming current) {
        end(current);
        deleteLeftNanos = environment.nanoTime() + options.keptNanos();
        close(() -> current.staged); // it may be just being opened
    }

    private void close(Supplier<@Nullable StagedSnapshot> staged) {
        background.run(
                () -> {
                    closeNow(staged.get());
                    return true;
                },
                closed -> {},
                failure -> log.warn("partition {}: can't close what is staged: {}", partition, failure.getMessage()));
    }

    private static void closeNow(@Nullable StagedSnapshot staged) throws IOException {
        if (staged != null) {
            staged.close();
        }
    }

    private void end(Incoming current) {
        current.abandoned = true;
        incoming = null;
        resources.receiving().giveBack();
    }

    private void deleteStaged(@Nullable Incoming ended) {
        deleteLeftNanos = Long.MAX_VALUE;
        background.run(
                () -> {
                    if (ended != null) {
                        closeNow(ended.staged);
                    }
                    StagedSnapshot.delete(storage.snapshotFiles(), partition);
                    return true;
                },
                deleted -> {},
                failure -> log.warn("partition {}: can't delete what is staged: {}", partition, failure.getMessage()));
    }

    private void reply(Incoming current, SnapshotReply.Outcome outcome, String reason) {
        String from = current.from;
        if (from != null) {
            reply(from, current.manifest.getTransfer(), outcome, reason);
        }
    }

    private void reply(String to, long transfer, SnapshotReply.Outcome outcome, String reason) {
        host.send(
                to,
                PeerMessage.newBuilder()
                        .setSnapshotReply(SnapshotReply.newBuilder()
                                .setTransfer(transfer)
                                .setOutcome(outcome)
                                .setReason(reason)));
    }

    boolean othersGoAway() {
        Incoming current = incoming;
        return current != null && current.othersGoAway;
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never. */
    long nextTickNanos() {
        Incoming current = incoming;
        if (current == null) {
            return resumes() ? resumeNanos : deleteLeftNanos;
        }
        if (current.retry != null) {
            return current.retryNanos;
        }
        return current.phase == Phase.RECEIVING ? tickedNanos + ACTIVE_NANOS : Long.MAX_VALUE;
    }

    void onTick(long nowNanos) {
        tickedNanos = nowNanos;
        Incoming current = incoming;
        if (current == null) {
            if (resumes()) {
                if (nowNanos >= resumeNanos) {
                    reopen();
                }
            } else if (nowNanos >= deleteLeftNanos && !reopening) {
                deleteStaged(null);
            }
            return;
        }
        Runnable retry = current.retry;
        if (retry != null && nowNanos >= current.retryNanos) {
            current.retry = null;
            retry.run();
            return;
        }
        if (current.phase != Phase.RECEIVING) {
            return;
        }
        if (nowNanos - current.lastHeardNanos > SILENCE_NANOS_MAX) {
            log.warn("partition {}: node {} sends no more of its snapshot", partition, current.from);
            leave(current);
            return;
        }
        askForMore(current);
    }

    /** The replica is given up while its process goes on; completes when nothing is under way. What is staged stays. */
    CompletableFuture<Void> abandon() {
        Incoming left = incoming;
        incoming = null;
        boolean wasReopening = reopening;
        return background.abandon(() -> {
            if (wasReopening) {
                resources.receiving().giveBack();
                closeNow(reopened);
            }
            if (left == null) {
                return true;
            }
            left.abandoned = true;
            resources.receiving().giveBack();
            closeNow(left.staged);
            return true;
        });
    }

    /** The process ends; what is staged stays. */
    void close() {
        background.close();
    }
}
