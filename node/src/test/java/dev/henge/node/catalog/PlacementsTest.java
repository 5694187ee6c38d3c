package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementsTest {

    private final CatalogState start = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder()
                            .addAllNodes(List.of(node("a"), node("b"), node("c"), node("d")))
                            .addPartitions(PartitionRecord.newBuilder().addAllReplicas(List.of("a", "b", "c")))
                            .addPartitions(
                                    PartitionRecord.newBuilder().setId(1).addAllReplicas(List.of("a", "b", "c"))))
                    .build())
            .next();

    @Test
    void aPartitionKeepsItsReplicasUntilItIsWhereItIsToBe() {
        CatalogState moving = place(start, 1, 0, "b", "c", "d").next();

        PartitionRecord record = partition(moving);
        assertThat(record.getReplicasList()).containsExactly("a", "b", "c");
        assertThat(record.getTargetList()).containsExactly("b", "c", "d");
        assertThat(record.getEpoch())
                .as("of its range")
                .isEqualTo(partition(start).getEpoch());
        assertThat(record.getPlacementEpoch()).isEqualTo(moving.epoch());
        assertThat(Placements.nodesOf(record)).containsExactly("a", "b", "c", "d");
        assertThat(Placements.joins(record, "d")).isTrue();
        assertThat(Placements.joins(record, "b")).isFalse();

        PartitionRecord moved =
                partition(finish(moving, record.getPlacementEpoch()).next());
        assertThat(moved.getReplicasList()).containsExactly("b", "c", "d");
        assertThat(moved.getTargetList()).isEmpty();
        assertThat(Placements.nodesOf(moved)).containsExactly("b", "c", "d");
    }

    @Test
    void whomItBeganWithIsRememberedForEver() {
        CatalogState once = move(start, "b", "c", "d");
        CatalogState twice = move(once, "a", "c", "d");

        assertThat(Placements.foundersOf(partition(start))).containsExactly("a", "b", "c");
        assertThat(Placements.foundersOf(partition(once))).containsExactly("a", "b", "c");
        assertThat(Placements.foundersOf(partition(twice))).containsExactly("a", "b", "c");
    }

    @Test
    void aMoveIsFinishedForItsOwnTargetAlone() {
        CatalogState first = place(start, 1, 0, "b", "c", "d").next();
        CatalogState second = place(first, 1, first.epoch(), "a", "c", "d").next();

        CatalogState late = finish(second, first.epoch()).next();

        assertThat(late).isEqualTo(second);
        assertThat(partition(late).getTargetList()).containsExactly("a", "c", "d");
        assertThat(finish(start, 0).next()).isEqualTo(start);
    }

    @Test
    void whatHasEndedIsNotTurnedRound() {
        CatalogState moving = place(start, 1, 0, "b", "c", "d").next();
        PlacePartition.Builder turn = PlacePartition.newBuilder()
                .setPartition(1)
                .setPlacementEpoch(moving.epoch())
                .setTurns(true)
                .addAllReplicas(List.of("a", "b", "d"));
        CatalogState moved = finish(moving, moving.epoch()).next();

        assertThat(moved.apply(CatalogCommand.newBuilder()
                                .setPlacePartition(turn)
                                .build())
                        .outcome()
                        .getCode())
                .isEqualTo(Code.CONFLICT);
        assertThat(moving.apply(CatalogCommand.newBuilder()
                                .setPlacePartition(turn)
                                .build())
                        .outcome()
                        .getCode())
                .isEqualTo(Code.OK);
    }

    @Test
    void aChangeMadeInTheMeantimeIsNotOverwritten() {
        CatalogState moving = place(start, 1, 0, "b", "c", "d").next();

        assertThat(place(moving, 1, 0, "a", "b", "d").outcome().getCode()).isEqualTo(Code.CONFLICT);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThat(refusal(place(start, 9, 0, "a"))).isEqualTo("there is no partition 9");
        assertThat(refusal(place(start, 1, 0, "a", "x"))).isEqualTo("no node of this cluster is named x");
        assertThat(refusal(place(start, 1, 0))).startsWith("a partition has 1 to 7 replicas");
        assertThat(refusal(place(start, 1, 0, "a", "a"))).startsWith("a partition has 1 to 7 replicas");
    }

    private static String refusal(Transition transition) {
        assertThat(transition.outcome().getCode()).isEqualTo(Code.INVALID_PLACEMENT);
        return transition.outcome().getMessage();
    }

    private static CatalogState move(CatalogState state, String... nodes) {
        CatalogState moving =
                place(state, 1, partition(state).getPlacementEpoch(), nodes).next();
        return finish(moving, moving.epoch()).next();
    }

    private static Transition place(CatalogState state, int partition, long placementEpoch, String... nodes) {
        return state.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(partition)
                        .setPlacementEpoch(placementEpoch)
                        .addAllReplicas(List.of(nodes)))
                .build());
    }

    private static Transition finish(CatalogState state, long placementEpoch) {
        return state.apply(CatalogCommand.newBuilder()
                .setFinishPlacement(FinishPlacement.newBuilder().setPartition(1).setPlacementEpoch(placementEpoch))
                .build());
    }

    private static PartitionRecord partition(CatalogState state) {
        return state.catalog().getPartitionsList().stream()
                .filter(record -> record.getId() == 1)
                .findFirst()
                .orElseThrow();
    }

    private static NodeRecord node(String name) {
        return NodeRecord.newBuilder().setName(name).build();
    }
}
