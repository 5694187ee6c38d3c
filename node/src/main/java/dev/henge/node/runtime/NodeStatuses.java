package dev.henge.node.runtime;

import dev.henge.cluster.Channels;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks nodes how they stand, all at once, and waits for them no longer than a second. */
final class NodeStatuses implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeStatuses.class);

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);

    private final String self;
    private final Function<NodeRecord, String> addressOf;
    private final Function<NodeStatusRequest, NodeStatusReply> ownStatus;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final ExecutorService askers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("asker-", 0).factory());

    /**
     * @param addressOf where a node is now
     * @param ownStatus how this node stands
     */
    NodeStatuses(
            String self,
            Function<NodeRecord, String> addressOf,
            Function<NodeStatusRequest, NodeStatusReply> ownStatus) {
        this.self = self;
        this.addressOf = addressOf;
        this.ownStatus = ownStatus;
    }

    /** Those that answered in time, by name. Blocks. */
    Map<String, NodeStatusReply> of(List<NodeRecord> nodes) {
        forgetOthersThan(nodes);
        Map<String, CompletableFuture<NodeStatusReply>> asked = new HashMap<>();
        for (NodeRecord node : nodes) {
            asked.put(node.getName(), CompletableFuture.supplyAsync(() -> statusOf(node), askers));
        }
        Map<String, NodeStatusReply> answers = new HashMap<>();
        asked.forEach((node, answer) -> {
            NodeStatusReply reply = SystemReplica.waitFor(answer, SystemReplica.TIMEOUT)
                    .exceptionally(failure -> null)
                    .join();
            // Another node may have taken over the address of one that is gone.
            if (reply != null && reply.getNode().equals(node)) {
                answers.put(node, reply);
            }
        });
        return answers;
    }

    private void forgetOthersThan(List<NodeRecord> nodes) {
        List<String> addresses = nodes.stream().map(addressOf).toList();
        channels.forEach((address, channel) -> {
            if (!addresses.contains(address) && channels.remove(address, channel)) {
                channel.shutdownNow();
            }
        });
    }

    private NodeStatusReply statusOf(NodeRecord node) {
        NodeStatusRequest request =
                NodeStatusRequest.newBuilder().setWithLoad(true).build();
        if (node.getName().equals(self)) {
            return ownStatus.apply(request);
        }
        ManagedChannel channel = channels.computeIfAbsent(addressOf.apply(node), Channels::open);
        // A node that comes back is to be seen at once, not when the channel tries again by itself.
        channel.resetConnectBackoff();
        try {
            return AdminGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .nodeStatus(request);
        } catch (StatusRuntimeException e) {
            log.debug("node {} did not say how it stands: {}", node.getName(), e.getStatus());
            throw e;
        }
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        askers.shutdownNow();
    }
}
