package dev.henge.chaos.process;

import java.util.Arrays;
import java.util.List;

/** What goes wrong with real processes. A "leader" is the node that leads most partitions at that moment. */
enum FaultKind {
    KILL_LEADER("kill -9 of the leader", Needs.MAJORITY),
    KILL_NODE("kill -9 of a node", Needs.MAJORITY),
    KILL_ROUTER("kill -9 of the router", Needs.NOTHING),
    KILL_MAJORITY("kill -9 of a majority", Needs.NOTHING),
    KILL_ALL("kill -9 of all processes at once", Needs.NOTHING),
    STOP_NODE("graceful stop of the leader (SIGTERM)", Needs.MAJORITY),
    PAUSE_LEADER("the leader paused (SIGSTOP)", Needs.MAJORITY),
    PAUSE_NODE("a node paused (SIGSTOP)", Needs.MAJORITY),
    CUT_NODE("the leader cut off from all", Needs.MAJORITY),
    CUT_SENDING("all that the leader sends is lost", Needs.MAJORITY),
    CUT_RECEIVING("all that is sent to the leader is lost", Needs.MAJORITY),
    SPLIT("the leader cut off from the nodes, not from the router", Needs.MAJORITY),
    /** Nobody but the router misses that leader, so that nothing moves; requests fail until the cut ends. */
    CUT_ROUTER("the router cut off from the leader", Needs.NOTHING),
    SLOW_DISK("a node whose fsync takes 100 ms longer", Needs.MAJORITY),
    STALLED_DISK("the leader's disk stalls", Needs.MAJORITY),
    FAILING_SYNC("the leader's fsync fails (EIO)", Needs.MAJORITY),
    /** A leader without space keeps leading and refuses writes, which the SDK tries again, until there is space. */
    FULL_DISK("the leader's disk is full", Needs.NOTHING),
    /** A node that comes back with an empty disk: refused until the product replaces lost volumes. */
    LOST_VOLUME("a node loses its volume", Needs.MAJORITY);

    /** What must work while the fault lasts. */
    enum Needs {
        /** Every key can be written, after a gap for elections. */
        MAJORITY,
        NOTHING
    }

    /** What is not in the mix unless asked for. */
    private static final List<FaultKind> OPTIONAL = List.of(LOST_VOLUME);

    private final String text;
    private final Needs needs;

    FaultKind(String text, Needs needs) {
        this.text = text;
        this.needs = needs;
    }

    /** Whether every key must be writable while the fault lasts. */
    boolean leavesWritable() {
        return needs == Needs.MAJORITY;
    }

    /** What every run has. */
    static List<FaultKind> mix() {
        return Arrays.stream(values()).filter(kind -> !OPTIONAL.contains(kind)).toList();
    }

    boolean needsLibrary() {
        return this == SLOW_DISK || this == STALLED_DISK || this == FAILING_SYNC;
    }

    @Override
    public String toString() {
        return text;
    }
}
