package dev.henge.cluster;

import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import java.util.concurrent.CompletableFuture;

/** The way to one node for requests. */
public interface NodeCalls {

    /**
     * Asks the node. The builder is read before the call returns, and given an id.
     *
     * @return completes with the node's response, or with a {@link LinkException} when its time is over or the
     *     connection broke; on any thread, also before this call returns
     */
    CompletableFuture<DataResponse> call(DataRequest.Builder request, long timeoutNanos);
}
