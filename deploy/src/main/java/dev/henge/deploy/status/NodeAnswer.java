package dev.henge.deploy.status;

import dev.henge.proto.NodeStatusReply;

/** What asking one node came to. */
public sealed interface NodeAnswer {

    /** The address that was asked, {@code host:port}. */
    String address();

    /** It answered. */
    record Up(String address, NodeStatusReply reply) implements NodeAnswer {}

    /**
     * It did not answer.
     *
     * @param reason why, in a few words
     */
    record Down(String address, String reason) implements NodeAnswer {}
}
