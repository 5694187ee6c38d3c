package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.membership.Tokens;
import dev.henge.proto.DataRequest;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.ReadRange;
import java.nio.ByteBuffer;
import java.util.stream.Stream;

/**
 * Keeps requests out of what another partition is about to get. A leader sets it up before it appends the entry that splits
 * its partition: others may apply the entry first, and the other partition may take writes before this leader has applied it.
 * What concerns the whole partition is kept out as well: it would be done for what stays alone.
 */
final class Fence {

    private Fence() {}

    /** @param token the first one of the other partition */
    static boolean keepsOut(DataRequest request, long token) {
        return switch (request.getOperationCase()) {
            case READ_ITEM -> isBehind(request.getReadItem().getKey(), token);
            case WRITE_ITEM -> isBehind(request.getWriteItem().getKey(), token);
            case WRITE_ITEMS ->
                request.getWriteItems().getWritesList().stream().anyMatch(write -> isBehind(write.getKey(), token));
            case READ_RANGE -> reachesBehind(request.getReadRange(), token);
            case INDEX_BATCH -> keys(request.getIndexBatch()).anyMatch(key -> isBehind(key, token));
            case DROP_TABLE, PREPARE_INDEX, READ_STATISTICS -> true;
            case CATALOG, PLACE_REPLICAS, TRANSFER_LEADERSHIP, SPLIT_RANGE, SEAL_RANGE, TAKE_RANGE, OPERATION_NOT_SET ->
                false;
        };
    }

    /** The keys of the entries that a batch of index changes removes and puts. */
    static Stream<ByteString> keys(IndexBatch batch) {
        return batch.getChangesList().stream()
                .flatMap(changes -> changes.getMutationsList().stream())
                .flatMap((IndexMutation mutation) -> Stream.of(mutation.getRemovedKey(), mutation.getPutKey()))
                .filter(key -> !key.isEmpty());
    }

    private static boolean isBehind(ByteString itemKey, long token) {
        return Long.compareUnsigned(Tokens.ofItemKey(itemKey.toByteArray()), token) >= 0;
    }

    private static boolean reachesBehind(ReadRange read, long token) {
        ByteString first = ByteString.copyFrom(
                ByteBuffer.allocate(Long.BYTES).putLong(token).flip());
        return read.getEnd().isEmpty()
                || ByteString.unsignedLexicographicalComparator().compare(read.getEnd(), first) > 0;
    }
}
