package dev.henge.node.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.plan.LoadWindow;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.ReplicaStatus;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadsTest {

    private static final int PARTITION = 7;
    private static final long KEPT_MILLIS = 60_000;

    private final Loads loads = new Loads();

    /** By node, what it is to answer: how much its replica has done, and whether it leads. */
    private final Map<String, ReplicaStatus> replicas = new HashMap<>();

    @Test
    void aWindowHasWhatAllReplicasDid() {
        leads("a", 0);
        follows("b", 0);
        round(0);
        leads("a", 100);
        follows("b", 10);
        round(1_000);

        assertThat(loads.windows(PARTITION)).containsExactly(window(0, 1_000, 110));
    }

    @Test
    void aLeaderThatDoesNotAnswerIsNotTakenForIdle() {
        leads("a", 0);
        follows("b", 0);
        round(0);
        leads("a", 100);
        round(1_000);
        replicas.remove("a");
        round(2_000);
        leads("a", 400);
        round(3_000);

        assertThat(loads.windows(PARTITION)).containsExactly(window(0, 1_000, 100), window(1_000, 3_000, 300));
    }

    @Test
    void whatALeaderDidBeforeItWasEverHeardIsNotKnown() {
        follows("b", 0);
        round(0);
        leads("a", 10_000);
        round(1_000);
        leads("a", 10_050);
        round(2_000);

        assertThat(loads.windows(PARTITION)).containsExactly(window(1_000, 2_000, 50));
    }

    @Test
    void theNextLeaderEndsTheWindowOfOneThatIsGone() {
        leads("a", 0);
        follows("b", 0);
        round(0);
        replicas.remove("a");
        round(1_000);
        leads("b", 30);
        round(2_000);

        assertThat(loads.windows(PARTITION)).containsExactly(window(0, 2_000, 30));
    }

    @Test
    void aNodeThatStartedAgainCountsFromZero() {
        leads("a", 500);
        round(0);
        leads("a", 20);
        round(1_000);

        assertThat(loads.windows(PARTITION)).containsExactly(window(0, 1_000, 20));
    }

    @Test
    void whatIsKeptOfAWindowIsBoundedHoweverLongItsLeaderIsSilent() {
        leads("a", 0);
        follows("b", 0);
        round(0);
        replicas.remove("a");
        for (int count = 1; count <= Loads.SAMPLES_MAX; count++) {
            answers("b", ReplicaStatus.Role.FOLLOWER, 2L * count, 2L * count);
            round(1_000L * count);
        }
        leads("a", 0);
        round(1_000L * Loads.SAMPLES_MAX + 1_000);

        assertThat(loads.windows(PARTITION)).hasSize(1);
        assertThat(loads.windows(PARTITION).getFirst().operations()).isEqualTo(2 * Loads.SAMPLES_MAX);
        assertThat(loads.windows(PARTITION).getFirst().samples()).hasSize(Loads.SAMPLES_MAX);
    }

    private static LoadWindow window(long startMillis, long endMillis, double operations) {
        return new LoadWindow(startMillis, endMillis, operations, List.of());
    }

    private void leads(String node, long operations) {
        answers(node, ReplicaStatus.Role.LEADER, operations, 0);
    }

    private void follows(String node, long operations) {
        answers(node, ReplicaStatus.Role.FOLLOWER, operations, 0);
    }

    private void answers(String node, ReplicaStatus.Role role, long operations, long samplesTaken) {
        replicas.put(
                node,
                ReplicaStatus.newBuilder()
                        .setPartition(PARTITION)
                        .setRole(role)
                        .setOperations(operations)
                        .setSamplesTaken(samplesTaken)
                        .addAllSamples(Collections.nCopies((int) Math.min(2, samplesTaken), 5L))
                        .build());
    }

    private void round(long nowMillis) {
        Map<String, NodeStatusReply> replies = new HashMap<>();
        replicas.forEach((node, replica) -> replies.put(
                node,
                NodeStatusReply.newBuilder().setNode(node).addReplicas(replica).build()));
        loads.take(replies, nowMillis, KEPT_MILLIS, 0);
    }
}
