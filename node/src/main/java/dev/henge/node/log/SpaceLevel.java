package dev.henge.node.log;

/** How much room is left on the disks of a node, as the runtime found it; see {@link WriteAheadLog#spaceLevel}. */
public enum SpaceLevel {
    AMPLE,
    /** Clients' writes are refused. */
    LOW,
    /** Followers refuse entries too. */
    SCARCE;

    boolean allows(LogUse use) {
        return switch (use) {
            case CLIENT_WRITE -> this == AMPLE;
            case ENTRIES -> this != SCARCE;
            case PROMISE, COMPACTION -> true;
        };
    }
}
