package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.proto.Condition;
import dev.henge.proto.Projection;
import dev.henge.proto.ReadRange;
import org.jspecify.annotations.Nullable;

/** What Query and Scan have in common, checked. */
record PageRequest(
        Capacity.Wanted capacity,
        boolean consistent,
        @Nullable Select select,
        int limit,
        @Nullable Condition filter,
        @Nullable Projection projection) {

    /** Values of Select, in the service's order. */
    enum Select {
        SPECIFIC_ATTRIBUTES,
        COUNT,
        ALL_ATTRIBUTES,
        ALL_PROJECTED_ATTRIBUTES
    }

    /**
     * Checks Select against what else was asked for.
     *
     * @param prefix of the texts, which the service gives to those of Query
     */
    static void checkSelect(@Nullable Select select, Parameters parameters, String prefix) {
        if (select == null) {
            return;
        }
        String projected = projectedBy(parameters);
        switch (select) {
            case SPECIFIC_ATTRIBUTES -> {
                if (projected == null) {
                    throw ApiException.validation(
                            prefix + "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                                    + "SPECIFIC_ATTRIBUTES");
                }
            }
            case COUNT -> refuseProjection(projected, "only the Count", prefix);
            case ALL_ATTRIBUTES -> refuseProjection(projected, "ALL_ATTRIBUTES", prefix);
            case ALL_PROJECTED_ATTRIBUTES -> {
                refuseProjection(projected, "ALL_PROJECTED_ATTRIBUTES", prefix);
                if (parameters.indexName == null) {
                    throw ApiException.validation(
                            prefix + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
                }
            }
        }
    }

    private static @Nullable String projectedBy(Parameters parameters) {
        if (parameters.legacy.hasAttributesToGet()) {
            return "AttributesToGet";
        }
        return parameters.expression("ProjectionExpression") == null ? null : "ProjectionExpression";
    }

    private static void refuseProjection(@Nullable String projected, String what, String prefix) {
        if (projected != null) {
            throw ApiException.validation(prefix + "Cannot specify the " + projected + " when choosing to get " + what);
        }
    }

    boolean countOnly() {
        return select == Select.COUNT;
    }

    /** Whether it asks for attributes that the target does not have itself, so that the items are fetched as well. */
    private boolean fetches(ReadTarget target) {
        return select == Select.ALL_ATTRIBUTES && !target.hasAllAttributes()
                || projection != null && !target.hasAll(Paths.read(projection));
    }

    /** Refuses a filter or projection that leads into a key of the table or of an index. */
    void checkKeysAreScalars(TableSchema table) {
        if (filter != null) {
            table.checkKeysAreScalars(filter);
        }
        table.checkKeysAreScalars(projection);
    }

    /** The read of a range for a page with so much room left. */
    ReadRange.Builder read(ReadTarget target, ByteString start, ByteString end, Page page) {
        ReadRange.Builder read = ReadRange.newBuilder()
                .setTable(target.id())
                .setStart(start)
                .setEnd(end)
                .setLimit(page.limitLeft())
                .setMaxBytes(page.bytesLeft())
                .setConsistent(consistent)
                .setCountOnly(countOnly());
        if (filter != null) {
            read.setFilter(filter);
        }
        if (projection != null) {
            read.setProjection(projection);
        }
        if (fetches(target)) {
            read.setFetch(target.fetch());
        }
        return read;
    }
}
