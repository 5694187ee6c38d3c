package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceLogReplica;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.RetireLogReplica;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogReplicasTest {

    private final CatalogState start = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder()
                            .addAllNodes(List.of(node("a"), node("b"), node("c"), node("d"), node("e")))
                            .addPartitions(PartitionRecord.newBuilder().addAllReplicas(List.of("a", "b", "c")))
                            .addPartitions(
                                    PartitionRecord.newBuilder().setId(1).addAllReplicas(List.of("a", "b", "c"))))
                    .build())
            .next();

    @Test
    void aNodeKeepsTheLogUntilItIsRetired() {
        CatalogState kept = place(start, 1, 0, "d", "c").next();

        PartitionRecord record = partition(kept);
        assertThat(record.getLogReplicasList()).containsExactly(standsIn("d", "c"));
        assertThat(record.getReplicasList()).containsExactly("a", "b", "c");
        assertThat(record.getPlacementEpoch()).isEqualTo(kept.epoch());
        assertThat(Placements.nodesOf(record)).containsExactly("a", "b", "c", "d");
        assertThat(Placements.keepsLogAlone(record, "d")).isTrue();
        assertThat(Placements.has(record, "d", false)).isFalse();
        assertThat(Placements.has(record, "c", false)).isTrue();
        assertThat(Placements.wishOf(record).getNodesList()).containsExactly("a", "b", "c");
        assertThat(Placements.wishOf(record).getLogReplicasList()).containsExactly(standsIn("d", "c"));

        CatalogState retired = retire(kept, "d").next();
        assertThat(partition(retired).getLogReplicasList()).isEmpty();
        assertThat(partition(retired).getPlacementEpoch()).isEqualTo(retired.epoch());
        assertThat(retire(retired, "d").next()).isEqualTo(retired);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        CatalogState kept = place(start, 1, 0, "d", "c").next();
        long epoch = kept.epoch();

        assertThat(codeOf(place(start, 7, 0, "d", "c"))).as("no such partition").isEqualTo(Code.INVALID_PLACEMENT);
        assertThat(codeOf(place(start, 0, 0, "d", "c"))).as("system").isEqualTo(Code.INVALID_PLACEMENT);
        assertThat(codeOf(place(start, 1, 0, "x", "c"))).as("no such node").isEqualTo(Code.INVALID_PLACEMENT);
        assertThat(codeOf(place(start, 1, 0, "b", "c"))).as("has the items").isEqualTo(Code.INVALID_PLACEMENT);
        assertThat(codeOf(place(start, 1, 0, "d", "e")))
                .as("nobody to stand in for")
                .isEqualTo(Code.INVALID_PLACEMENT);
        assertThat(codeOf(place(kept, 1, epoch, "d", "c")))
                .as("it does already")
                .isEqualTo(Code.INVALID_PLACEMENT);
        assertThat(codeOf(place(kept, 1, 0, "e", "b"))).as("changed since").isEqualTo(Code.CONFLICT);
    }

    @Test
    void anotherNodeMayKeepItInThePlaceOfTheFirst() {
        CatalogState kept = place(start, 1, 0, "d", "c").next();

        CatalogState byAnother = place(kept, 1, kept.epoch(), "e", "c").next();

        assertThat(partition(byAnother).getLogReplicasList()).containsExactly(standsIn("e", "c"));
        assertThat(partition(byAnother).getPlacementEpoch()).isEqualTo(byAnother.epoch());
    }

    @Test
    void fewerThanHalfAreStoodInFor() {
        CatalogState three = place(start, 1, 0, "d", "c").next();
        assertThat(place(three, 1, three.epoch(), "e", "b").outcome().getMessage())
                .isEqualTo(
                        "partition 1 has as many log replicas as it may have: a majority of those that vote must keep the"
                                + " items");

        CatalogState five = CatalogState.EMPTY
                .apply(CatalogCommand.newBuilder()
                        .setBootstrap(Bootstrap.newBuilder()
                                .addAllNodes(List.of(
                                        node("a"), node("b"), node("c"), node("d"), node("e"), node("f"), node("g")))
                                .addPartitions(PartitionRecord.newBuilder().addAllReplicas(List.of("a", "b", "c")))
                                .addPartitions(PartitionRecord.newBuilder()
                                        .setId(1)
                                        .addAllReplicas(List.of("a", "b", "c", "d", "e"))))
                        .build())
                .next();
        CatalogState kept = place(five, 1, 0, "f", "e").next();
        assertThat(codeOf(place(kept, 1, kept.epoch(), "g", "d"))).isEqualTo(Code.OK);
    }

    @Test
    void aNodeThatIsToHaveTheItemsKeepsNoLogAlone() {
        CatalogState kept = place(start, 1, 0, "d", "c").next();

        CatalogState moving = move(kept, "a", "b", "d");

        assertThat(partition(moving).getLogReplicasList()).isEmpty();
    }

    @Test
    void nobodyStandsInForOneThatWasReplaced() {
        CatalogState kept = place(start, 1, 0, "d", "c").next();
        CatalogState moving = move(kept, "a", "b", "e");
        assertThat(partition(moving).getLogReplicasList()).hasSize(1);

        CatalogState moved = moving.apply(CatalogCommand.newBuilder()
                        .setFinishPlacement(FinishPlacement.newBuilder()
                                .setPartition(1)
                                .setPlacementEpoch(partition(moving).getPlacementEpoch()))
                        .build())
                .next();

        assertThat(partition(moved).getReplicasList()).containsExactly("a", "b", "e");
        assertThat(partition(moved).getLogReplicasList()).isEmpty();
        assertThat(partition(moved).getPlacementEpoch())
                .as("for the group to hear of it")
                .isEqualTo(moved.epoch());
    }

    private static Code codeOf(Transition transition) {
        return transition.outcome().getCode();
    }

    private static NodeRecord node(String name) {
        return NodeRecord.newBuilder().setName(name).setInstanceId(name).build();
    }

    private static LogReplicaRecord standsIn(String node, String lost) {
        return LogReplicaRecord.newBuilder().setNode(node).setInPlaceOf(lost).build();
    }

    private static PartitionRecord partition(CatalogState state) {
        return Placements.find(state.catalog(), 1).orElseThrow();
    }

    private static Transition place(CatalogState state, int partition, long epoch, String node, String lost) {
        return state.apply(CatalogCommand.newBuilder()
                .setPlaceLogReplica(PlaceLogReplica.newBuilder()
                        .setPartition(partition)
                        .setPlacementEpoch(epoch)
                        .setLogReplica(standsIn(node, lost)))
                .build());
    }

    private static Transition retire(CatalogState state, String node) {
        return state.apply(CatalogCommand.newBuilder()
                .setRetireLogReplica(
                        RetireLogReplica.newBuilder().setPartition(1).setNode(node))
                .build());
    }

    private static CatalogState move(CatalogState state, String... nodes) {
        return state.apply(CatalogCommand.newBuilder()
                        .setPlacePartition(PlacePartition.newBuilder()
                                .setPartition(1)
                                .setPlacementEpoch(partition(state).getPlacementEpoch())
                                .addAllReplicas(List.of(nodes)))
                        .build())
                .next();
    }
}
