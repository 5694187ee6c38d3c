package dev.henge.chaos.simulation;

import dev.henge.chaos.simulation.SimulatedNetwork.Quality;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.snapshot.SnapshotOptions;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * What kind of run a seed makes. Each run has some kinds of fault and not others, so that few keep the others from going
 * deep ("Swarm Testing", Groce et al., 2012).
 *
 * @param faultNanos how long clients call and things go wrong, in virtual time
 * @param faultPauseNanosMax most time between two faults
 * @param thinkNanosMax most time a client waits between two calls
 * @param tablePauseNanosMax most time between two changes of the tables
 * @param movePauseNanosMax most time between two moves of partitions; 0 for none
 * @param standInPauseNanosMax most time between two changes of who keeps the log alone; 0 for none
 * @param machineIsLost one machine of the cluster is lost, with all that its disks held, and another comes in its place
 * @param planPauseNanosMax most time between two rounds of the coordinator's plans; 0 for none
 * @param splitPauseNanosMax most time between two splits of partitions; 0 for none
 * @param mergePauseNanosMax most time between two merges of partitions; 0 for none
 * @param mergeAfterMillis how long partitions are idle and unchanged before the coordinator merges them; 0 where it merges none
 * @param mergeAbovePartitions how many partitions it leaves then
 * @param stragglerShare share of requests that reach their node only after the router gave up waiting for an answer
 * @param clockDrift each node's monotonic clock runs at 1 plus or minus this
 * @param checkpointNanosMax most time between two checkpoints of a node
 * @param loopDelayNanosMax most time between an event and the turn of the event loop that takes it
 */
record Settings(
        long seed,
        Sabotage sabotage,
        int nodeCount,
        int partitionCount,
        int routerCount,
        int clientCount,
        int keysPerKind,
        long faultNanos,
        Set<Fault> faults,
        long faultPauseNanosMax,
        long thinkNanosMax,
        long tablePauseNanosMax,
        long movePauseNanosMax,
        long standInPauseNanosMax,
        boolean machineIsLost,
        long logReplicaBytesMax,
        long planPauseNanosMax,
        long splitPauseNanosMax,
        long mergePauseNanosMax,
        long mergeAfterMillis,
        int mergeAbovePartitions,
        Quality network,
        double stragglerShare,
        long syncNanosMin,
        long syncNanosMax,
        double clockDrift,
        long checkpointNanosMax,
        long loopDelayNanosMax,
        int appendBytesMax,
        long inflightBytesMax,
        int inflightMessagesMax,
        int logBufferBytes,
        int logSegmentBytes,
        long logMemoryBytes,
        SnapshotOptions snapshots) {

    Settings {
        // The order in which a Set.of gives them differs from one start of the JVM to the next, and runs with it.
        faults = faults.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(faults));
    }

    // Support is counted on for longer than it is given when two clocks differ by more than clockDriftNanosMax in
    // supportNanos (LivenessConfig): a tenth, by the defaults. 1.047 / 0.953 is just below.
    private static final double DRIFT_ALLOWED = 0.047;
    private static final double DRIFT_TOO_FAR = 0.4;

    private static final double PLANNED_SHARE = 0.2;
    private static final double PLANNED_MERGES_SHARE = 0.5;
    private static final double STAND_INS_SHARE = 0.25;

    static Settings ofSeed(long seed, Sabotage sabotage) {
        Chance chance = new Chance(new SplittableRandom(seed ^ 0x5e771e5L));
        // Of streams of their own: seeds without plans or log replicas are the runs that they were before there were
        // any.
        Chance planning = new Chance(new SplittableRandom(seed ^ 0x9a35e55L));
        long planPauseNanosMax = planning.happens(PLANNED_SHARE) ? planning.betweenMillis(300, 4_000) : 0;
        Chance ofStandIns = new Chance(new SplittableRandom(seed ^ 0x10c4e91L));
        boolean standIns = ofStandIns.happens(STAND_INS_SHARE) && planPauseNanosMax == 0;
        long movePauseNanosDrawn = chance.happens(0.3) ? chance.betweenMillis(300, 10_000) : 0;
        int nodeCountDrawn = movePauseNanosDrawn > 0 ? chance.oneOf(3, 4, 5, 5) : chance.oneOf(3, 3, 3, 3, 3, 5);
        int nodeCountUnplanned = standIns ? ofStandIns.oneOf(4, 5) : nodeCountDrawn;
        // Of its own choices, so that a run without splits is the same as if there were none.
        Chance ofSplits = new Chance(new SplittableRandom(seed ^ 0x5b117L));
        long splitPauseNanosMax =
                ofSplits.happens(0.3) && !standIns && planPauseNanosMax == 0 ? ofSplits.betweenMillis(500, 20_000) : 0;
        // As splits; and where there are some, what they make is merged more often than not.
        Chance ofMerges = new Chance(new SplittableRandom(seed ^ 0x3e49eL));
        boolean merges = ofMerges.happens(splitPauseNanosMax > 0 ? 0.7 : 0.15);
        long mergePauseNanosMax = merges ? ofMerges.betweenMillis(500, 15_000) : 0;
        // As splits; and there are partitions to begin with.
        Chance ofPlannedMerges = new Chance(new SplittableRandom(seed ^ 0x91a4e3eL));
        boolean plannedMerges = planPauseNanosMax > 0 && ofPlannedMerges.happens(PLANNED_MERGES_SHARE);
        return new Settings(
                seed,
                sabotage,
                planPauseNanosMax > 0 ? planning.oneOf(3, 4, 5, 5) : nodeCountUnplanned,
                chance.oneOf(1, 1, 2, 3) + (plannedMerges ? ofPlannedMerges.oneOf(0, 2, 4) : 0),
                (int) chance.between(1, 3),
                (int) chance.between(2, 8),
                (int) chance.between(1, 3),
                chance.betweenMillis(30_000, 120_000),
                standIns || planPauseNanosMax > 0 ? withoutLostLogs(faults(chance)) : faults(chance),
                chance.betweenMillis(500, 8_000),
                chance.betweenMillis(5, 500),
                chance.betweenMillis(100, 20_000),
                planPauseNanosMax > 0 ? 0 : movePauseNanosDrawn,
                standIns ? ofStandIns.betweenMillis(500, 15_000) : 0,
                // A node that keeps the log and is to have the items gives up the log first: two voters are left for a
                // while. What is to be merged moves too.
                standIns && ofStandIns.happens(0.7) && movePauseNanosDrawn == 0 && mergePauseNanosMax == 0,
                ofStandIns.oneOf(20_000L, 1L << 30),
                planPauseNanosMax,
                splitPauseNanosMax,
                mergePauseNanosMax,
                plannedMerges ? ofPlannedMerges.between(1_000, 5_000) : 0,
                plannedMerges ? ofPlannedMerges.oneOf(1, 2) : 0,
                network(chance),
                chance.oneOf(0.0, 0.01, 0.05),
                chance.between(20_000L, 500_000L),
                chance.betweenMillis(1, chance.happens(0.2) ? 60 : 5),
                sabotage == Sabotage.CLOCKS_DRIFT_TOO_FAR ? DRIFT_TOO_FAR : chance.oneOf(0.0, 0.001, DRIFT_ALLOWED),
                chance.betweenMillis(200, 20_000),
                chance.oneOf(10_000L, 200_000L, 2_000_000L),
                chance.oneOf(200, 4096, 1 << 20),
                chance.oneOf(1_000L, 1L << 20),
                chance.oneOf(1, 4, 256),
                chance.oneOf(128 << 10, 512 << 10),
                chance.oneOf(8192, 256 << 10),
                chance.oneOf(0L, 2_000L, 16L << 20),
                snapshots(chance));
    }

    private static SnapshotOptions snapshots(Chance chance) {
        return new SnapshotOptions(
                chance.oneOf(10_000L, 50_000L, 64L << 20),
                chance.oneOf(1_000, 4_000, 256 << 10),
                chance.oneOf(1, 4, 8),
                chance.oneOf(1_000, 10_000, 1 << 20),
                chance.oneOf(1L, 5_000L, 8L << 20),
                chance.oneOf(100_000L, 64L << 20),
                (int) chance.between(1, 3),
                (int) chance.between(1, 3),
                TimeUnit.SECONDS.toNanos(chance.between(5, 600)));
    }

    /** As of the seed, but in a world where all works well but for these faults. */
    static Settings ofSeed(long seed, Set<Fault> faults) {
        Settings made = ofSeed(seed, Sabotage.NONE);
        return new Settings(
                seed,
                made.sabotage,
                made.nodeCount,
                made.partitionCount,
                made.routerCount,
                made.clientCount,
                made.keysPerKind,
                made.faultNanos,
                faults,
                made.faultPauseNanosMax,
                made.thinkNanosMax,
                made.tablePauseNanosMax,
                made.movePauseNanosMax,
                made.standInPauseNanosMax,
                made.machineIsLost,
                made.logReplicaBytesMax,
                made.planPauseNanosMax,
                made.splitPauseNanosMax,
                made.mergePauseNanosMax,
                made.mergeAfterMillis,
                made.mergeAbovePartitions,
                new Quality(100_000, 1_000_000, 0, 0, 0, 0, true),
                0,
                20_000,
                2_000_000,
                0,
                made.checkpointNanosMax,
                made.loopDelayNanosMax,
                made.appendBytesMax,
                made.inflightBytesMax,
                made.inflightMessagesMax,
                made.logBufferBytes,
                made.logSegmentBytes,
                made.logMemoryBytes,
                made.snapshots);
    }

    private static Set<Fault> faults(Chance chance) {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (Fault fault : Fault.values()) {
            if (chance.happens(0.5)) {
                faults.add(fault);
            }
        }
        return faults;
    }

    /** A machine is lost instead: who loses its log in the same run may take a majority with it. */
    private static Set<Fault> withoutLostLogs(Set<Fault> faults) {
        Set<Fault> fewer = EnumSet.copyOf(EnumSet.complementOf(EnumSet.of(Fault.BIT_FLIP_IN_LOG)));
        fewer.retainAll(faults);
        return fewer;
    }

    private static Quality network(Chance chance) {
        long delayNanosMin = chance.between(20_000L, 1_000_000L);
        boolean ordered = chance.happens(0.6);
        return new Quality(
                delayNanosMin,
                delayNanosMin + chance.oneOf(200_000L, 5_000_000L, 60_000_000L),
                chance.oneOf(0.0, 0.0, 0.01, 0.1),
                ordered ? 0 : chance.oneOf(0.0, 0.01, 0.2),
                chance.oneOf(0.0, 0.001, 0.02),
                // Now and then a copy of a request comes after the partition has forgotten it.
                TimeUnit.SECONDS.toNanos(chance.happens(0.2) ? chance.between(35, 60) : chance.between(1, 5)),
                ordered);
    }

    RaftConfig raftConfig(String self, List<String> voters, boolean preferredFirstLeader) {
        RaftConfig defaults = RaftConfig.ofDefaults(self, voters, preferredFirstLeader);
        return new RaftConfig(
                self,
                voters,
                defaults.electionTimeoutNanosMin(),
                defaults.electionTimeoutNanosMax(),
                defaults.unsupportedNanosMax(),
                defaults.electionStaggerNanosMax(),
                defaults.firstElectionNanos(),
                defaults.heartbeatIntervalNanos(),
                defaults.loyaltyNanosAfterStart(),
                appendBytesMax,
                inflightBytesMax,
                inflightMessagesMax,
                defaults.uncommittedBytesMax(),
                defaults.readsPendingMax(),
                preferredFirstLeader);
    }
}
