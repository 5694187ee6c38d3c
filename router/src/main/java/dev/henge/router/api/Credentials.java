package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import dev.henge.proto.CredentialRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active credentials by access key id, as the newest catalog known has them. Safe for use by many threads: the view
 * of one catalog is immutable, and when a newer one has come the view is made anew.
 */
final class Credentials {

    private static final Logger log = LoggerFactory.getLogger(Credentials.class);
    private static final long CATALOG_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private record View(Catalog catalog, Map<String, CredentialRecord> active) {}

    private final ClusterClient cluster;
    private volatile View view = viewOf(Catalog.getDefaultInstance());

    Credentials(ClusterClient cluster) {
        this.cluster = cluster;
    }

    /** The credential of this access key id, unless there is none or it is disabled. */
    Optional<CredentialRecord> active(String accessKeyId, Deadline deadline) {
        return Optional.ofNullable(current(deadline).active.get(accessKeyId));
    }

    // The view goes with the very catalog object it was made from; comparing contents would cost more than a new view.
    @SuppressWarnings("ReferenceEquality")
    private View current(Deadline deadline) {
        Catalog catalog = cluster.catalog();
        View known = view;
        if (catalog == known.catalog && catalog.getEpoch() != 0) {
            return known;
        }
        View fresh = viewOf(awaitCatalog(catalog, deadline));
        if (fresh.active.isEmpty() && (known.catalog.getEpoch() == 0 || !known.active.isEmpty())) {
            log.warn("the cluster has no active credential, so every request is refused; see henge credentials");
        }
        view = fresh;
        return fresh;
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

    private static View viewOf(Catalog catalog) {
        Map<String, CredentialRecord> active = new HashMap<>();
        for (CredentialRecord record : catalog.getCredentialsList()) {
            if (record.getStatus() == CredentialRecord.Status.ACTIVE
                    && !record.getSecretKey().isEmpty()) {
                active.put(record.getAccessKeyId(), record);
            }
        }
        return new View(catalog, active);
    }
}
