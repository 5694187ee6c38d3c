package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.item.ItemReader;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes the JSON of an answer: a Jackson generator for everything but items, which go from their binary form straight
 * into the answer's bytes.
 */
final class ReplyWriter implements AutoCloseable {

    private final ReplyBuffer buffer;
    private final JsonGenerator json;
    private final ItemJsonWriter items;

    ReplyWriter(JsonFactory factory, ReplyBuffer buffer) {
        this.buffer = buffer;
        this.json = factory.createGenerator(ObjectWriteContext.empty(), buffer);
        this.items = new ItemJsonWriter(buffer);
    }

    JsonGenerator json() {
        return json;
    }

    /** Writes an item in binary form as the next value: an object of attribute values. */
    void item(ByteString item) {
        beginItem();
        ItemReader.readItem(item, items);
        buffer.put('}');
    }

    void item(byte[] item) {
        beginItem();
        ItemReader.readItem(item, items);
        buffer.put('}');
    }

    private void beginItem() {
        // Has the generator write what goes before a value, and nothing for the value.
        json.writeRawValue("");
        json.flush();
        items.reset();
        buffer.put('{');
    }

    /** Bytes of the answer so far. */
    int sizeBytes() {
        json.flush();
        return buffer.length();
    }

    @Override
    public void close() {
        json.close();
    }
}
