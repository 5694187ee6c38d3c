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
 * Follows the catalog: keeps one watch open on some node, and turns to the next node when it breaks. Runs on a virtual
 * thread of its own.
 */
public final class CatalogWatcher implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CatalogWatcher.class);
    private static final long RETRY_MILLIS = 50;

    private final Supplier<List<String>> addresses;
    private final Function<String, ManagedChannel> channels;
    private final LongSupplier knownEpoch;
    private final boolean withSecrets;
    private final Consumer<Catalog> receiver;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Context.CancellableContext context = Context.ROOT.withCancellation();

    /**
     * @param addresses the nodes to ask, newest knowledge first
     * @param channels gives the channel of an address; the watcher does not close it
     * @param knownEpoch epoch of the newest catalog known
     * @param withSecrets whether the credentials are to come with their secret keys, as nodes and routers need them
     * @param receiver gets each catalog; calls come from one thread
     */
    public CatalogWatcher(
            Supplier<List<String>> addresses,
            Function<String, ManagedChannel> channels,
            LongSupplier knownEpoch,
            boolean withSecrets,
            Consumer<Catalog> receiver) {
        this.addresses = addresses;
        this.channels = channels;
        this.knownEpoch = knownEpoch;
        this.withSecrets = withSecrets;
        this.receiver = receiver;
        Thread.ofVirtual().name("catalog-watcher").start(this::run);
    }

    private void run() {
        int turn = 0;
        try {
            do {
                List<String> candidates = addresses.get();
                if (!candidates.isEmpty()) {
                    String address = candidates.get(turn++ % candidates.size());
                    context.run(() -> watch(address));
                }
            } while (!closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch(String address) {
        try {
            ManagedChannel channel = channels.apply(address);
            channel.resetConnectBackoff();
            Iterator<Catalog> catalogs = AdminGrpc.newBlockingStub(channel)
                    .watchCatalog(WatchCatalogRequest.newBuilder()
                            .setKnownEpoch(knownEpoch.getAsLong())
                            .setWithSecrets(withSecrets)
                            .build());
            while (catalogs.hasNext()) {
                receiver.accept(catalogs.next());
            }
        } catch (StatusRuntimeException e) {
            log.debug("the catalog watch on {} ended: {}", address, e.getStatus());
        }
    }

    @Override
    public void close() {
        closed.countDown();
        context.cancel(null);
    }
}
