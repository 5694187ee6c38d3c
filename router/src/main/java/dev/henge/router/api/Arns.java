package dev.henge.router.api;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The names of things in the one region and account that a router speaks for.
 *
 * @param region stands in every ARN
 * @param accountId stands in every ARN, 12 digits
 */
record Arns(String region, String accountId) {

    private static final String DEFAULT_KEY = "alias/aws/dynamodb";

    String table(String name) {
        return "arn:aws:dynamodb:" + region + ":" + accountId + ":table/" + name;
    }

    /**
     * The ARN of the key that SSESpecification names: by ARN, by id, by alias, or, when null, the service's own. Henge
     * has no keys to look an alias up in, so an alias stands for a key of an id made from it, always the same one.
     */
    String kmsKey(@Nullable String keyId) {
        String named = keyId == null ? DEFAULT_KEY : keyId;
        if (named.startsWith("arn:") && named.contains(":key/")) {
            return named;
        }
        int alias = named.startsWith("arn:") ? named.indexOf(":alias/") + 1 : 0;
        String name = named.substring(alias);
        String id = name.startsWith("alias/")
                ? UUID.nameUUIDFromBytes((region + "/" + accountId + "/" + name).getBytes(StandardCharsets.UTF_8))
                        .toString()
                : name;
        return "arn:aws:kms:" + region + ":" + accountId + ":key/" + id;
    }
}
