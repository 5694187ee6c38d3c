package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Speaks the protocol to a router, as an SDK would, but with JSON by hand. */
public final class RouterClient implements AutoCloseable {

    public static final String AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=any/20260101/nowhere/dynamodb/aws4_request,"
            + " SignedHeaders=host;x-amz-date, Signature=0123456789abcdef";

    private final URI endpoint;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    public RouterClient(int port) {
        this.endpoint = URI.create("http://127.0.0.1:" + port + "/");
    }

    /** What came back: the status and the body, read as JSON. */
    public record Reply(int status, Map<String, Object> body, HttpResponse<byte[]> raw) {

        /** The name of the exception without the shape's prefix. */
        public String error() {
            String type = String.valueOf(body.get("__type"));
            return type.substring(type.indexOf('#') + 1);
        }

        public String message() {
            Object message = body.containsKey("message") ? body.get("message") : body.get("Message");
            return String.valueOf(message);
        }
    }

    /** Calls an operation with this JSON, single quotes standing for double ones. */
    public Reply call(String operation, String json) {
        return exchange(request(operation, json.replace('\'', '"').getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .build());
    }

    /** Calls an operation that must succeed; returns the body. */
    public Map<String, Object> succeed(String operation, String json) {
        Reply reply = call(operation, json);
        assertThat(reply.status()).as("%s", reply.body()).isEqualTo(200);
        return reply.body();
    }

    /** Calls an operation that must be refused as a client's fault. */
    public Reply fail(String operation, String json) {
        Reply reply = call(operation, json);
        assertThat(reply.status()).as("%s", reply.body()).isEqualTo(400);
        return reply;
    }

    /** Calls an operation that must fail with a ValidationException; returns its message. */
    public String invalid(String operation, String json) {
        Reply reply = fail(operation, json);
        assertThat(reply.error()).as(reply.message()).isEqualTo("ValidationException");
        return reply.message();
    }

    public HttpRequest.Builder request(String operation, byte[] body) {
        String target = operation.contains(".") ? operation : "DynamoDB_20120810." + operation;
        return HttpRequest.newBuilder(endpoint)
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/x-amz-json-1.0")
                .header("X-Amz-Target", target)
                .header("X-Amz-Date", "20260101T000000Z")
                .header("Authorization", AUTHORIZATION)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }

    public HttpRequest.Builder bareRequest(String pathAndQuery) {
        return HttpRequest.newBuilder(endpoint.resolve(pathAndQuery)).timeout(Duration.ofSeconds(30));
    }

    public HttpResponse<byte[]> raw(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public Reply exchange(HttpRequest request) {
        HttpResponse<byte[]> response = raw(request);
        Map<String, Object> body = response.body().length == 0 ? Map.of() : Json.object(response.body());
        return new Reply(response.statusCode(), body, response);
    }

    @Override
    public void close() {
        http.close();
    }
}
