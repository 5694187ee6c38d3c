package dev.henge.router.http;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;

/**
 * The Date header of answers (RFC 9110, section 6.6.1), by which SDKs correct a clock that is off. Written once for each
 * second. Threads may share one: those that race write the same.
 */
final class HttpDate {

    private record Written(long second, String text) {}

    private final InstantSource clock;
    private volatile Written last = new Written(Long.MIN_VALUE, "");

    HttpDate(InstantSource clock) {
        this.clock = clock;
    }

    /** Now, as in {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    String now() {
        long second = Math.floorDiv(clock.millis(), 1000L);
        Written written = last;
        if (written.second != second) {
            written = new Written(second, DateFormatter.format(Date.from(Instant.ofEpochSecond(second))));
            last = written;
        }
        return written.text;
    }
}
