package dev.henge.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs DynamoDB requests with AWS Signature Version 4, over the headers content-type, host, x-amz-date and
 * x-amz-target and the body (Signature Version 4, "Create a signed AWS API request").
 *
 * <p>Instead of the AWS SDK's signer, since that costs several times as much per request (see {@code SignerBenchmark})
 * and the client's cost falsifies what is measured on a shared machine. Tests hold it against signatures that botocore
 * made.
 *
 * <p>The signing key of the day is derived once. Not safe for use by several threads: one per connection.
 */
final class RequestSigner {
    static final String CONTENT_TYPE = "application/x-amz-json-1.0";
    static final String SIGNED_HEADERS = "content-type;host;x-amz-date;x-amz-target";

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String SERVICE = "dynamodb";
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final byte[] HEX_DIGITS = ascii("0123456789abcdef");
    private static final byte[] CANONICAL_END = ascii("\n\n" + SIGNED_HEADERS + "\n");
    private static final byte[] DATE_HEADER = ascii("X-Amz-Date: ");
    private static final byte[] LINE_END = ascii("\r\n");
    private static final int CANONICAL_BYTES_MAX = 1024;

    private final Credentials credentials;
    private final String host;
    private final Clock clock;
    private final MessageDigest sha256;
    private final Mac mac;
    private final ByteBuffer canonical = ByteBuffer.allocate(CANONICAL_BYTES_MAX);
    private final byte[] hex = new byte[64];

    private long second = Long.MIN_VALUE;
    private String day = "";
    private byte[] timestamp = new byte[0];
    private byte[] canonicalStart = new byte[0];
    private byte[] stringToSignStart = new byte[0];
    private byte[] authorizationStart = new byte[0];

    /**
     * Makes a signer for one endpoint.
     *
     * @param credentials whom to sign for
     * @param host the Host header as it is sent
     * @param clock the time of the signatures
     */
    RequestSigner(Credentials credentials, String host, Clock clock) {
        this.credentials = credentials;
        this.host = host;
        this.clock = clock;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
            this.mac = Mac.getInstance("HmacSHA256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256 and HmacSHA256", e);
        }
    }

    /**
     * Writes the X-Amz-Date and Authorization header lines of a request.
     *
     * @param out where to write
     * @param target the X-Amz-Target header's bytes
     * @param body holds the body from its position to its limit, which stay as they are
     */
    void writeHeaders(ByteBuffer out, byte[] target, ByteBuffer body) {
        refresh();
        sha256.update(body.array(), body.arrayOffset() + body.position(), body.remaining());
        canonical.clear().put(canonicalStart).put(target).put(CANONICAL_END);
        putHex(canonical, sha256.digest());
        sha256.update(canonical.array(), 0, canonical.position());
        byte[] canonicalHash = sha256.digest();
        canonical.clear().put(stringToSignStart);
        putHex(canonical, canonicalHash);
        mac.update(canonical.array(), 0, canonical.position());
        byte[] signature = mac.doFinal();
        out.put(DATE_HEADER).put(timestamp).put(authorizationStart);
        putHex(out, signature);
        out.put(LINE_END);
    }

    private void refresh() {
        long now = Math.floorDiv(clock.millis(), 1000L);
        if (now == second) {
            return;
        }
        second = now;
        String instant = TIMESTAMP.format(Instant.ofEpochSecond(now));
        timestamp = ascii(instant);
        String today = instant.substring(0, 8);
        String scope = today + "/" + credentials.region() + "/" + SERVICE + "/aws4_request";
        if (!today.equals(day)) {
            day = today;
            deriveKey(today);
        }
        canonicalStart = ascii("POST\n/\n\ncontent-type:" + CONTENT_TYPE + "\nhost:" + host + "\nx-amz-date:" + instant
                + "\nx-amz-target:");
        stringToSignStart = ascii(ALGORITHM + "\n" + instant + "\n" + scope + "\n");
        authorizationStart = ascii("\r\nAuthorization: " + ALGORITHM + " Credential=" + credentials.accessKey() + "/"
                + scope + ", SignedHeaders=" + SIGNED_HEADERS + ", Signature=");
    }

    private void deriveKey(String today) {
        byte[] key = concatenate(ascii("AWS4"), credentials.secretKeyBytes());
        for (String part : new String[] {today, credentials.region(), SERVICE, "aws4_request"}) {
            useKey(key);
            key = mac.doFinal(ascii(part));
        }
        useKey(key);
    }

    private void useKey(byte[] key) {
        try {
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 takes keys of any length", e);
        }
    }

    private void putHex(ByteBuffer out, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            hex[2 * i] = HEX_DIGITS[(bytes[i] >> 4) & 0xf];
            hex[2 * i + 1] = HEX_DIGITS[bytes[i] & 0xf];
        }
        out.put(hex, 0, 2 * bytes.length);
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
