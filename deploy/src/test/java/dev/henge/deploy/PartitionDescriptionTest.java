package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.NodeAnswer;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TaskRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionDescriptionTest {

    @Test
    void whatRunsAndWhoIsDownAreTold() {
        PartitionRecord partition = PartitionRecord.newBuilder()
                .setId(5)
                .setStartToken(1)
                .addAllReplicas(List.of("n1", "n2"))
                .setSplit(PartitionSplit.newBuilder().setToken(0x9c40).setChild(17))
                .setTask(TaskRecord.newBuilder()
                        .setId(12)
                        .setKind(TaskRecord.Kind.OPERATOR_SPLIT)
                        .setPartition(5))
                .build();
        Catalog catalog = Catalog.newBuilder()
                .setEpoch(9)
                .addNodes(NodeRecord.newBuilder().setName("n1"))
                .addNodes(NodeRecord.newBuilder().setName("n2"))
                .addPartitions(partition)
                .build();
        NodeStatusReply reply = NodeStatusReply.newBuilder()
                .setNode("n1")
                .addReplicas(ReplicaStatus.newBuilder().setPartition(5).setRole(ReplicaStatus.Role.LEADER))
                .build();
        ClusterLook look = new ClusterLook(
                List.of(new NodeAnswer.Up("a:1", reply), new NodeAnswer.Down("a:2", "can't be reached")), catalog);

        PartitionDescription description = PartitionDescription.of(partition, look);

        assertThat(description.text()).isEqualTo("""
                Partition 5 is on n1, n2(down); partition 17 is being split off it, from token 0000000000009c40 on.
                Its tokens go from 0000000000000001 to the ring's end. n1 leads it.
                Runs: #12 partition 5: operator split
                """);
        assertThat(Answer.done("", description::write).json())
                .startsWith("{\"partition\":5,\"startToken\":\"0000000000000001\",\"endToken\":\"0000000000000000\","
                        + "\"leader\":\"n1\",")
                .contains("\"down\":[\"n2\"],\"splitsAt\":\"0000000000009c40\",\"splitsOff\":17,")
                .contains("\"task\":{\"id\":12,");
    }
}
