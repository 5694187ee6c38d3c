package dev.henge.cluster;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** gRPC channels between the processes of a cluster. */
public final class Channels {

    /** Largest message on any of our streams: a page of 1 MB, a 16 MB snapshot chunk at the very most, and room. */
    public static final int MESSAGE_BYTES_MAX = 32 << 20;

    private Channels() {}

    /** A channel to {@code "host:port"}; callbacks run on the network threads and must not block. */
    public static ManagedChannel open(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("an address is host:port, not " + address);
        }
        return NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .directExecutor()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .build();
    }
}
