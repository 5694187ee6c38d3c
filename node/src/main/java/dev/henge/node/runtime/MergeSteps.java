package dev.henge.node.runtime;

import dev.henge.node.catalog.Merges;
import dev.henge.node.catalog.Placements;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.FinishMerge;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.SealRange;
import dev.henge.proto.SettleMerge;
import dev.henge.proto.TakeRange;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings about the merges that the catalog asks for: the right partition serves no more, the left one takes it, the catalog
 * has one; and once all replicas of that have taken the other one durably, the catalog forgets that one. Every step may be
 * done twice.
 */
final class MergeSteps {

    private static final Logger log = LoggerFactory.getLogger(MergeSteps.class);

    private final CoordinatorStep.Port port;
    private final Function<CatalogCommand.Builder, CompletableFuture<CatalogOutcome>> submit;

    MergeSteps(CoordinatorStep.Port port, Function<CatalogCommand.Builder, CompletableFuture<CatalogOutcome>> submit) {
        this.port = port;
        this.submit = submit;
    }

    /** Goes on with all of them; completes with whether any is left that should be looked at again soon. */
    CompletableFuture<Boolean> run(Catalog catalog) {
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        boolean left = false;
        for (PartitionRecord partition : catalog.getPartitionsList()) {
            if (Merges.isLeft(partition)) {
                left = true;
                done = done.thenCompose(before -> unlessInVain(partition, merge(partition.getMerge(), catalog)));
            } else if (partition.getMergedCount() > 0) {
                done = done.thenCompose(before -> unlessInVain(partition, settle(partition, catalog)));
            }
        }
        boolean underWay = left;
        return done.thenApply(all -> underWay);
    }

    /** One that has no leader keeps no other from being merged. */
    private static CompletableFuture<Void> unlessInVain(PartitionRecord partition, CompletableFuture<Void> step) {
        return step.exceptionally(failure -> {
            log.debug("partition {}: the merge waits: {}", partition.getId(), failure.toString());
            return null;
        });
    }

    /** The left one is asked first: once it has taken the right one, that has nobody left to ask. */
    private CompletableFuture<Void> merge(PartitionMerge merge, Catalog catalog) {
        TakeRange ask = TakeRange.newBuilder().setMerge(merge).build();
        return port.take(merge.getLeft(), ask)
                .thenCompose(taken -> taken.getDone() ? finish(merge) : seal(merge, catalog));
    }

    private CompletableFuture<Void> seal(PartitionMerge merge, Catalog catalog) {
        return port.seal(
                        merge.getRight(), SealRange.newBuilder().setMerge(merge).build())
                .thenCompose(answer -> answer.getDone()
                        ? take(merge, answer)
                        : tell(merge.getRight(), catalog).thenCompose(told -> waits(merge, answer.getReason())));
    }

    /**
     * Who its members are to be. The catalog may have had a log replica retired just before the merge was begun; its group may not
     * have heard of it, and is not sealed while it has one.
     */
    private CompletableFuture<Set<Integer>> tell(int right, Catalog catalog) {
        return Placements.find(catalog, right)
                .map(record -> port.tell(Map.of(right, Placements.wishOf(record))))
                .orElseGet(() -> CompletableFuture.completedFuture(Set.of()));
    }

    private CompletableFuture<Void> take(PartitionMerge merge, RangeSealed end) {
        TakeRange take = TakeRange.newBuilder()
                .setMerge(merge)
                .setSealIndex(end.getIndex())
                .setSealTerm(end.getTerm())
                .build();
        return port.take(merge.getLeft(), take)
                .thenCompose(taken -> taken.getDone() ? finish(merge) : waits(merge, taken.getReason()));
    }

    private static CompletableFuture<Void> waits(PartitionMerge merge, String why) {
        log.debug("partitions {} and {}: the merge waits: {}", merge.getLeft(), merge.getRight(), why);
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> finish(PartitionMerge merge) {
        return submit.apply(CatalogCommand.newBuilder()
                        .setFinishMerge(FinishMerge.newBuilder()
                                .setLeft(merge.getLeft())
                                .setEpoch(merge.getEpoch())
                                .setEndedMillis(port.wallMillis())))
                .thenApply(outcome -> null);
    }

    private CompletableFuture<Void> settle(PartitionRecord partition, Catalog catalog) {
        List<String> names = Stream.concat(partition.getReplicasList().stream(), partition.getTargetList().stream())
                .distinct()
                .toList();
        List<NodeRecord> nodes = catalog.getNodesList().stream()
                .filter(node -> names.contains(node.getName()))
                .toList();
        return port.ask(nodes).thenCompose(replies -> {
            if (!names.stream().allMatch(name -> hasAll(replies.get(name), partition))) {
                return CompletableFuture.completedFuture(null);
            }
            return submit.apply(CatalogCommand.newBuilder()
                            .setSettleMerge(SettleMerge.newBuilder()
                                    .setPartition(partition.getId())
                                    .setEpoch(partition.getEpoch())))
                    .thenApply(outcome -> null);
        });
    }

    private static boolean hasAll(@Nullable NodeStatusReply reply, PartitionRecord partition) {
        return reply != null
                && reply.getReplicasList().stream()
                        .anyMatch(replica -> replica.getPartition() == partition.getId()
                                && replica.getDurableEpoch() >= partition.getEpoch());
    }
}
