package dev.henge.node.runtime;

import dev.henge.cluster.Channels;
import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PeerMessages;
import dev.henge.proto.PeerWelcome;
import dev.henge.proto.ReplicationGrpc;
import dev.henge.wire.BatchingSender;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's stream to one other node, for the messages of all partitions. While there is no connection, messages are
 * dropped (Raft sends what matters again), and a new one is tried a few times a second.
 */
final class PeerLink implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PeerLink.class);
    private static final long RETRY_MILLIS = 100;
    private static final long WAITING_BYTES_MAX = 64 << 20;

    private final String node;
    private final String address;
    private final Supplier<PeerHello> hello;
    private final Runnable onBroken;
    private final Consumer<String> onRefused;
    private final ScheduledExecutorService timer;
    private final ManagedChannel channel;
    private volatile @Nullable Stream stream;
    private volatile boolean closed;
    private volatile String lastTrouble = "";

    /**
     * @param hello how this node presents itself
     * @param onBroken called after a connection was lost: messages may be lost with it
     * @param onRefused gets the reason why the other node does not let this one in
     */
    PeerLink(
            String node,
            String address,
            Supplier<PeerHello> hello,
            Runnable onBroken,
            Consumer<String> onRefused,
            ScheduledExecutorService timer) {
        this.node = node;
        this.address = address;
        this.hello = hello;
        this.onBroken = onBroken;
        this.onRefused = onRefused;
        this.timer = timer;
        this.channel = Channels.open(address);
    }

    void connect() {
        if (closed) {
            return;
        }
        channel.resetConnectBackoff();
        Stream opening = new Stream();
        stream = opening;
        ReplicationGrpc.newStub(channel).deliver(opening);
    }

    /** Takes a message for the next {@link #flush}; drops it while there is no connection, or when too much waits. */
    void enqueue(PeerMessage message) {
        Stream current = stream;
        BatchingSender<PeerMessage, PeerMessages> sender = current == null ? null : current.sender;
        if (sender != null) {
            sender.enqueue(message);
        }
    }

    void flush() {
        Stream current = stream;
        BatchingSender<PeerMessage, PeerMessages> sender = current == null ? null : current.sender;
        if (sender != null) {
            sender.resume();
        }
    }

    boolean connected() {
        Stream current = stream;
        return current != null && current.welcomed;
    }

    String node() {
        return node;
    }

    String address() {
        return address;
    }

    private void retry(Stream broken, Status status) {
        if (closed || stream != broken) {
            return;
        }
        boolean wasWelcomed = broken.welcomed;
        stream = null;
        boolean refused = status.getCode() == Status.Code.FAILED_PRECONDITION;
        String trouble = refused || status.getCode() == Status.Code.NOT_FOUND
                ? String.valueOf(status.getDescription())
                : status.getCode().toString();
        if (!trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            if (refused) {
                log.warn("node {} at {} does not let this node in: {}", node, address, trouble);
            } else {
                log.info("no connection to node {} at {}: {}", node, address, trouble);
            }
        }
        if (wasWelcomed) {
            onBroken.run();
        }
        if (refused) {
            onRefused.accept(trouble);
        }
        connectLater();
    }

    /** Under the lock that {@link #close} takes, so that nothing is scheduled once the timer may be shut down. */
    private synchronized void connectLater() {
        if (!closed) {
            timer.schedule(this::connect, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        channel.shutdownNow();
    }

    private final class Stream implements ClientResponseObserver<PeerMessages, PeerWelcome> {

        private volatile @Nullable BatchingSender<PeerMessage, PeerMessages> sender;
        private volatile boolean welcomed;
        private @Nullable ClientCallStreamObserver<PeerMessages> requests;

        @Override
        public void beforeStart(ClientCallStreamObserver<PeerMessages> outgoing) {
            requests = outgoing;
            outgoing.setOnReadyHandler(this::onReady);
        }

        private boolean helloSent;

        private void onReady() {
            ClientCallStreamObserver<PeerMessages> outgoing = requests;
            if (outgoing == null) {
                return;
            }
            if (!helloSent) {
                helloSent = true;
                outgoing.onNext(PeerMessages.newBuilder()
                        .setHello(hello.get().toBuilder().setTo(node))
                        .build());
                sender = new BatchingSender<>(
                        outgoing,
                        batch -> PeerMessages.newBuilder().addAllMessages(batch).build(),
                        WAITING_BYTES_MAX);
                return;
            }
            BatchingSender<PeerMessage, PeerMessages> ready = sender;
            if (ready != null) {
                ready.resume();
            }
        }

        @Override
        public void onNext(PeerWelcome welcome) {
            welcomed = true;
            lastTrouble = "";
            log.info("connected to node {} at {}", node, address);
        }

        @Override
        public void onError(Throwable cause) {
            retry(this, Status.fromThrowable(cause));
        }

        @Override
        public void onCompleted() {
            retry(this, Status.UNAVAILABLE.withDescription("closed"));
        }
    }
}
