package dev.henge.chaos.simulation;

import dev.henge.membership.plan.NodeView;
import dev.henge.node.coordinator.PlanStep;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.SetNodeState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * People at a cluster whose coordinator plans: they drain nodes and decommission them, change their minds, stop nodes for long,
 * pause the coordinator and let it go on. At the end all nodes serve, and what the coordinator wants has come true.
 */
final class Operators {

    private static final double STOPPED_SHARE = 0.25;
    private static final long SPLIT_BYTES_MIN = 30;
    private static final long SPLIT_BYTES_MAX = 1_000;
    private static final long SPLIT_BYTES_MERGED_MAX = 100_000;

    /** Of the clients' load no partition is warm. */
    private static final double HOT_OPERATIONS_PER_SECOND = 10_000_000;

    private static final long REPLACE_AFTER_MILLIS_MIN = 1_000;
    private static final long REPLACE_AFTER_MILLIS_MAX = 20_000;

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private final CatalogCalls calls;
    private boolean stopping;
    private long restingSinceNanos = Long.MAX_VALUE;

    Operators(World world, SimulatedRouter router, Chance chance) {
        this.world = world;
        this.router = router;
        this.calls = new CatalogCalls(world, router, "operators");
        this.chance = chance;
    }

    private boolean here() {
        return world.settings.planPauseNanosMax() > 0;
    }

    void start() {
        if (here() && merges()) {
            world.scheduler.after(chance.betweenMillis(500, 2_000), this::next);
        } else if (here()) {
            pause();
        }
    }

    private void pause() {
        world.scheduler.after(chance.betweenMillis(500, 15_000), this::next);
    }

    private boolean merges() {
        return world.settings.mergeAfterMillis() > 0;
    }

    void stop() {
        stopping = true;
    }

    boolean idle() {
        return calls.idle();
    }

    /** Asks for what is still missing until all nodes serve and nothing is paused; says whether that is so. */
    boolean isPutRight() {
        if (!here()) {
            return true;
        }
        Catalog catalog = world.catalogs.newest();
        Optional<NodeRecord> other = catalog.getNodesList().stream()
                .filter(node -> node.getState() != NodeRecord.State.SERVING)
                .findFirst();
        boolean paused = catalog.getSettings().hasPause();
        if (calls.idle() && (other.isPresent() || paused)) {
            submit(
                    other.map(node -> state(node, NodeRecord.State.SERVING))
                            .orElseGet(
                                    () -> settings(ChangeSettings.newBuilder().setResume(true))),
                    () -> {});
        }
        return other.isEmpty() && !paused;
    }

    /**
     * A coordinator that sees all nodes there, and nothing under way, has nothing to begin; where partitions are merged, also not
     * after all of them have been idle for long enough.
     */
    boolean isAsPlanned() {
        if (!here()) {
            return true;
        }
        boolean atRest = world.nodes.values().stream()
                .flatMap(node -> node.planned().stream())
                .anyMatch(Operators::isAtRest);
        long nowNanos = world.scheduler.nowNanos();
        restingSinceNanos = atRest ? Math.min(restingSinceNanos, nowNanos) : Long.MAX_VALUE;
        return atRest && nowNanos - restingSinceNanos >= restNanosMin();
    }

    private long restNanosMin() {
        return merges()
                ? 2
                        * (TimeUnit.MILLISECONDS.toNanos(world.settings.mergeAfterMillis())
                                + world.settings.planPauseNanosMax())
                : 0;
    }

    private static boolean isAtRest(PlanStep.Report report) {
        return report.steps().isEmpty()
                && report.view().running().isEmpty()
                && report.view().nodes().stream().allMatch(NodeView::isUp)
                && report.view().nodes().stream().allMatch(node -> node.intent() == NodeView.Intent.SERVE)
                && report.view().partitions().stream()
                        .noneMatch(partition -> partition.leader().isEmpty());
    }

    private void next() {
        if (stopping) {
            return;
        }
        Catalog catalog = router.client().catalog();
        if (catalog.getNodesCount() == 0) {
            start();
            return;
        }
        if (merges() && catalog.getSettings().getMergeAfterMillis() == 0) {
            submit(merging(), this::start);
            return;
        }
        if (chance.happens(STOPPED_SHARE)) {
            stopForLong(world.node(chance.oneOf(world.nodeNames)));
            pause();
            return;
        }
        submit(wish(catalog), this::pause);
    }

    /** Longer than it takes until another node keeps its logs; often until its replicas are replaced. */
    private void stopForLong(SimulatedNode node) {
        if (node.up()) {
            node.kill();
            world.scheduler.after(chance.betweenMillis(4_000, 25_000), node::start);
        }
    }

    private CatalogCommand.Builder merging() {
        return settings(ChangeSettings.newBuilder()
                .setMergeAfterMillis(world.settings.mergeAfterMillis())
                .setMergeAbovePartitions(world.settings.mergeAbovePartitions())
                .setHotOperationsPerSecond(HOT_OPERATIONS_PER_SECOND));
    }

    private CatalogCommand.Builder wish(Catalog catalog) {
        if (chance.happens(0.2)) {
            // What was split is merged when it is small enough by another setting.
            long splitBytesMax = merges() && chance.happens(0.5) ? SPLIT_BYTES_MERGED_MAX : SPLIT_BYTES_MAX;
            return settings(ChangeSettings.newBuilder()
                    .setReplaceAfterMillis(chance.between(REPLACE_AFTER_MILLIS_MIN, REPLACE_AFTER_MILLIS_MAX))
                    .setSplitBytes(chance.between(SPLIT_BYTES_MIN, splitBytesMax))
                    .setMovesAtOnceMax((int) chance.between(1, 6)));
        }
        if (catalog.getSettings().hasPause()) {
            return settings(ChangeSettings.newBuilder().setResume(true));
        }
        if (chance.happens(0.25)) {
            return settings(ChangeSettings.newBuilder()
                    .setPause(ClusterSettings.Pause.newBuilder().setReason("a wish")));
        }
        NodeRecord node = chance.oneOf(catalog.getNodesList());
        NodeRecord.State state = chance.oneOf(
                NodeRecord.State.SERVING,
                NodeRecord.State.SERVING,
                NodeRecord.State.DRAINING,
                NodeRecord.State.DECOMMISSIONING);
        CatalogCommand.Builder wish = state(node, state);
        if (state == NodeRecord.State.DECOMMISSIONING) {
            takerOf(node, catalog).ifPresent(wish.getSetNodeStateBuilder()::setReplacedBy);
        }
        return wish;
    }

    /** Two of three nodes that leave are replaced by one in particular. Takes no chance of its own. */
    private static Optional<String> takerOf(NodeRecord leaving, Catalog catalog) {
        List<String> takers = catalog.getNodesList().stream()
                .filter(node -> node.getState() == NodeRecord.State.SERVING
                        && !node.getName().equals(leaving.getName()))
                .map(NodeRecord::getName)
                .toList();
        return takers.isEmpty() || catalog.getEpoch() % 3 == 0
                ? Optional.empty()
                : Optional.of(takers.get((int) (catalog.getEpoch() / 3 % takers.size())));
    }

    private static CatalogCommand.Builder state(NodeRecord node, NodeRecord.State state) {
        return CatalogCommand.newBuilder()
                .setSetNodeState(
                        SetNodeState.newBuilder().setName(node.getName()).setState(state));
    }

    private static CatalogCommand.Builder settings(ChangeSettings.Builder settings) {
        return CatalogCommand.newBuilder().setChangeSettings(settings);
    }

    private void submit(CatalogCommand.Builder command, Runnable then) {
        CatalogCommand wish =
                command.setRequestId(RoutingEnvironment.requestId(chance)).build();
        calls.submit(wish, (outcome, failure) -> {
            check(wish, outcome, failure);
            then.run();
        });
    }

    private static void check(CatalogCommand wish, @Nullable CatalogOutcome outcome, @Nullable Throwable failure) {
        boolean takerLeaves = outcome != null
                && outcome.getCode() == CatalogOutcome.Code.NODE_REFUSED
                && !wish.getSetNodeState().getReplacedBy().isEmpty();
        if (outcome != null && outcome.getCode() != CatalogOutcome.Code.OK && !takerLeaves) {
            throw new SimulationFailure("an operator's wish was refused: " + outcome);
        }
        CatalogCalls.assertExpected(failure, "an operator's wish failed");
    }
}
