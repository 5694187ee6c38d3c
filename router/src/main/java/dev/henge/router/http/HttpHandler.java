package dev.henge.router.http;

/** Answers HTTP requests. Knows nothing of the HTTP library beneath. */
public interface HttpHandler {

    /** Why the endpoint does not take a request in. */
    enum Turnaway {
        /** The body is longer than {@link HttpLimits#bodyBytesMax()}; the connection is closed after the answer. */
        BODY_TOO_LARGE,
        /** As many requests or bytes are in flight as {@link HttpLimits} allows. */
        OVERLOADED
    }

    /** Answers one request; runs on a virtual thread and may block. Must not throw. */
    HttpReply handle(HttpCall call);

    /** The answer to a request that is not taken in. Must not block. */
    HttpReply turnAway(Turnaway reason);
}
