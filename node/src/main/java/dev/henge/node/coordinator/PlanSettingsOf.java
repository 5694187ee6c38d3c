package dev.henge.node.coordinator;

import dev.henge.catalog.Feature;
import dev.henge.membership.plan.PlanSettings;
import dev.henge.membership.plan.PlanSettings.Merges;
import dev.henge.membership.plan.PlanSettings.Moves;
import dev.henge.membership.plan.PlanSettings.Patience;
import dev.henge.membership.plan.PlanSettings.Splits;
import dev.henge.proto.Catalog;
import dev.henge.proto.ClusterSettings;

/** The catalog's settings as the planner takes them: what is not set there is as it comes. */
public final class PlanSettingsOf {

    /** The load from which on a partition is hot, when nobody says otherwise. */
    private static final double HOT_OPERATIONS_PER_SECOND = 1_250;

    private PlanSettingsOf() {}

    public static PlanSettings catalog(Catalog catalog) {
        ClusterSettings settings = catalog.getSettings();
        PlanSettings defaults = PlanSettings.defaults();
        return defaults.withPaused(settings.hasPause())
                .withPatience(patience(settings, defaults.patience()))
                .withMoves(moves(settings, defaults.moves()))
                .withSplits(splits(settings, defaults.splits()))
                .withMerges(merges(catalog, defaults.merges()));
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

    /** Whether the coordinator merges partitions: nobody has switched it off, and the cluster's version allows it. */
    public static boolean merges(Catalog catalog) {
        return catalog.getSettings().getMerging() != ClusterSettings.Merging.MERGING_OFF
                && Feature.MERGES.isAllowed(catalog);
    }

    /** How long neighbours are cold and unchanged before they are merged. */
    public static long mergeAfterMillis(ClusterSettings settings) {
        return orElse(
                settings.getMergeAfterMillis(), PlanSettings.defaults().merges().coldMillis());
    }

    /** As many times less than what is hot as by what comes unset, so that nothing is ever both. */
    private static double coldOperationsPerSecond(ClusterSettings settings) {
        return hotOperationsPerSecond(settings)
                * (PlanSettings.defaults().merges().coldOperationsPerSecond() / HOT_OPERATIONS_PER_SECOND);
    }

    private static Patience patience(ClusterSettings settings, Patience defaults) {
        long replaceAfterMillis = orElse(settings.getReplaceAfterMillis(), defaults.replaceAfterMillis());
        long logReplicaAfterMillis = Math.min(defaults.logReplicaAfterMillis(), replaceAfterMillis);
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
                splitBytes(settings),
                splitBytesWhileFew(settings),
                defaults.partitionsPerNodeMin(),
                defaults.partitionsPerNodeMax(),
                defaults.heatShare(),
                defaults.heatMillis(),
                defaults.sideShareMin(),
                defaults.pauseMillis(),
                defaults.atOnceMax());
    }

    /** While there are no merges nothing is brought together for one either. */
    private static Merges merges(Catalog catalog, Merges defaults) {
        ClusterSettings settings = catalog.getSettings();
        int above = settings.getMergeAbovePartitions();
        int partitionsMin = above == 0 ? defaults.partitionsMin() : above;
        return new Merges(
                defaults.sizeShareMax(),
                coldOperationsPerSecond(settings),
                mergeAfterMillis(settings),
                mergeAfterMillis(settings),
                merges(catalog) ? partitionsMin : Integer.MAX_VALUE,
                above == 0 ? defaults.partitionsPerNodeMin() : 0,
                defaults.atOnceMax());
    }

    private static long orElse(long value, long whenUnset) {
        return value == 0 ? whenUnset : value;
    }
}
