package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import dev.henge.proto.CredentialRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active credentials by access key id, as the newest catalog known has them. Safe for use by many threads.
 */
final class Credentials {

    private static final Logger log = LoggerFactory.getLogger(Credentials.class);

    private final CatalogView<Map<String, CredentialRecord>> view;

    /** Whether it was told that there is none; told again when there was one in between. */
    private volatile boolean toldThatNoneIsActive;

    Credentials(ClusterClient cluster) {
        this.view = new CatalogView<>(cluster, Credentials::activeOf);
    }

    /** The credential of this access key id, unless there is none or it is disabled. */
    Optional<CredentialRecord> active(String accessKeyId, Deadline deadline) {
        Map<String, CredentialRecord> active = view.current(deadline);
        if (active.isEmpty() != toldThatNoneIsActive) {
            toldThatNoneIsActive = active.isEmpty();
            if (active.isEmpty()) {
                log.warn("the cluster has no active credential, so every request is refused; see henge credentials");
            }
        }
        return Optional.ofNullable(active.get(accessKeyId));
    }

    private static Map<String, CredentialRecord> activeOf(Catalog catalog) {
        Map<String, CredentialRecord> active = new HashMap<>();
        for (CredentialRecord record : catalog.getCredentialsList()) {
            if (record.getStatus() == CredentialRecord.Status.ACTIVE
                    && !record.getSecretKey().isEmpty()) {
                active.put(record.getAccessKeyId(), record);
            }
        }
        return active;
    }
}
