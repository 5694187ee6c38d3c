package dev.henge.node.replication;

import java.util.Arrays;

/**
 * ReadIndex requests of a leader (thesis, 6.4). One batch at a time waits for its round of heartbeats; what comes
 * meanwhile makes the next batch, so that many reads share a round.
 */
final class PendingReads {

    private long[] waiting = new long[16];
    private int waitingCount;
    private long[] batch = new long[16];
    private int batchCount;
    private long batchIndex;
    private long batchRound;

    int size() {
        return waitingCount + batchCount;
    }

    void add(long contextId) {
        if (waitingCount == waiting.length) {
            waiting = Arrays.copyOf(waiting, waiting.length * 2);
        }
        waiting[waitingCount++] = contextId;
    }

    boolean canBeginBatch() {
        return batchCount == 0 && waitingCount > 0;
    }

    /**
     * @param commitIndex as it is before the round begins
     * @param round begins after all waiting reads came in
     */
    void beginBatch(long commitIndex, long round) {
        long[] empty = batch;
        batch = waiting;
        batchCount = waitingCount;
        batchIndex = commitIndex;
        batchRound = round;
        waiting = empty;
        waitingCount = 0;
    }

    void confirmed(long round, Effects effects) {
        if (batchCount == 0 || round < batchRound) {
            return;
        }
        for (int i = 0; i < batchCount; i++) {
            effects.addReadReady(batch[i], batchIndex);
        }
        batchCount = 0;
    }

    void failAll(Effects effects) {
        for (int i = 0; i < batchCount; i++) {
            effects.addReadFailed(batch[i]);
        }
        for (int i = 0; i < waitingCount; i++) {
            effects.addReadFailed(waiting[i]);
        }
        batchCount = 0;
        waitingCount = 0;
    }
}
