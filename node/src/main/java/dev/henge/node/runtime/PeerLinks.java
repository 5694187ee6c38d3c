package dev.henge.node.runtime;

import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PeerStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** This node's streams to all other nodes, as many as there are at the time. */
final class PeerLinks implements AutoCloseable {

    private final Supplier<PeerHello> hello;
    private final Consumer<String> onBroken;
    private final Consumer<String> onShutOut;
    private final Map<String, PeerLink> links = new ConcurrentHashMap<>();
    private final Set<String> refusedBy = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("peer-links").factory());
    private boolean connecting;
    private boolean closed;

    /**
     * @param hello how this node presents itself
     * @param onBroken gets the name of a node whose connection broke
     * @param onShutOut gets the reason, once as many nodes refuse this one as would be a majority of the cluster: one
     *     of them may be wrong itself, they all are not
     */
    PeerLinks(Supplier<PeerHello> hello, Consumer<String> onBroken, Consumer<String> onShutOut) {
        this.hello = hello;
        this.onBroken = onBroken;
        this.onShutOut = onShutOut;
    }

    /**
     * Keeps streams to these nodes and no others, and opens another one to a node that is at another address.
     *
     * @param addresses of the other nodes, by name
     */
    synchronized void follow(Map<String, String> addresses) {
        if (closed) {
            return;
        }
        links.values().removeIf(link -> {
            boolean stays = link.address().equals(addresses.get(link.node()));
            if (!stays) {
                link.close();
            }
            return !stays;
        });
        refusedBy.retainAll(addresses.keySet());
        addresses.forEach((node, address) -> {
            if (!links.containsKey(node)) {
                open(node, address);
            }
        });
    }

    private void open(String node, String address) {
        PeerLink link = new PeerLink(
                node, address, hello, () -> onBroken.accept(node), reason -> onRefused(node, reason), timer);
        links.put(node, link);
        if (connecting) {
            link.connect();
        }
    }

    private void onRefused(String node, String reason) {
        refusedBy.add(node);
        int majority = (links.size() + 1) / 2 + 1;
        if (refusedBy.size() >= majority) {
            onShutOut.accept(reason);
        }
    }

    /** Connects to the nodes that are followed, and to all that come. */
    synchronized void connect() {
        connecting = true;
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
                .sorted(Comparator.comparing(PeerLink::node))
                .map(link -> PeerStatus.newBuilder()
                        .setNode(link.node())
                        .setConnected(link.connected())
                        .build())
                .toList();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        // In this order, since a link that is open may use the timer.
        links.values().forEach(PeerLink::close);
        timer.shutdownNow();
    }
}
