package dev.henge.router.api;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * An item, a key or one value as it was read from a request.
 *
 * @param bytes the binary form; empty when there is a fault
 * @param attributeCount how many attributes stand at the top; 0 for a single value
 * @param fault the text of the ValidationException that its first bad value deserves, to be thrown when its turn has
 *     come; null when all values are good
 */
record ParsedItem(
        ByteString bytes, int attributeCount, @Nullable String fault) {

    /** Throws when a value is bad. */
    ParsedItem checked() {
        if (fault != null) {
            throw ApiException.validation(fault);
        }
        return this;
    }
}
