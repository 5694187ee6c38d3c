package dev.henge.node.partition;

import dev.henge.proto.DataResponse;

/** Takes the one answer to a request; the id is set by the receiver. */
@FunctionalInterface
public interface Responder {
    void respond(DataResponse.Builder response);
}
