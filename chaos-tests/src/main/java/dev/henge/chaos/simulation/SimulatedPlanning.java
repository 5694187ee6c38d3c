package dev.henge.chaos.simulation;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.coordinator.AnsweredLiveness;
import dev.henge.node.coordinator.PlanStep;
import dev.henge.node.runtime.CoordinatorStep;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.LeadershipTransferred;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What {@code Planning} does in a thread, in virtual time. */
final class SimulatedPlanning implements PlanStep.Port {

    private static final long ANSWER_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
    private static final long TRANSFER_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

    private final World world;
    private final SimulatedNode node;
    private final Chance chance;
    private final CoordinatorStep.Port coordinator;
    private final RoutedClusterClient client;
    private final RoutingEnvironment.Timer later;
    private final PlanStep step;

    /**
     * @param coordinator of the same process
     * @param later runs a task after some virtual time, if the process still lives then
     */
    SimulatedPlanning(
            World world,
            SimulatedNode node,
            Chance chance,
            CoordinatorStep.Port coordinator,
            RoutedClusterClient client,
            RoutingEnvironment.Timer later) {
        this.world = world;
        this.node = node;
        this.chance = chance;
        this.coordinator = coordinator;
        this.client = client;
        this.later = later;
        this.step = new PlanStep(node.name(), this, new AnsweredLiveness());
    }

    /** Begins the first round after a pause. */
    void next() {
        long pauseNanosMax = world.settings.planPauseNanosMax();
        if (pauseNanosMax == 0) {
            return;
        }
        later.after(chance.below(pauseNanosMax), () -> {
            if (world.planningIsOver()) {
                return;
            }
            step.run().whenComplete((done, failure) -> {
                if (failure != null) {
                    world.trace.event(
                            world.scheduler.nowNanos(), node.name(), "planner", 0, () -> "tries again: " + failure);
                }
                report().ifPresent(report -> world.trace.event(
                        world.scheduler.nowNanos(),
                        node.name(),
                        "planner",
                        report.steps().size(),
                        () -> report.steps() + " " + report.notes()));
                next();
            });
        });
    }

    Optional<PlanStep.Report> report() {
        return step.report();
    }

    /** By this node's clock. */
    @Override
    public long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(node.clock().nanoTime());
    }

    @Override
    public long wallMillis() {
        return coordinator.wallMillis();
    }

    @Override
    public UUID newId() {
        return coordinator.newId();
    }

    @Override
    public CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
        return coordinator.catalogIfLeading();
    }

    @Override
    public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
        return coordinator.submit(command).whenComplete((outcome, failure) -> {
            if (command.hasBeginMerge() && outcome != null && outcome.getCode() == CatalogOutcome.Code.OK) {
                world.counts.mergePlanned();
            }
        });
    }

    @Override
    public CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes) {
        Map<String, NodeStatusReply> answers = new LinkedHashMap<>();
        CompletableFuture<Map<String, NodeStatusReply>> asked = new CompletableFuture<>();
        for (NodeRecord record : nodes) {
            SimulatedNode other = world.node(record.getName());
            world.network.sendOnce(node.name(), other.name(), () -> other.status()
                    .ifPresent(reply -> world.network.sendOnce(
                            other.name(),
                            node.name(),
                            () -> later.after(0, () -> {
                                answers.put(other.name(), reply);
                                if (answers.size() == nodes.size()) {
                                    asked.complete(Map.copyOf(answers));
                                }
                            }))));
        }
        later.after(ANSWER_NANOS_MAX, () -> asked.complete(Map.copyOf(answers)));
        return asked;
    }

    @Override
    public CompletableFuture<LeadershipTransferred> transfer(int partition, String to) {
        CompletableFuture<LeadershipTransferred> transferred = new CompletableFuture<>();
        client.transferLeadership(partition, to, new Deadline(node.clock().nanoTime() + TRANSFER_NANOS_MAX))
                .whenComplete((answer, failure) -> later.after(0, () -> {
                    if (failure == null) {
                        transferred.complete(answer);
                    } else {
                        transferred.completeExceptionally(failure);
                    }
                }));
        return transferred;
    }
}
