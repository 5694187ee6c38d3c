package dev.henge.node.runtime;

import com.google.protobuf.ByteString;
import dev.henge.item.ItemKeys;
import dev.henge.membership.Tokens;
import dev.henge.node.partition.OperationKind;
import dev.henge.proto.DataRequest;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.WriteItem;
import java.util.List;
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
        switch (OperationKind.of(request)) {
            case READ ->
                note(
                        1,
                        request.hasReadItem()
                                ? request.getReadItem().getKey()
                                : request.getReadRange().getStart());
            case WRITE -> {
                if (request.hasWriteItem()) {
                    note(1, request.getWriteItem().getKey());
                } else {
                    List<WriteItem> writes = request.getWriteItems().getWritesList();
                    note(
                            writes.size(),
                            writes.isEmpty()
                                    ? ByteString.EMPTY
                                    : writes.getFirst().getKey());
                }
            }
            case INDEX, CONTENTS, GROUP, UNKNOWN -> {}
        }
    }

    private void note(int count, ByteString key) {
        operations.add(count);
        if (key.size() >= ItemKeys.TOKEN_BYTES && ThreadLocalRandom.current().nextInt(SAMPLED_ONE_OF) < count) {
            samples.set((int) (taken.getAndIncrement() % SAMPLES), Tokens.ofItemKey(key.toByteArray()));
        }
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
