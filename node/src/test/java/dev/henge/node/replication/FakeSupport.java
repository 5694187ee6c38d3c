package dev.henge.node.replication;

import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import java.util.HashMap;
import java.util.Map;

/** Support that is given and withdrawn by hand. At first nobody is given any, and all others give theirs for ever. */
final class FakeSupport implements NodeSupport {

    static final long SESSION = 1;

    /** Of all nodes. */
    static final long INCARNATION = 1;

    static final class Peer implements PeerSupport {
        long given;
        long received = SESSION;
        long receivedUntilNanos = Long.MAX_VALUE;

        @Override
        public long given() {
            return given;
        }

        @Override
        public long given(long incarnation) {
            return incarnation == INCARNATION ? given : 0;
        }

        @Override
        public long received() {
            return received;
        }

        @Override
        public long receivedUntilNanos(long session) {
            return session != 0 && session == received ? receivedUntilNanos : 0;
        }
    }

    private final Map<String, Peer> peers = new HashMap<>();
    boolean diskProves = true;

    @Override
    public Peer peer(String node) {
        return peers.computeIfAbsent(node, name -> new Peer());
    }

    @Override
    public long incarnation() {
        return INCARNATION;
    }

    @Override
    public boolean diskProves() {
        return diskProves;
    }
}
