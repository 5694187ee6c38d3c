package dev.henge.router.http;

import java.util.List;

/**
 * What to answer. The endpoint adds Date, Content-Length and what the connection needs.
 *
 * @param status HTTP status code
 * @param headers names and values in turns
 * @param body holds the body in its first bytes; owned by the endpoint from now on
 * @param bodyLength length of the body in bytes
 */
// The array is handed on, not compared.
@SuppressWarnings("ArrayRecordComponent")
public record HttpReply(int status, List<String> headers, byte[] body, int bodyLength) {

    public HttpReply {
        if (headers.size() % 2 != 0) {
            throw new IllegalArgumentException("a header name lacks its value: " + headers);
        }
        if (bodyLength < 0 || bodyLength > body.length) {
            throw new IllegalArgumentException("body of " + body.length + " bytes has no " + bodyLength + " bytes");
        }
    }
}
