package dev.henge.chaos.simulation;

import dev.henge.chaos.simulation.SimulatedNetwork.Quality;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.snapshot.SnapshotOptions;
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
        Quality network,
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

    // Support is counted on for longer than it is given when two clocks differ by more than clockDriftNanosMax in
    // supportNanos (LivenessConfig): a tenth, by the defaults. 1.047 / 0.953 is just below.
    private static final double DRIFT_ALLOWED = 0.047;
    private static final double DRIFT_TOO_FAR = 0.4;

    static Settings ofSeed(long seed, Sabotage sabotage) {
        Chance chance = new Chance(new SplittableRandom(seed ^ 0x5e771e5L));
        return new Settings(
                seed,
                sabotage,
                chance.happens(0.15) ? 5 : 3,
                chance.oneOf(1, 1, 2, 3),
                (int) chance.between(1, 3),
                (int) chance.between(2, 8),
                (int) chance.between(1, 3),
                chance.betweenMillis(30_000, 120_000),
                faults(chance),
                chance.betweenMillis(500, 8_000),
                chance.betweenMillis(5, 500),
                chance.betweenMillis(100, 20_000),
                network(chance),
                chance.between(20_000L, 500_000L),
                chance.betweenMillis(1, chance.happens(0.2) ? 60 : 5),
                sabotage == Sabotage.CLOCKS_DRIFT_TOO_FAR ? DRIFT_TOO_FAR : chance.oneOf(0.0, 0.001, DRIFT_ALLOWED),
                chance.betweenMillis(200, 20_000),
                chance.oneOf(10_000L, 200_000L, 2_000_000L),
                chance.oneOf(200, 4096, 1 << 20),
                chance.oneOf(1_000L, 1L << 20),
                chance.oneOf(1, 4, 256),
                chance.oneOf(16 << 10, 64 << 10),
                chance.oneOf(8192, 256 << 10),
                chance.oneOf(0L, 2_000L, 16L << 20),
                snapshots(chance));
    }

    private static SnapshotOptions snapshots(Chance chance) {
        return new SnapshotOptions(
                chance.oneOf(1_000L, 10_000L, 64L << 20),
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
                new Quality(100_000, 1_000_000, 0, 0, 0, 0, true),
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
