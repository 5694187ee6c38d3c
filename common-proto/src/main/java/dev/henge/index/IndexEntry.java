package dev.henge.index;

import dev.henge.item.ItemSize;
import java.util.Arrays;

/**
 * An item as an index has it.
 *
 * @param partitionKey the encoded parts of the index's partition key, which its token is made of
 * @param rest of the entry's key: the encoded sort key parts, then the keys of the base item that are not there yet
 * @param item the projected item, binary form
 */
public record IndexEntry(byte[] partitionKey, byte[] rest, byte[] item) {

    /** Its size as the service counts items. */
    public int sizeBytes() {
        return ItemSize.ofItem(item);
    }

    /** Whether it stands at the same place of the index. */
    public boolean hasKeyOf(IndexEntry other) {
        return Arrays.equals(partitionKey, other.partitionKey) && Arrays.equals(rest, other.rest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexEntry entry && hasKeyOf(entry) && Arrays.equals(item, entry.item);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(partitionKey) + Arrays.hashCode(rest)) + Arrays.hashCode(item);
    }
}
