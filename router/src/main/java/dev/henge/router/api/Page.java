package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.proto.RangeRead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A page of Query or Scan as it fills: up to the limit of items examined, or 1 MB of them and of what was fetched. */
final class Page {

    static final int BYTES_MAX = 1024 * 1024;

    private final int limit;
    private final List<ByteString> items = new ArrayList<>();
    private int matchedCount;
    private int scannedCount;
    private long scannedBytes;
    private long fetchedBytes;
    private long fetchedBlocks;
    private @Nullable ByteString lastKey;

    /** @param limit most items to examine, or 0 */
    Page(int limit) {
        this.limit = limit;
    }

    /** Takes in what a partition read; whatever it read counts, so that the page may pass 1 MB by an item. */
    void add(RangeRead read) {
        items.addAll(read.getItemsList());
        matchedCount += read.getMatchedCount();
        scannedCount += read.getScannedCount();
        scannedBytes += read.getScannedBytes();
        fetchedBytes += read.getFetchedBytes();
        fetchedBlocks += read.getFetchedBlocks();
    }

    /** What counts for the page's bound: the items examined, and what was fetched for them. */
    private long bytes() {
        return scannedBytes + fetchedBytes;
    }

    /** Whether a read that was started with room for so many bytes fits into what is left now. */
    boolean takes(RangeRead read, int bytesThen) {
        return (limit == 0 || scannedCount + read.getScannedCount() <= limit)
                && (bytesThen == bytesLeft() || bytes() + bytes(read) <= BYTES_MAX);
    }

    boolean isFull() {
        return isFull(scannedCount, bytes());
    }

    /** Whether it is full when it takes in this. */
    boolean isFullWith(RangeRead read) {
        return isFull(scannedCount + read.getScannedCount(), bytes() + bytes(read));
    }

    private boolean isFull(int scannedCount, long bytes) {
        return (limit > 0 && scannedCount >= limit) || bytes >= BYTES_MAX;
    }

    private static long bytes(RangeRead read) {
        return read.getScannedBytes() + read.getFetchedBytes();
    }

    /** How many items may still be examined; 0 when there is no limit. */
    int limitLeft() {
        return limit == 0 ? 0 : Math.max(1, limit - scannedCount);
    }

    /** How many bytes of items may still be examined; at least 1, with which a partition examines one item. */
    int bytesLeft() {
        return (int) Math.max(1, BYTES_MAX - bytes());
    }

    /** Ends the page behind this item; nothing need lie behind it. */
    void endAt(ByteString itemKey) {
        lastKey = itemKey;
    }

    void write(ReplyWriter reply, ReadTarget target, PageRequest request) {
        JsonGenerator out = reply.json();
        out.writeStartObject();
        if (!request.countOnly()) {
            out.writeName("Items");
            out.writeStartArray();
            items.forEach(reply::item);
            out.writeEndArray();
        }
        out.writeNumberProperty("Count", matchedCount);
        out.writeNumberProperty("ScannedCount", scannedCount);
        if (lastKey != null) {
            out.writeName("LastEvaluatedKey");
            reply.item(target.keyAttributes(lastKey));
        }
        ConsumedCapacity consumed = target.consumed(Capacity.ofRead(scannedBytes, request.consistent()));
        consumed.ofTable(Capacity.ofBlocks(fetchedBlocks, request.consistent()));
        consumed.writeMember(out, request.capacity());
        out.writeEndObject();
    }
}
