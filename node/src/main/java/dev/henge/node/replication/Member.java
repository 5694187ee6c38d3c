package dev.henge.node.replication;

/**
 * A replica's identity within its group. A node whose replica lost its log, and with it votes and acknowledgements, never
 * comes back as the same member: it comes as one of another generation, which has promised nothing.
 *
 * @param node whom the transport sends to
 * @param generation 0 for the members that a group began with; else drawn at random by the replica itself when it began
 *     empty, so that no two of a node's replicas ever share one, whatever their disks forgot
 */
public record Member(String node, long generation) {

    private static final char SEPARATOR = '#';

    public Member {
        if (node.isEmpty() || node.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException("a node's name must not be empty and not hold a '#': " + node);
        }
        if (generation < 0) {
            throw new IllegalArgumentException("a generation must not be negative: " + generation);
        }
    }

    /** The member of this name, as {@link #name()} gives it. */
    public static Member of(String name) {
        int separator = name.indexOf(SEPARATOR);
        return separator < 0
                ? new Member(name, 0)
                : new Member(name.substring(0, separator), Long.parseLong(name.substring(separator + 1), 16));
    }

    /** The name by which the core and configurations know it: {@code node}, or {@code node#generation} in hexadecimal. */
    public String name() {
        return generation == 0 ? node : node + SEPARATOR + Long.toHexString(generation);
    }

    @Override
    public String toString() {
        return name();
    }
}
