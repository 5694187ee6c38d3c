package dev.henge.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogHolder;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PeerMessages;
import dev.henge.proto.PeerWelcome;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplicationServiceTest {

    private final CatalogHolder catalogs = new CatalogHolder();
    private final List<PeerMessage> received = new ArrayList<>();
    private final List<PeerWelcome> welcomes = new ArrayList<>();
    private final List<Status.Code> refusals = new ArrayList<>();
    private final ReplicationService service = new ReplicationService(
            new PeerGate("n1", "test", Set.of("n1", "n2"), catalogs),
            PeerHello::getDefaultInstance,
            (from, message) -> received.add(message));

    @Test
    void aNodeThatCameInUnderAFalseNameIsShutOutOnceTheCatalogTells() {
        StreamObserver<PeerMessages> stream = service.deliver(replies());
        stream.onNext(hello("impostor"));
        stream.onNext(message());

        catalogs.offer(catalogThatKnows("original"));
        stream.onNext(message());
        stream.onNext(message());

        assertThat(welcomes).hasSize(1);
        assertThat(received).hasSize(1);
        assertThat(refusals).containsExactly(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void aNodeThatIsWhoItSaysStaysWhenTheCatalogChanges() {
        StreamObserver<PeerMessages> stream = service.deliver(replies());
        stream.onNext(hello("original"));

        catalogs.offer(catalogThatKnows("original"));
        stream.onNext(message());

        assertThat(received).hasSize(1);
        assertThat(refusals).isEmpty();
    }

    private static PeerMessages hello(String instance) {
        return PeerMessages.newBuilder()
                .setHello(
                        PeerHello.newBuilder().setCluster("test").setNode("n2").setInstanceId(instance))
                .build();
    }

    private static PeerMessages message() {
        return PeerMessages.newBuilder()
                .addMessages(PeerMessage.getDefaultInstance())
                .build();
    }

    private static Catalog catalogThatKnows(String instance) {
        return Catalog.newBuilder()
                .setClusterId("cluster")
                .setEpoch(1)
                .addNodes(NodeRecord.newBuilder().setName("n2").setInstanceId(instance))
                .addPartitions(PartitionRecord.getDefaultInstance())
                .build();
    }

    private StreamObserver<PeerWelcome> replies() {
        return new StreamObserver<>() {
            @Override
            public void onNext(PeerWelcome welcome) {
                welcomes.add(welcome);
            }

            @Override
            public void onError(Throwable cause) {
                refusals.add(Status.fromThrowable(cause).getCode());
            }

            @Override
            public void onCompleted() {}
        };
    }
}
