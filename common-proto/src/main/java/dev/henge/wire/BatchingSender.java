package dev.henge.wire;

import com.google.protobuf.MessageLite;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Sends messages on a gRPC stream in batches: whatever arrives while a batch is being handed over goes into the next one,
 * so a busy stream has large batches and a quiet one no delay.
 *
 * <p>Any thread may send. A gRPC stream takes calls from one thread at a time: the thread that finds nobody sending sends
 * for all (the counter {@code work} is the lock). Nothing is handed to a stream that is not ready; what waits is bounded
 * by {@code waitingBytesMax}, and beyond it {@link #send} refuses.
 *
 * @param <T> a message
 * @param <B> a batch of messages
 */
public final class BatchingSender<T extends MessageLite, B> {

    private static final int BATCH_MESSAGES_MAX = 512;
    private static final long BATCH_BYTES_MAX = 1 << 20;

    private record Waiting<T>(T message, int sizeBytes) {}

    private final CallStreamObserver<B> stream;
    private final Function<List<T>, B> batch;
    private final long waitingBytesMax;
    private final Queue<Waiting<T>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean closed;

    /** The owner calls {@link #resume} from the stream's on-ready handler. */
    public BatchingSender(CallStreamObserver<B> stream, Function<List<T>, B> batch, long waitingBytesMax) {
        this.stream = stream;
        this.batch = batch;
        this.waitingBytesMax = waitingBytesMax;
    }

    /**
     * Sends now, when the thread's {@link Cork} is drawn, or when the stream is ready. Returns false, and sends nothing, when
     * too much waits or after close.
     */
    public boolean send(T message) {
        boolean accepted = enqueue(message);
        if (accepted && !Cork.holdsBack(this)) {
            resume();
        }
        return accepted;
    }

    /** Like {@link #send}, but the message waits for the next {@link #resume}, so that several go as one batch. */
    public boolean enqueue(T message) {
        int sizeBytes = message.getSerializedSize();
        if (closed || waitingBytes.get() > waitingBytesMax) {
            return false;
        }
        waitingBytes.addAndGet(sizeBytes);
        waiting.add(new Waiting<>(message, sizeBytes));
        return true;
    }

    /** Goes on sending what waits; for the stream's on-ready handler. */
    public void resume() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                sendWhileReady();
            } catch (RuntimeException e) {
                // The stream is of no use any more; what is sent from now on must be refused, not kept for ever.
                close();
                work.set(0);
                throw e;
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private void sendWhileReady() {
        while (!closed && stream.isReady()) {
            List<T> messages = takeBatch();
            if (messages.isEmpty()) {
                return;
            }
            stream.onNext(batch.apply(messages));
        }
    }

    private List<T> takeBatch() {
        List<T> messages = new ArrayList<>();
        long bytes = 0;
        while (messages.size() < BATCH_MESSAGES_MAX && bytes < BATCH_BYTES_MAX) {
            Waiting<T> next = waiting.poll();
            if (next == null) {
                break;
            }
            bytes += next.sizeBytes();
            messages.add(next.message());
        }
        waitingBytes.addAndGet(-bytes);
        return messages;
    }

    /** Forgets what waits and refuses from now on; ending the stream itself is the owner's. */
    public void close() {
        closed = true;
        waiting.clear();
    }
}
