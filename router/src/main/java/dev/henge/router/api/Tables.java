package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import dev.henge.proto.TableRecord;
import java.util.Collections;
import java.util.HashMap;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The tables by name, as the newest catalog known has them. Safe for use by many threads: the view of one catalog is
 * immutable, and when a newer one has come the view is made anew (by more than one thread at worst, to the same end).
 */
final class Tables {

    private static final long CATALOG_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** One catalog's tables; {@code usable} those that items can be read from and written to. */
    private record View(
            Catalog catalog, NavigableMap<String, TableRecord> records, HashMap<String, TableSchema> usable) {}

    private final ClusterClient cluster;
    private volatile View view = viewOf(Catalog.getDefaultInstance());

    Tables(ClusterClient cluster) {
        this.cluster = cluster;
    }

    /** The table of this name, to work on its items. */
    TableSchema forItems(String name, Deadline deadline) {
        TableSchema table = current(deadline).usable.get(name);
        if (table == null) {
            throw new ApiException(ErrorType.RESOURCE_NOT_FOUND, "Requested resource not found");
        }
        return table;
    }

    /** The table of this name in whatever state, or null. */
    @Nullable
    TableRecord find(String name, Deadline deadline) {
        return current(deadline).records.get(name);
    }

    /** The table of this name in whatever state. */
    TableRecord describe(String name, Deadline deadline) {
        TableRecord record = find(name, deadline);
        if (record == null) {
            throw notFound(name);
        }
        return record;
    }

    static ApiException notFound(String name) {
        return new ApiException(
                ErrorType.RESOURCE_NOT_FOUND, "Requested resource not found: Table: " + name + " not found");
    }

    /** All tables by name, in order. */
    NavigableMap<String, TableRecord> all(Deadline deadline) {
        return current(deadline).records;
    }

    // The view goes with the very catalog object it was made from; comparing contents would cost more than a new view.
    @SuppressWarnings("ReferenceEquality")
    private View current(Deadline deadline) {
        Catalog catalog = cluster.catalog();
        View known = view;
        if (catalog == known.catalog && catalog.getEpoch() != 0) {
            return known;
        }
        catalog = awaitCatalog(catalog, deadline);
        View fresh = viewOf(catalog);
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
        NavigableMap<String, TableRecord> records = new TreeMap<>();
        HashMap<String, TableSchema> usable = new HashMap<>();
        for (TableRecord record : catalog.getTablesList()) {
            records.put(record.getName(), record);
            if (record.getStatus() == TableRecord.Status.ACTIVE || record.getStatus() == TableRecord.Status.UPDATING) {
                usable.put(record.getName(), TableSchema.of(record));
            }
        }
        return new View(catalog, Collections.unmodifiableNavigableMap(records), usable);
    }
}
