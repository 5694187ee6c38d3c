package dev.henge.bench.http;

import dev.henge.bench.http.ItemService.Answer;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** {@link ItemService} on Helidon WebServer. */
final class HelidonCandidate {
    private static final HeaderName REQUEST_ID = HeaderNames.create(HttpServerCandidate.REQUEST_ID);
    private static final HeaderName CRC32 = HeaderNames.create(HttpServerCandidate.CRC32);

    private HelidonCandidate() {}

    static void start(int port, ItemService service) {
        WebServer.builder()
                .host("127.0.0.1")
                .port(port)
                .routing(routing -> routing.post("/", (request, response) -> handle(service, request, response)))
                .build()
                .start();
    }

    private static void handle(ItemService service, ServerRequest request, ServerResponse response) {
        Answer answer = HttpServerCandidate.await(service, request.content().as(byte[].class));
        response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, HttpServerCandidate.CONTENT_TYPE))
                .header(HeaderValues.create(REQUEST_ID, answer.requestId()))
                .header(HeaderValues.create(CRC32, answer.crc32()))
                .send(answer.body());
    }
}
