package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * What is made of the newest catalog known, once for each catalog. Safe for use by many threads: what is made is
 * immutable, and when a newer catalog has come it is made anew (by more than one thread at worst, to the same end).
 */
final class CatalogView<V> {

    private static final long CATALOG_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private record Made<V>(Catalog catalog, V view) {}

    private final ClusterClient cluster;
    private final Function<Catalog, V> make;
    private volatile Made<V> made;

    CatalogView(ClusterClient cluster, Function<Catalog, V> make) {
        this.cluster = cluster;
        this.make = make;
        Catalog none = Catalog.getDefaultInstance();
        this.made = new Made<>(none, make.apply(none));
    }

    /** The view of the newest catalog. */
    // A view goes with the very catalog object it was made from; comparing contents would cost more than a new view.
    @SuppressWarnings("ReferenceEquality")
    V current(Deadline deadline) {
        Catalog catalog = cluster.catalog();
        Made<V> known = made;
        if (catalog == known.catalog && catalog.getEpoch() != 0) {
            return known.view;
        }
        catalog = awaitCatalog(catalog, deadline);
        Made<V> fresh = new Made<>(catalog, make.apply(catalog));
        made = fresh;
        return fresh.view;
    }

    /** Right after its start a router knows no catalog: requests wait for it, within their deadline. */
    private Catalog awaitCatalog(Catalog first, Deadline deadline) {
        Catalog catalog = first;
        while (catalog.getEpoch() == 0) {
            if (deadline.over()) {
                throw new ApiException(ErrorType.INTERNAL_SERVER_ERROR, "The cluster can't be reached yet");
            }
            LockSupport.parkNanos(CATALOG_POLL_NANOS);
            catalog = cluster.catalog();
        }
        return catalog;
    }
}
