package dev.henge.router.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An HTTP/1.1 endpoint: takes whole requests in within {@link HttpLimits}, has each answered by an
 * {@link HttpHandler} on a virtual thread of its own, and keeps connections alive. Requests that a client pipelines
 * on one connection are answered one after the other, in order.
 *
 * <p>Threads: Netty's event loops read and write sockets, one loop per connection; what belongs to a connection is
 * touched by its loop only. Virtual threads run the handler and hand the reply back to the loop.
 */
@SuppressWarnings("FutureReturnValueIgnored")
public final class HttpEndpoint implements AutoCloseable {

    /** As long as a router's request may take by itself: what is in flight ends, one way or the other. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(10);

    private final EventLoopGroup loops;
    private final ExecutorService workers;
    private final ChannelGroup connections;
    private final Channel listener;
    private final EndpointLoad load;
    private final AtomicBoolean leaving;

    private HttpEndpoint(
            EventLoopGroup loops,
            ExecutorService workers,
            ChannelGroup connections,
            Channel listener,
            EndpointLoad load,
            AtomicBoolean leaving) {
        this.loops = loops;
        this.workers = workers;
        this.connections = connections;
        this.listener = listener;
        this.load = load;
        this.leaving = leaving;
    }

    /**
     * Listens on an address and answers with the handler until closed.
     *
     * @throws IOException when the address can't be listened on
     */
    public static HttpEndpoint start(InetSocketAddress address, HttpLimits limits, HttpHandler handler)
            throws IOException {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channelType =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        int loopCount = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 16);
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(loopCount, new DefaultThreadFactory("henge-http", true), io);
        ExecutorService workers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("henge-request-", 0).factory());
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        EndpointLoad load = new EndpointLoad(limits);
        AtomicBoolean leaving = new AtomicBoolean();
        HttpDate date = new HttpDate(InstantSource.system());
        HttpDecoderConfig decoderConfig = new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.headerBytesMax())
                .setMaxHeaderSize(limits.headerBytesMax())
                .setMaxChunkSize(64 * 1024);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(channelType)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (!load.takeConnection()) {
                            channel.close();
                            return;
                        }
                        channel.closeFuture().addListener(closed -> load.releaseConnection());
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new HttpServerCodec(decoderConfig))
                                .addLast(new HttpConnection(limits, load, handler, workers, leaving, date));
                    }
                });
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            workers.shutdown();
            throw new IOException(
                    "can't listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        return new HttpEndpoint(loops, workers, connections, bound.channel(), load, leaving);
    }

    /** The port listened on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Requests being answered now. */
    public int requestsInFlight() {
        return load.requests();
    }

    /** Connections open now. */
    public int connectionsOpen() {
        return load.connections();
    }

    /** Bytes of request bodies held now. */
    public long bytesInFlight() {
        return load.bytes();
    }

    /**
     * Goes on answering, but has clients make a new connection for each request, so that those behind a balancer come to
     * another endpoint as soon as it has taken notice that this one is about to close.
     */
    public void leave() {
        leaving.set(true);
    }

    /** Takes no more connections, lets requests in flight end within ten seconds, and closes the rest. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        for (Channel connection : connections) {
            connection.pipeline().fireUserEventTriggered(HttpConnection.Drain.INSTANCE);
        }
        connections.newCloseFuture().awaitUninterruptibly(DRAIN_MAX.toMillis());
        connections.close().awaitUninterruptibly(DRAIN_MAX.toMillis());
        workers.shutdownNow();
        loops.shutdownGracefully(0, DRAIN_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(DRAIN_MAX.toMillis());
    }
}
