package dev.henge.deploy;

import dev.henge.catalog.Feature;
import dev.henge.membership.plan.PlanSettings;
import dev.henge.node.StartupException;
import dev.henge.node.coordinator.PlanSettingsOf;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code henge settings}: what the coordinator decides by. */
@Command(
        name = "settings",
        description = "Show what the coordinator decides by, and change it.",
        footer = {
            "",
            "  henge settings",
            "  henge settings --replace-after-seconds 900 --moves-at-once 2",
            "0 stands for the value as it comes."
        },
        sortOptions = false)
final class SettingsCommand extends OperatorCommand {

    private static final long SPLIT_BYTES_MIN = 1L << 20;
    private static final int TIMEOUT_SECONDS = 10;
    private static final long SECOND_MILLIS = 1_000;

    @Option(
            names = "--replace-after-seconds",
            paramLabel = "N",
            description = "How long a node is away before its replicas are replaced.")
    private @Nullable Long replaceAfterSeconds;

    @Option(names = "--moves-at-once", paramLabel = "N", description = "Replicas that are built at once.")
    private @Nullable Integer movesAtOnce;

    @Option(
            names = "--split-size",
            paramLabel = "SIZE",
            converter = BytesOrZero.class,
            description = "The size at which a partition is split.")
    private @Nullable Long splitBytes;

    @Option(
            names = "--split-size-while-few",
            paramLabel = "SIZE",
            converter = BytesOrZero.class,
            description = "The same while there are few partitions for the nodes.")
    private @Nullable Long splitBytesWhileFew;

    @Option(
            names = "--hot-operations-per-second",
            paramLabel = "N",
            description = "The load from which on a partition is hot.")
    private @Nullable Double hotOperationsPerSecond;

    @Option(names = "--merging", paramLabel = "true|false", arity = "1", description = "Whether partitions are merged.")
    private @Nullable Boolean merging;

    @Option(
            names = "--merge-after-seconds",
            paramLabel = "N",
            description = "How long neighbours are small, idle and unchanged before they are merged.")
    private @Nullable Long mergeAfterSeconds;

    @Option(
            names = "--merge-above",
            paramLabel = "N",
            description = "Partitions are merged while there are more than these.")
    private @Nullable Integer mergeAbove;

    /** Reads a size, or the 0 that takes back what was set. Who leaves out the unit does not mean bytes. */
    static final class BytesOrZero implements ITypeConverter<Long> {

        @Override
        public Long convert(String text) {
            try {
                long bytes = ByteSize.parseOrZero(text);
                if (bytes > 0 && bytes < SPLIT_BYTES_MIN) {
                    throw new TypeConversionException(
                            "'" + text + "' is less than 1MB, at which no partition is split");
                }
                return bytes;
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    SettingsCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws StartupException {
        try (CatalogClient cluster = CatalogClient.connect(addresses, timeout)) {
            ChangeSettings change = change();
            if (!change.equals(ChangeSettings.getDefaultInstance())) {
                cluster.require(CatalogCommand.newBuilder().setChangeSettings(change), "henge settings");
            }
            return shown(cluster.newest());
        }
    }

    private ChangeSettings change() {
        ChangeSettings.Builder change = ChangeSettings.newBuilder();
        if (replaceAfterSeconds != null) {
            change.setReplaceAfterMillis(replaceAfterSeconds * SECOND_MILLIS);
        }
        if (movesAtOnce != null) {
            change.setMovesAtOnceMax(movesAtOnce);
        }
        if (splitBytes != null) {
            change.setSplitBytes(splitBytes);
        }
        if (splitBytesWhileFew != null) {
            change.setSplitBytesWhileFew(splitBytesWhileFew);
        }
        if (hotOperationsPerSecond != null) {
            change.setHotOperationsPerSecond(hotOperationsPerSecond);
        }
        if (merging != null) {
            change.setMerging(merging ? ClusterSettings.Merging.MERGING_ON : ClusterSettings.Merging.MERGING_OFF);
        }
        if (mergeAfterSeconds != null) {
            change.setMergeAfterMillis(mergeAfterSeconds * SECOND_MILLIS);
        }
        if (mergeAbove != null) {
            change.setMergeAbovePartitions(mergeAbove);
        }
        return change.build();
    }

    private static Answer shown(Catalog catalog) {
        ClusterSettings set = catalog.getSettings();
        PlanSettings settings = PlanSettingsOf.catalog(catalog);
        long mergeAfterMillis = PlanSettingsOf.mergeAfterMillis(set);
        String text = "replace after      " + settings.patience().replaceAfterMillis() / SECOND_MILLIS + " s\n"
                + "moves at once      " + settings.moves().atOnceMax() + "\n"
                + "split size         " + PlanSettingsOf.splitBytes(set) + " bytes\n"
                + "  while few        " + PlanSettingsOf.splitBytesWhileFew(set) + " bytes\n"
                + "hot                " + PlanSettingsOf.hotOperationsPerSecond(set) + " operations/s\n"
                + "merging            " + merging(catalog) + "\n"
                + "  after            " + mergeAfterMillis / SECOND_MILLIS + " s\n"
                + "  above            " + mergedAbove(set) + "\n"
                + "paused             " + (set.hasPause() ? "yes" : "no") + "\n";
        return Answer.done(text, json -> {
            json.writeNumberProperty("replaceAfterMillis", settings.patience().replaceAfterMillis());
            json.writeNumberProperty("movesAtOnce", settings.moves().atOnceMax());
            json.writeNumberProperty("splitBytes", PlanSettingsOf.splitBytes(set));
            json.writeNumberProperty("splitBytesWhileFew", PlanSettingsOf.splitBytesWhileFew(set));
            json.writeNumberProperty("hotOperationsPerSecond", PlanSettingsOf.hotOperationsPerSecond(set));
            json.writeBooleanProperty("merging", PlanSettingsOf.merges(catalog));
            json.writeNumberProperty("mergeAfterMillis", mergeAfterMillis);
            // 0: as many as the nodes ask for.
            json.writeNumberProperty("mergeAbovePartitions", set.getMergeAbovePartitions());
            json.writeBooleanProperty("paused", set.hasPause());
        });
    }

    private static String merging(Catalog catalog) {
        if (PlanSettingsOf.merges(catalog)) {
            return "on";
        }
        boolean off = catalog.getSettings().getMerging() == ClusterSettings.Merging.MERGING_OFF;
        return off ? "off" : "from cluster version " + Feature.MERGES.since() + " on, when all nodes are upgraded";
    }

    private static String mergedAbove(ClusterSettings set) {
        PlanSettings.Merges defaults = PlanSettings.defaults().merges();
        return set.getMergeAbovePartitions() > 0
                ? set.getMergeAbovePartitions() + " partitions"
                : defaults.partitionsMin() + " partitions, and " + defaults.partitionsPerNodeMin() + " for each node";
    }
}
