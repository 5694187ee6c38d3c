package dev.henge.bench.http;

import dev.henge.bench.http.ItemService.Answer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.concurrent.CompletableFuture;

/** {@link ItemService} on Netty's HTTP codec and epoll transport. */
final class NettyCandidate {
    private static final int BODY_BYTES_MAX = 1 << 24;
    private static final AsciiString REQUEST_ID = AsciiString.cached(HttpServerCandidate.REQUEST_ID);
    private static final AsciiString CRC32 = AsciiString.cached(HttpServerCandidate.CRC32);
    private static final AsciiString CONTENT_TYPE = AsciiString.cached(HttpServerCandidate.CONTENT_TYPE);

    private NettyCandidate() {}

    static void start(int port, ItemService service, boolean virtualThreads) throws InterruptedException {
        Handler handler = new Handler(service, virtualThreads);
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(HttpServerCandidate.EVENT_LOOPS, EpollIoHandler.newFactory()))
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(BODY_BYTES_MAX), handler);
                    }
                })
                .bind("127.0.0.1", port)
                .sync();
    }

    @Sharable
    private static final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final ItemService service;
        private final boolean virtualThreads;

        Handler(ItemService service, boolean virtualThreads) {
            this.service = service;
            this.virtualThreads = virtualThreads;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            byte[] body = ByteBufUtil.getBytes(request.content());
            if (virtualThreads) {
                Thread.startVirtualThread(() -> write(context, HttpServerCandidate.await(service, body)));
                return;
            }
            CompletableFuture<Void> unused = service.serve(body).thenAccept(answer -> write(context, answer));
        }

        /** Without a promise: a failed write closes the connection, which the client sees. */
        private static void write(ChannelHandlerContext context, Answer answer) {
            var unused = context.writeAndFlush(response(answer), context.voidPromise());
        }

        private static FullHttpResponse response(Answer answer) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(answer.body()));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, CONTENT_TYPE)
                    .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                    .set(REQUEST_ID, answer.requestId())
                    .set(CRC32, answer.crc32());
            return response;
        }
    }
}
