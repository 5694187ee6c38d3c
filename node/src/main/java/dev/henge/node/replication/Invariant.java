package dev.henge.node.replication;

/** Checks that stay on in production. */
final class Invariant {

    private Invariant() {}

    static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException(message);
        }
    }
}
