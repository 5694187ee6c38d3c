package dev.henge.router.api;

import dev.henge.router.http.HttpCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** A request as the AWS SDK signs it and as a router's HTTP endpoint would hand it over, and changes of it. */
final class SignedCall implements HttpCall {

    static final Instant NOW = Instant.parse("2024-02-29T12:30:15Z");

    private final String uri;
    private final Map<String, List<String>> headers;
    private final byte[] body;

    private SignedCall(String uri, Map<String, List<String>> headers, byte[] body) {
        this.uri = uri;
        this.headers = headers;
        this.body = body;
    }

    /** The usual request, signed with the credential now. */
    static SignedCall by(AwsCredentialsIdentity identity) {
        return by(identity, NOW, sign -> {});
    }

    static SignedCall by(
            AwsCredentialsIdentity identity,
            Instant time,
            Consumer<SignRequest.Builder<AwsCredentialsIdentity>> options) {
        return by(identity, time, options, usual().build(), "{}".getBytes(StandardCharsets.UTF_8));
    }

    static SdkHttpRequest.Builder usual() {
        return SdkHttpFullRequest.builder()
                .method(SdkHttpMethod.POST)
                .protocol("http")
                .host("localhost")
                .port(8000)
                .encodedPath("/")
                .putHeader("Content-Type", "application/x-amz-json-1.0")
                .putHeader("X-Amz-Target", "DynamoDB_20120810.ListTables");
    }

    static SignedCall by(
            AwsCredentialsIdentity identity,
            Instant time,
            Consumer<SignRequest.Builder<AwsCredentialsIdentity>> options,
            SdkHttpRequest request,
            byte[] body) {
        SignedRequest signed = AwsV4HttpSigner.create().sign(sign -> {
            sign.identity(identity)
                    .request(request)
                    .payload(ContentStreamProvider.fromByteArray(body))
                    .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(time, ZoneOffset.UTC))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "dynamodb")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-north-1");
            options.accept(sign);
        });
        String query = signed.request().encodedQueryParameters().orElse("");
        String path = signed.request().encodedPath();
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        signed.request().headers().forEach((name, values) -> headers.put(name, asBytes(values)));
        return new SignedCall(query.isEmpty() ? path : path + "?" + query, headers, sent(signed));
    }

    private static byte[] sent(SignedRequest signed) {
        try (InputStream stream = signed.payload().orElseThrow().newStream()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On the wire a header is bytes, and the endpoint gives a character for each. */
    private static List<String> asBytes(List<String> values) {
        return values.stream()
                .map(value -> new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .toList();
    }

    SignedCall withUri(String changed) {
        return new SignedCall(changed, headers, body);
    }

    SignedCall withBody(String changed) {
        return new SignedCall(uri, headers, changed.getBytes(StandardCharsets.UTF_8));
    }

    /** With the header set to one value, or without it when that is null. */
    SignedCall withHeader(String name, @Nullable String value) {
        Map<String, List<String>> changed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        changed.putAll(headers);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, List.of(value));
        }
        return new SignedCall(uri, changed, body);
    }

    /** With another text in the Authorization header. */
    SignedCall reworded(String from, String to) {
        String authorization = String.valueOf(header("Authorization"));
        if (!authorization.contains(from)) {
            throw new IllegalArgumentException("no '" + from + "' in " + authorization);
        }
        return withHeader("Authorization", authorization.replace(from, to));
    }

    /** The same query in another spelling: last parameter first, and small hexadecimal digits. */
    SignedCall withQueryRespelt() {
        int question = uri.indexOf('?');
        if (question < 0) {
            return this;
        }
        List<String> parameters =
                new ArrayList<>(List.of(uri.substring(question + 1).split("&", -1)));
        StringBuilder query = new StringBuilder();
        for (String parameter : parameters.reversed()) {
            query.append(query.isEmpty() ? "" : "&").append(smallDigits(parameter));
        }
        return withUri(uri.substring(0, question + 1) + query);
    }

    private static String smallDigits(String text) {
        StringBuilder small = new StringBuilder(text);
        for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
            small.replace(i, i + 3, text.substring(i, i + 3).toLowerCase(Locale.ROOT));
        }
        return small.toString();
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public @Nullable String header(String name) {
        List<String> values = headers.getOrDefault(name, List.of());
        return values.isEmpty() ? null : values.getFirst();
    }

    @Override
    public List<String> headers(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public int bodyLength() {
        return body.length;
    }

    @Override
    public boolean reserve(long bytes) {
        return true;
    }

    @Override
    public String toString() {
        return uri + " " + headers;
    }
}
