package dev.henge.chaos.oracle;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** One of the two that are asked the same. */
final class Endpoint implements AutoCloseable {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final String AUTHORIZATION =
            "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request, "
                    + "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private final URI uri;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Endpoint(int port) {
        uri = URI.create("http://127.0.0.1:" + port + "/");
    }

    CompletableFuture<Answer> send(Request request) {
        HttpRequest sent = HttpRequest.newBuilder(uri)
                .timeout(ANSWER_WITHIN)
                .header("Content-Type", "application/x-amz-json-1.0")
                .header("X-Amz-Target", "DynamoDB_20120810." + request.operation())
                .header("X-Amz-Date", "20260101T000000Z")
                .header("Authorization", AUTHORIZATION)
                .POST(HttpRequest.BodyPublishers.ofString(request.body()))
                .build();
        return http.sendAsync(sent, HttpResponse.BodyHandlers.ofByteArray()).thenApply(Endpoint::answer);
    }

    Answer call(Request request) {
        return send(request).join();
    }

    private static Answer answer(HttpResponse<byte[]> response) {
        byte[] body = response.body();
        try {
            return new Answer(response.statusCode(), body.length == 0 ? Map.of() : Json.asObject(Json.parse(body)));
        } catch (RuntimeException notJson) {
            return new Answer(
                    response.statusCode(),
                    Map.of("not JSON", new String(body, java.nio.charset.StandardCharsets.UTF_8)));
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
