package dev.henge.router.api;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Capacity units as the service counts them: a read unit is 4 KB read consistently or 8 KB eventually, a write unit
 * 1 KB, each rounded up, at least one (or half a one).
 */
final class Capacity {

    private static final long READ_UNIT_BYTES = 4096;
    private static final long WRITE_UNIT_BYTES = 1024;

    /** What a request asks to be told, in the service's order. */
    enum Wanted {
        INDEXES,
        TOTAL,
        NONE
    }

    private Capacity() {}

    static double ofRead(long sizeBytes, boolean consistent) {
        return ofBlocks(Math.max(1, Math.ceilDiv(sizeBytes, READ_UNIT_BYTES)), consistent);
    }

    /** The same for so many blocks of 4 KB. */
    static double ofBlocks(long blocks, boolean consistent) {
        return consistent ? blocks : blocks / 2.0;
    }

    /** A write costs by the larger of the item before and after it. */
    static double ofWrite(int oldSizeBytes, int newSizeBytes) {
        return Math.max(1, Math.ceilDiv(Math.max(oldSizeBytes, newSizeBytes), WRITE_UNIT_BYTES));
    }

    /** Writes the member ConsumedCapacity, when it is wanted. */
    static void writeMember(JsonGenerator out, Wanted wanted, String tableName, double units) {
        if (wanted == Wanted.NONE) {
            return;
        }
        out.writeName("ConsumedCapacity");
        write(out, wanted, tableName, units);
    }

    static void write(JsonGenerator out, Wanted wanted, String tableName, double units) {
        out.writeStartObject();
        out.writeStringProperty("TableName", tableName);
        out.writeNumberProperty("CapacityUnits", units);
        if (wanted == Wanted.INDEXES) {
            out.writeName("Table");
            out.writeStartObject();
            out.writeNumberProperty("CapacityUnits", units);
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    static Wanted wanted(Constraints constraints, @Nullable String value) {
        return constraints.oneOf(value, Wanted.class, Wanted.NONE, "returnConsumedCapacity");
    }
}
