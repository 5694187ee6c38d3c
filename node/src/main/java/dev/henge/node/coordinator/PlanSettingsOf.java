package dev.henge.node.coordinator;

import dev.henge.membership.plan.PlanSettings;
import dev.henge.membership.plan.PlanSettings.Merges;
import dev.henge.membership.plan.PlanSettings.Moves;
import dev.henge.membership.plan.PlanSettings.Patience;
import dev.henge.membership.plan.PlanSettings.Splits;
import dev.henge.proto.ClusterSettings;

/** The catalog's settings as the planner takes them: what is not set there is as it comes. */
public final class PlanSettingsOf {

    /** The load from which on a partition is hot, when nobody says otherwise. */
    private static final double HOT_OPERATIONS_PER_SECOND = 1_250;

    private PlanSettingsOf() {}

    public static PlanSettings catalog(ClusterSettings settings) {
        PlanSettings defaults = PlanSettings.defaults();
        return defaults.withPaused(settings.hasPause())
                .withPatience(patience(settings, defaults.patience()))
                .withMoves(moves(settings, defaults.moves()))
                .withSplits(splits(settings, defaults.splits()))
                .withMerges(merges(settings, defaults.merges()));
    }

    /** What a node is taken to do at most, so that a partition of the load that counts as hot is hot. */
    static double operationsPerSecondMax(ClusterSettings settings) {
        return hotOperationsPerSecond(settings)
                / PlanSettings.defaults().splits().heatShare();
    }

    /** The load from which on a partition is hot. */
    public static double hotOperationsPerSecond(ClusterSettings settings) {
        return settings.getHotOperationsPerSecond() > 0
                ? settings.getHotOperationsPerSecond()
                : HOT_OPERATIONS_PER_SECOND;
    }

    /** The size at which a partition is split. */
    public static long splitBytes(ClusterSettings settings) {
        return orElse(settings.getSplitBytes(), PlanSettings.defaults().splits().sizeBytes());
    }

    /** The same while there are few partitions. */
    public static long splitBytesWhileFew(ClusterSettings settings) {
        return Math.min(
                splitBytes(settings),
                orElse(
                        settings.getSplitBytesWhileFew(),
                        PlanSettings.defaults().splits().sizeBytesWhileFew()));
    }

    private static Patience patience(ClusterSettings settings, Patience defaults) {
        long replaceAfterMillis = orElse(settings.getReplaceAfterMillis(), defaults.replaceAfterMillis());
        long logReplicaAfterMillis =
                Seams.LOG_REPLICAS ? Math.min(defaults.logReplicaAfterMillis(), replaceAfterMillis) : Patience.NEVER;
        return new Patience(logReplicaAfterMillis, defaults.abandonAfterMillis(), replaceAfterMillis);
    }

    private static Moves moves(ClusterSettings settings, Moves defaults) {
        int atOnceMax = (int) orElse(settings.getMovesAtOnceMax(), defaults.atOnceMax());
        return new Moves(
                atOnceMax,
                Math.min(atOnceMax, defaults.perNodeMax()),
                defaults.transfersAtOnceMax(),
                defaults.nearlyFullShare());
    }

    private static Splits splits(ClusterSettings settings, Splits defaults) {
        return new Splits(
                Seams.SPLITS ? splitBytes(settings) : Long.MAX_VALUE,
                Seams.SPLITS ? splitBytesWhileFew(settings) : Long.MAX_VALUE,
                defaults.partitionsPerNodeMin(),
                defaults.partitionsPerNodeMax(),
                defaults.heatShare(),
                defaults.heatMillis(),
                defaults.sideShareMin(),
                defaults.pauseMillis(),
                defaults.atOnceMax());
    }

    private static Merges merges(ClusterSettings settings, Merges defaults) {
        boolean on = Seams.MERGES && settings.getMerging() != ClusterSettings.Merging.MERGING_OFF;
        return new Merges(
                defaults.sizeShareMax(),
                defaults.coldOperationsPerSecond(),
                defaults.coldMillis(),
                defaults.pauseMillis(),
                on ? defaults.partitionsMin() : Integer.MAX_VALUE,
                defaults.atOnceMax());
    }

    private static long orElse(long value, long whenUnset) {
        return value == 0 ? whenUnset : value;
    }
}
