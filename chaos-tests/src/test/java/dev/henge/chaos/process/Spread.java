package dev.henge.chaos.process;

import com.google.protobuf.TextFormat;
import dev.henge.chaos.support.Await;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.proto.PartitionRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Waits until a cluster's partitions are where they are to be; a failure tells what stands instead. */
final class Spread {

    private static final int REPLICAS = 3;
    private static final int LINES_TOLD = 40;
    private static final Duration COMMAND_MAX = Duration.ofSeconds(20);

    private Spread() {}

    /**
     * Returns when these nodes, and no others, have all partitions, each as many as another, and nothing moves.
     *
     * @param partitions how many there are with items
     */
    static void await(
            ElasticCluster cluster,
            RoutedClusterClient catalogs,
            int partitions,
            Collection<String> nodes,
            Duration atMost)
            throws IOException {
        try {
            Await.until(
                    "partitions to be spread over " + nodes,
                    atMost,
                    () -> isSpread(catalogs.catalog().getPartitionsList(), partitions * REPLICAS, nodes));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + tale(cluster, catalogs), e);
        }
    }

    private static boolean isSpread(List<PartitionRecord> partitions, int replicas, Collection<String> nodes) {
        Map<String, Integer> held = new TreeMap<>();
        partitions.stream()
                .filter(partition -> partition.getId() != 0)
                .forEach(partition -> partition.getReplicasList().forEach(node -> held.merge(node, 1, Integer::sum)));
        return partitions.stream().allMatch(partition -> partition.getTargetCount() == 0)
                && partitions.stream().allMatch(partition -> nodes.containsAll(partition.getReplicasList()))
                && held.size() == nodes.size()
                && held.values().stream()
                        .allMatch(count -> count >= replicas / nodes.size()
                                && count <= (replicas + nodes.size() - 1) / nodes.size());
    }

    /** What helps to find out why the cluster is not as it should be. */
    private static String tale(ElasticCluster cluster, RoutedClusterClient catalogs) throws IOException {
        StringBuilder tale = new StringBuilder(
                        cluster.command(COMMAND_MAX, "status").text())
                .append("\nthe client's catalog: ")
                .append(TextFormat.printer().emittingSingleLine(true).printToString(catalogs.catalog()));
        for (String node : cluster.nodes()) {
            List<String> lines = cluster.output(node).lines().toList();
            tale.append("\nthe end of what ").append(node).append(" said:\n  ");
            tale.append(String.join("\n  ", lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size())));
        }
        return tale.toString();
    }
}
