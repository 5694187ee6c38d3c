package dev.henge.router.api;

/**
 * The names of things in the one region and account that a router speaks for.
 *
 * @param region stands in every ARN
 * @param accountId stands in every ARN, 12 digits
 */
record Arns(String region, String accountId) {

    String table(String name) {
        return "arn:aws:dynamodb:" + region + ":" + accountId + ":table/" + name;
    }
}
