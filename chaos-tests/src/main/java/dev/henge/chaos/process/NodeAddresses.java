package dev.henge.chaos.process;

import java.util.List;

/** Nodes that run as processes, and how to reach them. */
interface NodeAddresses {

    List<String> nodes();

    /** gRPC address of a node. */
    String address(String node);

    boolean isAlive(String node);
}
