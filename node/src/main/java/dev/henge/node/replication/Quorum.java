package dev.henge.node.replication;

import java.util.Arrays;

/** What a majority of a number of voters agrees on. All counting of majorities is here. */
final class Quorum {

    enum Outcome {
        WON,
        LOST,
        OPEN
    }

    private final int voters;
    private final long[] sorted;

    Quorum(int voters) {
        this.voters = voters;
        this.sorted = new long[voters];
    }

    int majority() {
        return voters / 2 + 1;
    }

    /** Largest value that a majority of the voters has reached. */
    long agreed(long[] valueByVoter) {
        Invariant.check(valueByVoter.length == voters, "a value per voter");
        System.arraycopy(valueByVoter, 0, sorted, 0, voters);
        Arrays.sort(sorted);
        return sorted[voters - majority()];
    }

    Outcome outcome(int granted, int refused) {
        if (granted >= majority()) {
            return Outcome.WON;
        }
        return refused > voters - majority() ? Outcome.LOST : Outcome.OPEN;
    }
}
