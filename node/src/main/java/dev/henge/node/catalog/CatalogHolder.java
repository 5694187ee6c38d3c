package dev.henge.node.catalog;

import dev.henge.cluster.CatalogSuccession;
import dev.henge.proto.Catalog;
import dev.henge.proto.TableRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest catalog this node knows, whether its own replica of the system partition applied it or another node sent it.
 * What may take its place is said by {@link CatalogSuccession}. A listener is called in the order of epochs, one call at a time,
 * and under no lock of the holder's; while it is busy it may miss a catalog, but never the newest.
 */
public final class CatalogHolder {

    private static final Logger log = LoggerFactory.getLogger(CatalogHolder.class);

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private volatile Catalog current = CatalogState.EMPTY.catalog();
    private volatile Map<Long, TableRecord> tables = Map.of();

    public Catalog current() {
        return current;
    }

    /** The table with that number in the current catalog. */
    public Optional<TableRecord> table(long id) {
        return Optional.ofNullable(tables.get(id));
    }

    /** Takes a catalog if it may take the current one's place. */
    public void offer(Catalog candidate) {
        if (take(candidate)) {
            subscriptions.forEach(Subscription::catchUp);
        }
    }

    private synchronized boolean take(Catalog candidate) {
        CatalogSuccession.Verdict verdict = CatalogSuccession.judge(current, candidate);
        switch (verdict) {
            case TAKE -> {
                tables = candidate.getTablesList().stream()
                        .collect(Collectors.toMap(TableRecord::getId, Function.identity()));
                current = candidate;
            }
            case NOT_NEWER -> {}
            case OTHER_CLUSTER ->
                log.error(
                        "refused a catalog of cluster {}: this node belongs to {}",
                        candidate.getClusterId(),
                        current.getClusterId());
            case EMPTY -> log.error("refused a catalog without partitions, of epoch {}", candidate.getEpoch());
        }
        return verdict == CatalogSuccession.Verdict.TAKE;
    }

    /** Calls the listener with the current catalog, when there is one, and with newer ones. */
    public void listen(Consumer<Catalog> listener) {
        Subscription subscription = new Subscription(listener);
        subscriptions.add(subscription);
        subscription.catchUp();
    }

    public void remove(Consumer<Catalog> listener) {
        subscriptions.removeIf(subscription -> subscription.listener.equals(listener));
    }

    /** A listener and how far it has come. */
    private final class Subscription {
        private final Consumer<Catalog> listener;
        private final AtomicBoolean busy = new AtomicBoolean();

        /** Of the newest catalog that it was called with; changed by whoever made it busy. */
        private volatile long epoch;

        Subscription(Consumer<Catalog> listener) {
            this.listener = listener;
        }

        /** Whoever finds it busy leaves the rest to the one that it is busy with, who looks again when it is done. */
        void catchUp() {
            while (current.getEpoch() > epoch && busy.compareAndSet(false, true)) {
                try {
                    Catalog newest = current;
                    if (newest.getEpoch() > epoch) {
                        epoch = newest.getEpoch();
                        listener.accept(newest);
                    }
                } finally {
                    busy.set(false);
                }
            }
        }
    }
}
