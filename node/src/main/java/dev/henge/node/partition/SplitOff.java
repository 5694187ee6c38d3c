package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.membership.TokenRange;
import dev.henge.node.replication.Member;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Backfill;
import dev.henge.proto.Configuration;
import dev.henge.proto.HeldRange;
import dev.henge.proto.OutboxOrigin;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import java.nio.ByteBuffer;

/**
 * What an entry that splits a partition makes of its state: the other partition's first state. Its log begins behind that
 * entry, as after a snapshot: so a replica without that state can't pass for one that has it, what was remembered, and what is
 * to be handed on to indexes keeps its place in the order of the log, and what follows comes behind it.
 *
 * @param record the other partition, for whoever opens its replica
 * @param here whether this node's replica is a member of the other partition's group, whose state is here then. Else what the
 *     storage has of it is deleted: a replica that replays the log after it was taken in later has only what was then
 */
record SplitOff(PartitionRecord record, boolean here) {

    /**
     * @param index of the entry
     * @param term of the entry
     * @param before what the partition was before it
     * @param members of its group as of the entry
     * @param self the member that this node's replica is
     * @param firstOutboxIndex of what is still to be handed on to indexes
     * @param storage holds everything before the entry
     * @param batch gets what is written
     */
    static SplitOff apply(
            int partition,
            long index,
            long term,
            long timestampMillis,
            PartitionSplit split,
            HeldRange before,
            Configuration members,
            Member self,
            long firstOutboxIndex,
            StorageEngine storage,
            WriteBatch batch) {
        PartitionRange range = PartitionRange.newBuilder()
                .setStartToken(split.getToken())
                .setEndToken(before.getRange().getEndToken())
                .setEpoch(split.getEpoch())
                .build();
        boolean here = members.getVotersList().contains(self.name())
                || members.getLearnersList().contains(self.name());
        PartitionRecord.Builder record = PartitionRecord.newBuilder()
                .setId(split.getChild())
                .setStartToken(range.getStartToken())
                .setEndToken(range.getEndToken())
                .setEpoch(range.getEpoch())
                .setParent(partition);
        members.getVotersList()
                .forEach(voter -> record.addReplicas(Member.of(voter).node()));
        SplitOff other = new SplitOff(record.build(), here);
        try (StorageEngine.View view = storage.view()) {
            if (!here) {
                TokenRange tokens = OwnRange.tokens(range);
                for (long table : StorageKeys.tablesIn(view)) {
                    KeyRange items = StorageKeys.itemRange(table, tokens.start(), tokens.end());
                    batch.deleteRange(items.start(), items.end());
                }
                return other;
            }
            other.inherit(partition, view, batch);
        }
        HeldRange.Builder held = HeldRange.newBuilder()
                .setRange(range)
                .setParent(partition)
                .setFirstIndex(index)
                .setFirstTerm(term);
        before.getOriginsList().stream()
                .filter(origin -> origin.getToIndex() >= firstOutboxIndex)
                .forEach(held::addOrigins);
        held.addOrigins(OutboxOrigin.newBuilder().setToIndex(index).setPartition(partition));
        int child = split.getChild();
        batch.put(StorageKeys.rangeKey(child), held.build().toByteArray());
        batch.put(
                StorageKeys.configurationKey(child),
                members.toBuilder().setIndex(index).build().toByteArray());
        batch.put(StorageKeys.appliedKey(child), new StateMachine.Applied(index, term, timestampMillis).toBytes());
        if (self.generation() != 0) {
            batch.put(
                    StorageKeys.generationKey(child),
                    ByteBuffer.allocate(Long.BYTES).putLong(self.generation()).array());
        }
        return other;
    }

    /** The items stand where they stood; the rest is copied. */
    private void inherit(int parent, StorageEngine.View view, WriteBatch batch) {
        int child = record.getId();
        KeyRange leftOver = StorageKeys.privateRange(child);
        batch.deleteRange(leftOver.start(), leftOver.end());
        KeyRange inherited = StorageKeys.privateRange(parent);
        try (StorageEngine.Cursor cursor = view.range(inherited.start(), inherited.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                byte[] key = cursor.key();
                switch (StorageKeys.inheritance(key)) {
                    case SHARED -> batch.put(StorageKeys.of(child, key), cursor.value());
                    case BACKFILL -> batch.put(StorageKeys.of(child, key), backfill(cursor.value()));
                    case NONE -> {}
                }
            }
        }
    }

    private byte[] backfill(byte[] stored) {
        try {
            Backfill backfill = Backfill.parseFrom(stored);
            ByteString first = ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES)
                    .putLong(record.getStartToken())
                    .flip());
            boolean begun = ByteString.unsignedLexicographicalComparator().compare(backfill.getNextKey(), first) > 0;
            return (begun ? backfill : backfill.toBuilder().setNextKey(first).build())
                    .toBuilder()
                            .setItems(0) // the other half counts them
                            .build()
                            .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("a stored backfill of partition " + record.getParent() + " can't be read", e);
        }
    }
}
