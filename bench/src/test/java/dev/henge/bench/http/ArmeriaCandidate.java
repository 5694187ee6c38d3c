package dev.henge.bench.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.Server;
import dev.henge.bench.http.ItemService.Answer;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** {@link ItemService} on Armeria. */
final class ArmeriaCandidate {
    private static final AsciiString REQUEST_ID = AsciiString.cached(HttpServerCandidate.REQUEST_ID);
    private static final AsciiString CRC32 = AsciiString.cached(HttpServerCandidate.CRC32);

    private ArmeriaCandidate() {}

    static void start(int port, ItemService service, boolean virtualThreads) {
        Executor virtual = Executors.newVirtualThreadPerTaskExecutor();
        Server.builder()
                .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .workerGroup(EventLoopGroups.newEventLoopGroup(HttpServerCandidate.EVENT_LOOPS), true)
                .service("/", (context, request) -> {
                    var aggregated = request.aggregate();
                    if (virtualThreads) {
                        return HttpResponse.of(aggregated.thenApplyAsync(
                                whole -> response(HttpServerCandidate.await(
                                        service, whole.content().array())),
                                virtual));
                    }
                    return HttpResponse.of(aggregated.thenCompose(
                            whole -> service.serve(whole.content().array()).thenApply(ArmeriaCandidate::response)));
                })
                .build()
                .start()
                .join();
    }

    private static HttpResponse response(Answer answer) {
        return HttpResponse.of(
                ResponseHeaders.builder(HttpStatus.OK)
                        .add(HttpHeaderNames.CONTENT_TYPE, HttpServerCandidate.CONTENT_TYPE)
                        .add(REQUEST_ID, answer.requestId())
                        .add(CRC32, answer.crc32())
                        .build(),
                HttpData.wrap(answer.body()));
    }
}
