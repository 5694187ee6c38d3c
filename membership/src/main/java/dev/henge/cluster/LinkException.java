package dev.henge.cluster;

/** No answer came from a node. */
public final class LinkException extends RuntimeException {

    private final boolean sent;

    /** @param sent whether the request may have reached the node: then nobody knows whether it was carried out */
    public LinkException(String message, boolean sent) {
        super(message, null, false, false);
        this.sent = sent;
    }

    public boolean sent() {
        return sent;
    }
}
