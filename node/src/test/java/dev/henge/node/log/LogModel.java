package dev.henge.node.log;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a partition's log should hold, as plain as can be. Immutable, so that its states over time can be kept. */
record LogModel(long baseIndex, long baseTerm, List<LogEntry> entries, HardState hardState) {

    static final LogModel EMPTY = new LogModel(0, 0, List.of(), HardState.INITIAL);

    long lastIndex() {
        return baseIndex + entries.size();
    }

    long term(long index) {
        return index == baseIndex
                ? baseTerm
                : entries.get((int) (index - baseIndex - 1)).term();
    }

    /** Makes a random change to both the log and the model of it; returns the model after it. */
    LogModel changeRandomly(PartitionLog log, RandomGenerator random, int payloadBytesMax) {
        int kind = random.nextInt(100);
        if (kind < 70) {
            long firstIndex = lastIndex() + 1;
            if (lastIndex() > baseIndex && random.nextInt(10) == 0) {
                firstIndex = baseIndex + 1 + random.nextLong(lastIndex() - baseIndex);
            }
            long term = Math.max(term(lastIndex()), term(firstIndex - 1)) + random.nextInt(2);
            List<LogEntry> added = new ArrayList<>();
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                byte[] payload = new byte[random.nextInt(payloadBytesMax)];
                random.nextBytes(payload);
                added.add(new LogEntry(firstIndex + i, term, ByteString.copyFrom(payload)));
            }
            log.append(added);
            List<LogEntry> all = new ArrayList<>(entries.subList(0, (int) (firstIndex - baseIndex - 1)));
            all.addAll(added);
            return new LogModel(baseIndex, baseTerm, List.copyOf(all), hardState);
        }
        if (kind < 80) {
            HardState newState =
                    new HardState(hardState.term() + 1, random.nextBoolean() ? "n" + random.nextInt(3) : null);
            log.saveHardState(newState);
            return new LogModel(baseIndex, baseTerm, entries, newState);
        }
        if (kind < 82) {
            long index = lastIndex() + random.nextInt(20);
            long term = term(lastIndex()) + 1;
            log.resetTo(index, term);
            return new LogModel(index, term, List.of(), hardState);
        }
        long index = baseIndex + random.nextLong(lastIndex() - baseIndex + 1);
        long term = term(index);
        log.compactTo(index);
        return new LogModel(index, term, entries.subList((int) (index - baseIndex), entries.size()), hardState);
    }

    /** What the log holds, read through its interface in pieces of a random size. */
    static LogModel read(PartitionLog log, RandomGenerator random) {
        List<LogEntry> entries = new ArrayList<>();
        while (log.baseIndex() + entries.size() < log.lastIndex()) {
            List<LogEntry> read = log.entries(log.baseIndex() + entries.size() + 1, random.nextInt(2000));
            if (read.isEmpty()) {
                throw new AssertionError("no entries, though the last index is " + log.lastIndex());
            }
            entries.addAll(read);
        }
        return new LogModel(log.baseIndex(), log.baseTerm(), List.copyOf(entries), log.hardState());
    }
}
