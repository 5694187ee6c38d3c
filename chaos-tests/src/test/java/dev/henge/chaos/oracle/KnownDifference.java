package dev.henge.chaos.oracle;

/**
 * A place where DynamoDB Local is known not to do what the service does, or where Henge differs knowingly.
 *
 * @param name short, for counting
 * @param local what DynamoDB Local does
 * @param service what the service does, which is what Henge does unless {@code docs/differences-from-dynamodb.md} says
 *     otherwise, and how that is known
 * @param correction turns DynamoDB Local's answer into what the service would have answered
 */
record KnownDifference(String name, String local, String service, Correction correction) {

    /** Given back unchanged when the difference is not this one. */
    @FunctionalInterface
    interface Correction {
        Answer apply(Exchange exchange);
    }
}
