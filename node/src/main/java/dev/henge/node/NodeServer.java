package dev.henge.node;

/** A running storage node. */
public final class NodeServer implements AutoCloseable {

    private NodeServer() {}

    /**
     * Opens the data directory, recovers, listens. Returns once the endpoint is open; leaders may still be elected.
     *
     * @throws StartupException when the address is taken, or the directory not writable, locked, or of another cluster
     */
    public static NodeServer start(NodeConfig config) throws StartupException {
        throw new StartupException("node " + config.name() + " can't start: not built yet");
    }

    /** Port of the gRPC endpoint. */
    public int port() {
        return 0;
    }

    @Override
    public void close() {}
}
