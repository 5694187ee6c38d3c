package dev.henge.catalog;

import dev.henge.proto.IndexRecord;
import dev.henge.proto.TableRecord;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** What a table's record says of its throughput. */
public final class Throughput {

    /** Read units per second that a new on-demand table of the service sustains at once. */
    public static final long ON_DEMAND_WARM_READ_UNITS = 12_000;

    /** Write units per second that a new on-demand table of the service sustains at once. */
    public static final long ON_DEMAND_WARM_WRITE_UNITS = 4_000;

    private Throughput() {}

    public static boolean isOnDemand(TableRecord table) {
        return table.getBillingMode().equals("PAY_PER_REQUEST");
    }

    /** Read units per second the table is described to sustain at once. */
    public static long warmReadUnits(TableRecord table) {
        return Math.max(
                table.getWarmReadUnits(), isOnDemand(table) ? ON_DEMAND_WARM_READ_UNITS : table.getReadCapacityUnits());
    }

    /** Write units per second the table is described to sustain at once. */
    public static long warmWriteUnits(TableRecord table) {
        return Math.max(
                table.getWarmWriteUnits(),
                isOnDemand(table) ? ON_DEMAND_WARM_WRITE_UNITS : table.getWriteCapacityUnits());
    }

    /** Read units per second a global index is described to sustain at once. */
    public static long warmReadUnits(TableRecord table, IndexRecord index) {
        return Math.max(
                index.getWarmReadUnits(), isOnDemand(table) ? ON_DEMAND_WARM_READ_UNITS : index.getReadCapacityUnits());
    }

    /** Write units per second a global index is described to sustain at once. */
    public static long warmWriteUnits(TableRecord table, IndexRecord index) {
        return Math.max(
                index.getWarmWriteUnits(),
                isOnDemand(table) ? ON_DEMAND_WARM_WRITE_UNITS : index.getWriteCapacityUnits());
    }

    /** How often the provisioned throughput was decreased on the UTC day of {@code nowMillis}. */
    public static long decreasesOnDayOf(long nowMillis, TableRecord table) {
        return sameDay(nowMillis, table.getLastDecreaseMillis()) ? table.getDecreases() : 0;
    }

    /** The same of a global index. */
    public static long decreasesOnDayOf(long nowMillis, IndexRecord index) {
        return sameDay(nowMillis, index.getLastDecreaseMillis()) ? index.getDecreases() : 0;
    }

    private static boolean sameDay(long nowMillis, long lastMillis) {
        return lastMillis > 0 && day(lastMillis).equals(day(nowMillis));
    }

    private static LocalDate day(long unixMillis) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(unixMillis), ZoneOffset.UTC);
    }
}
