package dev.henge.chaos.planted;

/** What kind of runs to hunt a bug with. */
public enum Profile {
    /** The runs of the campaign, as they are. */
    CAMPAIGN,
    /** Leaders are cut off or paused while many clients read and write one key. */
    DEPOSED_LEADERS,
    /** Clocks drift as far as they may, and elections are as quick as they can be. */
    LEASES,
    /** Leaders fall all the time, appends are small. */
    ELECTIONS,
    /** Syncs take long, and the power fails often. */
    SLOW_DISKS,
    /** Logs are cut at once, messages come late and twice. */
    SNAPSHOTS,
    /** Nodes die and are back at once, while a leader and another node don't hear each other. */
    RESTARTS,
    /** Appends are small and many, and come late, twice and in any order. */
    LATE_COPIES,
    /** One partition is split again and again while many write. */
    SPLITS,
    /** Partitions are merged and split again and again while many write. */
    MERGES,
    /** Logs rot, so that replicas begin anew and are taken in as new members. */
    MEMBERS,
    /** The coordinator plans, and operators drain, decommission and pause. */
    PLANS,
    /** The coordinator plans, and has nodes to spare when one goes and stays away. */
    LOSSES,
    /** Logs stand in for replicas that are away, are soon forgotten in part, and a machine is lost. */
    STAND_INS
}
