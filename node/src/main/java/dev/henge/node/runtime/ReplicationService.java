package dev.henge.node.runtime;

import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PeerMessages;
import dev.henge.proto.PeerWelcome;
import dev.henge.proto.ReplicationGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes in the other nodes' streams. */
final class ReplicationService extends ReplicationGrpc.ReplicationImplBase {

    private static final Logger log = LoggerFactory.getLogger(ReplicationService.class);

    private final PeerGate gate;
    private final Supplier<PeerHello> self;
    private final BiConsumer<String, PeerMessage> receiver;

    /** @param receiver gets the sending node's name and each of its messages, on a network thread */
    ReplicationService(PeerGate gate, Supplier<PeerHello> self, BiConsumer<String, PeerMessage> receiver) {
        this.gate = gate;
        this.self = self;
        this.receiver = receiver;
    }

    @Override
    public StreamObserver<PeerMessages> deliver(StreamObserver<PeerWelcome> replies) {
        return new StreamObserver<>() {
            private PeerHello peer = PeerHello.getDefaultInstance();
            private long checkedEpoch;
            private boolean refused;

            @Override
            public void onNext(PeerMessages batch) {
                if (batch.hasHello()) {
                    peer = batch.getHello();
                    if (letsIn()) {
                        replies.onNext(
                                PeerWelcome.newBuilder().setSelf(self.get()).build());
                    }
                }
                // A node may have come in before this one knew that it is not who it says.
                if (refused || peer.getNode().isEmpty() || (checkedEpoch != gate.epoch() && !letsIn())) {
                    return;
                }
                batch.getMessagesList().forEach(message -> receiver.accept(peer.getNode(), message));
            }

            private boolean letsIn() {
                checkedEpoch = gate.epoch();
                Optional<PeerGate.Refusal> refusal = gate.refusal(peer);
                if (refusal.isEmpty()) {
                    return true;
                }
                refused = true;
                boolean lasting = refusal.get().lasting();
                if (lasting) {
                    log.warn(
                            "refused node {}: {}", peer.getNode(), refusal.get().reason());
                } else {
                    log.debug(
                            "refused node {}: {}", peer.getNode(), refusal.get().reason());
                }
                replies.onError((lasting ? Status.FAILED_PRECONDITION : Status.NOT_FOUND)
                        .withDescription(refusal.get().reason())
                        .asRuntimeException());
                return false;
            }

            @Override
            public void onError(Throwable cause) {
                log.debug("the stream of node {} broke", peer.getNode());
            }

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }
}
