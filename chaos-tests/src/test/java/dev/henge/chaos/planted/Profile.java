package dev.henge.chaos.planted;

/** What kind of runs to hunt a bug with. */
public enum Profile {
    /** The runs of the campaign, as they are. */
    CAMPAIGN
}
