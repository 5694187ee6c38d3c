package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.PartitionView.LogReplica;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A cluster as far as the planner can tell one: it carries out plans in simulated time, with failures if asked for, and
 * checks every plan and what becomes of every partition.
 */
final class ModelCluster {

    static final long TICK_MILLIS = 1_000;
    private static final long DISK_BYTES = 1_000_000_000_000L;

    /** A partition and who has what of it. */
    static final class Group {
        final int id;
        TokenRange range;
        List<String> voters;
        final List<String> learners = new ArrayList<>();
        final List<LogReplica> logReplicas = new ArrayList<>();
        String leader = "";
        long sizeBytes;
        long changedMillis = PartitionView.LONG_AGO;
        long coldSinceMillis = PartitionView.NOT_COLD;

        Group(int id, TokenRange range, List<String> voters, long sizeBytes) {
            this.id = id;
            this.range = range;
            this.voters = new ArrayList<>(voters);
            this.sizeBytes = sizeBytes;
        }

        @Override
        public String toString() {
            return "partition " + id + " on " + voters + ", led by " + leader + ", logs on " + logReplicas;
        }
    }

    private record Running(Step step, long endMillis, boolean fails) {}

    final Map<String, NodeView> nodes = new TreeMap<>();
    final Map<Integer, Group> groups = new TreeMap<>();
    final List<Step> done = new ArrayList<>();
    PlanSettings settings = PlanSettings.defaults();
    long nowMillis = 1_000_000;
    double failureShare;
    int durableCopiesMin;

    private final Random random;
    private final List<Running> running = new ArrayList<>();
    private final Set<String> destroyed = new HashSet<>();

    ModelCluster(long seed) {
        this.random = new Random(seed);
    }

    void join(String name, String zone, double weight) {
        nodes.put(name, node(name, zone, weight, NodeView.Intent.SERVE, NodeView.UP));
    }

    void intend(String name, NodeView.Intent intent) {
        NodeView node = known(name);
        nodes.put(name, node(name, node.zone(), node.weight(), intent, node.downSinceMillis()));
    }

    void stop(String name) {
        NodeView node = known(name);
        nodes.put(name, node(name, node.zone(), node.weight(), node.intent(), nowMillis));
    }

    /** Its disk is lost as well. */
    void destroy(String name) {
        stop(name);
        destroyed.add(name);
    }

    void start(String name) {
        NodeView node = known(name);
        nodes.put(name, node(name, node.zone(), node.weight(), node.intent(), NodeView.UP));
    }

    /** A node that has nothing left and was told to go. */
    void forget(String name) {
        assertThat(groups.values()).allMatch(group -> !group.voters.contains(name));
        nodes.remove(name);
    }

    void cut(int count, List<String> voters, long sizeBytes) {
        List<TokenRange> ranges = TokenRange.cut(count);
        for (int i = 0; i < count; i++) {
            groups.put(i + 1, new Group(i + 1, ranges.get(i), voters, sizeBytes));
        }
        groups.put(0, new Group(0, new TokenRange(0, 0), voters, 1_000_000));
        elect();
    }

    boolean isUp(String name) {
        return Optional.ofNullable(nodes.get(name)).map(NodeView::isUp).orElse(false);
    }

    NodeView known(String name) {
        return Optional.ofNullable(nodes.get(name)).orElseThrow();
    }

    Group group(int id) {
        return Optional.ofNullable(groups.get(id)).orElseThrow();
    }

    ClusterView view() {
        List<NodeView> measured = new ArrayList<>();
        for (NodeView node : nodes.values()) {
            long usedBytes = groups.values().stream()
                    .filter(group -> group.voters.contains(node.name()))
                    .mapToLong(group -> group.sizeBytes)
                    .sum();
            measured.add(new NodeView(
                    node.name(),
                    node.zone(),
                    node.weight(),
                    node.intent(),
                    node.downSinceMillis(),
                    usedBytes,
                    node.totalBytes(),
                    node.operationsPerSecondMax()));
        }
        return new ClusterView(
                nowMillis,
                measured,
                groups.values().stream().map(ModelCluster::view).toList(),
                running.stream().map(Running::step).toList(),
                settings);
    }

    /** Runs until there is nothing left to do, or fails after a number of ticks. */
    int runUntilQuiet(int ticksMax) {
        for (int tick = 0; tick < ticksMax; tick++) {
            boolean began = tick();
            if (!began && running.isEmpty()) {
                return tick;
            }
        }
        throw new AssertionError("not at rest after " + ticksMax + " ticks: " + Planner.plan(view()) + running);
    }

    void run(int ticks) {
        for (int tick = 0; tick < ticks; tick++) {
            tick();
        }
    }

    private boolean tick() {
        nowMillis += TICK_MILLIS;
        for (Running ending :
                running.stream().filter(step -> step.endMillis() <= nowMillis).toList()) {
            // An abandoned one may have gone before its turn.
            if (running.remove(ending)) {
                end(ending);
            }
        }
        elect();
        Plan plan = Planner.plan(view());
        PlanChecks.assertSound(view(), plan);
        for (Step step : plan.steps()) {
            long lastsMillis = TICK_MILLIS * (1 + random.nextInt(8));
            running.add(new Running(step, nowMillis + lastsMillis, random.nextDouble() < failureShare));
            step.learner()
                    .ifPresent(
                            name -> group(step.partitions().getFirst()).learners.add(name));
        }
        assertThat(groups.values()).allSatisfy(group -> assertThat(durableCopies(group))
                .as("durable copies of %s on %s", group.id, group.voters)
                .isGreaterThanOrEqualTo(durableCopiesMin));
        return !plan.steps().isEmpty();
    }

    int durableCopies(Group group) {
        Set<String> copies = new HashSet<>(group.voters);
        group.logReplicas.forEach(replica -> copies.add(replica.node()));
        copies.removeAll(destroyed);
        return copies.size();
    }

    private void end(Running ending) {
        if (isHeldUp(ending.step())) {
            running.add(new Running(ending.step(), nowMillis + TICK_MILLIS, ending.fails()));
            return;
        }
        ending.step()
                .learner()
                .ifPresent(name ->
                        group(ending.step().partitions().getFirst()).learners.remove(name));
        boolean possible = ending.step().partitions().stream().allMatch(id -> hasMajority(group(id)));
        if (!possible) {
            return;
        }
        if (ending.fails()) {
            failHalfWay(ending.step());
        } else if (carryOut(ending.step())) {
            done.add(ending.step());
        }
    }

    /** A group lets nobody go who is of use while one that is to stay is away, and nobody at all while that one does not vote. */
    private boolean isHeldUp(Step step) {
        return step.leaver()
                .filter(from -> isAnyAway(group(step.partitions().getFirst()), from))
                .isPresent();
    }

    private boolean isAnyAway(Group group, String butFor) {
        return group.voters.stream()
                .anyMatch(voter -> !voter.equals(butFor)
                        && !isUp(voter)
                        && (isUp(butFor)
                                || group.logReplicas.stream()
                                        .anyMatch(log -> log.inPlaceOf().equals(voter))));
    }

    /** Nothing came of it; or the new replica was promoted and the old one not retired. */
    private void failHalfWay(Step step) {
        if (step instanceof Step.ReplaceReplica replace && random.nextBoolean() && isUp(replace.to())) {
            promote(group(replace.partition()), replace.to());
        }
    }

    private static void promote(Group group, String name) {
        group.logReplicas.removeIf(replica -> replica.node().equals(name));
        group.voters.add(name);
    }

    private boolean carryOut(Step step) {
        return switch (step) {
            case Step.ReplaceReplica replace -> {
                Group group = group(replace.partition());
                if (!isUp(replace.to())) {
                    yield false;
                }
                promote(group, replace.to());
                group.voters.remove(replace.from());
                yield true;
            }
            case Step.AddReplica add -> {
                if (!isUp(add.to())) {
                    yield false;
                }
                promote(group(add.partition()), add.to());
                yield true;
            }
            case Step.RemoveReplica remove -> group(remove.partition()).voters.remove(remove.from());
            case Step.TransferLeadership transfer -> {
                if (isUp(transfer.to())) {
                    group(transfer.partition()).leader = transfer.to();
                }
                yield true;
            }
            case Step.Split split -> {
                cutInTwo(group(split.partition()), split.atToken());
                yield true;
            }
            case Step.Merge merge -> {
                makeOne(group(merge.left()), group(merge.right()));
                yield true;
            }
            case Step.PlaceLogReplica place -> {
                if (isUp(place.node())) {
                    group(place.partition()).logReplicas.removeIf(log -> log.inPlaceOf()
                            .equals(place.inPlaceOf()));
                    group(place.partition()).logReplicas.add(new LogReplica(place.node(), place.inPlaceOf()));
                }
                yield true;
            }
            case Step.RetireLogReplica retire ->
                group(retire.partition()).logReplicas.remove(new LogReplica(retire.node(), retire.inPlaceOf()));
            case Step.Redirect redirect -> {
                if (running.removeIf(other -> other.step().equals(redirect.running()))) {
                    running.add(new Running(turned(redirect), nowMillis + TICK_MILLIS, false));
                }
                yield true;
            }
            case Step.Abandon abandon -> {
                running.removeIf(other -> other.step().equals(abandon.running()));
                abandon.running()
                        .learner()
                        .ifPresent(name ->
                                group(abandon.partitions().getFirst()).learners.remove(name));
                yield true;
            }
        };
    }

    private static Step turned(Step.Redirect redirect) {
        int partition = redirect.partitions().getFirst();
        return redirect.running()
                .learner()
                .<Step>map(to -> new Step.ReplaceReplica(partition, redirect.lost(), to, redirect.reason()))
                .orElseGet(() -> new Step.RemoveReplica(partition, redirect.lost(), redirect.reason()));
    }

    private void cutInTwo(Group group, long atToken) {
        int id = groups.keySet().stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
        Group right = new Group(id, new TokenRange(atToken, group.range.end()), group.voters, group.sizeBytes / 2);
        right.changedMillis = nowMillis;
        right.leader = group.leader;
        group.range = new TokenRange(group.range.start(), atToken);
        group.sizeBytes -= right.sizeBytes;
        group.changedMillis = nowMillis;
        groups.put(id, right);
    }

    private void makeOne(Group left, Group right) {
        assertThat(left.range.end()).isEqualTo(right.range.start());
        assertThat(left.voters).containsExactlyInAnyOrderElementsOf(right.voters);
        left.range = new TokenRange(left.range.start(), right.range.end());
        left.sizeBytes += right.sizeBytes;
        left.changedMillis = nowMillis;
        groups.remove(right.id);
    }

    private boolean hasMajority(Group group) {
        Collection<String> electorate = view(group).electorate();
        return 2 * electorate.stream().filter(this::isUp).count() > electorate.size();
    }

    private void elect() {
        for (Group group : groups.values()) {
            if (isUp(group.leader) && group.voters.contains(group.leader)) {
                continue;
            }
            group.leader = hasMajority(group)
                    ? group.voters.stream().filter(this::isUp).findFirst().orElse("")
                    : "";
        }
    }

    private static PartitionView view(Group group) {
        return new PartitionView(
                group.id,
                group.range,
                group.voters,
                group.learners,
                group.logReplicas,
                Set.of(),
                group.leader,
                group.sizeBytes,
                List.of(),
                List.of(),
                group.changedMillis,
                group.coldSinceMillis);
    }

    private static NodeView node(String name, String zone, double weight, NodeView.Intent intent, long downSince) {
        return new NodeView(name, zone, weight, intent, downSince, 0, DISK_BYTES, 10_000);
    }
}
