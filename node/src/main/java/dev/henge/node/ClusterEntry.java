package dev.henge.node;

import java.util.List;
import java.util.Map;

/** How a node comes into its cluster. One that has been in it before goes by what it remembers of it first. */
public sealed interface ClusterEntry {

    /** Where other nodes may be found, "host:port" each; this node may be among them. */
    List<String> seeds();

    /**
     * As one of the nodes that make the cluster.
     *
     * @param founders the cluster's first members: name to address, this node among them; the same for each of them
     * @param partitions how many partitions the ring is cut into
     */
    record Founding(Map<String, String> founders, int partitions) implements ClusterEntry {
        public Founding {
            founders = Map.copyOf(founders);
        }

        @Override
        public List<String> seeds() {
            return founders.values().stream().sorted().toList();
        }
    }

    /** As a further node of a cluster that is there. */
    record Joining(List<String> seeds) implements ClusterEntry {
        public Joining {
            seeds = List.copyOf(seeds);
        }
    }
}
