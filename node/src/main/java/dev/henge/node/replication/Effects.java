package dev.henge.node.replication;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one step asks of the runtime. The package's page says in which order to carry it out. Belongs to the caller; the
 * core keeps no reference to it.
 */
public final class Effects {

    /**
     * A read that may be answered from the state machine once it has applied {@code index}.
     *
     * @param contextId as given in {@link RaftEvent.ReadIndex}
     */
    public record ReadReady(long contextId, long index) {}

    private @Nullable List<Envelope> send;
    private @Nullable List<ReadReady> readsReady;
    private @Nullable List<Long> readsFailed;
    private @Nullable List<String> snapshotsToSend;
    private @Nullable RoleChange roleChange;
    private @Nullable ProposalResult proposal;
    private long writeSequence;
    private long commitIndex;
    private boolean commitAdvanced;

    Effects() {}

    /**
     * Messages that may go now, in this order per receiver. What had to wait for the disk comes out of the step of the
     * {@link RaftEvent.Durable} that it waited for.
     */
    public List<Envelope> send() {
        return orEmpty(send);
    }

    /**
     * Whether this step changed the {@link RaftLog}: make everything written so far durable and then give
     * {@code new RaftEvent.Durable(writeSequence())}.
     */
    public boolean mustSync() {
        return writeSequence != 0;
    }

    /** Number of this step's changes to the {@link RaftLog}, growing from 1; 0 when there were none. */
    public long writeSequence() {
        return writeSequence;
    }

    /** Apply the log up to here. Never smaller than in the step before; may be ahead of this replica's own disk. */
    public long commitIndex() {
        return commitIndex;
    }

    /**
     * Whether there may be something to apply: {@link #commitIndex()} grew in this step, or the state machine became
     * usable again and may be behind it.
     */
    public boolean commitAdvanced() {
        return commitAdvanced;
    }

    public List<ReadReady> readsReady() {
        return orEmpty(readsReady);
    }

    /** Context ids of reads that this replica can't confirm: it is not the leader, or too many wait. */
    public List<Long> readsFailed() {
        return orEmpty(readsFailed);
    }

    /**
     * Replicas to which a snapshot of the state machine must be sent, taken at any applied index not below
     * {@link RaftLog#baseIndex()}. Each is named once until {@link RaftEvent.SnapshotSent} or
     * {@link RaftEvent.SnapshotFailed}, or until this replica stops being the leader, which ends all transfers.
     */
    public List<String> snapshotsToSend() {
        return orEmpty(snapshotsToSend);
    }

    /** Role, term and leader, if one of them changed. */
    public @Nullable RoleChange roleChanged() {
        return roleChange;
    }

    /** Answer to a {@link RaftEvent.Propose}, null in the steps of other events. */
    public @Nullable ProposalResult proposal() {
        return proposal;
    }

    void addSend(String to, RaftMessage message) {
        if (send == null) {
            send = new ArrayList<>(4);
        }
        send.add(new Envelope(to, message));
    }

    void addReadReady(long contextId, long index) {
        if (readsReady == null) {
            readsReady = new ArrayList<>();
        }
        readsReady.add(new ReadReady(contextId, index));
    }

    void addReadFailed(long contextId) {
        if (readsFailed == null) {
            readsFailed = new ArrayList<>();
        }
        readsFailed.add(contextId);
    }

    void addSnapshotToSend(String to) {
        if (snapshotsToSend == null) {
            snapshotsToSend = new ArrayList<>(2);
        }
        snapshotsToSend.add(to);
    }

    void roleChanged(RoleChange change) {
        roleChange = change;
    }

    void proposal(ProposalResult result) {
        proposal = result;
    }

    void writeSequence(long sequence) {
        writeSequence = sequence;
    }

    void commitIndex(long index, boolean advanced) {
        commitIndex = index;
        commitAdvanced = advanced;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : Collections.unmodifiableList(list);
    }
}
