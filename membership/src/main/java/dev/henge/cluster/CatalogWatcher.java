package dev.henge.cluster;

import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.WatchCatalogRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the catalog: keeps one watch open on a node that has the system partition, and turns to the next when it breaks. Now
 * and then it asks some other node whether that knows a newer one: nodes that lost the system partition without hearing of it
 * could else watch each other for ever. Runs on two virtual threads of its own.
 */
public final class CatalogWatcher implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CatalogWatcher.class);
    private static final long RETRY_MILLIS = 50;
    private static final long COMPARE_MILLIS = 2_000;
    private static final long ANSWER_MILLIS_MAX = 500;

    /** Of these turns one goes to any node: what is known of who is informed may be old. */
    private static final int TURNS = 3;

    private final Supplier<CatalogSources> sources;
    private final Function<String, ManagedChannel> channels;
    private final LongSupplier knownEpoch;
    private final boolean withSecrets;
    private final Consumer<Catalog> receiver;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Context.CancellableContext watching = Context.ROOT.withCancellation();

    /**
     * @param sources the nodes to ask, as they are known at the time
     * @param channels gives the channel of an address; the watcher does not close it
     * @param knownEpoch epoch of the newest catalog known
     * @param withSecrets whether the credentials are to come with their secret keys, as nodes and routers need them
     * @param receiver gets each catalog; any of two threads may call
     */
    public CatalogWatcher(
            Supplier<CatalogSources> sources,
            Function<String, ManagedChannel> channels,
            LongSupplier knownEpoch,
            boolean withSecrets,
            Consumer<Catalog> receiver) {
        this.sources = sources;
        this.channels = channels;
        this.knownEpoch = knownEpoch;
        this.withSecrets = withSecrets;
        this.receiver = receiver;
        Thread.ofVirtual().name("catalog-watcher").start(() -> repeat(RETRY_MILLIS, this::watchNext));
        Thread.ofVirtual().name("catalog-comparer").start(() -> repeat(COMPARE_MILLIS, this::compareWith));
    }

    /** A part of the watcher; gets the number of the turn. */
    @FunctionalInterface
    private interface Turn {
        void take(int turn);
    }

    private void repeat(long pauseMillis, Turn turn) {
        try {
            for (int count = 0; !closed.await(pauseMillis, TimeUnit.MILLISECONDS); count++) {
                takeGuarded(turn, count);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever one turn meets, the next one is taken. */
    private static void takeGuarded(Turn turn, int count) {
        try {
            turn.take(count);
        } catch (RuntimeException e) {
            log.error("can't ask for the catalog: {}", e.getMessage(), e);
        }
    }

    private void watchNext(int turn) {
        CatalogSources now = sources.get();
        List<String> candidates = now.informed().isEmpty() || turn % TURNS == TURNS - 1 ? now.all() : now.informed();
        if (candidates.isEmpty()) {
            return;
        }
        String address = candidates.get(turn % candidates.size());
        Context.CancellableContext context = Context.ROOT.withCancellation();
        watching = context;
        if (closed.getCount() == 0) {
            return;
        }
        context.run(() -> {
            try {
                Iterator<Catalog> catalogs = stub(address).watchCatalog(request());
                while (closed.getCount() > 0 && catalogs.hasNext()) {
                    receiver.accept(catalogs.next());
                }
            } catch (StatusRuntimeException e) {
                log.debug("the catalog watch on {} ended: {}", address, e.getStatus());
            }
        });
        context.cancel(null);
    }

    /** Asks one node after the other; what is newer there shows that the watch is on a node that is behind. */
    private void compareWith(int turn) {
        List<String> all = sources.get().all();
        if (all.isEmpty()) {
            return;
        }
        String address = all.get(turn % all.size());
        try {
            Iterator<Catalog> newer = stub(address)
                    .withDeadlineAfter(ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS)
                    .watchCatalog(request());
            Catalog catalog = newer.next();
            if (catalog.getEpoch() > knownEpoch.getAsLong()) {
                receiver.accept(catalog);
                watching.cancel(null);
            }
        } catch (StatusRuntimeException e) {
            log.trace("node at {} knows no newer catalog: {}", address, e.getStatus());
        }
    }

    private AdminGrpc.AdminBlockingStub stub(String address) {
        ManagedChannel channel = channels.apply(address);
        channel.resetConnectBackoff();
        return AdminGrpc.newBlockingStub(channel);
    }

    private WatchCatalogRequest request() {
        return WatchCatalogRequest.newBuilder()
                .setKnownEpoch(knownEpoch.getAsLong())
                .setWithSecrets(withSecrets)
                .build();
    }

    @Override
    public void close() {
        closed.countDown();
        watching.cancel(null);
    }
}
