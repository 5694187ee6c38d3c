package dev.henge.chaos.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A balancer of connections before several routers, as small as one can be: it asks each for its {@code /readyz} now and then,
 * gives each new connection to the next one that was ready, and knows nothing of what goes through.
 */
final class Balancer implements AutoCloseable {

    /** Where a router answers requests, and where it says whether it is ready. */
    record Target(InetSocketAddress address, URI readiness) {}

    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final Duration LOOK_MAX = Duration.ofSeconds(2);

    private final List<Target> targets;
    private final Set<Target> unready = ConcurrentHashMap.newKeySet();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger turn = new AtomicInteger();
    private final ServerSocket listener;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService pumps = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();

    private Balancer(List<Target> targets) throws IOException {
        this.targets = targets;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    }

    static Balancer start(List<Target> targets) throws IOException {
        Balancer balancer = new Balancer(List.copyOf(targets));
        var unused = balancer.looks.scheduleWithFixedDelay(
                () -> targets.forEach(balancer::look), 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        balancer.pumps.execute(balancer::accept);
        return balancer;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    private void look(Target target) {
        HttpRequest request =
                HttpRequest.newBuilder(target.readiness()).timeout(LOOK_MAX).build();
        try {
            boolean ready =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
            if (ready) {
                unready.remove(target);
            } else {
                unready.add(target);
            }
        } catch (IOException _) {
            unready.add(target);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                pumps.execute(() -> join(client));
            } catch (IOException _) {
                // Closed, or a client that went away.
            }
        }
    }

    private void join(Socket client) {
        try (client;
                Socket router = connect()) {
            open.add(router);
            client.setTcpNoDelay(true);
            router.setTcpNoDelay(true);
            pumps.execute(() -> pump(client, router));
            pump(router, client);
            open.remove(router);
        } catch (IOException _) {
            // The client sees its connection end.
        } finally {
            open.remove(client);
        }
    }

    private Socket connect() throws IOException {
        IOException refused = new ConnectException("no router takes connections");
        int first = turn.getAndIncrement();
        // Those that were not ready come last: they may be by now.
        for (boolean wanted : new boolean[] {true, false}) {
            for (int i = 0; i < targets.size(); i++) {
                Target target = targets.get(Math.floorMod(first + i, targets.size()));
                if (unready.contains(target) == wanted) {
                    continue;
                }
                Socket socket = new Socket();
                try {
                    socket.connect(target.address());
                    return socket;
                } catch (IOException e) {
                    socket.close();
                    refused = e;
                }
            }
        }
        throw refused;
    }

    /** Ends both directions once one has ended, as answers come before their connection is closed. */
    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            in.transferTo(to.getOutputStream());
        } catch (IOException _) {
            // Either end is gone; so is the other now.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        looks.shutdownNow();
        for (Socket socket : open) {
            socket.close();
        }
        pumps.close();
        http.close();
    }
}
