package dev.henge.router.api;

import dev.henge.cluster.Deadline;
import dev.henge.proto.CredentialRecord;
import dev.henge.router.http.HttpCall;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Verifies AWS Signature Version 4 against the credentials in the catalog. Safe for use by many threads.
 *
 * <p>Checks go in the service's order: the date's form, its distance from now, the host header signed, the algorithm, the
 * credential's form, its scope, the access key, the signature, the session token. Any region will do, as it makes no
 * difference to which tables a client sees. The body is hashed here, whatever {@code x-amz-content-sha256} says. Our
 * credentials last, so a session token is none of ours: refused, as the service does.
 */
final class SignatureVerifier {

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String SERVICE = "dynamodb";
    private static final String TERMINATOR = "aws4_request";
    private static final int SCOPE_PARTS = 5;

    /** By how much the clocks of client and router may differ. */
    private static final long SKEW_SECONDS_MAX = 15 * 60;

    /** The longest life of a signature in a query; "Authenticating Requests: Using Query Parameters". */
    private static final long EXPIRES_SECONDS_MAX = 7 * 24 * 3600;

    private static final HexFormat HEX = HexFormat.of();

    private final Credentials credentials;
    private final InstantSource clock;
    private final SigningKeys keys = new SigningKeys();

    /** @param clock what signatures' dates are held against */
    SignatureVerifier(Credentials credentials, InstantSource clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Returns when the request's signature is a credential's own; throws what to answer the client with otherwise. */
    void verify(HttpCall call, ClaimedSignature claimed, Deadline deadline) {
        SigningTime time = SigningTime.parse(claimed.date(), claimed.dateHeader());
        if (time == null) {
            throw incomplete("Date must be in ISO-8601 'basic format'. Got '" + claimed.date()
                    + "'. See http://en.wikipedia.org/wiki/ISO_8601");
        }
        requireCurrent(time, lifeSeconds(claimed.expires()));
        if (!signsHost(claimed.signedHeaders())) {
            throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        if (!claimed.algorithm().equals(ALGORITHM)) {
            throw incomplete(
                    "Unsupported AWS 'algorithm': '" + claimed.algorithm() + "' (only " + ALGORITHM + " for now). ");
        }
        String[] parts = scopeParts(claimed.credential());
        requireScope(parts, time);
        CredentialRecord credential = credentials
                .active(parts[0], deadline)
                .orElseThrow(() -> new ApiException(
                        ErrorType.UNRECOGNIZED_CLIENT, "The security token included in the request is invalid."));
        SigningKeys.SigningKey key = keys.key(credential, parts[1], parts[2], parts[3]);
        byte[] right = key.sign(stringToSign(call, claimed, time, parts));
        byte[] given = claimed.signature().getBytes(StandardCharsets.ISO_8859_1);
        if (!MessageDigest.isEqual(HEX.formatHex(right).getBytes(StandardCharsets.ISO_8859_1), given)) {
            throw invalid(
                    "The request signature we calculated does not match the signature you provided. Check your AWS"
                            + " Secret Access Key and signing method. Consult the service documentation for details.");
        }
        keys.keep(key);
        if (claimed.securityToken() != null) {
            throw new ApiException(
                    ErrorType.UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
        }
    }

    /** How many derived keys are kept. */
    long keptKeys() {
        return keys.count();
    }

    /** How long after its date a signature still counts. */
    private static long lifeSeconds(@Nullable String expires) {
        if (expires == null) {
            return SKEW_SECONDS_MAX;
        }
        long seconds;
        try {
            seconds = Long.parseLong(expires);
        } catch (NumberFormatException notANumber) {
            throw incomplete("X-Amz-Expires should be a number");
        }
        if (seconds < 0) {
            throw incomplete("X-Amz-Expires must be non-negative");
        }
        if (seconds > EXPIRES_SECONDS_MAX) {
            throw incomplete(
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be"
                            + " less than 604800 seconds");
        }
        return seconds;
    }

    private void requireCurrent(SigningTime time, long lifeSeconds) {
        long now = Math.floorDiv(clock.millis(), 1000L);
        if (time.epochSecond() < now - lifeSeconds) {
            String life = lifeSeconds % 60 == 0 ? lifeSeconds / 60 + " min.)" : lifeSeconds + " sec.)";
            throw invalid("Signature expired: " + time.text() + " is now earlier than "
                    + SigningTime.of(now - lifeSeconds).text() + " ("
                    + SigningTime.of(now).text() + " - " + life);
        }
        if (time.epochSecond() > now + SKEW_SECONDS_MAX) {
            throw invalid("Signature not yet current: " + time.text() + " is still later than "
                    + SigningTime.of(now + SKEW_SECONDS_MAX).text() + " ("
                    + SigningTime.of(now).text() + " + 15 min.)");
        }
    }

    private static boolean signsHost(String signedHeaders) {
        int from = 0;
        while (from <= signedHeaders.length()) {
            int semicolon = signedHeaders.indexOf(';', from);
            int to = semicolon < 0 ? signedHeaders.length() : semicolon;
            if (to - from == 4 && signedHeaders.regionMatches(true, from, "host", 0, 4)) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }

    /** Access key id, date, region, service, terminator. */
    private static String[] scopeParts(String credential) {
        // The service overlooks slashes at the end, and so does this form of splitting.
        int end = credential.length();
        while (end > 0 && credential.charAt(end - 1) == '/') {
            end--;
        }
        String[] parts = new String[SCOPE_PARTS];
        int count = 0;
        int from = 0;
        while (from <= end) {
            int slash = credential.indexOf('/', from);
            int to = slash < 0 || slash > end ? end : slash;
            if (count < SCOPE_PARTS) {
                parts[count] = credential.substring(from, to);
            }
            count++;
            from = to + 1;
        }
        if (count != SCOPE_PARTS) {
            throw incomplete("Credential must have exactly 5 slash-delimited elements, e.g."
                    + " keyid/date/region/service/term, got '" + credential + "'");
        }
        return parts;
    }

    private static void requireScope(String[] parts, SigningTime time) {
        StringBuilder faults = new StringBuilder();
        if (!parts[3].equals(SERVICE)) {
            faults.append("Credential should be scoped to correct service: '" + SERVICE + "'. ");
        }
        if (!parts[4].equals(TERMINATOR)) {
            faults.append("Credential should be scoped with a valid terminator: '" + TERMINATOR + "', not '")
                    .append(parts[4])
                    .append("'. ");
        }
        if (!time.text().startsWith(parts[1]) || parts[1].length() != 8) {
            faults.append("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '")
                    .append(parts[1])
                    .append("' != '")
                    .append(time.text(), 0, 8)
                    .append("', from '")
                    .append(time.text())
                    .append("'.");
        }
        if (!faults.isEmpty()) {
            throw invalid(faults.toString());
        }
    }

    private static String stringToSign(HttpCall call, ClaimedSignature claimed, SigningTime time, String[] parts) {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        sha256.update(call.body(), 0, call.bodyLength());
        String canonical = CanonicalRequest.of(call, claimed, HEX.formatHex(sha256.digest()));
        byte[] canonicalHash = sha256.digest(canonical.getBytes(StandardCharsets.ISO_8859_1));
        return ALGORITHM
                + '\n'
                + time.text()
                + '\n'
                + parts[1]
                + '/'
                + parts[2]
                + '/'
                + parts[3]
                + '/'
                + parts[4]
                + '\n'
                + HEX.formatHex(canonicalHash);
    }

    private static ApiException incomplete(String message) {
        return new ApiException(ErrorType.INCOMPLETE_SIGNATURE, message);
    }

    private static ApiException invalid(String message) {
        return new ApiException(ErrorType.INVALID_SIGNATURE, message);
    }
}
