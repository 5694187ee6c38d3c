package dev.henge.bench;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * A keep-alive HTTP/1.1 connection that carries one request at a time and understands what a DynamoDB endpoint
 * answers: a status line, headers with Content-Length, a body. Not safe for use by several threads.
 */
final class HttpConnection implements Closeable {
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int RESPONSE_BYTES_MAX = 2 << 20;
    private static final int STATUS_END = "HTTP/1.1 200".length();
    private static final byte[] CONTENT_LENGTH = HttpText.ascii("content-length:");
    private static final byte[] CHECKSUM = HttpText.ascii("x-amz-crc32:");
    private static final byte[] CONNECTION = HttpText.ascii("connection:");
    private static final byte[] CLOSE = HttpText.ascii("close");
    private static final long ABSENT = -1;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final CRC32 crc32 = new CRC32();
    private byte[] buffer = new byte[8 << 10];
    private int filled;
    private boolean closing;

    /**
     * Connects.
     *
     * @param endpoint where to
     * @param answerTimeoutMillis how long the server may be silent within a request
     */
    HttpConnection(Endpoint endpoint, int answerTimeoutMillis) throws IOException {
        socket = new Socket();
        try {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.setSoTimeout(answerTimeoutMillis);
            socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()), CONNECT_TIMEOUT_MILLIS);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * An answer.
     *
     * @param status the HTTP status
     * @param body from position to limit; valid until the next request on the connection
     * @param intact false when the x-amz-crc32 header was there and the body's checksum was another
     */
    record Answer(int status, ByteBuffer body, boolean intact) {}

    /**
     * Sends a request and waits for the answer. After an exception the connection is of no more use.
     *
     * @param request the whole request, from position to limit
     */
    Answer exchange(ByteBuffer request) throws IOException {
        out.write(request.array(), request.arrayOffset() + request.position(), request.remaining());
        filled = 0;
        int headEnd = readHead();
        int status = status();
        long contentLength = ABSENT;
        long checksum = ABSENT;
        int line = HttpText.lineEnd(buffer, 0, headEnd) + 2;
        while (line < headEnd) {
            int lineEnd = HttpText.lineEnd(buffer, line, headEnd);
            if (HttpText.startsWith(buffer, line, lineEnd, CONTENT_LENGTH)) {
                contentLength = HttpText.number(buffer, line + CONTENT_LENGTH.length, lineEnd);
            } else if (HttpText.startsWith(buffer, line, lineEnd, CHECKSUM)) {
                checksum = HttpText.number(buffer, line + CHECKSUM.length, lineEnd);
            } else if (HttpText.startsWith(buffer, line, lineEnd, CONNECTION)) {
                closing = HttpText.valueIs(buffer, line + CONNECTION.length, lineEnd, CLOSE);
            }
            line = lineEnd + 2;
        }
        if (contentLength == ABSENT) {
            throw new ProtocolException("the answer has no Content-Length");
        }
        int bodyStart = headEnd + 2;
        if (contentLength > RESPONSE_BYTES_MAX - bodyStart) {
            throw new ProtocolException("the answer is longer than " + RESPONSE_BYTES_MAX + " bytes");
        }
        int end = bodyStart + (int) contentLength;
        while (filled < end) {
            read(end);
        }
        return new Answer(
                status,
                ByteBuffer.wrap(buffer, bodyStart, (int) contentLength),
                checksum == ABSENT || checksum == checksum(bodyStart, (int) contentLength));
    }

    /** Whether the server has said that it closes the connection after the last answer. */
    boolean isClosing() {
        return closing;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Reads on until the empty line; returns where it starts. */
    private int readHead() throws IOException {
        int searched = 0;
        while (true) {
            read(0);
            int blank = HttpText.blankLine(buffer, searched, filled);
            if (blank >= 0) {
                return blank;
            }
            searched = Math.max(0, filled - 3);
        }
    }

    private void read(int neededBytes) throws IOException {
        int wanted = Math.max(neededBytes, filled + 1);
        if (wanted > buffer.length) {
            if (wanted > RESPONSE_BYTES_MAX) {
                throw new ProtocolException("the answer is longer than " + RESPONSE_BYTES_MAX + " bytes");
            }
            buffer = Arrays.copyOf(buffer, Math.min(RESPONSE_BYTES_MAX, Math.max(wanted, 2 * buffer.length)));
        }
        int count = in.read(buffer, filled, buffer.length - filled);
        if (count < 0) {
            throw new EOFException("the server closed the connection");
        }
        filled += count;
    }

    private int status() throws ProtocolException {
        if (filled < STATUS_END || buffer[0] != 'H') {
            throw new ProtocolException("the answer is not HTTP");
        }
        return (int) HttpText.number(buffer, STATUS_END - 3, STATUS_END);
    }

    private long checksum(int start, int length) {
        crc32.reset();
        crc32.update(buffer, start, length);
        return crc32.getValue();
    }
}
