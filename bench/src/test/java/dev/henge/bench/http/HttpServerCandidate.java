package dev.henge.bench.http;

import dev.henge.bench.http.ItemService.Answer;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/** The servers compared; the main method runs one of them as a process until it is killed. */
public enum HttpServerCandidate {
    /** Helidon WebServer: blocking, a virtual thread per connection. */
    HELIDON,
    /** Netty on epoll, each request handed to a virtual thread that blocks for the answer. */
    NETTY_VIRTUAL,
    /** Netty on epoll, answered by callback without another thread of the server's own. */
    NETTY_LOOP,
    /** Armeria, each request handed to a virtual thread that blocks for the answer. */
    ARMERIA_VIRTUAL,
    /** Armeria, answered by callback. */
    ARMERIA_LOOP;

    static final String REQUEST_ID = "x-amzn-requestid";
    static final String CRC32 = "x-amz-crc32";
    static final String CONTENT_TYPE = "application/x-amz-json-1.0";

    /** Event loops of those candidates that have them: the measured machine's cores. */
    static final int EVENT_LOOPS = 2;

    /** The name on the command line and in reports. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Finds a candidate by its label. */
    public static HttpServerCandidate of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /**
     * Listens on the loopback address.
     *
     * @param port the TCP port
     * @param service what to serve
     */
    void start(int port, ItemService service) throws InterruptedException {
        switch (this) {
            case HELIDON -> HelidonCandidate.start(port, service);
            case NETTY_VIRTUAL -> NettyCandidate.start(port, service, true);
            case NETTY_LOOP -> NettyCandidate.start(port, service, false);
            case ARMERIA_VIRTUAL -> ArmeriaCandidate.start(port, service, true);
            case ARMERIA_LOOP -> ArmeriaCandidate.start(port, service, false);
        }
    }

    /** Blocks for an answer, as a handler on a virtual thread does. */
    static Answer await(ItemService service, byte[] body) {
        return service.serve(body).join();
    }

    /**
     * Runs one candidate.
     *
     * @param arguments label, port, {@code direct} or {@code hop}
     */
    public static void main(String[] arguments) throws InterruptedException {
        HttpServerCandidate candidate = of(arguments[0]);
        candidate.start(Integer.parseInt(arguments[1]), new ItemService(arguments[2].equals("hop")));
        new CountDownLatch(1).await();
    }
}
