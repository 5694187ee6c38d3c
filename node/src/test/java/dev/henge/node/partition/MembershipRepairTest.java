package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.replication.Configuration;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.Placement;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipRepairTest {

    private static final String LOG = "e#7+log";

    @Test
    void aGroupIsPlacedWithOneVoterOnEachOfItsNodes() {
        Placement wanted = on("a", "b", "c").build();

        assertThat(isPlaced(wanted, List.of("a", "b", "c#3"), List.of())).isTrue();
        assertThat(isPlaced(wanted, List.of("a", "b", "c", LOG), List.of())).isTrue();
        assertThat(isPlaced(wanted, List.of("a", "b"), List.of("c")))
                .as("c does not vote")
                .isFalse();
        assertThat(isPlaced(wanted, List.of("a", "b", "c"), List.of("d")))
                .as("d is to go")
                .isFalse();
        assertThat(isPlaced(wanted, List.of("a", "b", "d"), List.of())).isFalse();
    }

    /** Its node may be gone for good: a move that was given up would never end. */
    @Test
    void whomALogVotesForCounts() {
        Placement wanted = on("a", "b", "c")
                .addLogReplicas(LogReplicaRecord.newBuilder().setNode("e").setInPlaceOf("c"))
                .build();

        assertThat(isPlaced(wanted, List.of("a", "b", LOG), List.of("c"))).isTrue();
        assertThat(isPlaced(wanted, List.of("a", "b"), List.of("c", LOG)))
                .as("the log does not vote yet")
                .isFalse();
        assertThat(isPlaced(wanted, List.of("a", LOG), List.of("b", "c")))
                .as("it votes for one alone")
                .isFalse();
        assertThat(isPlaced(
                        on("a", "b", "d")
                                .addAllLogReplicas(wanted.getLogReplicasList())
                                .build(),
                        List.of("a", "b", LOG),
                        List.of("d")))
                .as("d is being built")
                .isFalse();
    }

    private static boolean isPlaced(Placement wanted, List<String> voters, List<String> learners) {
        return MembershipRepair.isPlaced(new Configuration(1, voters, learners), wanted);
    }

    private static Placement.Builder on(String... nodes) {
        return Placement.newBuilder().addAllNodes(List.of(nodes));
    }
}
