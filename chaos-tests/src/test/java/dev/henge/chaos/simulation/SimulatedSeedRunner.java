package dev.henge.chaos.simulation;

import dev.henge.chaos.planted.Profile;
import dev.henge.chaos.planted.SeedRunner;
import dev.henge.chaos.simulation.SimulatedNetwork.Quality;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs seeds with whatever variant of the product its class loader holds. */
public final class SimulatedSeedRunner implements SeedRunner {

    @Override
    public @Nullable RuntimeException run(long seed, Profile profile, String sabotage) {
        Settings settings = SettingsWith.values(Settings.ofSeed(seed, Sabotage.valueOf(sabotage)), changes(profile));
        try {
            Simulation.run(settings, Trace.silent());
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** Only the coordinator and operators move anything. */
    private static Map<String, Object> plans(int nodeCount, long faultNanos) {
        return Map.ofEntries(
                Map.entry("nodeCount", nodeCount),
                Map.entry("movePauseNanosMax", 0L),
                Map.entry("planPauseNanosMax", millis(1_000)),
                Map.entry("faultNanos", faultNanos),
                Map.entry("clientCount", 2),
                Map.entry("standInPauseNanosMax", 0L),
                Map.entry("splitPauseNanosMax", 0L),
                Map.entry("mergePauseNanosMax", 0L),
                Map.entry("mergeAfterMillis", 0L));
    }

    private static Map<String, Object> changes(Profile profile) {
        return switch (profile) {
            case CAMPAIGN -> Map.of();
            case DEPOSED_LEADERS ->
                Map.of(
                        "clientCount",
                        3,
                        "routerCount",
                        3,
                        "keysPerKind",
                        1,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(60),
                        "faults",
                        Set.of(Fault.PAUSE, Fault.LEADER_CUT_OFF, Fault.LEADER_DEAF),
                        "faultPauseNanosMax",
                        millis(8_000),
                        "faultNanos",
                        millis(30_000),
                        "network",
                        quickNetwork());
            case LEASES ->
                Map.of(
                        "clientCount",
                        2,
                        "clockDrift",
                        0.047,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(500),
                        "faults",
                        Set.of(Fault.KILL, Fault.PARTITION, Fault.ONE_WAY_PARTITION),
                        "faultPauseNanosMax",
                        millis(2_000),
                        "loopDelayNanosMax",
                        10_000L,
                        "syncNanosMax",
                        millis(1),
                        "network",
                        quickNetwork());
            case ELECTIONS ->
                Map.of(
                        "clientCount",
                        6,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(30),
                        "faults",
                        Set.of(Fault.KILL, Fault.POWER_LOSS, Fault.LEADER_CUT_OFF, Fault.NEXT_LEADER_CUT_OFF),
                        "faultPauseNanosMax",
                        millis(1_000),
                        "faultNanos",
                        millis(60_000),
                        "appendBytesMax",
                        200);
            case SLOW_DISKS ->
                Map.of(
                        "clientCount",
                        6,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(60),
                        "faults",
                        Set.of(Fault.POWER_LOSS, Fault.POWER_LOSS_EVERYWHERE, Fault.SLOW_DISK),
                        "faultPauseNanosMax",
                        millis(2_000),
                        "faultNanos",
                        millis(30_000),
                        "syncNanosMax",
                        millis(60),
                        "network",
                        quickNetwork());
            case RESTARTS ->
                Map.of(
                        "nodeCount",
                        3,
                        "clientCount",
                        2,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(3_000),
                        "faults",
                        Set.of(Fault.KILL, Fault.LAST_SUPPORTER_RESTARTS),
                        "faultPauseNanosMax",
                        millis(6_000),
                        "tablePauseNanosMax",
                        millis(60_000),
                        "loopDelayNanosMax",
                        10_000L,
                        "syncNanosMax",
                        millis(1),
                        "network",
                        quickNetwork());
            case LATE_COPIES ->
                Map.of(
                        "clientCount",
                        8,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(10),
                        "faults",
                        Set.of(Fault.STREAMS_BREAK),
                        "faultNanos",
                        millis(20_000),
                        "appendBytesMax",
                        200,
                        "inflightMessagesMax",
                        256,
                        "inflightBytesMax",
                        1L << 20,
                        "network",
                        new Quality(100_000L, millis(30), 0, 0.3, 0, millis(1_000), false));
            case MEMBERS ->
                Map.of(
                        "clientCount",
                        6,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(60),
                        "faults",
                        Set.of(Fault.BIT_FLIP_IN_LOG, Fault.KILL, Fault.LEADER_CUT_OFF, Fault.PARTITION),
                        "faultPauseNanosMax",
                        millis(1_500),
                        "checkpointNanosMax",
                        millis(2_000),
                        "logSegmentBytes",
                        8192,
                        "standInPauseNanosMax",
                        0L);
            case PLANS -> plans(4, millis(90_000));
            case LOSSES -> plans(5, millis(5_000));
            case STAND_INS ->
                Map.ofEntries(
                        Map.entry("nodeCount", 4),
                        Map.entry("clientCount", 4),
                        Map.entry("partitionCount", 1),
                        Map.entry("thinkNanosMax", millis(60)),
                        Map.entry("faults", Set.of(Fault.KILL, Fault.LEADER_LOSES_ONE)),
                        Map.entry("faultPauseNanosMax", millis(5_000)),
                        Map.entry("planPauseNanosMax", 0L),
                        Map.entry("movePauseNanosMax", 0L),
                        Map.entry("splitPauseNanosMax", 0L),
                        Map.entry("standInPauseNanosMax", millis(5_000)),
                        Map.entry("mergePauseNanosMax", 0L),
                        Map.entry("machineIsLost", true),
                        Map.entry("checkpointNanosMax", millis(800)));
            case SPLITS ->
                Map.ofEntries(
                        Map.entry("clientCount", 6),
                        Map.entry("keysPerKind", 3),
                        Map.entry("partitionCount", 1),
                        Map.entry("thinkNanosMax", millis(60)),
                        Map.entry("planPauseNanosMax", 0L),
                        Map.entry("standInPauseNanosMax", 0L),
                        Map.entry("machineIsLost", false),
                        Map.entry("splitPauseNanosMax", millis(4_000)),
                        Map.entry("mergePauseNanosMax", 0L),
                        Map.entry("faultNanos", millis(40_000)),
                        Map.entry("checkpointNanosMax", millis(3_000)));
            case MERGES ->
                Map.ofEntries(
                        Map.entry("clientCount", 6),
                        Map.entry("keysPerKind", 3),
                        Map.entry("partitionCount", 3),
                        Map.entry("thinkNanosMax", millis(30)),
                        Map.entry("planPauseNanosMax", 0L),
                        Map.entry("standInPauseNanosMax", 0L),
                        Map.entry("machineIsLost", false),
                        Map.entry("splitPauseNanosMax", millis(3_000)),
                        Map.entry("mergePauseNanosMax", millis(1_500)),
                        Map.entry("faultNanos", millis(40_000)),
                        Map.entry("checkpointNanosMax", millis(3_000)));
            case SNAPSHOTS ->
                Map.of(
                        "clientCount",
                        6,
                        "partitionCount",
                        1,
                        "thinkNanosMax",
                        millis(30),
                        "checkpointNanosMax",
                        millis(400),
                        "network",
                        new Quality(100_000L, millis(5), 0.05, 0.2, 0.1, millis(3_000), false));
        };
    }

    private static Quality quickNetwork() {
        return new Quality(20_000L, 220_000L, 0, 0, 0.002, millis(1_000), false);
    }

    private static long millis(long count) {
        return TimeUnit.MILLISECONDS.toNanos(count);
    }
}
