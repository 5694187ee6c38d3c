package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.ScrubCheckpoint;
import dev.henge.proto.ScrubReport;
import dev.henge.proto.ScrubVerdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica's part in scrubs. Every replica that applies a checkpoint computes its checksums as of that entry and sends them
 * to the leader; the leader of the run compares. With a majority that agrees, who differs is told that it is damaged, and
 * says so itself only if it stands by the checksums it is judged by. One run and one computation at a time.
 *
 * <p>Belongs to the replica's event loop; only the computation's slices run elsewhere.
 */
final class ReplicaScrubs {

    private static final Logger log = LoggerFactory.getLogger(ReplicaScrubs.class);

    /** A run's checkpoint must be committed and applied here by then. */
    private static final long CHECKPOINT_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /**
     * How long, after it is done itself, a leader waits at most for others that say that they are at it, beyond three times
     * as long as it took itself.
     */
    private static final long OTHERS_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** How long it waits for one of whom it hears nothing: that one may have begun anew, and know nothing of the run. */
    private static final long SILENCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    /** How often a replica that computes says so. */
    private static final long SIGN_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** What scrubs need of the replica. */
    interface Host {
        List<String> voters();

        String self();

        @Nullable
        String leader();

        long term();

        void declareDamaged(String reason);

        void storageDamaged(StorageException cause);
    }

    /** The run that this leader leads. */
    private static final class Run {
        final long id;
        final Consumer<ScrubResult> onDone;
        final long begunNanos;
        final Map<String, ScrubReport> reports = new TreeMap<>();

        @Nullable
        RangeChecksums own;

        long deadlineNanos;
        long lastDeadlineNanos;

        Run(long id, Consumer<ScrubResult> onDone, long nowNanos) {
            this.id = id;
            this.onDone = onDone;
            this.begunNanos = nowNanos;
            this.deadlineNanos = nowNanos + CHECKPOINT_NANOS_MAX;
            this.lastDeadlineNanos = Long.MAX_VALUE;
        }
    }

    private final int partition;
    private final Supplier<TokenRange> tokens;
    private final StorageEngine storage;
    private final ReplicaEnvironment environment;
    private final Host host;
    private @Nullable Run run;
    private @Nullable ScrubComputation computing;
    private long computingId;
    private long nextSignNanos;
    private @Nullable ScrubReport reported;
    private String lastResult = "";

    ReplicaScrubs(
            int partition,
            Supplier<TokenRange> tokens,
            StorageEngine storage,
            ReplicaEnvironment environment,
            Host host) {
        this.partition = partition;
        this.tokens = tokens;
        this.storage = storage;
        this.environment = environment;
        this.host = host;
    }

    /** Outcome of the last run that this replica led; empty before the first. */
    String lastResult() {
        return lastResult;
    }

    boolean leadsRun() {
        return run != null;
    }

    // ---- every replica -----------------------------------------------------------------------------------------

    /** The checkpoint is the last entry applied: what the storage holds of the partition now is to be compared. */
    void onCheckpoint(long index, ScrubCheckpoint checkpoint) {
        stopComputing();
        reported = null;
        long id = checkpoint.getId();
        Run own = run;
        if (own != null && own.id == id) {
            // Now it depends on the amount of data, and on what else this node scrubs.
            own.deadlineNanos = Long.MAX_VALUE;
        }
        ScrubComputation computation = new ScrubComputation(
                partition,
                tokens.get(),
                index,
                storage.view(),
                checksums -> environment.post(() -> onComputed(id, checksums)),
                failure -> environment.post(() -> onUnreadable(id, index, failure)));
        computing = computation;
        computingId = id;
        nextSignNanos = environment.nanoTime() + SIGN_NANOS;
        environment.runSliced(computation);
    }

    private void onComputed(long id, RangeChecksums checksums) {
        if (computing == null || computingId != id) {
            return;
        }
        computing = null;
        Run own = run;
        if (own != null && own.id == id) {
            own.own = checksums;
        }
        report(ScrubReport.newBuilder()
                .setId(id)
                .setIndex(checksums.index())
                .setRoot(checksums.root())
                .addAllLeaves(checksums.leaves())
                .setKeys(checksums.keys())
                .setBytes(checksums.bytes())
                .build());
    }

    private void onUnreadable(long id, long index, StorageException failure) {
        if (computing == null || computingId != id) {
            return;
        }
        computing = null;
        report(ScrubReport.newBuilder()
                .setId(id)
                .setIndex(index)
                .setUnreadable(true)
                .build());
        host.storageDamaged(failure);
    }

    private void report(ScrubReport report) {
        reported = report;
        send(report);
    }

    private void send(ScrubReport report) {
        String leader = host.leader();
        if (leader == null) {
            return;
        }
        if (leader.equals(host.self())) {
            onReport(leader, report);
            return;
        }
        environment.send(leader, message().setScrubReport(report).build());
    }

    /** A leader says that this replica differs from a majority. */
    void onVerdict(String from, long term, ScrubVerdict verdict) {
        ScrubReport judged = reported;
        if (judged == null
                || judged.getId() != verdict.getId()
                || judged.getRoot() != verdict.getRoot()
                || term != host.term()
                || !from.equals(host.leader())) {
            // About a state that was replaced since, or from one that leads no longer: the next scrub will tell.
            return;
        }
        reported = null;
        host.declareDamaged("a scrub found at index " + judged.getIndex() + " that it differs from a majority in "
                + describe(verdict.getLeavesList()));
    }

    /** The state was replaced, or is about to be: what was computed of it counts no longer. */
    void forget() {
        stopComputing();
        reported = null;
    }

    private void stopComputing() {
        ScrubComputation current = computing;
        computing = null;
        if (current != null) {
            environment.runInBackground(current::abandon);
        }
    }

    // ---- the leader --------------------------------------------------------------------------------------------

    /** Begins a run; its checkpoint is to be proposed with this id. No other may be under way. */
    long begin(Consumer<ScrubResult> onDone) {
        if (run != null) {
            throw new IllegalStateException("partition " + partition + " is being scrubbed");
        }
        Run begun = new Run(environment.randomBelow(Long.MAX_VALUE), onDone, environment.nanoTime());
        run = begun;
        return begun.id;
    }

    void onReport(String from, ScrubReport report) {
        Run current = run;
        if (current == null || current.id != report.getId() || !host.voters().contains(from)) {
            return;
        }
        long now = environment.nanoTime();
        if (report.getComputing()) {
            if (current.lastDeadlineNanos != Long.MAX_VALUE) {
                current.deadlineNanos = Math.min(current.lastDeadlineNanos, now + SILENCE_NANOS_MAX);
            }
            return;
        }
        current.reports.put(from, report);
        if (current.reports.keySet().containsAll(host.voters())) {
            judge(current);
            return;
        }
        if (from.equals(host.self())) {
            current.lastDeadlineNanos = now + 3 * (now - current.begunNanos) + OTHERS_NANOS;
            current.deadlineNanos = now + SILENCE_NANOS_MAX;
        }
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never. */
    long nextTickNanos() {
        Run current = run;
        long leaderNanos = current == null ? Long.MAX_VALUE : current.deadlineNanos;
        return computing == null ? leaderNanos : Math.min(leaderNanos, nextSignNanos);
    }

    void onTick(long nowNanos) {
        if (computing != null && nowNanos >= nextSignNanos) {
            nextSignNanos = nowNanos + SIGN_NANOS;
            send(ScrubReport.newBuilder().setId(computingId).setComputing(true).build());
        }
        Run current = run;
        if (current != null && nowNanos >= current.deadlineNanos) {
            judge(current);
        }
    }

    /** The leader is one no more. */
    void interrupt(String why) {
        Run current = run;
        if (current != null) {
            end(current, ScrubResult.Outcome.INTERRUPTED, why, 0);
        }
    }

    private void judge(Run current) {
        int majority = host.voters().size() / 2 + 1;
        Map<Long, List<String>> byRoot = new HashMap<>();
        List<String> unreadable = new ArrayList<>();
        current.reports.forEach((node, report) -> {
            if (report.getUnreadable()) {
                unreadable.add(node);
            } else {
                byRoot.computeIfAbsent(report.getRoot(), root -> new ArrayList<>())
                        .add(node);
            }
        });
        List<String> agreeing = byRoot.values().stream()
                .filter(nodes -> nodes.size() >= majority)
                .findFirst()
                .orElse(List.of());
        if (agreeing.isEmpty()) {
            if (byRoot.size() > 1) {
                end(current, ScrubResult.Outcome.UNDECIDED, "no majority of replicas holds the same: " + byRoot, 0);
            } else {
                end(current, ScrubResult.Outcome.INTERRUPTED, "too few replicas answered", 0);
            }
            return;
        }
        ScrubReport right = report(current, agreeing.getFirst());
        List<String> differing = current.reports.keySet().stream()
                .filter(node -> !agreeing.contains(node) && !unreadable.contains(node))
                .toList();
        List<String> silent = host.voters().stream()
                .filter(node -> !current.reports.containsKey(node))
                .toList();
        if (differing.isEmpty() && unreadable.isEmpty()) {
            if (silent.isEmpty()) {
                end(current, ScrubResult.Outcome.EQUAL, "", 0);
            } else {
                end(current, ScrubResult.Outcome.INCOMPLETE, "no answer from " + String.join(", ", silent), 0);
            }
            return;
        }
        List<String> findings = new ArrayList<>();
        Map<String, ScrubVerdict> verdicts = new TreeMap<>();
        for (String node : differing) {
            ScrubReport wrong = report(current, node);
            List<Integer> leaves = differingLeaves(right, wrong);
            findings.add(node + " differs in " + describe(leaves));
            verdicts.put(
                    node,
                    ScrubVerdict.newBuilder()
                            .setId(current.id)
                            .setRoot(wrong.getRoot())
                            .addAllLeaves(leaves)
                            .build());
        }
        unreadable.forEach(node -> findings.add(node + " can't read what it holds"));
        // Ended first: a verdict on this replica itself ends its leadership.
        end(current, ScrubResult.Outcome.REPAIRING, String.join("; ", findings), differing.size() + unreadable.size());
        ScrubVerdict onSelf = verdicts.remove(host.self());
        verdicts.forEach((node, verdict) ->
                environment.send(node, message().setScrubVerdict(verdict).build()));
        if (onSelf != null) {
            onVerdict(host.self(), host.term(), onSelf);
        }
    }

    private static ScrubReport report(Run current, String node) {
        ScrubReport report = current.reports.get(node);
        if (report == null) {
            throw new IllegalStateException("no report of " + node);
        }
        return report;
    }

    private static List<Integer> differingLeaves(ScrubReport one, ScrubReport other) {
        List<Integer> differing = new ArrayList<>();
        int count = Math.max(one.getLeavesCount(), other.getLeavesCount());
        for (int leaf = 0; leaf < count; leaf++) {
            boolean both = leaf < one.getLeavesCount() && leaf < other.getLeavesCount();
            if (!both || one.getLeaves(leaf) != other.getLeaves(leaf)) {
                differing.add(leaf);
            }
        }
        return differing;
    }

    private String describe(List<Integer> leaves) {
        if (leaves.isEmpty()) {
            return "nothing";
        }
        String first = RangeChecksums.nameOf(tokens.get(), leaves.getFirst());
        return leaves.size() == 1 ? first : first + " and " + (leaves.size() - 1) + " more sub-ranges";
    }

    private void end(Run ended, ScrubResult.Outcome outcome, String detail, int differing) {
        run = null;
        RangeChecksums own = ended.own;
        ScrubResult result = new ScrubResult(
                partition, outcome, detail, differing, own == null ? 0 : own.keys(), own == null ? 0 : own.bytes());
        lastResult = outcome.name();
        switch (outcome) {
            case EQUAL -> log.info("partition {}: scrubbed {} keys, all replicas are equal", partition, result.keys());
            case INCOMPLETE, INTERRUPTED -> log.info("partition {}: scrub {}: {}", partition, outcome, detail);
            case REPAIRING -> log.error("partition {}: a scrub found damage: {}", partition, detail);
            case UNDECIDED ->
                log.error(
                        "partition {}: a scrub found that replicas differ, and can't tell which is right: {}."
                                + " Nothing was changed; see docs/operations.md",
                        partition,
                        detail);
        }
        ended.onDone.accept(result);
    }

    private PeerMessage.Builder message() {
        return PeerMessage.newBuilder().setPartition(partition).setTerm(host.term());
    }

    void close() {
        ScrubComputation current = computing;
        computing = null;
        if (current != null) {
            current.abandon();
        }
    }
}
