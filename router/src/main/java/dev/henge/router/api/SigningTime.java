package dev.henge.router.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * When a request was signed.
 *
 * @param text as it is signed: {@code yyyyMMddTHHmmssZ}
 * @param epochSecond the same, Unix time
 */
record SigningTime(String text, long epochSecond) {

    private static final int LENGTH = "yyyyMMddTHHmmssZ".length();
    private static final long SECONDS_OF_DAY = 86_400;
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /**
     * Reads the basic format of ISO 8601; null for anything else.
     *
     * @param http whether the form of HTTP's Date header is understood as well
     */
    static @Nullable SigningTime parse(String text, boolean http) {
        try {
            if (text.length() == LENGTH && text.charAt(8) == 'T' && text.charAt(15) == 'Z') {
                return basic(text);
            }
            return http
                    ? of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text))
                            .getEpochSecond())
                    : null;
        } catch (DateTimeException notADate) {
            return null;
        }
    }

    static SigningTime of(long epochSecond) {
        return new SigningTime(FORMAT.format(Instant.ofEpochSecond(epochSecond)), epochSecond);
    }

    private static @Nullable SigningTime basic(String text) {
        int year = number(text, 0, 4);
        int month = number(text, 4, 6);
        int day = number(text, 6, 8);
        int hour = number(text, 9, 11);
        int minute = number(text, 11, 13);
        int second = number(text, 13, 15);
        if (year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
            return null;
        }
        long days = LocalDate.of(year, month, day).toEpochDay();
        return new SigningTime(text, days * SECONDS_OF_DAY + hour * 3600L + minute * 60L + second);
    }

    /** -1 unless all are digits. */
    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            char character = text.charAt(i);
            if (character < '0' || character > '9') {
                return -1;
            }
            number = number * 10 + (character - '0');
        }
        return number;
    }
}
