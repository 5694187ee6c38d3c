package dev.henge.node.replication;

/**
 * A replica's identity within its group. A node whose replica lost its log, and with it votes and acknowledgements, never
 * comes back as the same member: it comes as one of another generation, which has promised nothing.
 *
 * @param node whom the transport sends to
 * @param generation 0 for the members that a group began with; else drawn at random by the replica itself when it began
 *     empty, so that no two of a node's replicas ever share one, whatever their disks forgot; negative for a member that
 *     keeps the log alone, so that what it keeps is part of who it is, and never changes
 */
public record Member(String node, long generation) {

    private static final char SEPARATOR = '#';
    private static final String LOG_ALONE = "+log";

    public Member {
        if (node.isEmpty() || node.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException("a node's name must not be empty and not hold a '#': " + node);
        }
        if (generation == Long.MIN_VALUE) {
            throw new IllegalArgumentException("a generation is a number and its sign: " + generation);
        }
    }

    /** The member of this name, as {@link #name()} gives it. */
    public static Member of(String name) {
        int separator = name.indexOf(SEPARATOR);
        if (separator < 0) {
            return new Member(name, 0);
        }
        boolean keepsLogAlone = keepsLogAlone(name);
        int end = keepsLogAlone ? name.length() - LOG_ALONE.length() : name.length();
        long number = Long.parseLong(name.substring(separator + 1, end), 16);
        return new Member(name.substring(0, separator), keepsLogAlone ? -number : number);
    }

    /** Whether the member of this name keeps the log alone. */
    public static boolean keepsLogAlone(String name) {
        return name.endsWith(LOG_ALONE) && name.indexOf(SEPARATOR) >= 0;
    }

    /** Whether it keeps the log and no items: it counts as a voter does, and serves nobody. */
    public boolean keepsLogAlone() {
        return generation < 0;
    }

    /**
     * The name by which the core and configurations know it: {@code node}, or {@code node#generation} in hexadecimal, with
     * {@code +log} behind it when it keeps the log alone.
     */
    public String name() {
        if (generation == 0) {
            return node;
        }
        String numbered = node + SEPARATOR + Long.toHexString(Math.abs(generation));
        return keepsLogAlone() ? numbered + LOG_ALONE : numbered;
    }

    @Override
    public String toString() {
        return name();
    }
}
