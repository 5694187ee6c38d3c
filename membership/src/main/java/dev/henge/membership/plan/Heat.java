package dev.henge.membership.plan;

import java.util.List;
import java.util.OptionalDouble;

/** What partitions did for as long as it takes to call them hot. */
final class Heat {

    /** How much of the time of heat must be covered by windows. */
    private static final double COVERED_SHARE_MIN = 0.8;

    private Heat() {}

    /** The windows of that time, oldest first; none where they cover too little of it. */
    static List<LoadWindow> recentWindows(PartitionView partition, Situation situation) {
        long heatMillis = situation.settings().splits().heatMillis();
        long beganMillis = situation.view().nowMillis() - heatMillis;
        List<LoadWindow> recent = partition.load().stream()
                .filter(window -> window.endMillis() > beganMillis)
                .toList();
        long coveredMillis = recent.stream()
                .mapToLong(window -> window.endMillis() - Math.max(window.startMillis(), beganMillis))
                .sum();
        boolean covers = !recent.isEmpty()
                && recent.getFirst().startMillis() <= beganMillis
                && coveredMillis >= COVERED_SHARE_MIN * heatMillis;
        return covers ? recent : List.of();
    }

    /** Operations in a second, on average over that time; nothing where they are not known for so long. */
    static OptionalDouble operationsPerSecond(PartitionView partition, Situation situation) {
        List<LoadWindow> recent = recentWindows(partition, situation);
        if (recent.isEmpty()) {
            return OptionalDouble.empty();
        }
        double operations = recent.stream().mapToDouble(LoadWindow::operations).sum();
        long millis = recent.stream()
                .mapToLong(window -> window.endMillis() - window.startMillis())
                .sum();
        return OptionalDouble.of(operations * 1_000 / millis);
    }
}
