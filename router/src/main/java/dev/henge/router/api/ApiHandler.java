package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.router.http.HttpCall;
import dev.henge.router.http.HttpHandler;
import dev.henge.router.http.HttpReply;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Speaks the JSON 1.0 protocol of DynamoDB_20120810 and DynamoDBStreams_20120810: finds the operation, looks at the
 * signature, runs the operation, and turns every failure into the modelled error.
 *
 * <p>Checks go in the service's order: JSON well-formed, operation known, signature, JSON types, constraints,
 * the operation's own rules.
 */
public final class ApiHandler implements HttpHandler {

    private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);

    private static final String JSON_1_0 = "application/x-amz-json-1.0";
    private static final String JSON = "application/json";
    private static final byte[] NOT_FOUND = "<UnknownOperationException/>\n".getBytes(StandardCharsets.UTF_8);
    private static final int INFLATED_BYTES_MAX = 16 * 1024 * 1024;

    private final Map<String, Operation> operations;
    private final Duration requestTimeout;
    private final RequestIds requestIds;
    private final RequestMeters meters;

    /** Empty where any well-formed signature will do. */
    private final Optional<SignatureVerifier> verifier;

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(INFLATED_BYTES_MAX)
                    .maxNumberLength(1_000)
                    .maxNestingDepth(500)
                    .build())
            .build();

    /**
     * @param region stands in the ARNs of tables
     * @param accountId stands in the ARNs of tables, 12 digits
     * @param requestTimeout how long a request may take, retries inside the cluster included
     * @param signatures what is asked of a request's signature
     * @param registry gets how many requests were answered, how, and how long that took
     */
    public ApiHandler(
            ClusterClient cluster,
            String region,
            String accountId,
            Duration requestTimeout,
            Signatures signatures,
            MeterRegistry registry) {
        this.meters = new RequestMeters(registry);
        this.requestTimeout = requestTimeout;
        this.requestIds = new RequestIds();
        this.operations = ServiceModel.operations(cluster, region, accountId, requestIds);
        this.verifier = switch (signatures) {
            case VERIFY -> Optional.of(new SignatureVerifier(new Credentials(cluster), InstantSource.system()));
            case ACCEPT_ANY -> Optional.empty();
        };
    }

    @Override
    public HttpReply handle(HttpCall call) {
        Deadline deadline = Deadline.after(requestTimeout);
        boolean crossOrigin = call.header("origin") != null;
        return switch (call.method()) {
            case "POST" -> post(call, deadline, crossOrigin);
            case "GET" -> health(call, crossOrigin);
            case "OPTIONS" -> crossOrigin ? preflight(call) : notFound(false);
            default -> notFound(crossOrigin);
        };
    }

    @Override
    public HttpReply turnAway(Turnaway reason) {
        ApiException error =
                switch (reason) {
                    case BODY_TOO_LARGE -> requestTooLarge();
                    case OVERLOADED -> overloaded();
                };
        ReplyBuffer body = new ReplyBuffer();
        writeError(body, error);
        return reply(error.type().status(), JSON_1_0, body, false);
    }

    private static ApiException requestTooLarge() {
        return new ApiException(ErrorType.REQUEST_ENTITY_TOO_LARGE, "Request entity too large");
    }

    private static ApiException overloaded() {
        return new ApiException(
                ErrorType.THROTTLING, "Too many requests are in flight on this router, please retry later");
    }

    private HttpReply post(HttpCall call, Deadline deadline, boolean crossOrigin) {
        String contentType = mediaType(call.header("content-type"));
        if (call.bodyLength() > 0 && !contentType.equals(JSON_1_0) && !contentType.equals(JSON)) {
            return notFound(crossOrigin);
        }
        String answeredType = contentType.equals(JSON_1_0) ? JSON_1_0 : JSON;
        ReplyBuffer body = new ReplyBuffer();
        long startedNanos = System.nanoTime();
        int status = run(call, deadline, body);
        String target = call.header("x-amz-target");
        meters.answered(
                target != null && operations.containsKey(target) ? target : "",
                status,
                System.nanoTime() - startedNanos);
        return reply(status, answeredType, body, crossOrigin);
    }

    /** Runs the operation and leaves its answer, or its error, in {@code body}; returns the HTTP status. */
    private int run(HttpCall call, Deadline deadline, ReplyBuffer body) {
        ApiException error;
        try {
            dispatch(call, deadline, body);
            return 200;
        } catch (ApiException e) {
            error = e;
        } catch (ClusterException e) {
            error = ClusterErrors.toApi(e);
        } catch (CompletionException e) {
            error = unwrap(e);
        } catch (JacksonException malformed) {
            error = ApiException.serialization(null);
        } catch (RuntimeException | StackOverflowError fault) {
            log.error("a fault of ours in {}", call.header("x-amz-target"), fault);
            error = internalError();
        }
        body.clear();
        writeError(body, error);
        return error.type().status();
    }

    private ApiException unwrap(CompletionException e) {
        if (e.getCause() instanceof ClusterException cluster) {
            return ClusterErrors.toApi(cluster);
        }
        if (e.getCause() instanceof ApiException api) {
            return api;
        }
        log.error("a fault of ours", e);
        return internalError();
    }

    private static ApiException internalError() {
        return new ApiException(
                ErrorType.INTERNAL_SERVER_ERROR, "The request processing has failed because of an internal error");
    }

    private void dispatch(HttpCall call, Deadline deadline, ReplyBuffer body) {
        Body request = inflated(call);
        String target = call.header("x-amz-target");
        Operation operation = target == null ? null : operations.get(target);
        if (operation == null) {
            requireWellFormed(request);
            throw new ApiException(ErrorType.UNKNOWN_OPERATION, null);
        }
        try {
            ClaimedSignature claimed = ClaimedSignature.of(call);
            if (verifier.isPresent()) {
                verifier.get().verify(call, claimed, deadline);
            }
        } catch (ApiException unsigned) {
            requireWellFormed(request);
            throw unsigned;
        }
        if (request.length == 0) {
            throw ApiException.serialization(null);
        }
        String host = call.header("host");
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), request.bytes, 0, request.length);
                ReplyWriter out = new ReplyWriter(json, body)) {
            operation.execute(
                    new JsonReader(parser), out, new Operation.Call(deadline, host == null ? "localhost" : host));
        } catch (ApiException e) {
            if (e.type() == ErrorType.SERIALIZATION) {
                requireWellFormed(request);
            }
            throw e;
        }
    }

    /** The service looks at the whole body first; here that is made up for only when something is wrong with it. */
    private void requireWellFormed(Body request) {
        if (request.length == 0) {
            return;
        }
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), request.bytes, 0, request.length)) {
            while (parser.nextToken() != null) {
                // Only whether it parses matters.
            }
        } catch (JacksonException malformed) {
            throw ApiException.serialization(null);
        }
    }

    // The array is handed on, not compared.
    @SuppressWarnings("ArrayRecordComponent")
    private record Body(byte[] bytes, int length) {}

    private static Body inflated(HttpCall call) {
        String encoding = call.header("content-encoding");
        if (encoding == null
                || call.bodyLength() == 0
                || !encoding.toLowerCase(Locale.ROOT).strip().equals("gzip")) {
            return new Body(call.body(), call.bodyLength());
        }
        ReplyBuffer inflated = new ReplyBuffer();
        byte[] chunk = new byte[16 * 1024];
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(call.body(), 0, call.bodyLength()))) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                if (inflated.length() + count > INFLATED_BYTES_MAX) {
                    throw requestTooLarge();
                }
                if (!call.reserve(count)) {
                    throw overloaded();
                }
                inflated.write(chunk, 0, count);
            }
        } catch (IOException notGzip) {
            throw ApiException.serialization(null);
        }
        return new Body(inflated.bytes(), inflated.length());
    }

    private void writeError(ReplyBuffer body, ApiException error) {
        try (ReplyWriter out = new ReplyWriter(json, body)) {
            JsonGenerator generator = out.json();
            generator.writeStartObject();
            generator.writeStringProperty("__type", error.type().shape());
            if (error.getMessage() != null) {
                // The service's serializer errors differ in the case of this one letter.
                String member = error.type() == ErrorType.SERIALIZATION ? "Message" : "message";
                generator.writeStringProperty(member, error.getMessage());
            }
            byte[] item = error.item();
            if (item != null) {
                generator.writeName("Item");
                out.item(item);
            }
            generator.writeEndObject();
        }
    }

    private static String mediaType(@Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).strip();
    }

    private HttpReply health(HttpCall call, boolean crossOrigin) {
        String host = call.header("host");
        ReplyBuffer body = new ReplyBuffer();
        body.write(("healthy: " + (host == null ? "henge" : host) + " ").getBytes(StandardCharsets.UTF_8));
        return reply(200, "text/plain", body, crossOrigin);
    }

    private HttpReply notFound(boolean crossOrigin) {
        ReplyBuffer body = new ReplyBuffer();
        body.write(NOT_FOUND);
        return reply(404, null, body, crossOrigin);
    }

    /** Browsers ask before they post; the service lets every origin in, as the signature is what protects. */
    private HttpReply preflight(HttpCall call) {
        ArrayList<String> headers = new ArrayList<>(10);
        headers.add("x-amzn-RequestId");
        headers.add(requestIds.nextReplyId());
        headers.add("Access-Control-Allow-Origin");
        headers.add("*");
        String wantedHeaders = call.header("access-control-request-headers");
        if (wantedHeaders != null) {
            headers.add("Access-Control-Allow-Headers");
            headers.add(wantedHeaders);
        }
        String wantedMethod = call.header("access-control-request-method");
        if (wantedMethod != null) {
            headers.add("Access-Control-Allow-Methods");
            headers.add(wantedMethod);
        }
        headers.add("Access-Control-Max-Age");
        headers.add("172800");
        return new HttpReply(200, headers, new byte[0], 0);
    }

    private HttpReply reply(int status, @Nullable String contentType, ReplyBuffer body, boolean crossOrigin) {
        String requestId = requestIds.nextReplyId();
        String crc32 = body.crc32();
        List<String> headers;
        if (contentType == null) {
            headers = List.of("x-amzn-RequestId", requestId, "x-amz-crc32", crc32);
        } else {
            headers = List.of("Content-Type", contentType, "x-amzn-RequestId", requestId, "x-amz-crc32", crc32);
        }
        if (crossOrigin) {
            headers = new ArrayList<>(headers);
            headers.add("Access-Control-Allow-Origin");
            headers.add("*");
        }
        return new HttpReply(status, headers, body.bytes(), body.length());
    }
}
