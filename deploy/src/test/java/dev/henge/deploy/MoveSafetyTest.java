package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.NodeAnswer;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What moves are refused for. */
class MoveSafetyTest {

    private static final PartitionRecord PARTITION = PartitionRecord.newBuilder()
            .setId(5)
            .addAllReplicas(List.of("n1", "n2", "n3"))
            .build();

    @Test
    void asManyNodesThatServeAreFine() {
        assertThat(reasons(PARTITION, "n2", "n3", "n4")).isEmpty();
    }

    @Test
    void aPartitionKeepsAsManyReplicasAsItHas() {
        assertThat(reasons(PARTITION, "n1")).containsExactly("it has 3 replicas and would keep 1");
    }

    @Test
    void aPartitionGetsAsManyReplicasAsAreAskedFor() {
        PartitionRecord alone =
                PARTITION.toBuilder().clearReplicas().addReplicas("n1").build();

        assertThat(reasons(alone, "n2")).containsExactly("it would have 1 replica, 3 are asked for");
    }

    @Test
    void nodesThatAreNotToStayGetNothing() {
        assertThat(reasons(PARTITION, "n1", "n2", "down", "drained", "leaving"))
                .containsExactly("down does not answer", "drained is draining", "leaving is being decommissioned");
    }

    @Test
    void aNodeThatTheClusterDoesNotKnowIsLeftToTheCatalog() {
        assertThat(reasons(PARTITION, "n1", "n2", "n9")).isEmpty();
    }

    private static List<String> reasons(PartitionRecord partition, String... wanted) {
        Catalog.Builder catalog = Catalog.newBuilder().setEpoch(9).addPartitions(partition);
        List<NodeAnswer> answers = new ArrayList<>();
        for (String node : List.of("n1", "n2", "n3", "n4", "down", "drained", "leaving")) {
            catalog.addNodes(NodeRecord.newBuilder().setName(node).setState(stateOf(node)));
            answers.add(
                    node.equals("down")
                            ? new NodeAnswer.Down(node, "can't be reached")
                            : new NodeAnswer.Up(
                                    node,
                                    NodeStatusReply.newBuilder().setNode(node).build()));
        }
        return MoveSafety.reasons(partition, List.of(wanted), new ClusterLook(answers, catalog.build()));
    }

    private static NodeRecord.State stateOf(String node) {
        return switch (node) {
            case "drained" -> NodeRecord.State.DRAINING;
            case "leaving" -> NodeRecord.State.DECOMMISSIONING;
            default -> NodeRecord.State.SERVING;
        };
    }
}
