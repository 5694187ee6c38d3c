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
            private String from = "";
            private boolean refused;

            @Override
            public void onNext(PeerMessages batch) {
                if (refused) {
                    return;
                }
                if (batch.hasHello()) {
                    welcome(batch.getHello());
                }
                if (!from.isEmpty()) {
                    batch.getMessagesList().forEach(message -> receiver.accept(from, message));
                }
            }

            private void welcome(PeerHello hello) {
                Optional<String> refusal = gate.refusal(hello);
                if (refusal.isPresent()) {
                    refused = true;
                    log.warn("refused node {}: {}", hello.getNode(), refusal.get());
                    replies.onError(Status.FAILED_PRECONDITION
                            .withDescription(refusal.get())
                            .asRuntimeException());
                    return;
                }
                from = hello.getNode();
                replies.onNext(PeerWelcome.newBuilder().setSelf(self.get()).build());
            }

            @Override
            public void onError(Throwable cause) {
                log.debug("the stream of node {} broke", from);
            }

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }
}
