package dev.henge.node.partition;

import dev.henge.proto.DataRequest;

/** What a request is about, for those who need not know the operation itself. A new operation gets its kind here. */
public enum OperationKind {
    /** Reads items by their keys. Any thread of a node may do it. */
    READ,
    /** Changes items by their keys, for a client. */
    WRITE,
    /** Changes entries of indexes by their keys, for another partition. */
    INDEX,
    /** Is about the whole of what a partition holds. */
    CONTENTS,
    /** Is about the group: its members, its leader, its range. Needs no range that sender and partition agree on. */
    GROUP,
    /** None that this program knows. */
    UNKNOWN;

    /** The kind of a request's operation. */
    public static OperationKind of(DataRequest request) {
        return switch (request.getOperationCase()) {
            case READ_ITEM, READ_RANGE -> READ;
            case WRITE_ITEM, WRITE_ITEMS -> WRITE;
            case INDEX_BATCH -> INDEX;
            case CATALOG, DROP_TABLE, PREPARE_INDEX, READ_STATISTICS -> CONTENTS;
            case PLACE_REPLICAS, TRANSFER_LEADERSHIP, SPLIT_RANGE, SEAL_RANGE, TAKE_RANGE -> GROUP;
            case OPERATION_NOT_SET -> UNKNOWN;
        };
    }

    /** Whether it names keys, so that another partition may be the one to ask. */
    public boolean hasKeys() {
        return switch (this) {
            case READ, WRITE, INDEX -> true;
            case CONTENTS, GROUP, UNKNOWN -> false;
        };
    }
}
