package dev.henge.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** The bench's signer beside the AWS SDK's, on a PutItem of 1 KB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SignerBenchmark {
    private final RequestSigner signer = new RequestSigner(
            new Credentials("hengebench", "secret", "us-east-1"), "127.0.0.1:8000", Clock.systemUTC());
    private final ByteBuffer body = body();
    private final ByteBuffer head = ByteBuffer.allocate(1024);
    private final byte[] target = Operation.PUT.target();

    private final AwsV4HttpSigner sdkSigner = AwsV4HttpSigner.create();
    private final AwsCredentialsIdentity sdkCredentials = AwsCredentialsIdentity.create("hengebench", "secret");
    private final byte[] sdkBody =
            StandardCharsets.UTF_8.decode(body.duplicate()).toString().getBytes(StandardCharsets.UTF_8);

    @Benchmark
    public ByteBuffer bench() {
        signer.writeHeaders(head.clear(), target, body);
        return head;
    }

    @Benchmark
    public SignedRequest sdk() {
        SdkHttpRequest request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .protocol("http")
                .host("127.0.0.1")
                .port(8000)
                .encodedPath("/")
                .putHeader("Content-Type", RequestSigner.CONTENT_TYPE)
                .putHeader("X-Amz-Target", "DynamoDB_20120810.PutItem")
                .build();
        return sdkSigner.sign(sign -> sign.identity(sdkCredentials)
                .request(request)
                .payload(ContentStreamProvider.fromByteArray(sdkBody))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "dynamodb")
                .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"));
    }

    private static ByteBuffer body() {
        ByteBuffer body = ByteBuffer.allocate(2048);
        Operation.PUT.writeBody(body, Table.PLAIN, 42, new SplittableRandom(1));
        return body.flip();
    }
}
