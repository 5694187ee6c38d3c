package dev.henge.node.snapshot;

import dev.henge.node.log.Disk;
import dev.henge.node.storage.StorageEngine;
import java.io.IOException;
import java.util.Locale;

/** What all replicas of a node share in sending and receiving snapshots. Thread-safe. */
public final class SnapshotResources {

    private static final String EXPORTED = "export-";

    private final SnapshotOptions options;
    private final RateLimiter outgoing;
    private final RateLimiter incoming;
    private final Permits sending;
    private final Permits receiving;

    /** For a process that begins: deletes what the one before was about to send. What it was receiving stays. */
    public SnapshotResources(SnapshotOptions options, StorageEngine storage) throws IOException {
        this.options = options;
        this.outgoing = new RateLimiter(options.bytesPerSecond());
        this.incoming = new RateLimiter(options.bytesPerSecond());
        this.sending = new Permits(options.sendingMax());
        this.receiving = new Permits(options.receivingMax());
        deleteExported(storage.snapshotFiles(), EXPORTED);
    }

    public SnapshotOptions options() {
        return options;
    }

    /** For what is made and sent. */
    public RateLimiter outgoing() {
        return outgoing;
    }

    /** For what is received. */
    public RateLimiter incoming() {
        return incoming;
    }

    public Permits sending() {
        return sending;
    }

    public Permits receiving() {
        return receiving;
    }

    /** What the names of all files of a snapshot made for sending begin with. */
    public static String exportPrefix(int partition, long transfer) {
        return String.format(Locale.ROOT, "%s%d-%016x-", EXPORTED, partition, transfer);
    }

    /** Deletes the files of a snapshot made for sending, complete or not. */
    public static void deleteExported(Disk disk, String prefix) throws IOException {
        for (String name : disk.list()) {
            if (name.startsWith(prefix)) {
                disk.delete(name);
            }
        }
    }
}
