package dev.henge.membership.plan;

/**
 * A token that was sampled, and what it stands for.
 *
 * @param weight operations or bytes, above 0
 */
public record WeightedToken(long token, double weight) {
    public WeightedToken {
        if (!(weight > 0)) {
            throw new IllegalArgumentException("a sample weighs more than 0, not " + weight);
        }
    }
}
