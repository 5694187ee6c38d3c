package dev.henge.router.api;

import dev.henge.catalog.Throughput;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexThroughput;
import org.jspecify.annotations.Nullable;

/** The throughput members of a global index, as they were sent. */
record IndexThroughputRequest(
        @Nullable UnitPair provisioned,
        @Nullable UnitPair maximum,
        @Nullable UnitPair warmth) {

    private static final IndexThroughputRequest NONE = new IndexThroughputRequest(null, null, null);

    static IndexThroughputRequest none() {
        return NONE;
    }

    /** The same with what the member just named says, if that is one of a throughput; else its value is skipped. */
    IndexThroughputRequest readMember(String name, JsonReader in) {
        return switch (name) {
            case "ProvisionedThroughput" -> new IndexThroughputRequest(UnitPair.provisioned(in), maximum, warmth);
            case "OnDemandThroughput" -> new IndexThroughputRequest(provisioned, UnitPair.onDemand(in), warmth);
            case "WarmThroughput" -> new IndexThroughputRequest(provisioned, maximum, UnitPair.warm(in));
            default -> {
                in.skip();
                yield this;
            }
        };
    }

    void checkConstraints(Constraints constraints, String path) {
        if (provisioned != null) {
            provisioned.checkProvisioned(constraints, path + "provisionedThroughput");
        }
    }

    /** Checks the throughput of an index that is made with its table. */
    void checkCreated(String index, CreateTableRequest.BillingMode billingMode) {
        switch (billingMode) {
            case PAY_PER_REQUEST -> {
                if (provisioned != null) {
                    throw ApiException.invalidParameter("ProvisionedThroughput should not be specified for index: "
                            + index + " when BillingMode is PAY_PER_REQUEST");
                }
            }
            case PROVISIONED -> {
                if (provisioned == null) {
                    throw ApiException.invalidParameter("ProvisionedThroughput is not specified for index: " + index);
                }
                if (maximum != null) {
                    String member = maximum.read() != null ? "MaxReadRequestUnits" : "MaxWriteRequestUnits";
                    throw ApiException.invalidParameter(member + " for OnDemandThroughput for index: " + index
                            + " cannot be specified when table BillingMode is PROVISIONED.");
                }
            }
        }
        checkBounds(index, false);
        if (warmth != null) {
            checkWarmth(index, warmth, billingMode == CreateTableRequest.BillingMode.PAY_PER_REQUEST);
        }
    }

    private void checkWarmth(String index, UnitPair wanted, boolean onDemand) {
        boolean colderRead = wanted.read() != null && wanted.read() < least(true, onDemand);
        boolean colderWrite = wanted.write() != null && wanted.write() < least(false, onDemand);
        if (colderRead || colderWrite) {
            String kind = colderRead ? "Read" : "Write";
            throw ApiException.invalidParameter("Requested " + kind + "UnitsPerSecond for WarmThroughput for index "
                    + index + " is lower than "
                    + (onDemand
                            ? CreateTableRequest.ON_DEMAND_INITIAL
                            : kind + "CapacityUnits of ProvisionedThroughput"));
        }
    }

    private long least(boolean read, boolean onDemand) {
        if (onDemand) {
            return read ? Throughput.ON_DEMAND_WARM_READ_UNITS : Throughput.ON_DEMAND_WARM_WRITE_UNITS;
        }
        UnitPair capacity = UnitPair.orNone(provisioned);
        return read ? capacity.readOrZero() : capacity.writeOrZero();
    }

    /**
     * Checks what can be said of the numbers alone.
     *
     * @param withdrawable whether -1 may stand for no maximum
     */
    void checkBounds(String index, boolean withdrawable) {
        if (provisioned != null) {
            provisioned.checkProvisionedBounds(" for index " + index);
        }
        if (maximum != null) {
            maximum.checkOnDemandRange("index : " + index, withdrawable);
        }
    }

    boolean isEmpty() {
        return provisioned == null && maximum == null && warmth == null;
    }

    void addTo(IndexRecord.Builder record) {
        record.setReadCapacityUnits(UnitPair.orNone(provisioned).readOrZero())
                .setWriteCapacityUnits(UnitPair.orNone(provisioned).writeOrZero())
                .setMaxReadRequestUnits(UnitPair.orNone(maximum).readOrZero())
                .setMaxWriteRequestUnits(UnitPair.orNone(maximum).writeOrZero())
                .setWarmReadUnits(UnitPair.orNone(warmth).readOrZero())
                .setWarmWriteUnits(UnitPair.orNone(warmth).writeOrZero());
    }

    IndexThroughput toChange(String index) {
        return IndexThroughput.newBuilder()
                .setName(index)
                .setReadCapacityUnits(UnitPair.orNone(provisioned).readOrZero())
                .setWriteCapacityUnits(UnitPair.orNone(provisioned).writeOrZero())
                .setMaxReadRequestUnits(UnitPair.orNone(maximum).readOrZero())
                .setMaxWriteRequestUnits(UnitPair.orNone(maximum).writeOrZero())
                .setWarmReadUnits(UnitPair.orNone(warmth).readOrZero())
                .setWarmWriteUnits(UnitPair.orNone(warmth).writeOrZero())
                .build();
    }
}
