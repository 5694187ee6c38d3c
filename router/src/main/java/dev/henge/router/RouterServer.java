package dev.henge.router;

import java.io.IOException;

/** A running router. */
public final class RouterServer implements AutoCloseable {

    private RouterServer() {}

    /**
     * Opens the HTTP endpoint and begins to learn the cluster; requests wait, within their deadline, until it is known.
     *
     * @throws IOException when the address can't be listened on
     */
    public static RouterServer start(RouterConfig config) throws IOException {
        throw new IOException("the router can't listen on " + config.listen() + ": not built yet");
    }

    /** Port of the HTTP endpoint. */
    public int port() {
        return 0;
    }

    @Override
    public void close() {}
}
