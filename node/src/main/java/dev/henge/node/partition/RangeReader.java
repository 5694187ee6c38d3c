package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.expression.ConditionEvaluator;
import dev.henge.expression.ProjectionEvaluator;
import dev.henge.index.ItemState;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.ItemSize;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.TokenRange;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.ItemRead;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads items and ranges of items as the storage has them. */
final class RangeReader {

    private static final int ITEMS_EXAMINED_MAX = 100_000;

    /** What the service counts reads in. */
    private static final int BLOCK_BYTES = 4096;

    private final ReadRange read;
    private final StorageEngine.View view;
    private final RangeRead.Builder answer = RangeRead.newBuilder();
    private int scanned;
    private int matched;
    private long scannedBytes;
    private long matchedBytes;
    private long fetchedBytes;
    private long fetchedBlocks;

    private RangeReader(ReadRange read, StorageEngine.View view) {
        this.read = read;
        this.view = view;
    }

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
     * {@code max_bytes}, as the service does; {@code last_key} then says where, unless nothing was left to read. All of it as one view has it, the items fetched too.
     */
    static RangeRead range(ReadRange read, TokenRange tokens, StorageEngine.View view) {
        KeyRange range = bounds(read, tokens);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), read.getBackwards())) {
            return new RangeReader(read, view).examine(cursor);
        }
    }

    private RangeRead examine(StorageEngine.Cursor cursor) {
        int limit = read.getLimit() == 0 ? ITEMS_EXAMINED_MAX : Math.min(read.getLimit(), ITEMS_EXAMINED_MAX);
        long bytesMax = read.getMaxBytes() == 0 ? Long.MAX_VALUE : read.getMaxBytes();
        while (cursor.valid()) {
            byte[] key = StorageKeys.itemKeyOf(cursor.key());
            examine(key, cursor.value());
            cursor.next();
            boolean full = scanned >= limit || scannedBytes + fetchedBytes >= bytesMax;
            if (full && (cursor.valid() || scanned >= limit)) {
                answer.setLastKey(ByteString.copyFrom(key));
                break;
            }
        }
        return answer.setScannedCount(scanned)
                .setMatchedCount(matched)
                .setScannedBytes(scannedBytes)
                .setMatchedBytes(matchedBytes)
                .setFetchedBytes(fetchedBytes)
                .setFetchedBlocks(fetchedBlocks)
                .build();
    }

    private void examine(byte[] key, byte[] image) {
        int sizeBytes = ItemSize.ofItem(image);
        scanned++;
        scannedBytes += sizeBytes;
        ItemState item = new ItemState(image);
        if (read.hasFilter() && !ConditionEvaluator.matches(read.getFilter(), item.attributes())) {
            return;
        }
        matched++;
        matchedBytes += sizeBytes;
        if (!read.getCountOnly()) {
            answer.addItems(ByteString.copyFrom(shown(read.hasFetch() ? fetched(key, item) : item)));
        }
    }

    private byte[] shown(ItemState item) {
        return read.hasProjection()
                ? ItemCodec.encode(ProjectionEvaluator.project(read.getProjection(), item.attributes()))
                : Objects.requireNonNull(item.image());
    }

    /** The item of a local index's entry: it has the entry's token, and the entry has its key among its attributes. */
    private ItemState fetched(byte[] entryKey, ItemState entry) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.write(entryKey, 0, ItemKeys.TOKEN_BYTES);
        for (String attribute : read.getFetch().getKeyAttributesList()) {
            AttributeValue value = entry.attributes().get(attribute);
            if (value == null) {
                throw new IllegalStateException(
                        "an entry of index " + read.getTable() + " does not have the key attribute " + attribute);
            }
            KeyEncoding.encodeTo(value, key);
        }
        byte[] image = view.get(StorageKeys.itemKey(read.getFetch().getTable(), key.toByteArray()));
        if (image == null) {
            throw new IllegalStateException(
                    "index " + read.getTable() + " has an entry whose item is not there: they change in one batch");
        }
        int sizeBytes = ItemSize.ofItem(image);
        fetchedBytes += sizeBytes;
        fetchedBlocks += Math.ceilDiv(sizeBytes, BLOCK_BYTES);
        return new ItemState(image);
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
