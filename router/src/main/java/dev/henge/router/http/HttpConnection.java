package dev.henge.router.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: gathers requests, has them answered in order, closes when idle or when the client is too slow.
 * Every field is touched by the connection's event loop only.
 */
// What comes of a write or a close is seen by the channel itself: a failed one closes it.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpConnection extends ChannelInboundHandlerAdapter {

    /** The event that asks a connection to close once it has answered what it has taken in. */
    enum Drain {
        INSTANCE
    }

    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
    private static final long TICK_MILLIS = 5_000;

    /** How long a client that was turned away in the middle of its body may go on sending, so that it sees why. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final ChannelFutureListener SHUT_DOWN_OUTPUT = written -> {
        if (written.isSuccess() && written.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
            return;
        }
        written.channel().close();
    };

    private final HttpLimits limits;
    private final EndpointLoad load;
    private final HttpHandler handler;
    private final ExecutorService workers;
    private final AtomicBoolean leaving;
    private final HttpDate date;

    private final ArrayDeque<NettyCall> waiting = new ArrayDeque<>();
    private @Nullable NettyCall receiving;
    private @Nullable NettyCall answering;
    private boolean draining;
    private boolean discarding;
    private boolean lingering;
    private long quietSinceNanos;
    private @Nullable Future<?> ticker;

    /** @param leaving once it is set, each answer asks the client to make another connection for its next request */
    HttpConnection(
            HttpLimits limits,
            EndpointLoad load,
            HttpHandler handler,
            ExecutorService workers,
            AtomicBoolean leaving,
            HttpDate date) {
        this.limits = limits;
        this.load = load;
        this.handler = handler;
        this.workers = workers;
        this.leaving = leaving;
        this.date = date;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        quietSinceNanos = System.nanoTime();
        ticker = context.executor()
                .scheduleWithFixedDelay(() -> tick(context), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (ticker != null) {
            ticker.cancel(false);
        }
        if (receiving != null) {
            receiving.release();
            receiving = null;
        }
        for (NettyCall call : waiting) {
            call.release();
        }
        waiting.clear();
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (discarding) {
                return;
            }
            if (message instanceof HttpRequest request) {
                begin(context, request);
            }
            if (message instanceof HttpContent content && !discarding) {
                append(context, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event != Drain.INSTANCE) {
            context.fireUserEventTriggered(event);
            return;
        }
        draining = true;
        if (receiving == null && answering == null && waiting.isEmpty()) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            log.warn("closing the connection of {}", context.channel().remoteAddress(), cause);
        }
        context.close();
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            refuseMalformed(context);
            return;
        }
        receiving = new NettyCall(request, load, System.nanoTime());
        long announced = HttpUtil.getContentLength(request, 0L);
        if (announced > limits.bodyBytesMax()) {
            turnAway(context, HttpHandler.Turnaway.BODY_TOO_LARGE);
            return;
        }
        if (HttpUtil.is100ContinueExpected(request)) {
            context.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    private void append(ChannelHandlerContext context, HttpContent content) {
        NettyCall call = receiving;
        if (call == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            refuseMalformed(context);
            return;
        }
        ByteBuf bytes = content.content();
        int count = bytes.readableBytes();
        if (call.bodyLength() + (long) count > limits.bodyBytesMax()) {
            turnAway(context, HttpHandler.Turnaway.BODY_TOO_LARGE);
            return;
        }
        if (count > 0 && !call.append(bytes)) {
            turnAway(context, HttpHandler.Turnaway.OVERLOADED);
            return;
        }
        if (content instanceof LastHttpContent) {
            receiving = null;
            waiting.add(call);
            answerNext(context);
        }
    }

    private void answerNext(ChannelHandlerContext context) {
        if (answering != null) {
            // Pipelined: reading goes on once this connection has caught up, so what waits stays bounded.
            context.channel().config().setAutoRead(false);
            return;
        }
        NettyCall call = waiting.poll();
        if (call == null) {
            if (!context.channel().config().isAutoRead()) {
                context.channel().config().setAutoRead(true);
            }
            if (draining && receiving == null) {
                context.close();
            }
            return;
        }
        answering = call;
        if (!load.takeRequest()) {
            reply(context, call, handler.turnAway(HttpHandler.Turnaway.OVERLOADED), false);
            return;
        }
        workers.execute(() -> answer(context, call));
    }

    /** Runs on a virtual thread. */
    private void answer(ChannelHandlerContext context, NettyCall call) {
        HttpReply reply;
        try {
            reply = handler.handle(call);
        } catch (Throwable fault) {
            log.error(
                    "the handler failed, closing the connection of {}",
                    context.channel().remoteAddress(),
                    fault);
            load.releaseRequest();
            context.executor().execute(() -> {
                call.release();
                context.close();
            });
            return;
        }
        load.releaseRequest();
        context.executor().execute(() -> reply(context, call, reply, false));
    }

    /** Answers what is being received without taking it in; the rest of its body can't be told apart, so close. */
    private void turnAway(ChannelHandlerContext context, HttpHandler.Turnaway reason) {
        NettyCall call = receiving;
        receiving = null;
        discarding = true;
        if (call == null) {
            context.close();
            return;
        }
        if (answering != null) {
            // The answers before this one are still due; the client finds the connection closed after them.
            call.release();
            draining = true;
            return;
        }
        answering = call;
        reply(context, call, handler.turnAway(reason), true);
    }

    private void refuseMalformed(ChannelHandlerContext context) {
        discarding = true;
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.DATE, date.now())
                .set(HttpHeaderNames.CONTENT_LENGTH, 0)
                .set(HttpHeaderNames.CONNECTION, "close");
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private void reply(ChannelHandlerContext context, NettyCall call, HttpReply reply, boolean closeAfter) {
        call.release();
        answering = null;
        quietSinceNanos = System.nanoTime();
        if (!context.channel().isActive()) {
            return;
        }
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(reply.status()),
                Unpooled.wrappedBuffer(reply.body(), 0, reply.bodyLength()),
                DefaultHttpHeadersFactory.headersFactory().withValidation(false),
                DefaultHttpHeadersFactory.trailersFactory());
        List<String> headers = reply.headers();
        for (int i = 0; i < headers.size(); i += 2) {
            response.headers().add(headers.get(i), headers.get(i + 1));
        }
        response.headers()
                .set(HttpHeaderNames.DATE, date.now())
                .set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(reply.bodyLength()));
        boolean lastAnswer = (draining || leaving.get()) && receiving == null && waiting.isEmpty();
        boolean keepAlive = call.keepAlive() && !closeAfter && !lastAnswer;
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            lingering = discarding;
            context.writeAndFlush(response).addListener(lingering ? SHUT_DOWN_OUTPUT : ChannelFutureListener.CLOSE);
            return;
        }
        if (call.isHttp10()) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        context.writeAndFlush(response, context.voidPromise());
        answerNext(context);
    }

    private void tick(ChannelHandlerContext context) {
        long now = System.nanoTime();
        if (lingering && now - quietSinceNanos > LINGER_NANOS) {
            context.close();
            return;
        }
        NettyCall call = receiving;
        if (call != null) {
            if (now - call.startedNanos() > limits.receiveTimeout().toNanos()) {
                context.close();
            }
            return;
        }
        if (answering == null && now - quietSinceNanos > limits.idleTimeout().toNanos()) {
            context.close();
        }
    }
}
