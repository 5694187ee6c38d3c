package dev.henge.cluster;

/** What a {@link RoutedClusterClient} needs of its world: time, chance, and the ways to nodes. */
public interface ClientEnvironment extends AutoCloseable {

    /** A clock that never runs backwards; deadlines are on it. */
    long nanoTime();

    /** A random number of {@code [low, high)}. */
    long randomBetween(long low, long high);

    /** Runs a task later, unless the environment was closed by then. The task is short and does not block. */
    void schedule(Runnable task, long delayNanos);

    /** The way to a node; the same one for the same address. Nothing is connected yet. */
    NodeCalls node(String address);

    /** Ends all calls under way. */
    @Override
    void close();
}
