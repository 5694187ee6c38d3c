package dev.henge.node.runtime;

import dev.henge.item.ItemKeys;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataRequest;
import dev.henge.proto.ReplicaStatus;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How much is asked of a replica, and a sample of where: by it the coordinator splits what is hot. On the way of each request
 * there is one addition and one cheap random number; a token is noted of one request in {@value #SAMPLED_ONE_OF}. Any thread
 * may call.
 */
final class LoadMeter {

    private static final int SAMPLED_ONE_OF = 64;
    private static final int SAMPLES = 64;

    private final LongAdder operations = new LongAdder();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLongArray samples = new AtomicLongArray(SAMPLES);

    /** A request came. */
    void note(DataRequest request) {
        switch (request.getOperationCase()) {
            case READ_ITEM -> note(1, request.getReadItem().getKey().size(), request);
            case READ_RANGE -> note(1, request.getReadRange().getStart().size(), request);
            case WRITE_ITEM -> note(1, request.getWriteItem().getKey().size(), request);
            case WRITE_ITEMS -> {
                int count = request.getWriteItems().getWritesCount();
                note(
                        count,
                        count == 0
                                ? 0
                                : request.getWriteItems().getWrites(0).getKey().size(),
                        request);
            }
            case CATALOG,
                    DROP_TABLE,
                    INDEX_BATCH,
                    PREPARE_INDEX,
                    READ_STATISTICS,
                    PLACE_REPLICAS,
                    TRANSFER_LEADERSHIP,
                    SPLIT_RANGE,
                    SEAL_RANGE,
                    TAKE_RANGE,
                    OPERATION_NOT_SET -> {}
        }
    }

    private void note(int count, int keyBytes, DataRequest request) {
        operations.add(count);
        if (keyBytes >= ItemKeys.TOKEN_BYTES && ThreadLocalRandom.current().nextInt(SAMPLED_ONE_OF) < count) {
            samples.set((int) (taken.getAndIncrement() % SAMPLES), tokenOf(request));
        }
    }

    private static long tokenOf(DataRequest request) {
        return Tokens.ofItemKey(
                switch (request.getOperationCase()) {
                    case READ_ITEM -> request.getReadItem().getKey().toByteArray();
                    case READ_RANGE -> request.getReadRange().getStart().toByteArray();
                    case WRITE_ITEM -> request.getWriteItem().getKey().toByteArray();
                    case WRITE_ITEMS ->
                        request.getWriteItems().getWrites(0).getKey().toByteArray();
                    case CATALOG,
                            DROP_TABLE,
                            INDEX_BATCH,
                            PREPARE_INDEX,
                            READ_STATISTICS,
                            PLACE_REPLICAS,
                            TRANSFER_LEADERSHIP,
                            SPLIT_RANGE,
                            SEAL_RANGE,
                            TAKE_RANGE,
                            OPERATION_NOT_SET -> throw new IllegalArgumentException("has no key");
                });
    }

    /** A replica's status with what was counted. A sample that is just being taken may be missing. */
    ReplicaStatus in(ReplicaStatus status) {
        long until = taken.get();
        ReplicaStatus.Builder told =
                status.toBuilder().setOperations(operations.sum()).setSamplesTaken(until);
        for (long sample = Math.max(0, until - SAMPLES); sample < until; sample++) {
            told.addSamples(samples.get((int) (sample % SAMPLES)));
        }
        return told.build();
    }
}
