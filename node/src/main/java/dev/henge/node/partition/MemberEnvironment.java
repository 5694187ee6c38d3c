package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Catalog;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.TableRecord;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** The world of a replica's part that knows the others by their members' names. */
final class MemberEnvironment implements ReplicaEnvironment {

    private final ReplicaEnvironment environment;
    private final BiConsumer<String, PeerMessage> sendToMember;

    MemberEnvironment(ReplicaEnvironment environment, BiConsumer<String, PeerMessage> sendToMember) {
        this.environment = environment;
        this.sendToMember = sendToMember;
    }

    @Override
    public void send(String member, PeerMessage message) {
        sendToMember.accept(member, message);
    }

    @Override
    public long nanoTime() {
        return environment.nanoTime();
    }

    @Override
    public long randomBelow(long bound) {
        return environment.randomBelow(bound);
    }

    @Override
    public NodeSupport support() {
        return environment.support();
    }

    @Override
    public void runInBackground(Runnable task) {
        environment.runInBackground(task);
    }

    @Override
    public void runSliced(SlicedTask task) {
        environment.runSliced(task);
    }

    @Override
    public Optional<TableRecord> table(long id) {
        return environment.table(id);
    }

    @Override
    public List<String> nodesOf(int partition) {
        return environment.nodesOf(partition);
    }

    @Override
    public OptionalInt partitionOf(long token) {
        return environment.partitionOf(token);
    }

    @Override
    public long mapEpoch() {
        return environment.mapEpoch();
    }

    @Override
    public CompletableFuture<Void> sendIndexBatch(int partition, IndexBatch batch) {
        return environment.sendIndexBatch(partition, batch);
    }

    @Override
    public DamageMarks damageMarks() {
        return environment.damageMarks();
    }

    @Override
    public void storageDamaged(StorageException cause) {
        environment.storageDamaged(cause);
    }

    @Override
    public void post(Runnable task) {
        environment.post(task);
    }

    @Override
    public SnapshotResources snapshotResources() {
        return environment.snapshotResources();
    }

    @Override
    public long itemCollectionBytesMax() {
        return environment.itemCollectionBytesMax();
    }

    @Override
    public long logReplicaBytesMax() {
        return environment.logReplicaBytesMax();
    }

    @Override
    public boolean hold(TokenRange tokens) {
        return environment.hold(tokens);
    }

    @Override
    public void split(TokenRange kept, PartitionRecord child, boolean here, boolean leads) {
        environment.split(kept, child, here, leads);
    }

    @Override
    public Optional<PartitionRange> rangeOf(int partition) {
        return environment.rangeOf(partition);
    }

    @Override
    public boolean couldHold(TokenRange tokens, List<Integer> without) {
        return environment.couldHold(tokens, without);
    }

    @Override
    public boolean giveWay(List<Integer> partitions) {
        return environment.giveWay(partitions);
    }

    @Override
    public void proveSealed(int partition, long index, long term) {
        environment.proveSealed(partition, index, term);
    }

    @Override
    public void took(int partition, TokenRange tokens, Runnable durable) {
        environment.took(partition, tokens, durable);
    }

    @Override
    public void snapshotInstalled() {
        environment.snapshotInstalled();
    }

    @Override
    public void catalogApplied(Catalog catalog) {
        environment.catalogApplied(catalog);
    }

    @Override
    public void fail(Throwable cause) {
        environment.fail(cause);
    }
}
