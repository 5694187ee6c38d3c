package dev.henge.bench;

import dev.henge.bench.HttpConnection.Answer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Sends signed requests to one endpoint over one connection, which it opens when there is none. Not safe for use by
 * several threads.
 */
final class ApiClient implements Closeable {
    /** What a request came to. */
    static final String OK = "";

    private static final JsonFactory JSON = new JsonFactory();
    private static final int REQUEST_BYTES_MAX = 16 << 10;
    private static final byte[] BODY_START = HttpText.ascii("\r\n\r\n");
    private static final byte[] CONTENT_LENGTH = HttpText.ascii("Content-Length: ");

    private final Endpoint endpoint;
    private final int answerTimeoutMillis;
    private final RequestSigner signer;
    private final byte[] headStart;
    private final ByteBuffer body = ByteBuffer.allocate(REQUEST_BYTES_MAX / 2);
    private final ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES_MAX);
    private @Nullable HttpConnection connection;

    /**
     * Makes a client; it connects with its first request.
     *
     * @param endpoint where to
     * @param credentials whom to sign for
     * @param answerTimeoutMillis how long the server may be silent within a request
     */
    ApiClient(Endpoint endpoint, Credentials credentials, int answerTimeoutMillis) {
        this.endpoint = endpoint;
        this.answerTimeoutMillis = answerTimeoutMillis;
        this.signer = new RequestSigner(credentials, endpoint.hostHeader(), Clock.systemUTC());
        this.headStart = HttpText.ascii("POST / HTTP/1.1\r\nHost: " + endpoint.hostHeader() + "\r\nContent-Type: "
                + RequestSigner.CONTENT_TYPE + "\r\nX-Amz-Target: ");
    }

    /**
     * Does one operation.
     *
     * @return {@link #OK}, or the error's type: what the server called it, or the exception's name
     */
    String perform(Operation operation, int item, SplittableRandom random) {
        operation.writeBody(body.clear(), endpoint.table(), item, random);
        body.flip();
        try {
            Answer answer = exchange(operation.target());
            if (answer.status() != 200) {
                return errorType(answer);
            }
            if (!answer.intact()) {
                return "WrongChecksum";
            }
            return operation.isRight(answer.body()) ? OK : "WrongAnswer";
        } catch (IOException e) {
            close();
            return e.getClass().getSimpleName();
        }
    }

    /** A whole answer, for the requests that aren't measured. */
    record Result(int status, String body, String errorType) {}

    /**
     * Calls any operation.
     *
     * @param apiName the operation's name in the API
     * @param json the request's body
     */
    Result call(String apiName, String json) throws IOException {
        body.clear().put(json.getBytes(StandardCharsets.UTF_8)).flip();
        try {
            Answer answer = exchange(HttpText.ascii("DynamoDB_20120810." + apiName));
            String text =
                    StandardCharsets.UTF_8.decode(answer.body().duplicate()).toString();
            return new Result(answer.status(), text, answer.status() == 200 ? OK : errorType(answer));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Whether there is a connection; there is none before the first request and after a connection's error. */
    boolean isConnected() {
        return connection != null;
    }

    @Override
    public void close() {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (IOException e) {
            // Closing a socket that is broken already: it is gone either way.
        }
        connection = null;
    }

    private Answer exchange(byte[] target) throws IOException {
        if (connection == null) {
            connection = new HttpConnection(endpoint, answerTimeoutMillis);
        }
        request.clear().put(headStart).put(target).put((byte) '\r').put((byte) '\n');
        signer.writeHeaders(request, target, body);
        request.put(CONTENT_LENGTH)
                .put(HttpText.ascii(Integer.toString(body.remaining())))
                .put(BODY_START)
                .put(body.duplicate())
                .flip();
        Answer answer = connection.exchange(request);
        if (connection.isClosing()) {
            close();
        }
        return answer;
    }

    /** The last part of the body's {@code __type}, or the status. */
    private static String errorType(Answer answer) {
        ByteBuffer body = answer.body();
        try (JsonParser parser = JSON.createParser(
                ObjectReadContext.empty(), body.array(), body.arrayOffset() + body.position(), body.remaining())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("__type")) {
                    String type = parser.getString();
                    return type.substring(type.indexOf('#') + 1);
                }
                parser.skipChildren();
            }
        } catch (JacksonException e) {
            // A body that isn't JSON, say of a proxy: the status is all there is to report.
            return "HTTP " + answer.status();
        }
        return "HTTP " + answer.status();
    }
}
