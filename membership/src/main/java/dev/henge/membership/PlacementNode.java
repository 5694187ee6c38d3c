package dev.henge.membership;

/**
 * A node as placement sees it.
 *
 * @param name the node's name, unique in the cluster
 * @param zone what fails together with it; nodes of a cluster without zones all share one
 * @param weight its capacity relative to a usual node, which has 1; above 0 and at most {@link #WEIGHT_MAX}
 * @param takesMore false for a node that may keep what it holds and gets nothing more (down, draining, nearly full)
 */
public record PlacementNode(String name, String zone, double weight, boolean takesMore) {

    /** Beyond it a node would rather be several. */
    public static final double WEIGHT_MAX = 64;

    public PlacementNode {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a node has a name");
        }
        if (!(weight > 0 && weight <= WEIGHT_MAX)) {
            throw new IllegalArgumentException(
                    "the weight of " + name + " is above 0 and at most " + WEIGHT_MAX + ", not " + weight);
        }
    }

    public PlacementNode(String name, String zone, double weight) {
        this(name, zone, weight, true);
    }
}
