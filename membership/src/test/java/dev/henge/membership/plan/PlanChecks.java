package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What every plan must show whatever the view: the promises of the package, judged from the view alone. */
final class PlanChecks {

    private PlanChecks() {}

    static void assertSound(ClusterView view, Plan plan) {
        assertPartitionsChangeOneThingAtATime(view, plan);
        assertLimits(view, plan);
        for (Step step : plan.steps()) {
            assertThat(step.reason()).isNotBlank();
            newHolder(step).ifPresent(name -> assertTakesMore(view, step, name));
            assertRedundancyStays(view, step);
        }
    }

    static long moves(Stream<Step> steps) {
        return steps.filter(step -> step.learner().isPresent()).count();
    }

    private static void assertPartitionsChangeOneThingAtATime(ClusterView view, Plan plan) {
        Set<Integer> changing = new HashSet<>();
        Set<Integer> moving = new HashSet<>();
        view.running().forEach(step -> (step.movesReplica() ? moving : changing).addAll(step.partitions()));
        for (Step step : plan.steps()) {
            boolean drains = step instanceof Step.TransferLeadership transfer
                    && view.node(partition(view, transfer.partition()).leader())
                            .map(node -> node.intent() != NodeView.Intent.SERVE)
                            .orElse(false);
            if (step instanceof Step.Abandon || step instanceof Step.Redirect || drains) {
                continue;
            }
            boolean ofLogs = step instanceof Step.PlaceLogReplica || step instanceof Step.RetireLogReplica;
            for (int partition : step.partitions()) {
                assertThat(changing.add(partition) && (ofLogs || !moving.contains(partition)))
                        .as("%s is the only change of partition %s in %s", step, partition, view.running())
                        .isTrue();
            }
        }
    }

    private static void assertLimits(ClusterView view, Plan plan) {
        List<Step> all = new ArrayList<>(view.running());
        all.addAll(plan.steps());
        boolean anyNew = moves(plan.steps().stream()) > 0;
        assertThat(!anyNew || moves(all.stream()) <= view.settings().moves().atOnceMax())
                .as("moves at once: %s", all)
                .isTrue();
        Map<String, Long> perNode = all.stream()
                .flatMap(step -> step.learner().stream())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(!anyNew
                        || perNode.values().stream()
                                .allMatch(count ->
                                        count <= view.settings().moves().perNodeMax()))
                .as("moves at once per node: %s", perNode)
                .isTrue();
        assertThat(!anyNew || !view.settings().paused()).isTrue();
        long down = view.nodes().stream().filter(node -> !node.isUp()).count();
        assertThat(!anyNew || 2 * down <= view.nodes().size())
                .as("nothing moves while most nodes look down")
                .isTrue();
    }

    private static Optional<String> newHolder(Step step) {
        return step instanceof Step.PlaceLogReplica place ? Optional.of(place.node()) : step.learner();
    }

    private static void assertTakesMore(ClusterView view, Step step, String name) {
        NodeView node = view.node(name).orElseThrow();
        assertThat(node.isUp() && node.intent() == NodeView.Intent.SERVE)
                .as("%s takes more, for %s", node, step)
                .isTrue();
        assertThat(node.usedBytes() < 0.85 * node.totalBytes() || node.totalBytes() == 0)
                .as("%s has room", node)
                .isTrue();
        assertThat(partition(view, step.partitions().getFirst()).voters()).doesNotContain(name);
    }

    private static void assertRedundancyStays(ClusterView view, Step step) {
        switch (step) {
            case Step.RemoveReplica remove -> {
                PartitionView partition = partition(view, remove.partition());
                List<String> others = partition.voters().stream()
                        .filter(voter -> !voter.equals(remove.from()))
                        .toList();
                int wanted = view.settings().replicas().data();
                assertThat(others.size())
                        .as("voters after %s", step)
                        .isGreaterThanOrEqualTo(partition.isSystem() ? 1 : wanted);
                assertThat(isUp(view, remove.from()) && others.stream().anyMatch(voter -> !isUp(view, voter)))
                        .as("%s removes a living replica while another is down", step)
                        .isFalse();
            }
            case Step.Merge merge ->
                assertThat(partition(view, merge.left()).voters())
                        .containsExactlyInAnyOrderElementsOf(
                                partition(view, merge.right()).voters());
            case Step.Split split -> {
                PartitionView partition = partition(view, split.partition());
                assertThat(partition.range().contains(split.atToken())).isTrue();
                assertThat(split.atToken()).isNotEqualTo(partition.range().start());
            }
            case Step.ReplaceReplica _,
                    Step.AddReplica _,
                    Step.PlaceLogReplica _,
                    Step.TransferLeadership _,
                    Step.RetireLogReplica _,
                    Step.Abandon _,
                    Step.Redirect _ -> {}
        }
    }

    private static boolean isUp(ClusterView view, String name) {
        return view.node(name).map(NodeView::isUp).orElse(false);
    }

    static PartitionView partition(ClusterView view, int id) {
        return view.partitions().stream()
                .filter(partition -> partition.id() == id)
                .findFirst()
                .orElseThrow();
    }
}
