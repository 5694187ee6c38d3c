package dev.henge.router.api;

import org.jspecify.annotations.Nullable;

/** A structure of read units and write units, as it was sent: a throughput of whatever kind. */
record UnitPair(@Nullable Long read, @Nullable Long write) {

    private static final long CAPACITY_UNITS_MAX = 1_000_000_000_000L;
    private static final UnitPair NONE = new UnitPair(null, null);

    static @Nullable UnitPair provisioned(JsonReader in) {
        return read(in, "ProvisionedThroughput", "ReadCapacityUnits", "WriteCapacityUnits");
    }

    /** OnDemandThroughput; null, too, when it names neither maximum. */
    static @Nullable UnitPair onDemand(JsonReader in) {
        return unlessEmpty(read(in, "OnDemandThroughput", "MaxReadRequestUnits", "MaxWriteRequestUnits"));
    }

    /** WarmThroughput; null, too, when it names neither units. */
    static @Nullable UnitPair warm(JsonReader in) {
        return unlessEmpty(read(in, "WarmThroughput", "ReadUnitsPerSecond", "WriteUnitsPerSecond"));
    }

    private static @Nullable UnitPair unlessEmpty(@Nullable UnitPair pair) {
        return pair == null || (pair.read == null && pair.write == null) ? null : pair;
    }

    private static @Nullable UnitPair read(JsonReader in, String structure, String readMember, String writeMember) {
        if (!in.openStructure(JsonReader.Place.FIELD, structure)) {
            return null;
        }
        Long read = null;
        Long write = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals(readMember)) {
                read = in.longInteger();
            } else if (name.equals(writeMember)) {
                write = in.longInteger();
            } else {
                in.skip();
            }
        }
        return new UnitPair(read, write);
    }

    static UnitPair orNone(@Nullable UnitPair pair) {
        return pair == null ? NONE : pair;
    }

    /** The model's constraints of ProvisionedThroughput, at this path. */
    void checkProvisioned(Constraints constraints, String path) {
        constraints.notNull(write, path + ".writeCapacityUnits");
        constraints.atLeast(write, 1, path + ".writeCapacityUnits");
        constraints.notNull(read, path + ".readCapacityUnits");
        constraints.atLeast(read, 1, path + ".readCapacityUnits");
    }

    /**
     * The bounds of ProvisionedThroughput beyond the model's.
     *
     * @param suffix of the text: of which index it is, or empty
     */
    void checkProvisionedBounds(String suffix) {
        checkInBounds(read, "ReadCapacityUnits", suffix);
        checkInBounds(write, "WriteCapacityUnits", suffix);
    }

    private static void checkInBounds(@Nullable Long units, String member, String suffix) {
        if (units != null && units > CAPACITY_UNITS_MAX) {
            throw ApiException.validation("Given value " + units + " for " + member + " is out of bounds" + suffix);
        }
    }

    /**
     * The bounds of OnDemandThroughput.
     *
     * @param subject what it is for, as the text names it
     * @param withdrawable whether -1 may stand for no maximum
     */
    void checkOnDemandRange(String subject, boolean withdrawable) {
        checkMaximum(read, "MaxReadRequestUnits", subject, withdrawable);
        checkMaximum(write, "MaxWriteRequestUnits", subject, withdrawable);
    }

    private static void checkMaximum(@Nullable Long units, String member, String subject, boolean withdrawable) {
        boolean withdrawn = withdrawable && units != null && units == -1;
        if (units != null && units < 1 && !withdrawn) {
            throw ApiException.invalidParameter(
                    "Requested " + member + " for OnDemandThroughput for " + subject + " is outside of valid range");
        }
    }

    long readOrZero() {
        return read == null ? 0 : read;
    }

    long writeOrZero() {
        return write == null ? 0 : write;
    }
}
