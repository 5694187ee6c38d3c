package dev.henge.node.coordinator;

import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.LeadershipTransferred;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReplicaStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A cluster of a catalog and of nodes that answer: what a {@link PlanStep} sees of one. */
final class FakeCluster implements PlanStep.Port {

    private static final int SYSTEM = 0;

    private CatalogState state = CatalogState.EMPTY;
    private final Map<Integer, List<String>> groups = new TreeMap<>();
    private final Map<Integer, String> leaders = new HashMap<>();
    private final Map<Integer, Long> operations = new HashMap<>();
    private final Set<String> down = new HashSet<>();
    private final List<CatalogCommand> commands = new ArrayList<>();
    private long nowMillis = 1_000_000;
    private long ids;
    boolean leads = true;
    long sizeBytes = 1_000;

    /** Done between the answers and the decision. */
    Runnable whileAsking = () -> {};

    /** What is submitted is applied when this is done, if the node leads the system partition then. */
    CompletableFuture<Void> committing = CompletableFuture.completedFuture(null);

    FakeCluster(List<String> nodes, List<List<String>> partitions) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder().setClusterId("c");
        nodes.forEach(name -> bootstrap.addNodes(NodeRecord.newBuilder().setName(name)));
        bootstrap.addPartitions(PartitionRecord.newBuilder().addAllReplicas(partitions.getFirst()));
        groups.put(SYSTEM, partitions.getFirst());
        long width = Long.divideUnsigned(-1L, partitions.size()) + 1;
        for (int i = 0; i < partitions.size(); i++) {
            boolean last = i == partitions.size() - 1;
            bootstrap.addPartitions(PartitionRecord.newBuilder()
                    .setId(i + 1)
                    .setStartToken(i * width)
                    .setEndToken(last ? 0 : (i + 1) * width)
                    .addAllReplicas(partitions.get(i)));
            groups.put(i + 1, partitions.get(i));
        }
        groups.forEach((partition, group) -> leaders.put(partition, group.get(partition % group.size())));
        apply(CatalogCommand.newBuilder().setBootstrap(bootstrap));
    }

    /** Raised to a version that its nodes know. */
    void version(int version) {
        state = new CatalogState(
                state.catalog().toBuilder().setClusterVersion(version).build());
    }

    /** A partition was merged with one before it, and not all of its replicas say that they have taken that. */
    void merged(int partition) {
        Catalog.Builder next = state.catalog().toBuilder();
        next.getPartitionsBuilderList().stream()
                .filter(record -> record.getId() == partition)
                .forEach(record -> record.addMerged(PartitionRecord.newBuilder().setId(1_000)));
        state = new CatalogState(next.build());
    }

    CatalogOutcome apply(CatalogCommand.Builder command) {
        CatalogState.Transition transition = state.apply(command.build());
        state = transition.next();
        return transition.outcome();
    }

    void set(ChangeSettings.Builder settings) {
        apply(CatalogCommand.newBuilder().setChangeSettings(settings));
    }

    void pause() {
        set(ChangeSettings.newBuilder()
                .setPause(ClusterSettings.Pause.newBuilder().setReason("a test")));
    }

    Catalog catalog() {
        return state.catalog();
    }

    PartitionRecord partition(int id) {
        return catalog().getPartitionsList().stream()
                .filter(record -> record.getId() == id)
                .findFirst()
                .orElseThrow();
    }

    void pass(long millis) {
        nowMillis += millis;
    }

    void stop(String node) {
        down.add(node);
        leaders.replaceAll((partition, leader) -> !leader.equals(node)
                ? leader
                : groups.getOrDefault(partition, List.of()).stream()
                        .filter(other -> !down.contains(other))
                        .findFirst()
                        .orElse(""));
    }

    void startAgain(String node) {
        down.remove(node);
    }

    /** The group's voters are these now, by its leader's word. */
    void group(int partition, String... voters) {
        groups.put(partition, List.of(voters));
    }

    void lead(int partition, String node) {
        leaders.put(partition, node);
    }

    void requests(int partition, long count) {
        operations.merge(partition, count, Long::sum);
    }

    /** All targets come true. */
    void finishMoves() {
        for (PartitionRecord record : catalog().getPartitionsList()) {
            if (record.getTargetCount() > 0) {
                groups.put(record.getId(), record.getTargetList());
                if (!record.getTargetList().contains(leaders.get(record.getId()))) {
                    leaders.put(record.getId(), record.getTarget(0));
                }
                apply(CatalogCommand.newBuilder()
                        .setFinishPlacement(FinishPlacement.newBuilder()
                                .setPartition(record.getId())
                                .setPlacementEpoch(record.getPlacementEpoch())
                                .setEndedMillis(7)));
            }
        }
    }

    /** What was submitted, oldest first. */
    List<CatalogCommand> commands() {
        return commands;
    }

    String leader(int partition) {
        return leaders.getOrDefault(partition, "");
    }

    @Override
    public CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
        return CompletableFuture.completedFuture(leads ? Optional.of(state) : Optional.empty());
    }

    @Override
    public CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes) {
        Map<String, NodeStatusReply> replies = new HashMap<>();
        for (NodeRecord node : nodes) {
            if (!down.contains(node.getName())) {
                replies.put(node.getName(), status(node.getName()));
            }
        }
        whileAsking.run();
        return CompletableFuture.completedFuture(replies);
    }

    private NodeStatusReply status(String node) {
        NodeStatusReply.Builder reply = NodeStatusReply.newBuilder().setNode(node);
        groups.forEach((partition, group) -> {
            if (group.contains(node)) {
                boolean leading = node.equals(leaders.get(partition));
                ReplicaStatus.Builder replica = ReplicaStatus.newBuilder()
                        .setPartition(partition)
                        .setTerm(1)
                        .setRole(leading ? ReplicaStatus.Role.LEADER : ReplicaStatus.Role.FOLLOWER)
                        .addAllVoters(group)
                        .setSizeBytes(sizeBytes);
                if (leading) {
                    group.stream().filter(down::contains).forEach(replica::addLagging);
                    replica.setOperations(operations.getOrDefault(partition, 0L));
                }
                reply.addReplicas(replica);
            }
        });
        return reply.build();
    }

    @Override
    public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
        commands.add(command);
        return committing.thenApply(done -> {
            if (!leads) {
                throw new IllegalStateException("refused: NOT_LEADER");
            }
            return apply(command.toBuilder());
        });
    }

    @Override
    public CompletableFuture<LeadershipTransferred> transfer(int partition, String to) {
        leaders.put(partition, to);
        leads &= partition != SYSTEM;
        return CompletableFuture.completedFuture(
                LeadershipTransferred.newBuilder().setDone(true).build());
    }

    @Override
    public long nowMillis() {
        return nowMillis;
    }

    @Override
    public long wallMillis() {
        return nowMillis;
    }

    @Override
    public UUID newId() {
        return new UUID(0, ++ids);
    }
}
