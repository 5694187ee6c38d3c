package dev.henge.cluster;

import dev.henge.proto.DataPlaneGrpc;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataRequests;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DataResponses;
import dev.henge.wire.BatchingSender;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The stream to one node. It is opened by the first request and again by the first one after it broke. A request ends with
 * a response, or with a {@link LinkException} when its time is over or the stream broke: then nobody knows whether the
 * node carried it out.
 */
final class NodeLink implements NodeCalls {

    private static final long WAITING_BYTES_MAX = 64 << 20;
    private static final long REOPEN_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(20);

    private record Call(CompletableFuture<DataResponse> future, long expiryNanos, Stream stream) {}

    private final String address;
    private final ManagedChannel channel;
    private final AtomicLong nextId = new AtomicLong();
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private volatile @Nullable Stream stream;
    private long openedNanos;

    NodeLink(String address, ManagedChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    @Override
    public CompletableFuture<DataResponse> call(DataRequest.Builder request, long timeoutNanos) {
        CompletableFuture<DataResponse> future = new CompletableFuture<>();
        long id = nextId.incrementAndGet();
        Stream target = openStream();
        if (target.broken) {
            future.completeExceptionally(new LinkException(address + " can't be reached", false));
            return future;
        }
        calls.put(id, new Call(future, System.nanoTime() + timeoutNanos, target));
        boolean accepted = target.send(request.setId(id).build());
        if (!accepted) {
            fail(id, new LinkException("too much waits to be sent to " + address, false));
        } else if (target.broken) {
            // It broke between the look and the send; its own sweep may have missed this call.
            fail(id, new LinkException("the connection to " + address + " broke", true));
        }
        return future;
    }

    private Stream openStream() {
        Stream current = stream;
        if (current != null && !current.broken) {
            return current;
        }
        synchronized (this) {
            current = stream;
            long now = System.nanoTime();
            if (current == null || (current.broken && now - openedNanos >= REOPEN_NANOS_MIN)) {
                openedNanos = now;
                current = new Stream();
                // gRPC would wait longer and longer before it tries an address again that was down.
                channel.resetConnectBackoff();
                DataPlaneGrpc.newStub(channel).exchange(current);
                // Only now: gRPC takes no question about a stream that is not started.
                stream = current;
            }
            return current;
        }
    }

    /** Ends the calls whose time is over; called a few dozen times a second. */
    void expire(long nowNanos) {
        Iterator<Map.Entry<Long, Call>> entries = calls.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Long, Call> entry = entries.next();
            if (entry.getValue().expiryNanos() - nowNanos <= 0) {
                fail(entry.getKey(), new LinkException(address + " did not answer in time", true));
            }
        }
    }

    private void fail(long id, LinkException cause) {
        Call call = calls.remove(id);
        if (call != null) {
            call.future().completeExceptionally(cause);
        }
    }

    void close() {
        Stream current = stream;
        if (current != null) {
            current.breakOff("the router stops");
        }
        channel.shutdownNow();
    }

    private final class Stream implements ClientResponseObserver<DataRequests, DataResponses> {

        private volatile @Nullable BatchingSender<DataRequest, DataRequests> sender;
        private volatile boolean broken;

        @Override
        public void beforeStart(ClientCallStreamObserver<DataRequests> requests) {
            BatchingSender<DataRequest, DataRequests> batching = new BatchingSender<>(
                    requests,
                    batch -> DataRequests.newBuilder().addAllRequests(batch).build(),
                    WAITING_BYTES_MAX);
            sender = batching;
            requests.setOnReadyHandler(batching::resume);
        }

        boolean send(DataRequest request) {
            BatchingSender<DataRequest, DataRequests> batching = sender;
            return batching != null && batching.send(request);
        }

        @Override
        public void onNext(DataResponses responses) {
            for (DataResponse response : responses.getResponsesList()) {
                Call call = calls.remove(response.getId());
                if (call != null) {
                    call.future().complete(response);
                }
            }
        }

        @Override
        public void onError(Throwable cause) {
            breakOff("the connection to " + address + " broke");
        }

        @Override
        public void onCompleted() {
            breakOff(address + " closed the connection");
        }

        private void breakOff(String why) {
            broken = true;
            BatchingSender<DataRequest, DataRequests> batching = sender;
            if (batching != null) {
                batching.close();
            }
            calls.forEach((id, call) -> {
                if (call.stream() == this) {
                    fail(id, new LinkException(why, true));
                }
            });
        }
    }
}
