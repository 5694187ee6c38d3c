package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.catalog.ClusterVersion;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.RaiseClusterVersion;
import dev.henge.proto.RegisterNode;
import dev.henge.proto.RemoveNode;
import dev.henge.proto.SetNodeState;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodesTest {

    private CatalogState state = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder()
                            .setClusterId("id")
                            .setClusterName("ours")
                            .addNodes(NodeRecord.newBuilder().setName("n1").setAddress("a:1"))
                            .addPartitions(PartitionRecord.newBuilder().setId(1).addReplicas("n1")))
                    .build())
            .next();

    @Test
    void aNodeKeepsTheDataDirectoryItWasFirstSeenWith() {
        accept(register("n1", "first", "a:1"));

        assertThat(Nodes.instanceOf(state.catalog(), "n1")).contains("first");
        assertThat(refusal(register("n1", "other", "a:1"))).contains("known with the data directory first");
    }

    @Test
    void aNodeThatIsNotKnownComesIn() {
        accept(register("n2", "second", "b:1"));

        assertThat(state.catalog().getNodesList())
                .extracting(NodeRecord::getName)
                .containsExactly("n1", "n2");
        assertThat(Nodes.isAsSaid(state.catalog(), said("n2", "second", "b:1"))).isTrue();
        assertThat(refusal(register("n3", "second", "c:1"))).contains("belongs to node n2");
    }

    @Test
    void aNodeThatSaysTheSameAgainChangesNothing() {
        accept(register("n2", "second", "b:1"));
        CatalogState before = state;
        accept(register("n2", "second", "b:1"));

        assertThat(state).isEqualTo(before);
    }

    @Test
    void anAddressIsWhereTheNodeStartedLastAndItsStateStays() {
        accept(register("n2", "second", "b:1"));
        accept(setState("n2", NodeRecord.State.DECOMMISSIONING));
        accept(register("n2", "second", "elsewhere:2"));

        NodeRecord node = Nodes.find(state.catalog(), "n2").orElseThrow();
        assertThat(node.getAddress()).isEqualTo("elsewhere:2");
        assertThat(node.getState()).isEqualTo(NodeRecord.State.DECOMMISSIONING);
        assertThat(node.getEpoch()).isEqualTo(state.epoch());
    }

    @Test
    void aNodeOfAnotherClusterIsRefused() {
        CatalogCommand command = CatalogCommand.newBuilder()
                .setRegisterNode(RegisterNode.newBuilder()
                        .setNode(said("n2", "second", "b:1"))
                        .setClusterName("theirs"))
                .build();

        assertThat(refusal(command)).contains("this cluster is named \"ours\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "N2", "-a", "a b", "a_b", "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void aNameIsALabel(String name) {
        assertThat(refusal(register(name, "second", "b:1"))).contains("can't name a node");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "b", "b:", ":1", "b c:1", "b:123456"})
    void anAddressHasHostAndPort(String address) {
        assertThat(refusal(register("n2", "second", address))).contains("host:port");
    }

    @Test
    void aNodeWithReplicasStaysAndOneWithoutGoesForGood() {
        accept(register("n1", "first", "a:1"));
        accept(register("n2", "second", "b:1"));
        assertThat(outcome(remove("n1"))).isEqualTo(Code.NODE_IN_USE);
        accept(place("n2"));
        assertThat(outcome(remove("n1"))).as("it still has one").isEqualTo(Code.NODE_IN_USE);
        accept(finish());
        accept(remove("n1"));

        assertThat(Nodes.find(state.catalog(), "n1")).isEmpty();
        assertThat(refusal(register("n1", "first", "a:1"))).contains("was removed");
        assertThat(refusal(register("n7", "first", "a:1"))).contains("was removed");
        accept(register("n1", "empty", "a:1"));
        assertThat(Nodes.instanceOf(state.catalog(), "n1")).contains("empty");
    }

    @Test
    void aNodeIsReplacedByOneThatServes() {
        accept(register("n1", "first", "a:1"));
        accept(register("n2", "second", "b:1"));
        assertThat(refusal(replace("n1", "n2"))).contains("programs of some nodes are too old");
        for (String name : List.of("n1", "n2")) {
            accept(CatalogCommand.newBuilder()
                    .setRegisterNode(RegisterNode.newBuilder()
                            .setNode(Nodes.find(state.catalog(), name).orElseThrow().toBuilder()
                                    .setHighestClusterVersion(ClusterVersion.HIGHEST)))
                    .build());
        }
        accept(CatalogCommand.newBuilder()
                .setRaiseClusterVersion(RaiseClusterVersion.newBuilder().setTo(ClusterVersion.HIGHEST))
                .build());

        assertThat(refusal(replace("n1", "n9"))).contains("no node of this cluster is named n9");
        assertThat(refusal(replace("n1", "n1"))).contains("by itself");
        accept(setState("n2", NodeRecord.State.DRAINING));
        assertThat(refusal(replace("n1", "n2"))).contains("node n2 takes nothing: it is draining");
        accept(setState("n2", NodeRecord.State.SERVING));
        accept(replace("n1", "n2"));
        assertThat(Nodes.find(state.catalog(), "n1").orElseThrow().getReplacedBy())
                .isEqualTo("n2");

        accept(remove("n2"));
        assertThat(Nodes.find(state.catalog(), "n1").orElseThrow().getReplacedBy())
                .as("the others share it then")
                .isEmpty();
        accept(setState("n1", NodeRecord.State.SERVING));
        assertThat(Nodes.find(state.catalog(), "n1").orElseThrow().getState()).isEqualTo(NodeRecord.State.SERVING);
    }

    @Test
    void whatIsSaidOfANodeThatIsNotThereIsRefused() {
        assertThat(outcome(remove("n9"))).isEqualTo(Code.NODE_NOT_FOUND);
        assertThat(outcome(setState("n9", NodeRecord.State.DRAINING))).isEqualTo(Code.NODE_NOT_FOUND);
    }

    private void accept(CatalogCommand command) {
        Transition transition = state.apply(command);
        assertThat(transition.outcome().getCode())
                .as(transition.outcome().getMessage())
                .isEqualTo(Code.OK);
        state = transition.next();
    }

    private Code outcome(CatalogCommand command) {
        return state.apply(command).outcome().getCode();
    }

    private String refusal(CatalogCommand command) {
        Transition transition = state.apply(command);
        assertThat(transition.outcome().getCode()).isEqualTo(Code.NODE_REFUSED);
        assertThat(transition.next()).isEqualTo(state);
        return transition.outcome().getMessage();
    }

    private static NodeRecord said(String name, String instance, String address) {
        return NodeRecord.newBuilder()
                .setName(name)
                .setInstanceId(instance)
                .setAddress(address)
                .setWeight(1)
                .build();
    }

    private static CatalogCommand register(String name, String instance, String address) {
        return CatalogCommand.newBuilder()
                .setRegisterNode(RegisterNode.newBuilder()
                        .setNode(said(name, instance, address))
                        .setClusterName("ours"))
                .build();
    }

    private static CatalogCommand setState(String name, NodeRecord.State wanted) {
        return CatalogCommand.newBuilder()
                .setSetNodeState(SetNodeState.newBuilder().setName(name).setState(wanted))
                .build();
    }

    private static CatalogCommand replace(String name, String by) {
        return CatalogCommand.newBuilder()
                .setSetNodeState(SetNodeState.newBuilder()
                        .setName(name)
                        .setState(NodeRecord.State.DECOMMISSIONING)
                        .setReplacedBy(by))
                .build();
    }

    private static CatalogCommand remove(String name) {
        return CatalogCommand.newBuilder()
                .setRemoveNode(RemoveNode.newBuilder().setName(name))
                .build();
    }

    private CatalogCommand place(String node) {
        return CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(1)
                        .addAllReplicas(List.of(node))
                        .setPlacementEpoch(placementEpoch()))
                .build();
    }

    private CatalogCommand finish() {
        return CatalogCommand.newBuilder()
                .setFinishPlacement(FinishPlacement.newBuilder().setPartition(1).setPlacementEpoch(placementEpoch()))
                .build();
    }

    private long placementEpoch() {
        return Placements.find(state.catalog(), 1).orElseThrow().getPlacementEpoch();
    }
}
