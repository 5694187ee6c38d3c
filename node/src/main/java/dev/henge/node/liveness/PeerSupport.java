package dev.henge.node.liveness;

/** Support between this node and one other, as it stands. Any thread may read it, at any time. */
public interface PeerSupport {

    /** No support, either way. */
    PeerSupport NONE = new PeerSupport() {
        @Override
        public long given() {
            return 0;
        }

        @Override
        public long given(long incarnation) {
            return 0;
        }

        @Override
        public long received() {
            return 0;
        }

        @Override
        public long receivedUntilNanos(long session) {
            return 0;
        }
    };

    /** The session in which this node supports the other now, 0 for none. Once it was withdrawn it never comes back. */
    long given();

    /** The session in which this node supports this life of the other now, 0 for none or for one with another life of it. */
    long given(long incarnation);

    /** The session in which the other node supported this one by its last answer that still counts, 0 for none. */
    long received();

    /**
     * Until when the other node is sure to give this session (or to be down, or just up again), in this node's time; 0
     * when it is not the one received.
     */
    long receivedUntilNanos(long session);
}
