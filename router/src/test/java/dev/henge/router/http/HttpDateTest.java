package dev.henge.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HttpDateTest {

    private final AtomicReference<Instant> time = new AtomicReference<>(Instant.parse("1994-11-06T08:49:37.999Z"));
    private final HttpDate date = new HttpDate(time::get);

    @Test
    void hasTwoDigitsForTheDay() {
        assertThat(date.now()).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @Test
    void goesWithTheClockEitherWay() {
        String first = date.now();
        time.set(Instant.parse("1994-11-06T08:49:37Z"));
        assertThat(date.now()).isSameAs(first);

        time.set(Instant.parse("1994-11-06T08:49:38Z"));
        assertThat(date.now()).isEqualTo("Sun, 06 Nov 1994 08:49:38 GMT");
        time.set(Instant.parse("1993-12-31T23:59:59Z"));
        assertThat(date.now()).isEqualTo("Fri, 31 Dec 1993 23:59:59 GMT");
    }
}
