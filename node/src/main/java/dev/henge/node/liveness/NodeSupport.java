package dev.henge.node.liveness;

/** What a node's replicas need to know of {@link NodeLiveness}. */
public interface NodeSupport {

    /** Support between this node and another; always the same object for the same node. */
    PeerSupport peer(String node);

    /** Of this life of the node's process; no other has the same. Positive. */
    long incarnation();

    /**
     * Whether this node's disk has proved to write of late. Where it has not, no replica should seek to lead. Any thread
     * may ask.
     */
    boolean diskProves();
}
