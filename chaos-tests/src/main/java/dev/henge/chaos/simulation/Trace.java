package dev.henge.chaos.simulation;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** What happened, in order: always as a fingerprint, by which two runs are told apart, and as text when asked for. */
final class Trace {

    private static final long FNV_PRIME = 0x100000001b3L;

    private final Consumer<String> output;
    private final boolean verbose;
    private long fingerprint = 0xcbf29ce484222325L;

    private Trace(Consumer<String> output, boolean verbose) {
        this.output = output;
        this.verbose = verbose;
    }

    static Trace silent() {
        return new Trace(line -> {}, false);
    }

    static Trace to(Consumer<String> output) {
        return new Trace(output, true);
    }

    /** @param what a constant word */
    void event(long nowNanos, String who, String what, long detail, Supplier<String> text) {
        mix(nowNanos);
        mix(who.hashCode());
        mix(what.hashCode());
        mix(detail);
        if (verbose) {
            output.accept(String.format("%12.6f %-8s %-12s %s", nowNanos / 1e9, who, what, text.get()));
        }
    }

    private void mix(long value) {
        fingerprint = (fingerprint ^ value) * FNV_PRIME;
        fingerprint ^= fingerprint >>> 32;
    }

    long fingerprint() {
        return fingerprint;
    }
}
