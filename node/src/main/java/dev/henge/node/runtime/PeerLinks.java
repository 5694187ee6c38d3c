package dev.henge.node.runtime;

import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PeerStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** This node's streams to all other nodes. */
final class PeerLinks implements AutoCloseable {

    private final Map<String, PeerLink> links = new TreeMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("peer-links").factory());

    /**
     * @param addresses of the other nodes, by name
     * @param onBroken gets the name of a node whose connection broke
     * @param onShutOut gets the reason, once as many nodes refuse this one as would be a majority of the cluster: one
     *     of them may be wrong itself, they all are not
     */
    PeerLinks(
            Map<String, String> addresses,
            Supplier<PeerHello> hello,
            Consumer<String> onBroken,
            Consumer<String> onShutOut) {
        int majority = (addresses.size() + 1) / 2 + 1;
        Set<String> refusedBy = ConcurrentHashMap.newKeySet();
        addresses.forEach((node, address) -> {
            Consumer<String> onRefused = reason -> {
                refusedBy.add(node);
                if (refusedBy.size() >= majority) {
                    onShutOut.accept(reason);
                }
            };
            links.put(node, new PeerLink(node, address, hello, () -> onBroken.accept(node), onRefused, timer));
        });
    }

    void connect() {
        links.values().forEach(PeerLink::connect);
    }

    void enqueue(String node, PeerMessage message) {
        PeerLink link = links.get(node);
        if (link != null) {
            link.enqueue(message);
        }
    }

    /** Sends without waiting for a flush. */
    void send(String node, PeerMessage message) {
        PeerLink link = links.get(node);
        if (link != null) {
            link.enqueue(message);
            link.flush();
        }
    }

    void flush() {
        links.values().forEach(PeerLink::flush);
    }

    List<PeerStatus> status() {
        return links.values().stream()
                .map(link -> PeerStatus.newBuilder()
                        .setNode(link.node())
                        .setConnected(link.connected())
                        .build())
                .toList();
    }

    @Override
    public void close() {
        // In this order, since a link that is open may use the timer.
        links.values().forEach(PeerLink::close);
        timer.shutdownNow();
    }
}
