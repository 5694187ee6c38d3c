package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClientEnvironment;
import dev.henge.cluster.LinkException;
import dev.henge.cluster.NodeCalls;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The world of a production client of the cluster: virtual time, and the simulated network to nodes. */
final class RoutingEnvironment implements ClientEnvironment {

    private static final long CONNECT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long STRAGGLER_NANOS_MAX = TimeUnit.SECONDS.toNanos(4);

    private final World world;
    private final String name;
    private final Chance chance;
    private final SimulatedClock clock;
    private final Map<String, Link> links = new HashMap<>();
    private final Set<ByteString> sentRequestIds = new HashSet<>();
    private final Timer timer;

    /** Runs a task after some virtual time, if its process still lives then. */
    interface Timer {
        void after(long delayNanos, Runnable task);
    }

    /** @param name of the process on the network */
    RoutingEnvironment(World world, String name, SimulatedClock clock, Chance chance, Timer timer) {
        this.world = world;
        this.name = name;
        this.clock = clock;
        this.chance = chance;
        this.timer = timer;
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public long randomBetween(long low, long high) {
        return low + chance.below(high - low);
    }

    @Override
    public void schedule(Runnable task, long delayNanos) {
        timer.after(delayNanos, task);
    }

    /** Nodes have their name for a host. */
    @Override
    public NodeCalls node(String address) {
        return links.computeIfAbsent(address.substring(0, address.indexOf(':')), Link::new);
    }

    /** The connection to a node broke: its process died. */
    void disconnected(String node) {
        Link link = links.get(node);
        if (link != null) {
            schedule(link::breakOff, chance.below(CONNECT_NANOS_MAX));
        }
    }

    @Override
    public void close() {
        links.values().forEach(Link::breakOff);
    }

    private void traced(String what, long detail, String text) {
        world.trace.event(world.scheduler.nowNanos(), name, what, detail, () -> text);
    }

    private DataRequest sabotaged(DataRequest request) {
        if (!request.hasWriteItem() && !request.hasWriteItems()) {
            return request;
        }
        boolean again = !sentRequestIds.add(
                request.hasWriteItem()
                        ? request.getWriteItem().getRequestId()
                        : request.getWriteItems().getRequestId());
        return switch (world.settings.sabotage()) {
            case RETRIES_ARE_NEW_WRITES -> again ? asNewWrite(request.toBuilder()) : request;
            case RETRIES_HIDE_THAT_THEY_ARE -> asFirstAttempt(request.toBuilder());
            case NONE,
                    SYNC_DOES_NOTHING,
                    DURABLE_TOLD_EARLY,
                    FLUSH_DOES_NOTHING,
                    READS_WITHOUT_LEASE,
                    READS_FROM_FOLLOWERS,
                    CLOCKS_DRIFT_TOO_FAR -> request;
        };
    }

    private DataRequest asNewWrite(DataRequest.Builder request) {
        if (request.hasWriteItem()) {
            request.getWriteItemBuilder().setRequestId(requestId(chance));
        } else {
            request.getWriteItemsBuilder().setRequestId(requestId(chance));
        }
        return request.build();
    }

    private static DataRequest asFirstAttempt(DataRequest.Builder request) {
        if (request.hasWriteItem()) {
            request.getWriteItemBuilder().setRepeated(false);
        } else {
            request.getWriteItemsBuilder().setRepeated(false);
        }
        return request.build();
    }

    static ByteString requestId(Chance chance) {
        return ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(chance.any())
                .putLong(chance.any())
                .flip());
    }

    /** The stream to a node. */
    private final class Link implements NodeCalls {
        private final String node;
        private final Set<CompletableFuture<DataResponse>> calls = new LinkedHashSet<>();
        private long nextId;

        Link(String node) {
            this.node = node;
        }

        @Override
        public CompletableFuture<DataResponse> call(DataRequest.Builder builder, long timeoutNanos) {
            long id = ++nextId;
            DataRequest request = sabotaged(builder.setId(id).build());
            CompletableFuture<DataResponse> call = new CompletableFuture<>();
            world.trace.event(
                    world.scheduler.nowNanos(),
                    name,
                    "asks",
                    id,
                    () -> node + " " + request.toString().replaceAll("\\s+", " "));
            calls.add(call);
            if (!world.node(node).up() && chance.happens(0.5)) {
                schedule(() -> fail(call, node + " can't be reached", false), chance.below(CONNECT_NANOS_MAX));
                return call;
            }
            if (chance.happens(world.settings.stragglerShare())) {
                schedule(() -> send(call, id, request), chance.below(STRAGGLER_NANOS_MAX));
            } else {
                send(call, id, request);
            }
            schedule(() -> fail(call, node + " did not answer in time", true), timeoutNanos);
            return call;
        }

        private void send(CompletableFuture<DataResponse> call, long id, DataRequest request) {
            world.network.sendOnce(name, node, () -> world.node(node).receive(request, response -> {
                DataResponse answer = response.build();
                world.network.sendOnce(node, name, () -> onAnswer(call, id, answer));
            }));
        }

        private void onAnswer(CompletableFuture<DataResponse> call, long id, DataResponse answer) {
            if (calls.remove(call)) {
                if (answer.hasRefusal()) {
                    traced(
                            "refused",
                            id,
                            node + " refuses: " + answer.getRefusal().getCode());
                }
                call.complete(answer);
            }
        }

        private void fail(CompletableFuture<DataResponse> call, String why, boolean sent) {
            if (calls.remove(call)) {
                traced("no answer", 0, why);
                call.completeExceptionally(new LinkException(why, sent));
            }
        }

        private void breakOff() {
            for (CompletableFuture<DataResponse> call : List.copyOf(calls)) {
                fail(call, "the connection to " + node + " broke", true);
            }
        }
    }
}
