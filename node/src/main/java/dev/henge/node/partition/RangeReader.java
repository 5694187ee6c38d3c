package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.expression.ConditionEvaluator;
import dev.henge.expression.ProjectionEvaluator;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemSize;
import dev.henge.membership.TokenRange;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.ItemRead;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads items and ranges of items as the storage has them. */
final class RangeReader {

    private static final int ITEMS_EXAMINED_MAX = 100_000;

    private RangeReader() {}

    static ItemRead item(ReadItem read, byte @Nullable [] image) {
        if (image == null) {
            return ItemRead.getDefaultInstance();
        }
        byte[] shown = read.hasProjection()
                ? ItemCodec.encode(ProjectionEvaluator.project(read.getProjection(), ItemCodec.decode(image)))
                : image;
        return ItemRead.newBuilder()
                .setFound(true)
                .setItem(ByteString.copyFrom(shown))
                .setSizeBytes(ItemSize.ofItem(image))
                .build();
    }

    /**
     * Reads the part of a range that lies in {@code tokens}. Ends behind the item that reaches {@code limit} or
     * {@code max_bytes}, as the service does; {@code last_key} then says where, unless nothing was left to read.
     */
    static RangeRead range(ReadRange read, TokenRange tokens, StorageEngine.View view) {
        KeyRange range = bounds(read, tokens);
        RangeRead.Builder answer = RangeRead.newBuilder();
        int limit = read.getLimit() == 0 ? ITEMS_EXAMINED_MAX : Math.min(read.getLimit(), ITEMS_EXAMINED_MAX);
        long bytesMax = read.getMaxBytes() == 0 ? Long.MAX_VALUE : read.getMaxBytes();
        int scanned = 0;
        int matched = 0;
        long scannedBytes = 0;
        long matchedBytes = 0;
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), read.getBackwards())) {
            while (cursor.valid()) {
                byte[] image = cursor.value();
                int sizeBytes = ItemSize.ofItem(image);
                scanned++;
                scannedBytes += sizeBytes;
                @Nullable
                Map<String, AttributeValue> attributes =
                        read.hasFilter() || read.hasProjection() ? ItemCodec.decode(image) : null;
                if (attributes == null
                        || !read.hasFilter()
                        || ConditionEvaluator.matches(read.getFilter(), attributes)) {
                    matched++;
                    matchedBytes += sizeBytes;
                    if (!read.getCountOnly()) {
                        answer.addItems(ByteString.copyFrom(shown(read, image, attributes)));
                    }
                }
                byte[] key = cursor.key();
                cursor.next();
                if ((scanned >= limit || scannedBytes >= bytesMax) && (cursor.valid() || scanned >= limit)) {
                    answer.setLastKey(ByteString.copyFrom(StorageKeys.itemKeyOf(key)));
                    break;
                }
            }
        }
        return answer.setScannedCount(scanned)
                .setMatchedCount(matched)
                .setScannedBytes(scannedBytes)
                .setMatchedBytes(matchedBytes)
                .build();
    }

    private static byte[] shown(ReadRange read, byte[] image, @Nullable Map<String, AttributeValue> attributes) {
        return attributes != null && read.hasProjection()
                ? ItemCodec.encode(ProjectionEvaluator.project(read.getProjection(), attributes))
                : image;
    }

    private static KeyRange bounds(ReadRange read, TokenRange tokens) {
        KeyRange all = StorageKeys.itemRange(read.getTable(), tokens.start(), tokens.end());
        byte[] start = StorageKeys.itemKey(read.getTable(), read.getStart().toByteArray());
        byte[] end = read.getEnd().isEmpty()
                ? all.end()
                : StorageKeys.itemKey(read.getTable(), read.getEnd().toByteArray());
        return new KeyRange(
                Arrays.compareUnsigned(start, all.start()) < 0 ? all.start() : start,
                Arrays.compareUnsigned(end, all.end()) > 0 ? all.end() : end);
    }
}
