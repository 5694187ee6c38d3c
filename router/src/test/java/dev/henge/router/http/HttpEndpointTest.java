package dev.henge.router.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpEndpointTest {

    private static final HttpLimits LIMITS =
            new HttpLimits(1_000, 4_096, 3, 2, 3_000, Duration.ofSeconds(60), Duration.ofSeconds(60));

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch holding = new CountDownLatch(1);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        held.countDown();
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void answersRequestsOnOneConnectionInOrderEvenWhenPipelined() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send(post("one") + post("two") + post("three"));

        assertThat(wire.readReply()).isEqualTo("200 POST one");
        assertThat(wire.readReply()).isEqualTo("200 POST two");
        assertThat(wire.readReply()).isEqualTo("200 POST three");
    }

    @Test
    void takesChunkedBodies() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");

        assertThat(wire.readReply()).isEqualTo("200 POST abcdefg");
    }

    @Test
    void saysContinueToAClientThatWaitsForIt() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        assertThat(wire.readLine()).isEqualTo("HTTP/1.1 100 Continue");
        assertThat(wire.readLine()).isEmpty();
        wire.send("ok");

        assertThat(wire.readReply()).isEqualTo("200 POST ok");
    }

    @Test
    void turnsALongBodyAwayAndClosesTheConnection() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");

        assertThat(wire.readReply()).isEqualTo("413 BODY_TOO_LARGE");
        assertThat(wire.readLine()).isNull();
    }

    @Test
    void turnsALongChunkedBodyAway() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + "a".repeat(1001));

        assertThat(wire.readReply()).isEqualTo("413 BODY_TOO_LARGE");
    }

    @Test
    void turnsRequestsAwayPastTheMostInFlightAndTakesThemAgainLater() throws Exception {
        HttpEndpoint endpoint = start(LIMITS);
        Wire first = connect(endpoint);
        Wire second = connect(endpoint);
        Wire third = connect(endpoint);
        first.send(post("hold"));
        second.send(post("hold"));
        assertThat(holding.await(10, TimeUnit.SECONDS)).isTrue();
        awaitUntil(() -> endpoint.requestsInFlight() == 2);
        third.send(post("late"));
        assertThat(third.readReply()).isEqualTo("503 OVERLOADED");

        held.countDown();
        assertThat(first.readReply()).isEqualTo("200 POST hold");
        assertThat(second.readReply()).isEqualTo("200 POST hold");
        third.send(post("again"));
        assertThat(third.readReply()).isEqualTo("200 POST again");
        awaitUntil(() -> endpoint.requestsInFlight() == 0 && endpoint.bytesInFlight() == 0);
    }

    @Test
    void turnsRequestsAwayPastTheMostBytesInFlight() throws Exception {
        HttpEndpoint endpoint =
                start(new HttpLimits(1_000, 4_096, 3, 2, 600, Duration.ofSeconds(60), Duration.ofSeconds(60)));
        Wire first = connect(endpoint);
        Wire second = connect(endpoint);
        first.send(post("hold" + "x".repeat(500)));
        assertThat(holding.await(10, TimeUnit.SECONDS)).isTrue();
        second.send(post("y".repeat(500)));

        assertThat(second.readReply()).isEqualTo("503 OVERLOADED");
    }

    @Test
    void closesConnectionsPastTheMost() throws Exception {
        HttpEndpoint endpoint = start(LIMITS);
        for (int i = 0; i < 3; i++) {
            Wire wire = connect(endpoint);
            wire.send(post("in"));
            assertThat(wire.readReply()).isEqualTo("200 POST in");
        }
        Wire fourth = connect(endpoint);

        assertThatThrownBy(() -> {
                    fourth.send(post("out"));
                    if (fourth.readLine() == null) {
                        throw new IOException("closed");
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesWhatIsNotHttp() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send("HTTP/9.9 what is this\r\n\r\n");

        assertThat(wire.readLine()).isEqualTo("HTTP/1.1 400 Bad Request");
    }

    @Test
    void closesTheConnectionWhenTheClientAsksForIt() throws Exception {
        Wire wire = connect(start(LIMITS));
        wire.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(wire.readReply()).isEqualTo("200 GET ");
        assertThat(wire.readLine()).isNull();
    }

    @Test
    void closesTheConnectionWhenTheHandlerFails() throws Exception {
        HttpEndpoint endpoint = start(LIMITS);
        Wire wire = connect(endpoint);
        wire.send(post("throw"));

        assertThat(wire.readLine()).isNull();
        awaitUntil(() -> endpoint.requestsInFlight() == 0 && endpoint.bytesInFlight() == 0);
    }

    @Test
    void letsRequestsInFlightEndBeforeItCloses() throws Exception {
        HttpEndpoint endpoint = start(LIMITS);
        Wire wire = connect(endpoint);
        wire.send(post("hold"));
        assertThat(holding.await(10, TimeUnit.SECONDS)).isTrue();
        Thread closing = Thread.ofPlatform().start(endpoint::close);
        awaitUntil(() -> !canConnect(endpoint));
        held.countDown();

        assertThat(wire.readReply()).isEqualTo("200 POST hold");
        closing.join();
    }

    @Test
    void asksForAnotherConnectionForEachRequestWhileItLeaves() throws Exception {
        HttpEndpoint endpoint = start(LIMITS);
        Wire wire = connect(endpoint);
        wire.send(post("before"));
        assertThat(wire.readReply()).isEqualTo("200 POST before");
        endpoint.leave();

        wire.send(post("one") + post("two"));
        assertThat(wire.readReply()).isEqualTo("200 POST one");
        assertThat(wire.readReply()).isEqualTo("200 POST two");
        assertThat(wire.readLine()).isNull();
        Wire next = connect(endpoint);
        next.send(post("three"));
        assertThat(next.readReply()).isEqualTo("200 POST three");
        assertThat(next.readLine()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"3, 200", "1001, 413", "x, 400"})
    void eachAnswerHasTheDate(String contentLength, String status) throws Exception {
        Wire wire = connect(start(LIMITS));
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + contentLength + "\r\n\r\nabc");

        assertThat(wire.readLine()).startsWith("HTTP/1.1 " + status);
        List<String> dates = wire.readHeaders("date");
        assertThat(dates).singleElement().satisfies(date -> assertThat(
                        ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                                .toInstant())
                .isBetween(before, Instant.now()));
    }

    @Test
    void saysWhenTheAddressIsTaken() throws Exception {
        HttpEndpoint endpoint = start(LIMITS);
        InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port());

        assertThatThrownBy(() -> HttpEndpoint.start(taken, LIMITS, new Echo()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can't listen on");
    }

    private HttpEndpoint start(HttpLimits limits) throws IOException {
        HttpEndpoint endpoint =
                HttpEndpoint.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, new Echo());
        opened.add(endpoint);
        return endpoint;
    }

    private Wire connect(HttpEndpoint endpoint) throws IOException {
        Wire wire = new Wire(new Socket(InetAddress.getLoopbackAddress(), endpoint.port()));
        opened.add(wire);
        return wire;
    }

    private static boolean canConnect(HttpEndpoint endpoint) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private static void awaitUntil(java.util.function.BooleanSupplier condition) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(giveUp);
            Thread.onSpinWait();
        }
    }

    private static String post(String body) {
        return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Answers with the method and the body; a body that begins with "hold" waits until it is let go. */
    private final class Echo implements HttpHandler {

        @Override
        public HttpReply handle(HttpCall call) {
            String body = new String(call.body(), 0, call.bodyLength(), ISO_8859_1);
            if (body.equals("throw")) {
                throw new IllegalStateException("asked for");
            }
            if (body.startsWith("hold")) {
                holding.countDown();
                try {
                    held.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return reply(200, call.method() + " " + body);
        }

        @Override
        public HttpReply turnAway(Turnaway reason) {
            return reply(reason == Turnaway.BODY_TOO_LARGE ? 413 : 503, reason.name());
        }

        private HttpReply reply(int status, String text) {
            byte[] bytes = text.getBytes(ISO_8859_1);
            return new HttpReply(status, List.of("Content-Type", "text/plain"), bytes, bytes.length);
        }
    }

    /** A connection spoken to by hand. */
    private static final class Wire implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader in;
        private final OutputStream out;

        Wire(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(10_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            out = socket.getOutputStream();
        }

        void send(String text) throws IOException {
            out.write(text.getBytes(ISO_8859_1));
            out.flush();
        }

        String readLine() throws IOException {
            return in.readLine();
        }

        /** The values of the headers of this name, of an answer whose status line was read. */
        List<String> readHeaders(String name) throws IOException {
            List<String> values = new ArrayList<>();
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                    values.add(line.substring(name.length() + 1).strip());
                }
            }
            return values;
        }

        /** Status code and body of the next answer. */
        String readReply() throws IOException {
            String status = in.readLine().split(" ")[1];
            int length = 0;
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            char[] body = new char[length];
            int read = 0;
            while (read < length) {
                read += in.read(body, read, length - read);
            }
            return status + " " + new String(body);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
