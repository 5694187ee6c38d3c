package dev.henge.node.catalog;

import dev.henge.proto.Catalog;
import dev.henge.proto.TableRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest catalog this node knows, whether its own replica of the system partition applied it or another node sent it.
 * An older one is never taken. Listeners are called in the order of epochs, one call at a time.
 */
public final class CatalogHolder {

    private static final Logger log = LoggerFactory.getLogger(CatalogHolder.class);

    private final List<Consumer<Catalog>> listeners = new CopyOnWriteArrayList<>();
    private volatile Catalog current = CatalogState.EMPTY.catalog();
    private volatile Map<Long, TableRecord> tables = Map.of();

    public Catalog current() {
        return current;
    }

    /** The table with that number in the current catalog. */
    public Optional<TableRecord> table(long id) {
        return Optional.ofNullable(tables.get(id));
    }

    /** Takes a catalog if it is newer than the current one. */
    public synchronized void offer(Catalog candidate) {
        if (candidate.getEpoch() <= current.getEpoch()) {
            return;
        }
        if (!current.getClusterId().isEmpty() && !current.getClusterId().equals(candidate.getClusterId())) {
            log.error(
                    "refused a catalog of cluster {}: this node belongs to {}",
                    candidate.getClusterId(),
                    current.getClusterId());
            return;
        }
        tables = candidate.getTablesList().stream().collect(Collectors.toMap(TableRecord::getId, Function.identity()));
        current = candidate;
        listeners.forEach(listener -> listener.accept(candidate));
    }

    /** Calls the listener with the current catalog, when there is one, and with every newer one. */
    public synchronized void listen(Consumer<Catalog> listener) {
        listeners.add(listener);
        if (current.getEpoch() > 0) {
            listener.accept(current);
        }
    }

    public void remove(Consumer<Catalog> listener) {
        listeners.remove(listener);
    }
}
