package dev.henge.router.api;

import dev.henge.cluster.Deadline;

/** One operation of the service model. Stateless and safe for use by many threads. */
interface Operation {

    /**
     * Reads the parameters, does the work, and writes the answer as one JSON object. May block up to the deadline.
     *
     * @throws ApiException to answer with an error; what was written by then is discarded
     */
    void execute(JsonReader request, ReplyWriter reply, Call call);

    /**
     * What an operation knows of its request besides the parameters.
     *
     * @param host the host that the client named, or "localhost"
     */
    record Call(Deadline deadline, String host) {}
}
