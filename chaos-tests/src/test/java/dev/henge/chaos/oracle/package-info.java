/**
 * The oracle: generated requests go to DynamoDB Local and to Henge as the same JSON, and status, error and body of both
 * answers must be the same.
 *
 * <p>{@code Requests} makes them from a seed: valid ones of every operation on items, with expressions written from their
 * grammar and with the legacy parameters, on few keys so that they meet what others have left; about a third are spoiled
 * by {@code Mutator}. {@code Normal} takes out of both answers what may differ. {@code KnownDifferences} lists where
 * DynamoDB Local is known not to do what the service does; what none of them explains is a fault.
 */
@NullMarked
package dev.henge.chaos.oracle;

import org.jspecify.annotations.NullMarked;
