package dev.henge.node.log;

import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import dev.henge.node.replication.RaftLog;
import java.util.List;

/**
 * One partition's part of the {@link WriteAheadLog}. The newest entries are in memory (bounded over all partitions of the
 * node), older ones are read back from the segments and checked.
 *
 * <p>Every method may throw {@link LogBrokenException}; {@link #entries} also {@link CorruptLogException}.
 */
public final class PartitionLog implements RaftLog {

    PartitionLog() {}

    public int partition() {
        throw new UnsupportedOperationException();
    }

    /**
     * Position in the write-ahead log after this partition's last change: when {@link WriteAheadLog#durablePosition()}
     * reaches it, all changes made so far are durable.
     */
    public long position() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long baseIndex() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long baseTerm() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long lastIndex() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long term(long index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<LogEntry> entries(long fromIndex, int maxBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void append(List<LogEntry> entries) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void saveHardState(HardState hardState) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HardState hardState() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resetTo(long index, long term) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void compactTo(long index) {
        throw new UnsupportedOperationException();
    }
}
