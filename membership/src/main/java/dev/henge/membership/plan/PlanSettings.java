package dev.henge.membership.plan;

/**
 * What an operator may set of the coordinator's decisions.
 *
 * @param paused nothing is begun while it is true, but for log replicas and leaderships of draining nodes
 */
public record PlanSettings(
        boolean paused, Replicas replicas, Patience patience, Moves moves, Splits splits, Merges merges) {

    private static final long MEBIBYTE = 1L << 20;
    private static final long GIGABYTE = 1_000_000_000L;
    private static final long SECOND_MILLIS = 1_000;
    private static final long MINUTE_MILLIS = 60 * SECOND_MILLIS;

    /**
     * How many copies there are.
     *
     * @param data replicas of a partition with items
     * @param systemMax the most replicas of the system partition; it has the largest odd number that nodes allow
     */
    public record Replicas(int data, int systemMax) {
        public Replicas {
            atLeast(1, data, "replicas");
            atLeast(1, systemMax, "replicas of the system partition");
        }
    }

    /**
     * How long a node may be away.
     *
     * @param logReplicaAfterMillis before another takes its log; {@link #NEVER} for none
     * @param abandonAfterMillis before a move to it is given up
     * @param replaceAfterMillis before its replicas are replaced
     */
    public record Patience(long logReplicaAfterMillis, long abandonAfterMillis, long replaceAfterMillis) {
        /** Longer than any node is away. */
        public static final long NEVER = Long.MAX_VALUE;

        public Patience {
            atLeast(0, logReplicaAfterMillis, "the time before a log replica");
            atLeast(0, abandonAfterMillis, "the time before a move is abandoned");
            atLeast(
                    logReplicaAfterMillis == NEVER ? 0 : logReplicaAfterMillis,
                    replaceAfterMillis,
                    "the time before a replacement");
        }
    }

    /**
     * How much moves at once.
     *
     * @param atOnceMax replicas that are being built in the whole cluster
     * @param perNodeMax of these, to or from any one node
     * @param transfersAtOnceMax leaderships that are being moved for balance
     * @param nearlyFullShare how much of its disk a node uses when it gets nothing more, 0 to 1
     */
    public record Moves(int atOnceMax, int perNodeMax, int transfersAtOnceMax, double nearlyFullShare) {
        public Moves {
            atLeast(1, atOnceMax, "moves at once");
            atLeast(1, perNodeMax, "moves at once per node");
            atLeast(1, transfersAtOnceMax, "transfers at once");
            share(nearlyFullShare, "the share of a disk in use when a node is nearly full");
        }
    }

    /**
     * When a partition is cut in two.
     *
     * @param sizeBytes the size at which it is
     * @param sizeBytesWhileFew the same while there are fewer than {@code partitionsPerNodeMin} for each node, so that data
     *     can be spread evenly over the nodes
     * @param partitionsPerNodeMin partitions with items, not replicas, for each node
     * @param partitionsPerNodeMax no split when there are as many
     * @param heatShare how much of what its leader's node can do at most a partition takes when it is hot, 0 to 1
     * @param heatMillis how long it has been hot without a break
     * @param sideShareMin what each side of a split point gets of the load at least, 0 to a half
     * @param pauseMillis how long after a split or a merge a partition is left alone
     * @param atOnceMax splits at once in the cluster
     */
    public record Splits(
            long sizeBytes,
            long sizeBytesWhileFew,
            int partitionsPerNodeMin,
            int partitionsPerNodeMax,
            double heatShare,
            long heatMillis,
            double sideShareMin,
            long pauseMillis,
            int atOnceMax) {
        public Splits {
            atLeast(1, sizeBytesWhileFew, "the size of a split while there are few partitions");
            atLeast(sizeBytesWhileFew, sizeBytes, "the size of a split");
            atLeast(0, partitionsPerNodeMin, "partitions for each node");
            atLeast(partitionsPerNodeMin, partitionsPerNodeMax, "the most partitions for each node");
            share(heatShare, "the share of a node's capability that is hot");
            atLeast(0, heatMillis, "the time of heat before a split");
            share(2 * sideShareMin, "twice the share of each side of a split");
            atLeast(0, pauseMillis, "the pause after a split");
            atLeast(1, atOnceMax, "splits at once");
        }
    }

    /**
     * When two neighbours become one.
     *
     * @param sizeShareMax their size together as a share of the size at which a partition is split, 0 to a half
     * @param coldOperationsPerSecond the load under which a partition is cold
     * @param coldMillis how long both have been cold without a break
     * @param pauseMillis how long after a split or a merge a partition is left alone
     * @param partitionsMin there are no fewer in the cluster than these
     * @param partitionsPerNodeMin the same for each node that serves; the larger of both counts
     * @param atOnceMax pairs at once in the cluster that are merged, or brought together for it
     */
    public record Merges(
            double sizeShareMax,
            double coldOperationsPerSecond,
            long coldMillis,
            long pauseMillis,
            int partitionsMin,
            int partitionsPerNodeMin,
            int atOnceMax) {
        public Merges {
            share(2 * sizeShareMax, "twice the share of a split's size at which two are merged");
            if (!(coldOperationsPerSecond >= 0)) {
                throw new IllegalArgumentException("the load of a cold partition is at least 0");
            }
            atLeast(0, coldMillis, "the time of cold before a merge");
            atLeast(0, pauseMillis, "the pause before a merge");
            atLeast(1, partitionsMin, "the fewest partitions");
            atLeast(0, partitionsPerNodeMin, "the fewest partitions for each node");
            atLeast(1, atOnceMax, "merges at once");
        }
    }

    public static PlanSettings defaults() {
        return new PlanSettings(
                false,
                new Replicas(3, 5),
                new Patience(3 * SECOND_MILLIS, 10 * SECOND_MILLIS, 5 * MINUTE_MILLIS),
                new Moves(4, 2, 8, 0.85),
                new Splits(10 * GIGABYTE, 512 * MEBIBYTE, 8, 1_000, 0.25, 30 * SECOND_MILLIS, 0.25, MINUTE_MILLIS, 2),
                new Merges(0.25, 10, 60 * MINUTE_MILLIS, 60 * MINUTE_MILLIS, 16, 8, 1));
    }

    public PlanSettings withPaused(boolean pausedNow) {
        return new PlanSettings(pausedNow, replicas, patience, moves, splits, merges);
    }

    public PlanSettings withPatience(Patience other) {
        return new PlanSettings(paused, replicas, other, moves, splits, merges);
    }

    public PlanSettings withMoves(Moves other) {
        return new PlanSettings(paused, replicas, patience, other, splits, merges);
    }

    public PlanSettings withSplits(Splits other) {
        return new PlanSettings(paused, replicas, patience, moves, other, merges);
    }

    public PlanSettings withMerges(Merges other) {
        return new PlanSettings(paused, replicas, patience, moves, splits, other);
    }

    private static void atLeast(long least, long value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(what + ": at least " + least + ", not " + value);
        }
    }

    private static void share(double value, String what) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(what + ": above 0 and at most 1, not " + value);
        }
    }
}
