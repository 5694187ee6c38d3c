package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.DataPlaneGrpc;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataRequests;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DataResponses;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NodeLinkTest {

    private static final int CALLERS = 8;
    private static final int STREAMS = 300;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private Server server;
    private ManagedChannel channel;

    /** Answers every request. */
    private static final class Echo extends DataPlaneGrpc.DataPlaneImplBase {
        @Override
        public StreamObserver<DataRequests> exchange(StreamObserver<DataResponses> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(DataRequests requests) {
                    DataResponses.Builder batch = DataResponses.newBuilder();
                    for (DataRequest request : requests.getRequestsList()) {
                        batch.addResponses(DataResponse.newBuilder().setId(request.getId()));
                    }
                    answers.onNext(batch.build());
                }

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(new Echo())
                .build()
                .start();
        channel = Channels.open("127.0.0.1:" + server.getPort());
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void callsThatMeetWhileTheStreamOpensAreAllAnswered() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            for (int stream = 0; stream < STREAMS; stream++) {
                NodeLink link = new NodeLink("the node", channel);
                CyclicBarrier together = new CyclicBarrier(CALLERS);
                List<Future<CompletableFuture<DataResponse>>> calls = new ArrayList<>();
                for (int caller = 0; caller < CALLERS; caller++) {
                    calls.add(callers.submit(() -> {
                        together.await();
                        return link.call(DataRequest.newBuilder(), TIMEOUT_NANOS);
                    }));
                }
                for (Future<CompletableFuture<DataResponse>> call : calls) {
                    assertThat(answer(call).getId()).isPositive();
                }
            }
        }
    }

    private static DataResponse answer(Future<CompletableFuture<DataResponse>> call)
            throws InterruptedException, ExecutionException, TimeoutException {
        return call.get(20, TimeUnit.SECONDS).get(20, TimeUnit.SECONDS);
    }
}
