package dev.henge.router.api;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** ExclusiveStartKey: reading it, and going on behind it. */
final class StartKeys {

    private static final String INVALID = "The provided starting key is invalid";
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private StartKeys() {}

    static void checkValues(@Nullable ParsedItem startKey) {
        if (startKey != null && startKey.fault() != null) {
            throw ApiException.validation(INVALID + ": " + startKey.fault());
        }
    }

    static ItemKey ofScan(ReadTarget target, ParsedItem startKey) {
        try {
            return target.startKey(startKey);
        } catch (ApiException e) {
            throw ApiException.validation(INVALID + ": " + e.getMessage());
        }
    }

    static ItemKey ofQuery(ReadTarget target, ParsedItem startKey) {
        if (startKey.attributeCount() != target.keyAttributeCount()) {
            throw ApiException.validation(INVALID);
        }
        return ofScan(target, startKey);
    }

    /** The first key after this one: no key begins with another, so this has nothing between. */
    static ByteString behind(ByteString itemKey) {
        return itemKey.concat(ZERO);
    }

    /** The token that an item key begins with. */
    static long token(ByteString itemKey) {
        return itemKey.asReadOnlyByteBuffer().getLong();
    }
}
