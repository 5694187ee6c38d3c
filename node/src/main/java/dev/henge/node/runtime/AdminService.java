package dev.henge.node.runtime;

import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.catalog.Credentials;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.ScrubRequest;
import dev.henge.proto.WatchCatalogRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/** Tells the catalog and how this node stands. */
final class AdminService extends AdminGrpc.AdminImplBase {

    private final CatalogHolder catalogs;
    private final Function<NodeStatusRequest, NodeStatusReply> status;
    private final Scrubber scrubber;

    AdminService(CatalogHolder catalogs, Function<NodeStatusRequest, NodeStatusReply> status, Scrubber scrubber) {
        this.catalogs = catalogs;
        this.status = status;
        this.scrubber = scrubber;
    }

    @Override
    public void watchCatalog(WatchCatalogRequest request, StreamObserver<Catalog> replies) {
        ServerCallStreamObserver<Catalog> outgoing = (ServerCallStreamObserver<Catalog>) replies;
        Consumer<Catalog> sender = catalog -> {
            if (catalog.getEpoch() > request.getKnownEpoch() && !outgoing.isCancelled()) {
                outgoing.onNext(request.getWithSecrets() ? catalog : Credentials.withoutSecrets(catalog));
            }
        };
        outgoing.setOnCancelHandler(() -> catalogs.remove(sender));
        // The holder calls its listeners one at a time, as a stream needs it.
        catalogs.listen(sender);
    }

    @Override
    public void nodeStatus(NodeStatusRequest request, StreamObserver<NodeStatusReply> replies) {
        replies.onNext(status.apply(request));
        replies.onCompleted();
    }

    @Override
    public void scrub(ScrubRequest request, StreamObserver<ScrubProgress> replies) {
        ServerCallStreamObserver<ScrubProgress> outgoing = (ServerCallStreamObserver<ScrubProgress>) replies;
        // Without a handler, sending to a caller that went away would throw in the scrubber's thread.
        outgoing.setOnCancelHandler(() -> {});
        Object turn = new Object();
        AtomicInteger left = new AtomicInteger();
        synchronized (turn) {
            int count = scrubber.request(request.getPartitionsList(), result -> {
                synchronized (turn) {
                    outgoing.onNext(ScrubProgress.newBuilder()
                            .setPartition(result.partition())
                            .setOutcome(result.outcome().name())
                            .setDetail(result.detail())
                            .setKeys(result.keys())
                            .setBytes(result.bytes())
                            .build());
                    if (left.decrementAndGet() == 0) {
                        outgoing.onCompleted();
                    }
                }
            });
            left.set(count);
            outgoing.onNext(ScrubProgress.newBuilder().setPartitionCount(count).build());
            if (count == 0) {
                outgoing.onCompleted();
            }
        }
    }
}
