package dev.henge.router.api;

import java.math.BigDecimal;
import tools.jackson.core.JsonGenerator;

/** Writes what DescribeTable and its like tell of the throughput of a table or index. */
final class ThroughputDescriptions {

    private ThroughputDescriptions() {}

    /** A time, unless it is 0. */
    static void writeTime(JsonGenerator out, String member, long unixMillis) {
        if (unixMillis == 0) {
            return;
        }
        out.writeName(member);
        out.writeNumber(BigDecimal.valueOf(unixMillis, 3));
    }

    /** ProvisionedThroughput, which what is on demand has, too, with no units. */
    static void writeProvisioned(
            JsonGenerator out,
            long readUnits,
            long writeUnits,
            long lastIncreaseMillis,
            long lastDecreaseMillis,
            long decreasesToday) {
        out.writeName("ProvisionedThroughput");
        out.writeStartObject();
        writeTime(out, "LastIncreaseDateTime", lastIncreaseMillis);
        writeTime(out, "LastDecreaseDateTime", lastDecreaseMillis);
        out.writeNumberProperty("NumberOfDecreasesToday", decreasesToday);
        out.writeNumberProperty("ReadCapacityUnits", readUnits);
        out.writeNumberProperty("WriteCapacityUnits", writeUnits);
        out.writeEndObject();
    }

    /** OnDemandThroughput, where a maximum was set. */
    static void writeMaximum(JsonGenerator out, long readUnits, long writeUnits) {
        if (readUnits == 0 && writeUnits == 0) {
            return;
        }
        out.writeName("OnDemandThroughput");
        out.writeStartObject();
        if (readUnits != 0) {
            out.writeNumberProperty("MaxReadRequestUnits", readUnits);
        }
        if (writeUnits != 0) {
            out.writeNumberProperty("MaxWriteRequestUnits", writeUnits);
        }
        out.writeEndObject();
    }

    /** WarmThroughput, unless its status is empty. */
    static void writeWarmth(JsonGenerator out, long readUnits, long writeUnits, String status) {
        if (status.isEmpty()) {
            return;
        }
        out.writeName("WarmThroughput");
        out.writeStartObject();
        out.writeNumberProperty("ReadUnitsPerSecond", readUnits);
        out.writeNumberProperty("WriteUnitsPerSecond", writeUnits);
        out.writeStringProperty("Status", status);
        out.writeEndObject();
    }
}
