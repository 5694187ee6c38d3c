package dev.henge.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Raft's safety properties (paper, figure 3) in runs that only the seed decides. */
class RaftSimulationTest {

    /** More with {@code -Dhenge.raft.seeds=20000}. */
    private static final int SEEDS = Integer.getInteger("henge.raft.seeds", 600);

    private static final int PLANTED_BUG_SEEDS = 5_000;
    private static final long STORM_MILLIS = 20_000;

    @Test
    void aGroupOfThreeIsSafeInEveryRunAndLiveAfterIt() {
        run(3, 1, SEEDS);
    }

    @Test
    void aGroupOfFiveIsSafeInEveryRunAndLiveAfterIt() {
        run(5, 1_000_000, SEEDS / 3);
    }

    @Test
    void aSingleVoterKeepsWhatItCommitted() {
        run(1, 2_000_000, SEEDS / 10);
    }

    @Test
    void aGroupWhoseMembersChangeIsSafeInEveryRunAndLiveAfterIt() {
        long changes = 0;
        long transfers = 0;
        long losses = 0;
        long leases = 0;
        for (long seed = 3_000_000; seed < 3_000_000 + SEEDS; seed++) {
            try {
                RaftSimulation simulation = membersChanging(seed, RaftSimulation.Fault.NONE);
                RaftChecker checker = simulation.run(STORM_MILLIS);
                changes += checker.changesCommitted();
                leases += checker.leasesSeen();
                transfers += simulation.transfers;
                losses += simulation.losses;
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + " with changing members: " + failure, failure);
            }
        }
        assertThat(changes / SEEDS).isGreaterThan(10);
        assertThat(transfers / SEEDS).isGreaterThan(5);
        assertThat(losses / SEEDS).isGreaterThan(0);
        assertThat(leases / SEEDS).isGreaterThan(500);
    }

    private static RaftSimulation membersChanging(long seed, RaftSimulation.Fault fault) {
        return new RaftSimulation(seed, seed % 2 == 0 ? 3 : 2, 5, fault);
    }

    private static void run(int voters, long firstSeed, int seeds) {
        long committed = 0;
        long reads = 0;
        long leases = 0;
        long elections = 0;
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                RaftChecker checker = new RaftSimulation(seed, voters, RaftSimulation.Fault.NONE).run(STORM_MILLIS);
                committed += checker.committedIndex();
                reads += checker.readsServed();
                leases += checker.leasesSeen();
                elections += checker.elections();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + " with " + voters + " voters: " + failure, failure);
            }
        }
        // A run in which nothing happens proves nothing.
        assertThat(committed / seeds).isGreaterThan(100);
        assertThat(reads / seeds).isGreaterThan(10);
        assertThat(leases / seeds).isGreaterThan(500);
        assertThat(elections / seeds).isGreaterThanOrEqualTo(voters == 1 ? 1 : 3);
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        RaftChecker one = new RaftSimulation(7, 3, RaftSimulation.Fault.NONE).run(STORM_MILLIS);
        RaftChecker other = new RaftSimulation(7, 3, RaftSimulation.Fault.NONE).run(STORM_MILLIS);

        assertThat(one.committedIndex()).isEqualTo(other.committedIndex());
        assertThat(one.leasesSeen()).isEqualTo(other.leasesSeen());
        assertThat(one.elections()).isEqualTo(other.elections());
    }

    @ParameterizedTest
    @EnumSource(value = RaftSimulation.Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aPlantedBugIsCaught(RaftSimulation.Fault fault) {
        for (long seed = 1; seed <= PLANTED_BUG_SEEDS; seed++) {
            try {
                RaftSimulation simulation = fault.isOfMembership()
                        ? membersChanging(seed, fault)
                        : new RaftSimulation(seed, seed % 2 == 0 ? 3 : 5, fault);
                simulation.run(STORM_MILLIS);
            } catch (RaftChecker.Violation | IllegalStateException caught) {
                return;
            }
        }
        throw new AssertionError(fault + " went unnoticed in " + PLANTED_BUG_SEEDS + " runs");
    }
}
