package dev.henge.node;

import java.net.InetSocketAddress;

/**
 * Who and where a node is.
 *
 * @param cluster the cluster's name; all its processes must be given the same
 * @param name this node's name, which no other node of the cluster has
 * @param address where others reach it, "host:port": its gRPC endpoint by TCP, its gossip by UDP
 * @param listen where it listens, by TCP and UDP
 * @param zone what may fail as a whole with it, such as a rack or a building; empty: all nodes without one are in the same
 * @param weight how much it is to hold, next to the others
 */
public record NodePlace(
        String cluster, String name, String address, InetSocketAddress listen, String zone, double weight) {

    /** One of many equal nodes, in no zone. */
    public static NodePlace of(String cluster, String name, String address, InetSocketAddress listen) {
        return new NodePlace(cluster, name, address, listen, "", 1);
    }
}
