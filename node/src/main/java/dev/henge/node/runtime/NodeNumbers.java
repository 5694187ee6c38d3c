package dev.henge.node.runtime;

import dev.henge.node.partition.ScrubResult;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How a node stands, in numbers, at one moment. Counts begin at the node's start, and again when its storage was replaced.
 *
 * @param damaged replicas marked damaged
 * @param rebuilding replicas that serve nothing until a snapshot has replaced their state
 * @param marked how many were marked damaged since the start
 * @param rebuilt how many damaged ones were rebuilt since the start
 * @param scrubRuns outcome to count
 * @param lastScrubSeconds Unix time
 * @param storage RocksDB's property to value
 */
public record NodeNumbers(
        long replicas,
        long leaders,
        long damaged,
        long rebuilding,
        long marked,
        long rebuilt,
        long storagesSetAside,
        long applyLagEntriesMax,
        long loopQueueMax,
        long peersConnected,
        long logBytes,
        long snapshotSentBytes,
        long snapshotReceivedBytes,
        Map<String, Long> scrubRuns,
        long scrubMismatches,
        long scrubBytes,
        double lastScrubSeconds,
        Map<String, Long> storage) {

    static final List<String> SCRUB_OUTCOMES =
            Arrays.stream(ScrubResult.Outcome.values()).map(Enum::name).toList();

    /** Metric to RocksDB's property. */
    static final Map<String, String> STORAGE_PROPERTIES = Map.ofEntries(
            Map.entry("henge.storage.files.bytes", "rocksdb.total-sst-files-size"),
            Map.entry("henge.storage.live.bytes", "rocksdb.estimate-live-data-size"),
            Map.entry("henge.storage.keys", "rocksdb.estimate-num-keys"),
            Map.entry("henge.storage.memtables.bytes", "rocksdb.cur-size-all-mem-tables"),
            Map.entry("henge.storage.cache.bytes", "rocksdb.block-cache-usage"),
            Map.entry("henge.storage.compaction.pending.bytes", "rocksdb.estimate-pending-compaction-bytes"),
            Map.entry("henge.storage.compactions.running", "rocksdb.num-running-compactions"),
            Map.entry("henge.storage.flushes.running", "rocksdb.num-running-flushes"),
            Map.entry("henge.storage.background.errors", "rocksdb.background-errors"),
            Map.entry("henge.storage.write.stopped", "rocksdb.is-write-stopped"));

    public NodeNumbers {
        scrubRuns = Map.copyOf(scrubRuns);
        storage = Map.copyOf(storage);
    }
}
