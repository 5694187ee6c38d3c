package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Entries of a partition as one record of a segment holds them. */
record StoredRecord(Segment segment, long offset, int partition, long lastIndex) {

    private static final int WINDOW_BYTES = 4096;

    /** The record that holds this entry; the state lock is held. */
    static StoredRecord holding(PartitionLog partition, long index, LiveSegments segments) {
        int at = partition.records.floor(index);
        long position = partition.records.value(at);
        Segment segment = segments.holding(position);
        return new StoredRecord(
                segment, position - segment.startPosition, partition.partition, partition.lastIndexOfRecord(at));
    }

    /**
     * Reads the entries from this index on.
     *
     * @throws CorruptLogException when the disk does not give back what was written
     */
    List<LogEntry> read(long fromIndex) {
        DiskFile file = segment.file;
        if (file == null) {
            throw new IllegalStateException("entries left memory before they were written");
        }
        try {
            RecordReader reader = new RecordReader(file, segment.number, WINDOW_BYTES);
            List<LogEntry> read = new ArrayList<>();
            if (reader.at(offset) && reader.kind() == RecordKind.ENTRIES && reader.partition() == partition) {
                reader.entries(fromIndex, lastIndex, read::add);
            }
            if (read.size() != lastIndex - fromIndex + 1) {
                throw corrupt("the record read back is not the one written");
            }
            return read;
        } catch (IOException e) {
            throw corrupt("it can't be read back: " + e.getMessage());
        }
    }

    private CorruptLogException corrupt(String problem) {
        return new CorruptLogException(partition, lastIndex, new LogDamage(segment.number, offset, problem));
    }
}
