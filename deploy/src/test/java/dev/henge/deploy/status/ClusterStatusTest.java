package dev.henge.deploy.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.RouterStatus;
import dev.henge.proto.TaskRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterStatusTest {

    private static final List<String> NODES = List.of("n1", "n2", "n3");

    private static final TaskRecord TASK = TaskRecord.newBuilder()
            .setId(8)
            .setKind(TaskRecord.Kind.REPLACE_REPLICA)
            .setPartition(1)
            .setFrom("n3")
            .setTo("n4")
            .setReason("n3 is slow")
            .setStartedMillis(5)
            .setCoordinator("n1")
            .build();

    @Test
    void aClusterWithAllItsReplicasAndLeadersIsHealthy() {
        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0), up("n2", 1), up("n3")), catalog());

        assertThat(status.health()).isEqualTo(Health.HEALTHY);
        assertThat(status.reasons()).isEmpty();
        assertThat(status.partitions()).extracting(PartitionView::leader).containsExactly("n1", "n2");
    }

    @Test
    void peopleReadTheVerdictFirst() {
        Catalog.Builder catalog = catalog().toBuilder();
        catalog.getNodesBuilder(0).setZone("east");
        catalog.getNodesBuilder(2).setState(NodeRecord.State.DRAINING);
        catalog.getPartitionsBuilder(1).setTask(TASK);

        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0, 1), down("n2"), up("n3")), catalog.build());

        assertThat(StatusText.render(status)).isEqualTo("""
                DEGRADED
                  node n2 at 127.0.0.1:7002 does not answer (can't be reached)
                  2 partitions lack a replica

                Cluster henge (c-1), 0 tables, catalog epoch 9, cluster version 1
                Last scrub: never

                NODE  ADDRESS         ZONE  STATE         LEADS  REPLICAS  DATA    LOG     DISK  UPTIME  VERSION
                n1    127.0.0.1:7001  east  up            2      2         1.5 MB  2.0 KB  40 %  1m 5s   0.1.0
                n2    127.0.0.1:7002  -     down          -      -         -       -       -     -       -
                n3    127.0.0.1:7003  -     up, draining  0      2         1.5 MB  2.0 KB  40 %  1m 5s   0.1.0

                PARTITION  FIRST TOKEN       EPOCH  TERM  LEADER  COMMITTED  APPLIED  REPLICAS
                0          (catalog)         3      7     n1      12         11       n1 n2(down) n3
                1          8000000000000000  4      7     n1      12         11       n1 n2(down) n3

                Balance: even, bytes of a node are up to 0 % off its share
                Tasks: 1
                  #8 partition 1: replace replica n3 -> n4 (n3 is slow)
                """);
    }

    @Test
    void programsReadJson() {
        Catalog.Builder catalog = catalog().toBuilder();
        catalog.getPartitionsBuilder(1).setTask(TASK);

        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0, 1), up("n2"), down("n3")), catalog.build());

        assertThat(StatusJson.render(status)).isEqualTo("""
                {"health":"DEGRADED","reasons":["node n3 at 127.0.0.1:7003 does not answer (can't be reached)",\
                "2 partitions lack a replica"],"notes":[],"cluster":"henge","clusterId":"c-1","catalogEpoch":9,\
                "tableCount":0,"oldestScrubMillis":0,"newestScrubMillis":0,\
                "nodes":[{"name":"n1","address":"127.0.0.1:7001","up":true,"problem":"","version":"0.1.0",\
                "uptimeMillis":65000,"catalogEpoch":9,"leads":2,"replicas":2,"dataBytes":1572864,"logBytes":2048,\
                "zone":"","intent":"SERVING","diskUsedBytes":40,"diskTotalBytes":100,"clusterVersionMax":1},\
                {"name":"n2","address":"127.0.0.1:7002","up":true,"problem":"","version":"0.1.0",\
                "uptimeMillis":65000,"catalogEpoch":9,"leads":0,"replicas":2,"dataBytes":1572864,"logBytes":2048,\
                "zone":"","intent":"SERVING","diskUsedBytes":40,"diskTotalBytes":100,"clusterVersionMax":1},\
                {"name":"n3","address":"127.0.0.1:7003","up":false,"problem":"can't be reached","version":"",\
                "uptimeMillis":0,"catalogEpoch":0,"leads":0,"replicas":0,"dataBytes":0,"logBytes":0,\
                "zone":"","intent":"SERVING","diskUsedBytes":0,"diskTotalBytes":0,"clusterVersionMax":1}],\
                "partitions":[{"id":0,"startToken":"0000000000000000","endToken":"0000000000000000","epoch":3,\
                "term":7,"leader":"n1","replicas":["n1","n2","n3"],"liveReplicas":["n1","n2"],"commitIndex":12,\
                "appliedIndex":11},{"id":1,"startToken":"8000000000000000","endToken":"0000000000000000","epoch":4,\
                "term":7,"leader":"n1","replicas":["n1","n2","n3"],"liveReplicas":["n1","n2"],"commitIndex":12,\
                "appliedIndex":11}],"pause":"","balanced":true,"deviation":0.0,"imbalances":[],\
                "tasks":[{"id":8,"kind":"REPLACE_REPLICA","partition":1,"from":"n3","to":"n4","reason":"n3 is slow",\
                "startedMillis":5,"coordinator":"n1","outcome":"RUNNING","endedMillis":0}],\
                "clusterVersion":1,"routers":[]}
                """);
    }

    @Test
    void anAddressOfANodeThatWasRemovedIsANoteAlone() {
        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0, 1), up("n2"), up("n3"), down("n4")), catalog());

        assertThat(status.health()).isEqualTo(Health.HEALTHY);
        assertThat(status.reasons()).isEmpty();
        assertThat(status.nodes()).extracting(NodeView::name).containsExactly("n1", "n2", "n3");
        String note = "the address 127.0.0.1:7004 of cluster.properties or --nodes is no member's and does not answer";
        assertThat(status.notes()).containsExactly(note);
        assertThat(StatusText.render(status))
                .startsWith("HEALTHY\n")
                .contains(note)
                .doesNotContain("?");
        assertThat(StatusJson.render(status)).contains("\"notes\":[\"" + note + "\"]");
    }

    @Test
    void whereNoNodeAnswersEachAddressIsNamed() {
        ClusterStatus status = ClusterStatus.of(List.of(down("n1"), down("n4")), Catalog.getDefaultInstance());

        assertThat(status.health()).isEqualTo(Health.UNAVAILABLE);
        assertThat(status.reasons())
                .containsExactly(
                        "none of the 2 nodes that were asked answers",
                        "the node at 127.0.0.1:7001 does not answer (can't be reached)",
                        "the node at 127.0.0.1:7004 does not answer (can't be reached)");
    }

    @Test
    void aNodeWithAnOlderProgramIsNamed() {
        Catalog.Builder catalog = catalog().toBuilder();
        catalog.getNodesBuilderList().forEach(node -> node.setInstanceId("i-" + node.getName()));
        catalog.getNodesBuilder(0).setHighestClusterVersion(2);
        catalog.getNodesBuilder(2).setHighestClusterVersion(2);

        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0, 1), up("n2"), up("n3")), catalog.build());

        assertThat(status.health()).isEqualTo(Health.HEALTHY);
        assertThat(status.notes())
                .containsExactly("the cluster stays at version 1 until n2 runs a program that knows version 2");
    }

    @Test
    void aRouterThatSeveralNodesHeardOfShowsOnceAsTheOneThatHeardItLastSays() {
        NodeAnswer.Up first = up("n1", 0, 1);
        NodeAnswer.Up second = up("n2");

        ClusterStatus status = ClusterStatus.of(
                List.of(
                        new NodeAnswer.Up(first.address(), with(first, router("r-1", 8, true))),
                        new NodeAnswer.Up(
                                second.address(), with(second, router("r-1", 9, false), router("r-2", 9, false))),
                        up("n3")),
                catalog());

        assertThat(StatusText.render(status)).contains("""
                ROUTER  ADDRESS       ZONE  STATE  CATALOG  VERSION
                r       gossip-r-1:1  -     up     9        0.1.0
                r       gossip-r-2:1  -     up     9        0.1.0
                """);
    }

    private static NodeStatusReply with(NodeAnswer.Up answer, RouterStatus... routers) {
        return answer.reply().toBuilder().addAllRouters(List.of(routers)).build();
    }

    private static RouterStatus router(String id, long catalogEpoch, boolean suspect) {
        return RouterStatus.newBuilder()
                .setId(id)
                .setName("r")
                .setGossipAddress("gossip-" + id + ":1")
                .setVersion("0.1.0")
                .setCatalogEpoch(catalogEpoch)
                .setSuspect(suspect)
                .build();
    }

    @Test
    void aPartitionWithoutLeaderMakesItUnavailable() {
        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0), up("n2"), up("n3")), catalog());

        assertThat(status.health()).isEqualTo(Health.UNAVAILABLE);
        assertThat(status.reasons()).containsExactly("1 partition has no leader");
    }

    @Test
    void aLostMajorityMakesItUnavailableWhateverTheLastNodeBelieves() {
        ClusterStatus status = ClusterStatus.of(List.of(up("n1", 0, 1), down("n2"), down("n3")), catalog());

        assertThat(status.health()).isEqualTo(Health.UNAVAILABLE);
        assertThat(status.reasons())
                .startsWith("2 partitions have lost the majority of their replicas")
                .hasSize(3);
    }

    @Test
    void ofTwoThatSayTheyLeadTheOneWithTheHigherTermDoes() {
        NodeAnswer.Up newer = up("n3", 0, 1);
        NodeStatusReply.Builder reply = newer.reply().toBuilder();
        reply.getReplicasBuilderList().forEach(replica -> replica.setTerm(8));

        ClusterStatus status = ClusterStatus.of(
                List.of(up("n1", 0, 1), up("n2"), new NodeAnswer.Up(newer.address(), reply.build())), catalog());

        assertThat(status.partitions()).extracting(PartitionView::leader).containsOnly("n3");
    }

    @Test
    void aReplicaThatInstallsASnapshotDoesNotCountYet() {
        NodeAnswer.Up filling = up("n2");
        NodeStatusReply.Builder reply = filling.reply().toBuilder();
        reply.getReplicasBuilder(1).setInstallingSnapshot(true);

        ClusterStatus status = ClusterStatus.of(
                List.of(up("n1", 0, 1), new NodeAnswer.Up(filling.address(), reply.build()), up("n3")), catalog());

        assertThat(status.health()).isEqualTo(Health.DEGRADED);
        assertThat(status.reasons())
                .containsExactly(
                        "1 partition lacks a replica",
                        "the replica of partition 1 on node n2 is being rebuilt from a snapshot");
    }

    @Test
    void damageIsToldWithItsReason() {
        NodeAnswer.Up damaged = up("n2");
        NodeStatusReply.Builder reply = damaged.reply().toBuilder().setStoragesSetAside(1);
        reply.getReplicasBuilder(1).setInstallingSnapshot(true).setDamage("a scrub found a difference");
        reply.getReplicasBuilder(0).setLastScrubWallMillis(1_700_000_000_000L);

        ClusterStatus status = ClusterStatus.of(
                List.of(up("n1", 0, 1), new NodeAnswer.Up(damaged.address(), reply.build()), up("n3")), catalog());

        assertThat(status.reasons())
                .containsExactly(
                        "1 partition lacks a replica",
                        "the replica of partition 1 on node n2 is damaged and is being rebuilt: a scrub found a"
                                + " difference");
        assertThat(status.notes()).singleElement().asString().contains("n2 has replaced its storage once");
        assertThat(StatusText.render(status))
                .contains("Last scrub: 2023-11-14T22:13:20Z, partitions never scrubbed: 1\n");
    }

    @Test
    void withoutACatalogThereIsNoCluster() {
        NodeStatusReply reply =
                NodeStatusReply.newBuilder().setNode("n1").setCluster("henge").build();

        ClusterStatus status =
                ClusterStatus.of(List.of(new NodeAnswer.Up("127.0.0.1:7001", reply)), Catalog.getDefaultInstance());

        assertThat(status.health()).isEqualTo(Health.UNAVAILABLE);
        assertThat(status.reasons())
                .containsExactly("the cluster has no catalog yet: a majority of its nodes must start first");
    }

    @Test
    void nodesOfDifferentClustersAreToldApart() {
        NodeAnswer.Up stranger = up("n2");
        NodeStatusReply reply = stranger.reply().toBuilder().setClusterId("c-2").build();

        ClusterStatus status =
                ClusterStatus.of(List.of(up("n1", 0, 1), new NodeAnswer.Up(stranger.address(), reply)), catalog());

        assertThat(status.reasons()).contains("the nodes belong to 2 different clusters");
        assertThat(status.health()).isEqualTo(Health.UNAVAILABLE);
    }

    private static Catalog catalog() {
        Catalog.Builder catalog = Catalog.newBuilder().setEpoch(9).setClusterId("c-1");
        for (String node : NODES) {
            catalog.addNodes(NodeRecord.newBuilder().setName(node).setAddress(address(node)));
        }
        catalog.addPartitions(PartitionRecord.newBuilder().setId(0).setEpoch(3).addAllReplicas(NODES));
        catalog.addPartitions(PartitionRecord.newBuilder()
                .setId(1)
                .setStartToken(1L << 63)
                .setEpoch(4)
                .addAllReplicas(NODES));
        return catalog.build();
    }

    private static NodeAnswer.Up up(String node, Integer... led) {
        NodeStatusReply.Builder reply = NodeStatusReply.newBuilder()
                .setNode(node)
                .setCluster("henge")
                .setClusterId("c-1")
                .setVersion("0.1.0")
                .setUptimeMillis(65_000)
                .setCatalogEpoch(9)
                .setDataBytes(3 << 19)
                .setLogBytes(2048)
                .setDiskUsedBytes(40)
                .setDiskTotalBytes(100);
        for (int partition = 0; partition < 2; partition++) {
            boolean leads = List.of(led).contains(partition);
            reply.addReplicas(ReplicaStatus.newBuilder()
                    .setPartition(partition)
                    .setRole(leads ? ReplicaStatus.Role.LEADER : ReplicaStatus.Role.FOLLOWER)
                    .setTerm(7)
                    .setCommitIndex(12)
                    .setAppliedIndex(11));
        }
        return new NodeAnswer.Up(address(node), reply.build());
    }

    private static NodeAnswer down(String node) {
        return new NodeAnswer.Down(address(node), "can't be reached");
    }

    private static String address(String node) {
        return "127.0.0.1:700" + node.substring(1);
    }
}
