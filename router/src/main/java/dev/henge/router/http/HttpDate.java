package dev.henge.router.http;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The Date header of answers (RFC 9110, section 6.6.1), by which SDKs correct a clock that is off. Written once for each
 * second. Threads may share one: those that race write the same.
 */
final class HttpDate {

    /** Not RFC_1123_DATE_TIME, which writes the days before the tenth with one digit. */
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

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
            written = new Written(second, FORM.format(Instant.ofEpochSecond(second)));
            last = written;
        }
        return written.text;
    }
}
