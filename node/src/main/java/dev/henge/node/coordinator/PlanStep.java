package dev.henge.node.coordinator;

import com.google.protobuf.ByteString;
import dev.henge.membership.plan.ClusterView;
import dev.henge.membership.plan.Plan;
import dev.henge.membership.plan.PlanSettings;
import dev.henge.membership.plan.Planner;
import dev.henge.membership.plan.Step;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.catalog.Placements;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.LeadershipTransferred;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PlacePartition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of the coordinator's decisions: asks, plans, begins. The package's page says how. One run at a time; runs of a node
 * that does not lead the system partition do nothing.
 */
public final class PlanStep {

    private static final Logger log = LoggerFactory.getLogger(PlanStep.class);

    /** Beyond it nobody reads on. */
    private static final int NOTES_MAX = 100;

    /** What a round needs of its node. Futures fail when it did not work out, also by taking too long. */
    public interface Port {

        /** The catalog as applied by this node's replica of the system partition; empty unless that leads. */
        CompletableFuture<Optional<CatalogState>> catalogIfLeading();

        /** Asks nodes how they stand, all at once; completes with the answers that came in time, by name. */
        CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes);

        /** Hands a command to this node's replica of the system partition. */
        CompletableFuture<CatalogOutcome> submit(CatalogCommand command);

        /** Asks a partition's leader to hand its leadership to the voter on another node. */
        CompletableFuture<LeadershipTransferred> transfer(int partition, String to);

        /** Time on a clock that never goes back, for durations. */
        long nowMillis();

        /** Unix time, for the record alone. */
        long wallMillis();

        /** An id nobody ever had. */
        UUID newId();
    }

    /**
     * What a round has found.
     *
     * @param atMillis when, by {@link Port#nowMillis}
     * @param notes what should be done and can't be, in words for the operator
     * @param view what it decided by
     * @param steps what it had begun, or tried to
     */
    public record Report(long atMillis, List<String> notes, ClusterView view, List<Step> steps) {
        public Report {
            notes = List.copyOf(notes);
            steps = List.copyOf(steps);
        }
    }

    private final String self;
    private final Port port;
    private final Liveness liveness;
    private final Loads loads = new Loads();
    private volatile Optional<Report> report = Optional.empty();

    /** @param self this node */
    public PlanStep(String self, Port port, Liveness liveness) {
        this.self = self;
        this.port = port;
        this.liveness = liveness;
    }

    /** What the last round has found; empty unless this node coordinates. Any thread may ask. */
    public Optional<Report> report() {
        return report;
    }

    /** Completes when what is to be begun has been, or was refused. */
    public CompletableFuture<Void> run() {
        return port.catalogIfLeading().thenCompose(led -> {
            if (led.isEmpty() || !led.get().bootstrapped()) {
                forget();
                return CompletableFuture.completedFuture(null);
            }
            // Answers come first: a catalog that is older than they are would have finished moves look unfinished.
            return port.ask(led.get().catalog().getNodesList())
                    .thenCompose(replies -> port.catalogIfLeading().thenCompose(still -> {
                        if (still.isEmpty()) {
                            forget();
                            return CompletableFuture.completedFuture(null);
                        }
                        return decide(still.get().catalog(), replies);
                    }));
        });
    }

    private void forget() {
        liveness.forget();
        loads.forget();
        report = Optional.empty();
    }

    private CompletableFuture<Void> decide(Catalog catalog, Map<String, NodeStatusReply> replies) {
        long nowMillis = port.nowMillis();
        PlanSettings settings = PlanSettingsOf.catalog(catalog);
        liveness.asked(ClusterViews.names(catalog), replies.keySet(), nowMillis);
        loads.take(
                replies,
                nowMillis,
                2 * settings.splits().heatMillis(),
                settings.merges().coldOperationsPerSecond());
        ClusterView view = ClusterViews.of(catalog, replies, liveness, loads, nowMillis);
        Plan plan = Planner.plan(view);
        Action.Maker maker = new Action.Maker(catalog, replies, self, port.wallMillis());
        List<String> notes = new ArrayList<>(emptied(catalog, replies));
        notes.addAll(plan.notes());
        List<Supplier<CompletableFuture<Void>>> transfers = new ArrayList<>();
        CompletableFuture<Void> begun = CompletableFuture.completedFuture(null);
        for (Step step : plan.steps()) {
            switch (maker.of(step)) {
                case Action.Place(PlacePartition command) -> begun = begun.thenCompose(before -> begin(command));
                case Action.Split(BeginSplit command) -> begun = begun.thenCompose(before -> begin(command));
                case Action.Merge(BeginMerge command) -> begun = begun.thenCompose(before -> begin(command));
                case Action.StandIn(CatalogCommand command, String why) ->
                    begun = begun.thenCompose(before -> standIn(command, why));
                case Action.Transfer(int partition, String to) ->
                    transfers.add(() -> transfer(partition, to, step.reason()));
                case Action.Skip(String why) -> log.debug("not begun: {}: {}", step, why);
            }
        }
        report = Optional.of(
                new Report(nowMillis, notes.subList(0, Math.min(notes.size(), NOTES_MAX)), view, plan.steps()));
        CompletableFuture<Void> placed = begun;
        // Leaderships go last, whatever came of the rest: with that of the system partition goes the right to begin
        // anything.
        return placed.handle((done, failure) -> allOf(transfers))
                .thenCompose(handed -> handed)
                .thenCompose(handed -> placed);
    }

    private static CompletableFuture<Void> allOf(List<Supplier<CompletableFuture<Void>>> transfers) {
        return CompletableFuture.allOf(transfers.stream().map(Supplier::get).toArray(CompletableFuture[]::new));
    }

    /** What is to be told of nodes that have given all they had, and whose vote no group counts on. */
    private static List<String> emptied(Catalog catalog, Map<String, NodeStatusReply> replies) {
        return catalog.getNodesList().stream()
                .filter(node -> node.getState() == NodeRecord.State.DECOMMISSIONING
                        && catalog.getPartitionsList().stream()
                                .noneMatch(partition ->
                                        Placements.nodesOf(partition).contains(node.getName())
                                                || ClusterViews.voterNodes(partition, replies)
                                                        .contains(node.getName())))
                .map(node -> "node " + node.getName() + " has nothing left: henge node remove " + node.getName()
                        + " ends its membership")
                .toList();
    }

    /** A refusal is no fault: something else has come in between. */
    private CompletableFuture<Void> begin(PlacePartition command) {
        return port.submit(CatalogCommand.newBuilder()
                        .setRequestId(newRequestId())
                        .setPlacePartition(command)
                        .build())
                .thenApply(outcome -> {
                    log.info(
                            "partition {}: {} {} -> {} ({}): {} {}",
                            command.getPartition(),
                            command.getTask().getKind(),
                            command.getTask().getFrom(),
                            command.getTask().getTo(),
                            command.getTask().getReason(),
                            outcome.getCode(),
                            outcome.getMessage());
                    return null;
                });
    }

    private CompletableFuture<Void> begin(BeginSplit command) {
        return port.submit(CatalogCommand.newBuilder()
                        .setRequestId(newRequestId())
                        .setBeginSplit(command)
                        .build())
                .thenApply(outcome -> {
                    log.info(
                            "partition {}: split at {} ({}): {} {}",
                            command.getPartition(),
                            Long.toHexString(command.getToken()),
                            command.getTask().getReason(),
                            outcome.getCode(),
                            outcome.getMessage());
                    return null;
                });
    }

    private CompletableFuture<Void> begin(BeginMerge command) {
        return port.submit(CatalogCommand.newBuilder()
                        .setRequestId(newRequestId())
                        .setBeginMerge(command)
                        .build())
                .thenApply(outcome -> {
                    log.info(
                            "partitions {} and {}: merge ({}): {} {}",
                            command.getLeft(),
                            command.getRight(),
                            command.getTask().getReason(),
                            outcome.getCode(),
                            outcome.getMessage());
                    return null;
                });
    }

    private CompletableFuture<Void> standIn(CatalogCommand command, String reason) {
        return port.submit(command.toBuilder().setRequestId(newRequestId()).build())
                .thenApply(outcome -> {
                    log.info(
                            "{} ({}): {} {}",
                            command.toString().replaceAll("\\s+", " ").trim(),
                            reason,
                            outcome.getCode(),
                            outcome.getMessage());
                    return null;
                });
    }

    private CompletableFuture<Void> transfer(int partition, String to, String reason) {
        return port.transfer(partition, to).handle((answer, failure) -> {
            if (failure != null) {
                log.debug("partition {}: leadership not handed to {}: {}", partition, to, failure.toString());
            } else {
                log.info(
                        "partition {}: leadership {} to {} ({}){}",
                        partition,
                        answer.getDone() ? "handed" : "not handed",
                        to,
                        reason,
                        answer.getDone() ? "" : ": " + answer.getReason());
            }
            return null;
        });
    }

    private ByteString newRequestId() {
        UUID id = port.newId();
        return ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }
}
