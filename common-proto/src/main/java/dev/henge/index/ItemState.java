package dev.henge.index;

import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An item, or that there is none; decoded when its attributes are asked for. For one thread. */
public final class ItemState {

    private final byte @Nullable [] image;
    private @Nullable Map<String, AttributeValue> attributes;

    /** @param image the item's binary form, null when there is no item */
    public ItemState(byte @Nullable [] image) {
        this.image = image;
    }

    /** The same, decoded already. */
    public ItemState(byte[] image, Map<String, AttributeValue> attributes) {
        this.image = image;
        this.attributes = attributes;
    }

    public boolean exists() {
        return image != null;
    }

    /** Its binary form; null when there is no item. */
    public byte @Nullable [] image() {
        return image;
    }

    /** Its attributes, none when there is no item. Not to be changed. */
    public Map<String, AttributeValue> attributes() {
        Map<String, AttributeValue> decoded = attributes;
        if (decoded == null) {
            decoded = image == null ? Map.of() : ItemCodec.decode(image);
            attributes = decoded;
        }
        return decoded;
    }
}
