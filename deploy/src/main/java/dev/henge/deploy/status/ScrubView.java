package dev.henge.deploy.status;

/**
 * When the replicas of the cluster's partitions were last compared.
 *
 * @param oldestWallMillis Unix time of the partition that was scrubbed longest ago; 0 when one never was
 * @param newestWallMillis Unix time of the one that was scrubbed last; 0 when none was
 * @param partitionsNever how many partitions were never scrubbed
 */
public record ScrubView(long oldestWallMillis, long newestWallMillis, int partitionsNever) {}
