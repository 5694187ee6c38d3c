package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.ItemWritten;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/**
 * ItemCollectionMetrics: about how large the collections are that a write touched, of tables with local indexes; others have
 * none to tell of.
 */
final class CollectionMetrics {

    private static final long GIGABYTE = 1L << 30;

    /** What a request asks to be told, in the service's order. */
    enum Wanted {
        SIZE,
        NONE
    }

    private CollectionMetrics() {}

    /**
     * The key of a collection, as an item in the binary form.
     *
     * @param attributes an item in the binary form that has the partition key among its attributes
     */
    static ByteString key(TableSchema table, ByteString attributes) {
        String name = table.partitionKey().getName();
        AttributeValue value = Parameters.required(ItemCodec.attribute(attributes, name));
        return ItemCodec.encodeToByteString(Map.of(name, value));
    }

    /** Writes the structure: the key, and between which gigabytes the size is. */
    static void write(ReplyWriter reply, ByteString key, ItemWritten written) {
        long gigabytes = written.getCollectionBytes() / GIGABYTE;
        JsonGenerator out = reply.json();
        out.writeStartObject();
        out.writeName("ItemCollectionKey");
        reply.item(key);
        out.writeName("SizeEstimateRangeGB");
        out.writeStartArray();
        out.writeNumber((double) gigabytes);
        out.writeNumber((double) (gigabytes + 1));
        out.writeEndArray();
        out.writeEndObject();
    }
}
