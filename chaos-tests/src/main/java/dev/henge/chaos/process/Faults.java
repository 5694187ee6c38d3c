package dev.henge.chaos.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** Brings faults about, and ends them. */
final class Faults {

    /** Ends a fault; programs that are down are started and ready when it returns. */
    interface Remedy {
        void heal() throws IOException;
    }

    /**
     * A fault that lasts.
     *
     * @param target what it hit, for a person
     * @param remedy what ends it
     */
    record Injected(FaultKind kind, String target, Remedy remedy) {}

    static final Duration SYNC_DELAY = Duration.ofMillis(100);

    private final FaultyCluster cluster;
    private final NodeStatuses statuses;
    private final SplittableRandom random;

    Faults(FaultyCluster cluster, NodeStatuses statuses, SplittableRandom random) {
        this.cluster = cluster;
        this.statuses = statuses;
        this.random = random;
    }

    /** The node that a fault of this kind hits now. */
    String target(FaultKind kind) {
        return switch (kind) {
            case KILL_NODE, PAUSE_NODE, SLOW_DISK, LOST_VOLUME ->
                cluster.nodes().get(random.nextInt(cluster.nodes().size()));
            case KILL_ROUTER -> FaultyCluster.ROUTER;
            case KILL_LEADER,
                    KILL_MAJORITY,
                    KILL_ALL,
                    STOP_NODE,
                    PAUSE_LEADER,
                    CUT_NODE,
                    CUT_SENDING,
                    CUT_RECEIVING,
                    SPLIT,
                    CUT_ROUTER,
                    STALLED_DISK,
                    FAILING_SYNC,
                    FULL_DISK -> statuses.leader();
        };
    }

    /** Brings a fault about on {@link #target}. */
    Injected inject(FaultKind kind, String node) throws IOException {
        return switch (kind) {
            case KILL_LEADER, KILL_NODE, KILL_ROUTER -> {
                cluster.kill(node);
                yield new Injected(kind, node, () -> cluster.start(node));
            }
            case KILL_MAJORITY -> {
                List<String> killed = majorityWith(node);
                killed.forEach(cluster::kill);
                yield new Injected(kind, String.join(" and ", killed), cluster::startAll);
            }
            case KILL_ALL -> {
                cluster.killAll();
                yield new Injected(kind, "all", cluster::startAll);
            }
            case STOP_NODE -> {
                cluster.terminate(node);
                yield new Injected(kind, node, () -> {
                    cluster.awaitEnd(node);
                    cluster.start(node);
                });
            }
            case PAUSE_LEADER, PAUSE_NODE -> {
                cluster.pause(node);
                yield new Injected(kind, node, () -> cluster.resume(node));
            }
            case CUT_NODE, SPLIT -> {
                for (String other : others(node, kind == FaultKind.CUT_NODE)) {
                    cluster.network().cutBothWays(node, other);
                }
                yield new Injected(kind, node, cluster.network()::healAll);
            }
            case CUT_SENDING -> {
                others(node, true).forEach(other -> cluster.network().cut(node, other));
                yield new Injected(kind, node, cluster.network()::healAll);
            }
            case CUT_RECEIVING -> {
                others(node, true).forEach(other -> cluster.network().cut(other, node));
                yield new Injected(kind, node, cluster.network()::healAll);
            }
            case CUT_ROUTER -> {
                cluster.network().cutBothWays(node, FaultyCluster.ROUTER);
                yield new Injected(kind, node, cluster.network()::healAll);
            }
            case SLOW_DISK -> {
                cluster.disk(node).slowSyncs(SYNC_DELAY);
                yield new Injected(kind, node, cluster.disk(node)::heal);
            }
            case STALLED_DISK -> {
                cluster.disk(node).stall();
                yield new Injected(kind, node, cluster.disk(node)::heal);
            }
            case FULL_DISK -> {
                cluster.disk(node).fill();
                yield new Injected(kind, node, cluster.disk(node)::heal);
            }
            case FAILING_SYNC -> {
                cluster.disk(node).failSyncs();
                yield new Injected(kind, node, () -> restartAfterFailedSync(node));
            }
            case LOST_VOLUME -> {
                cluster.kill(node);
                cluster.disk(node).wipe();
                yield new Injected(kind, node, () -> cluster.start(node));
            }
        };
    }

    /** How long a fault lasts. */
    Duration hold(FaultKind kind) {
        return switch (kind) {
            case PAUSE_LEADER, PAUSE_NODE -> millis(1_000, 10_000);
            case KILL_ALL -> Duration.ZERO;
            case KILL_LEADER, KILL_NODE, KILL_ROUTER, KILL_MAJORITY, STOP_NODE, FAILING_SYNC, LOST_VOLUME ->
                millis(0, 3_000);
            case CUT_NODE, CUT_SENDING, CUT_RECEIVING, SPLIT, CUT_ROUTER, SLOW_DISK, STALLED_DISK, FULL_DISK ->
                millis(1_000, 6_000);
        };
    }

    /** Lets a fault last until this long after it began. */
    static void last(long sinceNanos, Duration hold) {
        long untilNanos = sinceNanos + hold.toNanos();
        while (System.nanoTime() - untilNanos < 0) {
            LockSupport.parkNanos(untilNanos - System.nanoTime());
        }
    }

    private Duration millis(int from, int to) {
        return Duration.ofMillis(random.nextInt(from, to));
    }

    private void restartAfterFailedSync(String node) throws IOException {
        int code = cluster.awaitEnd(node);
        String said = cluster.output(node);
        cluster.disk(node).heal();
        cluster.start(node);
        if (code == 0 || said.lines().noneMatch(line -> line.startsWith("henge: "))) {
            throw new AssertionError(node + " ended with " + code + " after a failed fsync, saying:\n" + said);
        }
    }

    private List<String> majorityWith(String node) {
        List<String> majority = new ArrayList<>(List.of(node));
        for (String other : cluster.nodes()) {
            if (majority.size() <= cluster.nodes().size() / 2 && !other.equals(node)) {
                majority.add(other);
            }
        }
        return majority;
    }

    private List<String> others(String node, boolean router) {
        List<String> others = new ArrayList<>(router ? cluster.programs() : cluster.nodes());
        others.remove(node);
        return others;
    }
}
