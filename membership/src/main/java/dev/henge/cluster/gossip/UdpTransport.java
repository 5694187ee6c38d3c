package dev.henge.cluster.gossip;

import com.google.protobuf.ByteString;
import dev.henge.membership.gossip.GossipAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Datagrams in and out. One thread at a time waits, receives and sends; {@link #wakeUp} and the counters are for any. */
final class UdpTransport implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(UdpTransport.class);

    /** Larger than any datagram that is taken, so that one too large is seen to be. */
    private static final int RECEIVE_BYTES = 4_096;

    private static final int SOCKET_BUFFER_BYTES = 1 << 20;
    private static final long LOG_INTERVAL_MILLIS = 60_000;

    /** A datagram that came in. */
    record Received(byte[] datagram, GossipAddress from) {}

    private final DatagramChannel channel;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(RECEIVE_BYTES);
    private final AtomicLong sendFailures = new AtomicLong();
    private final AtomicLong receiveFailures = new AtomicLong();
    private long sendFailureLoggedMillis = -LOG_INTERVAL_MILLIS;

    private UdpTransport(DatagramChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
    }

    /** @throws IOException when the port is taken, or the address is none of this machine's */
    static UdpTransport open(InetSocketAddress bind) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
            channel.bind(bind);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            return new UdpTransport(channel, selector);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    InetSocketAddress localAddress() {
        try {
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a datagram, for {@link #wakeUp}, or for this long; not at all for 0 or less. */
    void await(long millis) throws IOException {
        if (millis <= 0) {
            selector.selectNow();
        } else {
            selector.select(millis);
        }
        selector.selectedKeys().clear();
    }

    /** Nothing once it is closed. */
    synchronized void wakeUp() {
        if (selector.isOpen()) {
            selector.wakeup();
        }
    }

    /** The next datagram that waits, or null. */
    @Nullable
    Received receive() throws IOException {
        while (true) {
            buffer.clear();
            SocketAddress from;
            try {
                from = channel.receive(buffer);
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // Some systems report here that an earlier datagram was not wanted at its destination.
                receiveFailures.incrementAndGet();
                return null;
            }
            if (from == null) {
                return null;
            }
            InetSocketAddress source = (InetSocketAddress) from;
            if (source.getPort() == 0) {
                // Allowed by UDP; nobody could be answered there.
                receiveFailures.incrementAndGet();
                continue;
            }
            return new Received(
                    Arrays.copyOf(buffer.array(), buffer.position()), address(source.getAddress(), source.getPort()));
        }
    }

    /** Sends it, or not: the protocol expects losses. */
    void send(GossipAddress to, byte[] datagram) {
        try {
            if (channel.send(ByteBuffer.wrap(datagram), socketAddress(to)) == 0) {
                sendFailures.incrementAndGet();
            }
        } catch (IOException | RuntimeException e) {
            // No route, a firewall, an address of a family that this socket does not speak.
            sendFailures.incrementAndGet();
            long nowMillis = System.nanoTime() / 1_000_000;
            if (nowMillis - sendFailureLoggedMillis >= LOG_INTERVAL_MILLIS) {
                sendFailureLoggedMillis = nowMillis;
                log.warn("gossip to {} can't be sent: {}", to, e.toString());
            }
        }
    }

    long sendFailures() {
        return sendFailures.get();
    }

    long receiveFailures() {
        return receiveFailures.get();
    }

    @Override
    public synchronized void close() {
        try {
            selector.close();
            channel.close();
        } catch (IOException e) {
            log.debug("closing the gossip's socket", e);
        }
    }

    static GossipAddress address(InetAddress address, int port) {
        return new GossipAddress(ByteString.copyFrom(address.getAddress()), port);
    }

    static InetSocketAddress socketAddress(GossipAddress address) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address.ip().toByteArray()), address.port());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /**
     * The address by which this machine goes out towards another. Nothing is sent for it.
     *
     * @param toward null when nobody is known
     */
    static InetAddress outgoingAddress(@Nullable GossipAddress toward) throws IOException {
        if (toward != null) {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.connect(socketAddress(toward));
                InetAddress local = socket.getLocalAddress();
                if (!local.isAnyLocalAddress()) {
                    return local;
                }
            } catch (IOException | UncheckedIOException e) {
                log.debug("no way to {}", toward, e);
            }
        }
        return InetAddress.getLocalHost();
    }
}
