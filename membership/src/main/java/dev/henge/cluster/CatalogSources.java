package dev.henge.cluster;

import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Where the catalog may be had, "host:port" each.
 *
 * @param informed nodes that have the system partition, as far as is known: they hear of each change at once
 * @param others nodes that learn it from those, and all that one was told of
 */
public record CatalogSources(List<String> informed, List<String> others) {

    private static final int SYSTEM = 0;

    /**
     * @param catalog as far as it is known
     * @param addressOf where a node is
     * @param seeds what one was told of
     */
    public static CatalogSources of(Catalog catalog, Function<NodeRecord, String> addressOf, List<String> seeds) {
        List<String> holders = catalog.getPartitionsList().stream()
                .filter(partition -> partition.getId() == SYSTEM)
                .findFirst()
                .map(PartitionRecord::getReplicasList)
                .<List<String>>map(ArrayList::new)
                .orElse(List.of());
        Set<String> informed = new LinkedHashSet<>();
        Set<String> others = new LinkedHashSet<>();
        for (NodeRecord node : catalog.getNodesList()) {
            (holders.contains(node.getName()) ? informed : others).add(addressOf.apply(node));
        }
        others.addAll(seeds);
        others.removeAll(informed);
        return new CatalogSources(List.copyOf(informed), List.copyOf(others));
    }

    /** The same without one of them. */
    public CatalogSources without(String address) {
        return new CatalogSources(
                informed.stream().filter(other -> !other.equals(address)).toList(),
                others.stream().filter(other -> !other.equals(address)).toList());
    }

    /** All of them, the informed first. */
    public List<String> all() {
        List<String> all = new ArrayList<>(informed);
        all.addAll(others);
        return all;
    }
}
