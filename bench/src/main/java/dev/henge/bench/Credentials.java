package dev.henge.bench;

import java.nio.charset.StandardCharsets;

/**
 * Whom requests are signed for.
 *
 * @param accessKey the access key id; letters and digits only, since DynamoDB Local refuses others
 * @param secretKey the secret key
 * @param region the region in the signature's scope
 */
record Credentials(String accessKey, String secretKey, String region) {
    byte[] secretKeyBytes() {
        return secretKey.getBytes(StandardCharsets.UTF_8);
    }

    /** Leaves the secret out, so that it can't end up in a log. */
    @Override
    public String toString() {
        return accessKey + "@" + region;
    }
}
