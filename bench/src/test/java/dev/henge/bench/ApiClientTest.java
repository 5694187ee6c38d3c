package dev.henge.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ApiClientTest {
    private static final Credentials CREDENTIALS = new Credentials("key", "secret", "us-east-1");
    private static final String ITEM = "{\"Item\":{\"data\":{\"S\":\"x\"}}}";
    /** Of {@link #ITEM}, by Python's zlib.crc32. */
    private static final long ITEM_CRC32 = 425406953L;

    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void sendsASignedRequest() throws IOException {
        try (ScriptedServer server = new ScriptedServer(List.of(List.of(ScriptedServer.ok(ITEM))));
                ApiClient client = client(server)) {
            assertThat(client.perform(Operation.GET, 42, random)).isEqualTo(ApiClient.OK);

            assertThat(server.requests())
                    .singleElement()
                    .asString()
                    .startsWith("POST / HTTP/1.1\r\nHost: " + server.endpoint().hostHeader()
                            + "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
                            + "X-Amz-Date: ")
                    .contains("\r\nAuthorization: AWS4-HMAC-SHA256 Credential=key/")
                    .endsWith("\r\n\r\n{\"TableName\":\"henge-bench\",\"Key\":{\"pk\":{\"S\":\"key-00000042\"}},"
                            + "\"ConsistentRead\":true}");
        }
    }

    @Test
    void readsAnswersInAnyPiecesOnOneConnection() throws IOException {
        String answer = "HTTP/1.1 200 OK\r\nx-AMZ-crc32:  " + ITEM_CRC32 + "\r\nCONTENT-length:" + ITEM.length()
                + "\r\nother: header\r\n\r\n" + ITEM;
        List<String> letters = answer.chars().mapToObj(Character::toString).toList();
        try (ScriptedServer server = new ScriptedServer(List.of(letters, List.of(answer), letters));
                ApiClient client = client(server)) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.perform(Operation.GET, i, random)).isEqualTo(ApiClient.OK);
                assertThat(client.isConnected()).isEqualTo(true);
            }
        }
    }

    @Test
    void tellsErrorsByTheirType() throws IOException {
        String body = "{\"message\":\"no\",\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\"}";
        try (ScriptedServer server = new ScriptedServer(List.of(
                        List.of("HTTP/1.1 400 Bad Request\r\nContent-Length: " + body.length() + "\r\n\r\n" + body),
                        List.of("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"),
                        List.of("HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}")));
                ApiClient client = client(server)) {
            assertThat(client.perform(Operation.PUT, 1, random)).isEqualTo("ResourceNotFoundException");
            assertThat(client.perform(Operation.PUT, 1, random)).isEqualTo("HTTP 503");
            assertThat(client.perform(Operation.PUT, 1, random)).isEqualTo("HTTP 500");
        }
    }

    @Test
    void doesNotTakeAWrongAnswerForARightOne() throws IOException {
        try (ScriptedServer server = new ScriptedServer(List.of(
                        List.of(ScriptedServer.ok("{}")),
                        List.of("HTTP/1.1 200 OK\r\nx-amz-crc32: 1\r\nContent-Length: " + ITEM.length() + "\r\n\r\n"
                                + ITEM)));
                ApiClient client = client(server)) {
            assertThat(client.perform(Operation.GET, 1, random)).as("no item").isEqualTo("WrongAnswer");
            assertThat(client.perform(Operation.GET, 1, random)).isEqualTo("WrongChecksum");
        }
    }

    @Test
    void connectsAgainAfterTheServerClosed() throws IOException {
        try (ScriptedServer server = new ScriptedServer(List.of(
                        List.of("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n{}"),
                        List.of(),
                        List.of("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}"),
                        List.of(ScriptedServer.ok("{}"))));
                ApiClient client = client(server)) {
            assertThat(client.perform(Operation.PUT, 1, random)).isEqualTo(ApiClient.OK);
            assertThat(client.isConnected()).isFalse();
            assertThat(client.perform(Operation.PUT, 1, random))
                    .as("closed without answer")
                    .isEqualTo("EOFException");
            assertThat(client.perform(Operation.PUT, 1, random)).as("no length").isEqualTo("ProtocolException");
            assertThat(client.perform(Operation.PUT, 1, random)).isEqualTo(ApiClient.OK);
        }
    }

    @Test
    void givesUpOnAServerThatIsSilent() throws IOException {
        try (ScriptedServer server = new ScriptedServer(List.of(List.of("HTTP/1.1 200 OK\r\n"), List.of()));
                ApiClient client = new ApiClient(server.endpoint(), CREDENTIALS, 50)) {
            assertThat(client.perform(Operation.PUT, 1, random)).isEqualTo("SocketTimeoutException");
            assertThat(client.isConnected()).isFalse();
        }
    }

    @Test
    void putsItemsOfOneKilobyte() throws IOException {
        try (ScriptedServer server = new ScriptedServer(List.of(List.of(ScriptedServer.ok("{}"))));
                ApiClient client = client(server)) {
            assertThat(client.perform(Operation.PUT, 7, random)).isEqualTo(ApiClient.OK);

            String request = server.requests().getFirst();
            String data = request.substring(request.indexOf("\"data\":{\"S\":\"") + 13, request.lastIndexOf("\"}}}"));
            int sizeBytes =
                    "pk".length() + "key-00000007".length() + "visits".length() + 2 + "data".length() + data.length();
            assertThat(sizeBytes).isEqualTo(1024);
        }
    }

    private static ApiClient client(ScriptedServer server) throws IOException {
        return new ApiClient(server.endpoint(), CREDENTIALS, 10_000);
    }
}
