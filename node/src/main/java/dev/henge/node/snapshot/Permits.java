package dev.henge.node.snapshot;

/** A bounded number of things at a time, for the whole node. Thread-safe; nobody waits. */
public final class Permits {

    private final int max;
    private int taken;
    private boolean wanted;

    Permits(int max) {
        this.max = max;
    }

    public synchronized boolean tryTake() {
        if (taken == max) {
            wanted = true;
            return false;
        }
        wanted = false;
        taken++;
        return true;
    }

    public synchronized void giveBack() {
        if (taken == 0) {
            throw new IllegalStateException("a permit was given back twice");
        }
        taken--;
    }

    /** Whether somebody was refused since one was last given: who can spare his gives it back. */
    public synchronized boolean wanted() {
        return wanted;
    }
}
