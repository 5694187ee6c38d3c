package dev.henge.membership.gossip;

/**
 * How unwell this member thinks itself: Lifeguard's Local Health Multiplier, less one. "A member that doesn't get the
 * answers it expects may be at fault itself", so the worse it is, the more time it gives others.
 */
final class LocalHealth {

    private final int scoreMax;
    private int score;

    LocalHealth(int scoreMax) {
        this.scoreMax = scoreMax;
    }

    void better() {
        score = Math.max(0, score - 1);
    }

    void worse(int by) {
        score = Math.min(scoreMax, score + by);
    }

    int score() {
        return score;
    }

    /** A time as this member should take it now. */
    long stretch(long millis) {
        return millis * (score + 1);
    }
}
