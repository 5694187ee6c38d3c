package dev.henge.chaos.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Carries messages between endpoints late, in another order, twice, or not at all. */
final class SimulatedNetwork {

    /**
     * How well it works.
     *
     * @param lostShare share of messages between nodes that get lost
     * @param doubledShare share of messages between nodes that arrive twice
     * @param lateShare share of messages that take up to {@code lateNanosMax}
     * @param ordered messages of one endpoint to one other keep their order, as on a stream
     */
    record Quality(
            long delayNanosMin,
            long delayNanosMax,
            double lostShare,
            double doubledShare,
            double lateShare,
            long lateNanosMax,
            boolean ordered) {}

    private record Link(String from, String to) {}

    private final Scheduler scheduler;
    private final Chance chance;
    private final Set<Link> blocked = new HashSet<>();
    private final Set<Link> cut = new HashSet<>();
    private final Set<String> isolated = new HashSet<>();
    private final Map<Link, Long> lastArrivalNanos = new HashMap<>();
    private Quality quality;
    private double burstLostShare;

    SimulatedNetwork(Scheduler scheduler, Chance chance, Quality quality) {
        this.scheduler = scheduler;
        this.chance = chance;
        this.quality = quality;
    }

    /** Between nodes: may be lost or doubled. */
    void send(String from, String to, Runnable deliver) {
        if (chance.happens(quality.lostShare() + burstLostShare)) {
            return;
        }
        carry(from, to, deliver);
        if (chance.happens(quality.doubledShare())) {
            carry(from, to, deliver);
        }
    }

    /** Between a client and a node: lost in bursts and partitions, never doubled. */
    void sendOnce(String from, String to, Runnable deliver) {
        if (!chance.happens(burstLostShare)) {
            carry(from, to, deliver);
        }
    }

    private void carry(String from, String to, Runnable deliver) {
        Link link = new Link(from, to);
        if (isBlocked(link) || cut.contains(link)) {
            return;
        }
        long delayNanos = chance.happens(quality.lateShare())
                ? chance.between(quality.delayNanosMin(), quality.lateNanosMax())
                : chance.between(quality.delayNanosMin(), quality.delayNanosMax());
        long arrivalNanos = scheduler.nowNanos() + delayNanos;
        if (quality.ordered()) {
            arrivalNanos = Math.max(arrivalNanos, lastArrivalNanos.getOrDefault(link, 0L) + 1);
            lastArrivalNanos.put(link, arrivalNanos);
        }
        scheduler.after(arrivalNanos - scheduler.nowNanos(), () -> {
            if (!isBlocked(link)) {
                deliver.run();
            }
        });
    }

    private boolean isBlocked(Link link) {
        return blocked.contains(link) || isolated.contains(link.from()) || isolated.contains(link.to());
    }

    /** Nothing gets to or from this endpoint, or again what is not blocked otherwise. */
    void isolate(String endpoint, boolean cut) {
        if (cut) {
            isolated.add(endpoint);
        } else {
            isolated.remove(endpoint);
        }
    }

    /** Nothing gets from one to the other any more, not even what is under way. */
    void block(String from, String to) {
        blocked.add(new Link(from, to));
    }

    /** Nothing gets from one side to the other or back. */
    void separate(List<String> oneSide, List<String> otherSide) {
        for (String one : oneSide) {
            for (String other : otherSide) {
                block(one, other);
                block(other, one);
            }
        }
    }

    /** Nothing more sets out from one to the other or back; what is under way arrives, be it late. */
    void cut(String one, String other) {
        cut.add(new Link(one, other));
        cut.add(new Link(other, one));
    }

    void burst(double lostShare) {
        burstLostShare = lostShare;
    }

    void unblockAll() {
        blocked.clear();
        cut.clear();
    }

    /** Everything arrives from now on, soon and in order. */
    void heal() {
        unblockAll();
        isolated.clear();
        burstLostShare = 0;
        // What is held up holds up nothing else any more: a stream that stalls is given up and made anew.
        lastArrivalNanos.clear();
        quality = new Quality(quality.delayNanosMin(), quality.delayNanosMin() + 1_000_000, 0, 0, 0, 0, true);
    }
}
