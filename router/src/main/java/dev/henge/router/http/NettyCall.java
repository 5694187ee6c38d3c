package dev.henge.router.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request on a Netty connection. Built by the connection's event loop, then handed over to one virtual thread. */
final class NettyCall implements HttpCall {

    private static final byte[] NO_BYTES = new byte[0];

    /** What is set aside at first for a body whose length was announced; a client must send to get more. */
    private static final int FIRST_CAPACITY_BYTES_MAX = 64 * 1024;

    private final EndpointLoad load;
    private final String method;
    private final String uri;
    private final HttpHeaders headers;
    private final boolean keepAlive;
    private final boolean http10;
    private final long announcedBytes;
    private final long startedNanos;
    private byte[] body = NO_BYTES;
    private int bodyLength;
    private long reservedBytes;

    NettyCall(HttpRequest request, EndpointLoad load, long startedNanos) {
        this.load = load;
        this.method = request.method().name();
        this.uri = request.uri();
        this.headers = request.headers();
        this.keepAlive = HttpUtil.isKeepAlive(request);
        this.http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        this.announcedBytes = HttpUtil.getContentLength(request, 0L);
        this.startedNanos = startedNanos;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    @Override
    public List<String> headers(String name) {
        return headers.getAll(name);
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public int bodyLength() {
        return bodyLength;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    boolean isHttp10() {
        return http10;
    }

    long startedNanos() {
        return startedNanos;
    }

    @Override
    public boolean reserve(long bytes) {
        if (!load.takeBytes(bytes)) {
            return false;
        }
        reservedBytes += bytes;
        return true;
    }

    /** Adds bytes to the body; false, and nothing added, when there is no room in flight for a larger buffer. */
    boolean append(ByteBuf bytes) {
        int count = bytes.readableBytes();
        int needed = bodyLength + count;
        if (needed > body.length && !grow(needed)) {
            return false;
        }
        bytes.readBytes(body, bodyLength, count);
        bodyLength = needed;
        return true;
    }

    private boolean grow(int needed) {
        // A body that comes whole gets exactly its size. An announced length is believed for 64 KB at once and then
        // for twice of what has come, one not announced just that: a client must send to have memory held.
        long wanted = needed;
        if (announcedBytes > 0) {
            wanted = Math.min(announcedBytes, Math.max(FIRST_CAPACITY_BYTES_MAX, needed * 2L));
        } else if (bodyLength > 0) {
            wanted = needed * 2L;
        }
        int capacity = (int) Math.max(needed, wanted);
        if (!reserve(capacity - body.length)) {
            return false;
        }
        body = Arrays.copyOf(body, capacity);
        return true;
    }

    /** Gives back the room that the request took; it must not be used any more. */
    void release() {
        load.releaseBytes(reservedBytes);
        reservedBytes = 0;
        body = NO_BYTES;
        bodyLength = 0;
    }
}
