package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.Catalog;
import dev.henge.proto.TableRecord;
import java.util.Collections;
import java.util.HashMap;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tables by name, as the newest catalog known has them. Safe for use by many threads.
 */
final class Tables {

    /** One catalog's tables; {@code usable} those that items can be read from and written to. */
    private record View(NavigableMap<String, TableRecord> records, HashMap<String, TableSchema> usable) {}

    private final CatalogView<View> view;

    Tables(ClusterClient cluster) {
        this.view = new CatalogView<>(cluster, Tables::viewOf);
    }

    /** The table of this name, to work on its items. */
    TableSchema forItems(String name, Deadline deadline) {
        TableSchema table = view.current(deadline).usable.get(name);
        if (table == null) {
            throw new ApiException(ErrorType.RESOURCE_NOT_FOUND, "Requested resource not found");
        }
        return table;
    }

    /** The table of this name in whatever state, or null. */
    @Nullable
    TableRecord find(String name, Deadline deadline) {
        return view.current(deadline).records.get(name);
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
        return view.current(deadline).records;
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
        return new View(Collections.unmodifiableNavigableMap(records), usable);
    }
}
