package dev.henge.router;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.cluster.gossip.RouterGossip;
import dev.henge.proto.NodeRecord;
import dev.henge.router.api.ApiHandler;
import dev.henge.router.http.HttpEndpoint;
import dev.henge.router.http.HttpLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** A running router. */
public final class RouterServer implements AutoCloseable {

    private static final long CATALOG_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final HttpEndpoint endpoint;
    private final ClusterClient cluster;
    private final Optional<RouterGossip> gossip;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean leaving;

    private RouterServer(HttpEndpoint endpoint, ClusterClient cluster, Optional<RouterGossip> gossip) {
        this.endpoint = endpoint;
        this.cluster = cluster;
        this.gossip = gossip;
    }

    /**
     * Opens the HTTP endpoint and begins to learn the cluster; requests wait, within their deadline, until it is known.
     *
     * @throws IOException when the address can't be listened on
     */
    public static RouterServer start(RouterConfig config) throws IOException {
        return start(config, new CompositeMeterRegistry());
    }

    /**
     * As {@link #start(RouterConfig)}.
     *
     * @param registry gets the router's metrics
     * @throws IOException when the address can't be listened on
     */
    public static RouterServer start(RouterConfig config, MeterRegistry registry) throws IOException {
        return start(config, Optional.empty(), registry);
    }

    /**
     * As {@link #start(RouterConfig)}.
     *
     * @param gossip says where nodes are, and is told what the router knows; closed with the router, and at once when the
     *     address can't be listened on
     * @param registry gets the router's metrics
     * @throws IOException when the address can't be listened on
     */
    public static RouterServer start(RouterConfig config, Optional<RouterGossip> gossip, MeterRegistry registry)
            throws IOException {
        Function<NodeRecord, String> addressOf = gossip.<Function<NodeRecord, String>>map(heard -> heard::addressOf)
                .orElse(NodeRecord::getAddress);
        RoutedClusterClient cluster = RoutedClusterClient.connect(config.nodes(), addressOf, config.zone());
        gossip.ifPresent(member -> member.tell(cluster::catalog));
        try {
            return start(
                    config, cluster, HttpLimits.forHeap(Runtime.getRuntime().maxMemory()), gossip, registry);
        } catch (IOException e) {
            gossip.ifPresent(RouterGossip::close);
            throw e;
        }
    }

    /**
     * Opens the HTTP endpoint over a cluster that is reached in a way of the caller's own.
     *
     * @param cluster closed with the router, and at once when the address can't be listened on
     * @throws IOException when the address can't be listened on
     */
    public static RouterServer start(RouterConfig config, ClusterClient cluster) throws IOException {
        return start(config, cluster, HttpLimits.forHeap(Runtime.getRuntime().maxMemory()));
    }

    /** Whether to send requests here: the router knows the cluster, so that they need not wait, and is not about to end. */
    public boolean ready() {
        return !leaving && knowsCluster();
    }

    private boolean knowsCluster() {
        return cluster.catalog().getEpoch() > 0;
    }

    /**
     * Waits until the router knows the cluster and the leader of every partition has answered it: from then on a request
     * finds its way at once.
     *
     * @return false when some leader did not answer in time
     */
    public boolean awaitLeaders(Duration timeout) {
        Deadline deadline = Deadline.after(timeout);
        while (!knowsCluster()) {
            if (deadline.over()) {
                return false;
            }
            LockSupport.parkNanos(CATALOG_POLL_NANOS);
        }
        try {
            // Of no table: each leader says nothing, but says it.
            return cluster.statistics(List.of(), deadline)
                    .thenApply(answers -> true)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ClusterException) {
                return false;
            }
            throw e;
        }
    }

    static RouterServer start(RouterConfig config, ClusterClient cluster, HttpLimits limits) throws IOException {
        return start(config, cluster, limits, Optional.empty(), new CompositeMeterRegistry());
    }

    private static RouterServer start(
            RouterConfig config,
            ClusterClient cluster,
            HttpLimits limits,
            Optional<RouterGossip> gossip,
            MeterRegistry registry)
            throws IOException {
        ApiHandler handler = new ApiHandler(
                cluster, config.region(), config.accountId(), config.requestTimeout(), config.signatures(), registry);
        try {
            return new RouterServer(HttpEndpoint.start(config.listen(), limits, handler), cluster, gossip);
        } catch (IOException e) {
            cluster.close();
            throw e;
        }
    }

    /** Port of the HTTP endpoint. */
    public int port() {
        return endpoint.port();
    }

    /**
     * Says that it is not ready any more, and goes on answering for a time, in which balancers take notice; returns after it.
     *
     * @param notice none ends this at once
     */
    public void leave(Duration notice) {
        leaving = true;
        endpoint.leave();
        try {
            closing.await(notice.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets requests in flight end within ten seconds, then closes endpoint and cluster client. */
    @Override
    public void close() {
        leaving = true;
        closing.countDown();
        endpoint.close();
        gossip.ifPresent(RouterGossip::close);
        cluster.close();
    }
}
