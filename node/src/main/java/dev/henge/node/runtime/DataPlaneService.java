package dev.henge.node.runtime;

import dev.henge.node.partition.Responder;
import dev.henge.proto.DataPlaneGrpc;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataRequests;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DataResponses;
import dev.henge.wire.BatchingSender;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.BiConsumer;

/** Takes in the streams of routers, and of other nodes that ask for something as a router would. */
final class DataPlaneService extends DataPlaneGrpc.DataPlaneImplBase {

    private static final long WAITING_BYTES_MAX = 128L << 20;

    private final BiConsumer<DataRequest, Responder> handler;

    DataPlaneService(BiConsumer<DataRequest, Responder> handler) {
        this.handler = handler;
    }

    @Override
    public StreamObserver<DataRequests> exchange(StreamObserver<DataResponses> replies) {
        ServerCallStreamObserver<DataResponses> outgoing = (ServerCallStreamObserver<DataResponses>) replies;
        BatchingSender<DataResponse, DataResponses> sender = new BatchingSender<>(
                outgoing,
                batch -> DataResponses.newBuilder().addAllResponses(batch).build(),
                WAITING_BYTES_MAX);
        outgoing.setOnReadyHandler(sender::resume);
        outgoing.setOnCancelHandler(sender::close);
        return new StreamObserver<>() {
            @Override
            public void onNext(DataRequests batch) {
                for (DataRequest request : batch.getRequestsList()) {
                    // A response that finds no room is dropped: the caller's time-out takes care of it.
                    handler.accept(
                            request,
                            response ->
                                    sender.send(response.setId(request.getId()).build()));
                }
            }

            @Override
            public void onError(Throwable cause) {
                sender.close();
            }

            @Override
            public void onCompleted() {
                sender.close();
                outgoing.onCompleted();
            }
        };
    }
}
