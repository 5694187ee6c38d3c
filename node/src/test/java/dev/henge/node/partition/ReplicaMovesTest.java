package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.Member;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.ReplicasPlaced;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A group that is told on which nodes it is to be. */
class ReplicaMovesTest {

    private final ReplicaGroup group;
    private long nextTable = 1;

    ReplicaMovesTest() throws IOException {
        group = new ReplicaGroup();
        group.pass(3_000);
        assertThat(group.hasLeader()).as(group.roles()).isTrue();
    }

    @Test
    void itMovesToOtherNodesOneMemberAtATime() throws IOException {
        long before = write();
        for (String name : List.of("d", "e", "f")) {
            group.add(name);
        }

        place(5, "d", "e", "f");
        int votersMin = Integer.MAX_VALUE;
        for (int step = 0; step < 300 && !place(5, "d", "e", "f").getDone(); step++) {
            group.pass(100);
            votersMin =
                    Math.min(votersMin, group.leader().configuration().voters().size());
        }

        assertThat(placed()).containsExactlyInAnyOrder("d", "e", "f");
        assertThat(group.leader().name).isIn("d", "e", "f");
        assertThat(votersMin).as("never fewer than it had or is to have").isEqualTo(3);
        long after = write();
        for (String name : List.of("d", "e", "f")) {
            assertThat(has(name, before)).isTrue();
            assertThat(has(name, after)).isTrue();
        }
    }

    @Test
    void itStaysWhereItIsWhileANodeItIsToBeOnIsAway() throws IOException {
        group.add("d");
        group.add("e").stop();

        place(5, "c", "d", "e");
        group.pass(20_000);

        assertThat(placed()).contains("a", "b", "c");
        assertThat(place(5, "c", "d", "e").getDone()).isFalse();

        group.node("e").start();
        group.pass(20_000);

        assertThat(placed()).containsExactlyInAnyOrder("c", "d", "e");
    }

    @Test
    void anOlderPlacementIsNotFollowed() throws IOException {
        group.add("d");
        place(7, "a", "b", "d");
        group.pass(20_000);

        ReplicasPlaced answer = place(6, "a", "b", "c");
        group.pass(20_000);

        assertThat(answer.getEpoch()).isEqualTo(7);
        assertThat(placed()).containsExactlyInAnyOrder("a", "b", "d");
    }

    @Test
    void aNewerPlacementReplacesOneThatIsUnderWay() throws IOException {
        group.add("d");
        group.add("e").stop();
        place(5, "b", "d", "e");
        group.pass(5_000);

        place(6, "a", "b", "c");
        group.pass(20_000);

        assertThat(placed()).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void aPlacementIsKnownToTheNextLeader() throws IOException {
        group.add("d");
        place(5, "b", "c", "d");
        ReplicaGroup.Node leader = group.leader();

        leader.stop();
        group.pass(10_000);
        leader.start();
        group.pass(20_000);

        assertThat(placed()).containsExactlyInAnyOrder("b", "c", "d");
    }

    @Test
    void aMemberIsLetGoWhenTheGroupSaysSoAndNotBefore() throws IOException {
        group.add("d");
        ReplicasPlaced before = place(5, "b", "c", "d");
        group.pass(20_000);
        ReplicasPlaced after = place(5, "b", "c", "d");

        assertThat(after.getDone()).isTrue();
        assertThat(group.node("a").replica().isLetGo(before)).isFalse();
        assertThat(group.node("a").replica().isLetGo(after)).isTrue();
        assertThat(group.node("b").replica().isLetGo(after)).isFalse();
        assertThat(group.node("d").replica().isLetGo(before))
                .as("what was said before it was taken in")
                .isFalse();
    }

    @Test
    void nothingIsLetGoByAnAnswerThatNamesNobody() {
        assertThat(group.node("a").replica().isLetGo(ReplicasPlaced.getDefaultInstance()))
                .isFalse();
    }

    private ReplicasPlaced place(long epoch, String... nodes) {
        List<DataResponse> answers = group.submit(
                group.leader(),
                DataRequest.newBuilder()
                        .setPlaceReplicas(
                                PlaceReplicas.newBuilder().setEpoch(epoch).addAllNodes(List.of(nodes))));
        group.pass(200);
        assertThat(answers).hasSize(1);
        return answers.getFirst().getReplicasPlaced();
    }

    private Set<String> placed() {
        return group.leader().configuration().voters().stream()
                .map(voter -> Member.of(voter).node())
                .collect(Collectors.toSet());
    }

    private long write() {
        long table = nextTable++;
        List<DataResponse> answers = group.submit(
                group.leader(),
                DataRequest.newBuilder()
                        .setDropTable(DropTable.newBuilder()
                                .setRequestId(ByteString.copyFromUtf8("request " + table))
                                .setTable(table)));
        group.pass(200);
        assertThat(answers.getFirst().hasTableDropped()).as(answers.toString()).isTrue();
        return table;
    }

    private boolean has(String node, long table) {
        return group.node(node).replica().machine().isDropped(table);
    }
}
