package dev.henge.deploy.status;

import dev.henge.cluster.Channels;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.WatchCatalogRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks nodes how they stand, all at once; then those that the catalog names and nobody had asked. */
public final class StatusCollector {

    private final long timeoutMillis;

    /** @param timeout how long one node may take to answer */
    public StatusCollector(Duration timeout) {
        timeoutMillis = timeout.toMillis();
    }

    private record Asked(NodeAnswer answer, Catalog catalog) {}

    /** Asks; a node that doesn't answer is part of the result. */
    public ClusterStatus collect(Collection<String> addresses) throws InterruptedException {
        ClusterLook look = look(addresses);
        return ClusterStatus.of(look.answers(), look.catalog());
    }

    /** Asks; a node that doesn't answer is part of the result. */
    public ClusterLook look(Collection<String> addresses) throws InterruptedException {
        Map<String, Asked> asked = new LinkedHashMap<>(askAll(new LinkedHashSet<>(addresses)));
        Catalog catalog = newest(asked.values());
        Set<String> unasked = new LinkedHashSet<>();
        for (NodeRecord node : catalog.getNodesList()) {
            if (!asked.containsKey(node.getAddress()) && !isKnown(node, asked.values())) {
                unasked.add(node.getAddress());
            }
        }
        asked.putAll(askAll(unasked));
        List<NodeAnswer> answers = asked.values().stream().map(Asked::answer).toList();
        return new ClusterLook(answers, newest(asked.values()));
    }

    private static boolean isKnown(NodeRecord node, Collection<Asked> asked) {
        return asked.stream()
                .anyMatch(one -> one.answer() instanceof NodeAnswer.Up up
                        && up.reply().getNode().equals(node.getName()));
    }

    private static Catalog newest(Collection<Asked> asked) {
        Catalog newest = Catalog.getDefaultInstance();
        for (Asked one : asked) {
            if (one.catalog().getEpoch() > newest.getEpoch()) {
                newest = one.catalog();
            }
        }
        return newest;
    }

    private Map<String, Asked> askAll(Set<String> addresses) throws InterruptedException {
        Map<String, Future<Asked>> asking = new LinkedHashMap<>();
        Map<String, Asked> asked = new LinkedHashMap<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String address : addresses) {
                asking.put(address, executor.submit(() -> ask(address)));
            }
            for (Map.Entry<String, Future<Asked>> entry : new ArrayList<>(asking.entrySet())) {
                asked.put(entry.getKey(), entry.getValue().get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a node failed", e);
        }
        return asked;
    }

    private Asked ask(String address) {
        ManagedChannel channel = Channels.open(address);
        try {
            NodeStatusReply reply = stub(channel)
                    .nodeStatus(NodeStatusRequest.newBuilder().setWithLoad(true).build());
            // A node without a catalog would let the watcher wait for one.
            Catalog catalog = reply.getCatalogEpoch() == 0
                    ? Catalog.getDefaultInstance()
                    : stub(channel)
                            .watchCatalog(WatchCatalogRequest.getDefaultInstance())
                            .next();
            return new Asked(new NodeAnswer.Up(address, reply), catalog);
        } catch (StatusRuntimeException e) {
            return new Asked(new NodeAnswer.Down(address, reason(e)), Catalog.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }

    private AdminGrpc.AdminBlockingStub stub(ManagedChannel channel) {
        return AdminGrpc.newBlockingStub(channel).withDeadlineAfter(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    private static boolean causedBy(Throwable failure, Class<? extends Throwable> kind) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String reason(StatusRuntimeException failure) {
        return switch (failure.getStatus().getCode()) {
            case UNAVAILABLE ->
                causedBy(failure, UnknownHostException.class)
                        ? "its host's name can't be resolved"
                        : "can't be reached";
            case DEADLINE_EXCEEDED -> "no answer in time";
            case UNIMPLEMENTED -> "not a Henge node";
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED -> failure.getStatus().toString();
        };
    }
}
