package dev.henge.membership.plan;

/**
 * A registered node as the coordinator sees it.
 *
 * @param name unique in the cluster
 * @param zone what fails together with it
 * @param weight its capacity relative to a usual node's
 * @param intent what the operator wants of it
 * @param downSinceMillis since when it has not been reachable, in the time of {@link ClusterView#nowMillis}, or {@link #UP}
 * @param usedBytes of its disk, by anything
 * @param totalBytes of its disk; 0 when it is not known, and then it is never nearly full
 * @param operationsPerSecondMax what it was measured to do at most; 0 when it is not known, and then nothing on it is hot
 * @param replacedBy while it is decommissioned: the node that takes all it has; empty when the others share it
 */
public record NodeView(
        String name,
        String zone,
        double weight,
        Intent intent,
        long downSinceMillis,
        long usedBytes,
        long totalBytes,
        double operationsPerSecondMax,
        String replacedBy) {

    /** The {@code downSinceMillis} of a node that is reachable. */
    public static final long UP = -1;

    public enum Intent {
        /** Holds replicas and leads. */
        SERVE,
        /** Keeps its replicas, gets none and leads nothing: it is about to be restarted. */
        DRAIN,
        /** Gives all it has to others and goes. */
        DECOMMISSION
    }

    /** Of a node that none in particular takes the place of. */
    public NodeView(
            String name,
            String zone,
            double weight,
            Intent intent,
            long downSinceMillis,
            long usedBytes,
            long totalBytes,
            double operationsPerSecondMax) {
        this(name, zone, weight, intent, downSinceMillis, usedBytes, totalBytes, operationsPerSecondMax, "");
    }

    public NodeView {
        if (usedBytes < 0 || totalBytes < 0) {
            throw new IllegalArgumentException("sizes of the disk of " + name + " are at least 0");
        }
    }

    public boolean isUp() {
        return downSinceMillis == UP;
    }

    /** Whether it has been down for a time. */
    boolean isDownFor(long millis, long nowMillis) {
        return !isUp() && nowMillis - downSinceMillis >= millis;
    }

    boolean isNearlyFullWith(long moreBytes, double nearlyFullShare) {
        return totalBytes > 0 && usedBytes + moreBytes >= nearlyFullShare * totalBytes;
    }

    /** Up, to stay, and to serve. */
    boolean serves() {
        return isUp() && intent == Intent.SERVE;
    }
}
