package dev.henge.node.catalog;

import dev.henge.catalog.ClusterVersion;
import dev.henge.catalog.Feature;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import java.util.Optional;

/** What operators set of the coordinator's decisions. */
final class SettingsChanges {

    private static final long REPLACE_AFTER_MILLIS_MAX = 30L * 24 * 60 * 60 * 1_000;
    private static final int MOVES_AT_ONCE_MAX = 1_000;
    private static final long MERGE_AFTER_MILLIS_MAX = 365L * 24 * 60 * 60 * 1_000;
    private static final int MERGE_ABOVE_PARTITIONS_MAX = 1_000_000;

    private SettingsChanges() {}

    static Transition apply(CatalogState state, ChangeSettings command) {
        if (!state.bootstrapped()) {
            return refuse(state, "the cluster is not bootstrapped yet");
        }
        Optional<String> fault = faultOf(command).or(() -> tooNew(state.catalog(), command));
        if (fault.isPresent()) {
            return refuse(state, fault.get());
        }
        ClusterSettings.Builder settings = state.catalog().getSettings().toBuilder();
        if (command.hasReplaceAfterMillis()) {
            settings.setReplaceAfterMillis(command.getReplaceAfterMillis());
        }
        if (command.hasMovesAtOnceMax()) {
            settings.setMovesAtOnceMax(command.getMovesAtOnceMax());
        }
        if (command.hasSplitBytes()) {
            settings.setSplitBytes(command.getSplitBytes());
        }
        if (command.hasSplitBytesWhileFew()) {
            settings.setSplitBytesWhileFew(command.getSplitBytesWhileFew());
        }
        if (command.hasHotOperationsPerSecond()) {
            settings.setHotOperationsPerSecond(command.getHotOperationsPerSecond());
        }
        if (command.hasMerging()) {
            settings.setMerging(command.getMerging());
        }
        if (command.hasMergeAfterMillis()) {
            settings.setMergeAfterMillis(command.getMergeAfterMillis());
        }
        if (command.hasMergeAbovePartitions()) {
            settings.setMergeAbovePartitions(command.getMergeAbovePartitions());
        }
        if (command.getResume()) {
            settings.clearPause();
        }
        if (command.hasPause()) {
            settings.setPause(command.getPause().toBuilder()
                    .setReason(Tasks.bounded(command.getPause().getReason()))
                    .setBy(Tasks.bounded(command.getPause().getBy())));
        }
        Catalog.Builder next = state.nextEpoch().setSettings(settings);
        return CatalogState.accept(next, Optional.empty());
    }

    private static Optional<String> faultOf(ChangeSettings command) {
        if (command.getReplaceAfterMillis() < 0 || command.getReplaceAfterMillis() > REPLACE_AFTER_MILLIS_MAX) {
            return Optional.of("replicas are replaced after 0 to " + REPLACE_AFTER_MILLIS_MAX + " ms");
        }
        if (Integer.compareUnsigned(command.getMovesAtOnceMax(), MOVES_AT_ONCE_MAX) > 0) {
            return Optional.of("at most " + MOVES_AT_ONCE_MAX + " replicas are built at once");
        }
        if (command.getSplitBytes() < 0 || command.getSplitBytesWhileFew() < 0) {
            return Optional.of("the sizes at which partitions are split are below 2^63 bytes");
        }
        double hot = command.getHotOperationsPerSecond();
        if (!(hot >= 0) || Double.isInfinite(hot)) {
            return Optional.of("the load from which on a partition is hot is a number of operations, 0 or more");
        }
        if (command.getMergeAfterMillis() < 0 || command.getMergeAfterMillis() > MERGE_AFTER_MILLIS_MAX) {
            return Optional.of("partitions are merged after 0 to " + MERGE_AFTER_MILLIS_MAX
                    + " ms without load; 0 stands for an hour");
        }
        if (Integer.compareUnsigned(command.getMergeAbovePartitions(), MERGE_ABOVE_PARTITIONS_MAX) > 0) {
            return Optional.of("the number of partitions above which they are merged is at most "
                    + MERGE_ABOVE_PARTITIONS_MAX + "; to have none merged, switch merging off");
        }
        if (command.hasPause() && command.getResume()) {
            return Optional.of("the coordinator is either paused or resumed");
        }
        return Optional.empty();
    }

    /** An older program would leave out what it does not know, and its catalog would differ. */
    private static Optional<String> tooNew(Catalog catalog, ChangeSettings command) {
        boolean ofMerges = command.hasMergeAfterMillis() || command.hasMergeAbovePartitions();
        return !ofMerges || Feature.MERGES.isAllowed(catalog)
                ? Optional.empty()
                : Optional.of("when partitions are merged can't be set yet: that needs cluster version "
                        + Feature.MERGES.since() + ", and this one is at " + ClusterVersion.of(catalog)
                        + "; upgrade all nodes first");
    }

    private static Transition refuse(CatalogState state, String reason) {
        return state.refuse(Code.INVALID_SETTINGS, reason, Optional.empty());
    }
}
