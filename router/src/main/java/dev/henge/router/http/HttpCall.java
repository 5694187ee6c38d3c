package dev.henge.router.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One HTTP request, with its whole body, as the endpoint hands it to an {@link HttpHandler}. */
public interface HttpCall {

    /** The method in upper case, as it was sent. */
    String method();

    /** The request target: path and query, not decoded. */
    String uri();

    /** The first header of this name (names are case-insensitive), or null. */
    @Nullable
    String header(String name);

    /** The values of all headers of this name (names are case-insensitive), in the order they were sent. */
    List<String> headers(String name);

    /** The body; only the first {@link #bodyLength()} bytes count. The handler may read it, not change it. */
    byte[] body();

    /** Length of the body in bytes; 0 when there is none. */
    int bodyLength();

    /**
     * Sets bytes aside for this request, against {@link HttpLimits#bytesInFlightMax()}, until it is answered; false
     * when there is no room.
     */
    boolean reserve(long bytes);
}
