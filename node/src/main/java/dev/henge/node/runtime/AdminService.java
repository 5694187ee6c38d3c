package dev.henge.node.runtime;

import dev.henge.node.catalog.CatalogHolder;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.WatchCatalogRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells the catalog and how this node stands. */
final class AdminService extends AdminGrpc.AdminImplBase {

    private final CatalogHolder catalogs;
    private final Supplier<NodeStatusReply> status;

    AdminService(CatalogHolder catalogs, Supplier<NodeStatusReply> status) {
        this.catalogs = catalogs;
        this.status = status;
    }

    @Override
    public void watchCatalog(WatchCatalogRequest request, StreamObserver<Catalog> replies) {
        ServerCallStreamObserver<Catalog> outgoing = (ServerCallStreamObserver<Catalog>) replies;
        Consumer<Catalog> sender = catalog -> {
            if (catalog.getEpoch() > request.getKnownEpoch() && !outgoing.isCancelled()) {
                outgoing.onNext(catalog);
            }
        };
        outgoing.setOnCancelHandler(() -> catalogs.remove(sender));
        // The holder calls its listeners one at a time, as a stream needs it.
        catalogs.listen(sender);
    }

    @Override
    public void nodeStatus(NodeStatusRequest request, StreamObserver<NodeStatusReply> replies) {
        replies.onNext(status.get());
        replies.onCompleted();
    }
}
