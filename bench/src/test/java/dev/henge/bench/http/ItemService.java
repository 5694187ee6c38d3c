package dev.henge.bench.http;

import java.io.ByteArrayOutputStream;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What every candidate serves: it reads a PutItem body with a streaming parser and answers the item as
 * {@code {"Attributes": ...}}, about the work a router does for an item of 1 KB. With a hop, another thread completes
 * the answer, as a storage node's answer would arrive.
 */
final class ItemService {
    private static final JsonFactory JSON = new JsonFactory();

    private final ExecutorService hop;
    private final boolean hopping;

    ItemService(boolean hopping) {
        this.hopping = hopping;
        this.hop = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("hop").daemon().factory());
    }

    /** An answer: the body and the two headers the service of record sends with it. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, and what is measured shouldn't be a copy.
    record Answer(byte[] body, String requestId, String crc32) {}

    /**
     * Serves one request.
     *
     * @param body the JSON of a PutItem request
     * @return completed at once, or later by the hop's thread
     */
    CompletableFuture<Answer> serve(byte[] body) {
        Answer answer = answer(body);
        if (!hopping) {
            return CompletableFuture.completedFuture(answer);
        }
        CompletableFuture<Answer> later = new CompletableFuture<>();
        hop.execute(() -> later.complete(answer));
        return later;
    }

    private static Answer answer(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body);
                JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            generator.writeStartObject();
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("Item")) {
                    generator.writeName("Attributes");
                    generator.copyCurrentStructure(parser);
                } else {
                    parser.skipChildren();
                }
            }
            generator.writeEndObject();
        }
        byte[] json = out.toByteArray();
        CRC32 crc32 = new CRC32();
        crc32.update(json);
        return new Answer(json, UUID.randomUUID().toString(), Long.toString(crc32.getValue()));
    }
}
