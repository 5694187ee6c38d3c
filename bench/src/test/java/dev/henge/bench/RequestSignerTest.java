package dev.henge.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Expected signatures were made by botocore 1.43.11 (SigV4Auth) with its clock set. */
class RequestSignerTest {
    private static final Credentials CREDENTIALS =
            new Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1");

    @Test
    void signsAsBotocoreDoes() {
        RequestSigner signer = new RequestSigner(CREDENTIALS, "127.0.0.1:8000", clockAt("2026-11-21T02:30:45Z"));

        String headers = sign(
                signer,
                "DynamoDB_20120810.GetItem",
                "{\"TableName\":\"henge-bench\",\"Key\":{\"pk\":{\"S\":\"key-00000042\"}},\"ConsistentRead\":true}");

        assertThat(headers)
                .isEqualTo("X-Amz-Date: 20261121T023045Z\r\n"
                        + "Authorization: AWS4-HMAC-SHA256"
                        + " Credential=AKIDEXAMPLE/20261121/eu-central-1/dynamodb/aws4_request,"
                        + " SignedHeaders=content-type;host;x-amz-date;x-amz-target,"
                        + " Signature=d9e6668c3c2a09bda36e4098421255ccf5271a2479295a5a82117139a4f29d8b\r\n");
    }

    @Test
    void takesTheNewDaysKeyAtMidnight() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T23:59:59.999Z"));
        InstantSource source = now::get;
        RequestSigner signer = new RequestSigner(CREDENTIALS, "dynamodb.example.com", source.withZone(ZoneOffset.UTC));

        String before = sign(signer, "DynamoDB_20120810.ListTables", "{}");
        now.updateAndGet(instant -> instant.plus(Duration.ofMillis(1)));
        String after = sign(signer, "DynamoDB_20120810.ListTables", "{}");

        assertThat(before)
                .contains("20261121/eu-central-1")
                .contains("Signature=8fa394353702276e659f63a6cc075d16efd5358cd4598193ac0c27a892aa7232");
        assertThat(after)
                .contains("20261122/eu-central-1")
                .contains("Signature=456b4bfdeb71ea47494cb5e5a0993763322e05801f965edb2c6459930fd7c581");
    }

    @Test
    void leavesTheBodyAsItIs() {
        RequestSigner signer = new RequestSigner(CREDENTIALS, "127.0.0.1:8000", clockAt("2026-11-21T02:30:45Z"));
        ByteBuffer body = ByteBuffer.wrap("garbage{}garbage".getBytes(US_ASCII), 7, 2);

        String once = sign(signer, "DynamoDB_20120810.ListTables", body);
        String twice = sign(signer, "DynamoDB_20120810.ListTables", body);

        assertThat(twice).isEqualTo(once).isEqualTo(sign(signer, "DynamoDB_20120810.ListTables", "{}"));
    }

    @Test
    void credentialsDoNotPrintTheirSecret() {
        assertThat(CREDENTIALS.toString()).contains("AKIDEXAMPLE").doesNotContain("wJalr");
    }

    private static Clock clockAt(String instant) {
        return Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
    }

    private static String sign(RequestSigner signer, String target, String body) {
        return sign(signer, target, ByteBuffer.wrap(body.getBytes(US_ASCII)));
    }

    private static String sign(RequestSigner signer, String target, ByteBuffer body) {
        ByteBuffer out = ByteBuffer.allocate(1024);
        signer.writeHeaders(out, target.getBytes(US_ASCII), body);
        return US_ASCII.decode(out.flip()).toString();
    }
}
