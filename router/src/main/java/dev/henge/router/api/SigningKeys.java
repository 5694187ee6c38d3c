package dev.henge.router.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.henge.proto.CredentialRecord;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys that requests are signed with, derived from a credential's secret for one day, region and service ("Create a
 * signed AWS API request", step 3), and kept for the next request. Safe for use by many threads.
 *
 * <p>A change of a credential changes its epoch, which is part of what a key is kept under: keys of before are never found
 * again. Only keys that a right signature was made with are kept, so nobody without the secret fills the cache.
 */
final class SigningKeys {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEPT_MAX = 1_000;

    private record Scope(String accessKeyId, long credentialEpoch, String date, String region, String service) {}

    private final Cache<Scope, SigningKey> kept =
            Caffeine.newBuilder().maximumSize(KEPT_MAX).build();

    /** A derived key. */
    static final class SigningKey {
        private final Scope scope;

        /** Keyed, and never fed: each signature is made by a copy. */
        private final Mac mac;

        private SigningKey(Scope scope, Mac mac) {
            this.scope = scope;
            this.mac = mac;
        }

        /**
         * The signature of a text, 32 bytes.
         *
         * @param text a character for each byte
         */
        byte[] sign(String text) {
            try {
                return ((Mac) mac.clone()).doFinal(bytes(text));
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("the platform's HmacSHA256 can be copied", e);
            }
        }
    }

    SigningKey key(CredentialRecord credential, String date, String region, String service) {
        Scope scope = new Scope(credential.getAccessKeyId(), credential.getEpoch(), date, region, service);
        @Nullable SigningKey known = kept.getIfPresent(scope);
        return known != null ? known : derive(credential, scope);
    }

    /** Keeps a key for the next request. */
    void keep(SigningKey key) {
        if (kept.getIfPresent(key.scope) == null) {
            kept.put(key.scope, key);
        }
    }

    /** How many keys are kept; exact only when nothing else goes on. */
    long count() {
        kept.cleanUp();
        return kept.estimatedSize();
    }

    private static SigningKey derive(CredentialRecord credential, Scope scope) {
        byte[] key = ("AWS4" + credential.getSecretKey()).getBytes(StandardCharsets.UTF_8);
        key = keyed(key).doFinal(bytes(scope.date));
        key = keyed(key).doFinal(bytes(scope.region));
        key = keyed(key).doFinal(bytes(scope.service));
        key = keyed(key).doFinal(bytes("aws4_request"));
        return new SigningKey(scope, keyed(key));
    }

    private static Mac keyed(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256, with keys of any length", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
