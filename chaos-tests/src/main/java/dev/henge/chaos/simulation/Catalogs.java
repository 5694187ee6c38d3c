package dev.henge.chaos.simulation;

import dev.henge.membership.TokenRange;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** All catalogs that any node ever held to be the cluster's: there is one of each epoch, and nobody goes back. */
final class Catalogs {

    private final NavigableMap<Long, Catalog> byEpoch = new TreeMap<>();
    private final Consumer<Catalog> newestListener;

    /** @param newestListener told each catalog when it is first applied anywhere, unless a newer one was */
    Catalogs(Consumer<Catalog> newestListener) {
        this.newestListener = newestListener;
    }

    /** The newest one; empty and of epoch 0 before the first. */
    Catalog newest() {
        return byEpoch.isEmpty()
                ? Catalog.getDefaultInstance()
                : byEpoch.lastEntry().getValue();
    }

    /** The partitions that hold items. */
    List<PartitionRecord> dataPartitions() {
        return newest().getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
    }

    static TokenRange tokens(PartitionRecord partition) {
        return new TokenRange(partition.getStartToken(), partition.getEndToken());
    }

    /** A node's replica of the system partition has applied a catalog. */
    void applied(String node, Catalog catalog) {
        if (catalog.getEpoch() == 0) {
            // A snapshot from before the bootstrap was installed.
            return;
        }
        Catalog known = byEpoch.putIfAbsent(catalog.getEpoch(), catalog);
        if (known != null && !known.equals(catalog)) {
            throw new SimulationFailure("two catalogs of epoch " + catalog.getEpoch() + ", one applied by " + node
                    + ": " + catalog + " and " + known);
        }
        if (!known(catalog.getClusterId())) {
            throw new SimulationFailure("a second cluster was made: " + node + " applied " + catalog);
        }
        if (known == null && byEpoch.lastKey() == catalog.getEpoch()) {
            newestListener.accept(catalog);
        }
    }

    private boolean known(String clusterId) {
        return byEpoch.firstEntry().getValue().getClusterId().equals(clusterId);
    }

    /** What a process held to be the catalog before and after one was offered to it. */
    void check(String process, Catalog before, Catalog after) {
        if (after.getEpoch() < before.getEpoch()) {
            throw new SimulationFailure(process + " went back from the catalog of epoch " + before.getEpoch()
                    + " to that of " + after.getEpoch());
        }
        if (after.getEpoch() > 0 && !after.equals(byEpoch.get(after.getEpoch()))) {
            throw new SimulationFailure(process + " took a catalog that is not the cluster's: " + after);
        }
    }

    /** One that was the newest once. */
    Catalog old(Chance chance) {
        return chance.oneOf(List.copyOf(byEpoch.values()));
    }

    /** One of another cluster, which says that everything is elsewhere. */
    Catalog foreign(Chance chance) {
        Catalog.Builder foreign = newest().toBuilder()
                .setClusterId(new UUID(chance.any(), chance.any()).toString())
                .setEpoch(newest().getEpoch() + chance.between(1L, 1000L));
        for (PartitionRecord.Builder partition : foreign.getPartitionsBuilderList()) {
            String first = partition.getReplicas(0);
            partition.clearReplicas().addReplicas(first).setEpoch(foreign.getEpoch());
        }
        return foreign.build();
    }
}
