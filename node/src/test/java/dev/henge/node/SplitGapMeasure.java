package dev.henge.node;

import dev.henge.cluster.Deadline;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.node.catalog.Splits;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TableRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long writes wait while their partition is split: three nodes in this process, writers one after the other on items of
 * their own, and the longest time between two acknowledgements of one, for those whose items move to the other half and
 * for all others. To be run by hand.
 */
final class SplitGapMeasure {

    private static final int WRITERS = 8;
    private static final long AROUND_MILLIS = 300;

    private final TestCluster cluster;
    private final TableRecord table;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicLongArray longestNanos = new AtomicLongArray(WRITERS);

    private SplitGapMeasure(TestCluster cluster) {
        this.cluster = cluster;
        this.table = cluster.createTable("T");
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("henge-split");
        try (TestCluster cluster = TestCluster.ofThree(directory)) {
            new SplitGapMeasure(cluster).run();
        }
        System.exit(0);
    }

    @SuppressWarnings("SystemOut")
    private void run() throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        for (int number = 0; number < WRITERS; number++) {
            int writer = number;
            writers.add(Thread.ofPlatform().daemon().start(() -> write(writer)));
        }
        TimeUnit.SECONDS.sleep(5); // until it is warm: what is measured is time
        for (int round = 0; round < 12; round++) {
            PartitionRecord partition = ofMostWriters();
            long token = Splits.middleOf(partition);
            reset();
            TimeUnit.MILLISECONDS.sleep(AROUND_MILLIS);
            long before = longest(0, 0);
            reset();
            split(partition, token);
            TimeUnit.MILLISECONDS.sleep(AROUND_MILLIS);
            System.out.printf(
                    "partition %d: longest pause of a writer %.1f ms before; while it is split %.1f ms in the other half,"
                            + " %.1f ms in what stays%n",
                    partition.getId(),
                    before / 1e6,
                    longest(token, partition.getEndToken()) / 1e6,
                    longest(partition.getStartToken(), token) / 1e6);
        }
        stopping.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private void reset() {
        for (int writer = 0; writer < WRITERS; writer++) {
            longestNanos.set(writer, 0);
        }
    }

    private long longest(long start, long end) {
        long longest = 0;
        for (int writer = 0; writer < WRITERS; writer++) {
            if (Tokens.inRange(token(writer), start, end)) {
                longest = Math.max(longest, longestNanos.get(writer));
            }
        }
        return longest;
    }

    private PartitionRecord ofMostWriters() {
        PartitionRecord most = cluster.client().partitionOf(token(0));
        long mostWriters = 0;
        for (PartitionRecord partition : cluster.client().catalog().getPartitionsList()) {
            long writers = 0;
            for (int writer = 0; writer < WRITERS && partition.getId() != 0; writer++) {
                writers += Tokens.inRange(token(writer), partition.getStartToken(), partition.getEndToken()) ? 1 : 0;
            }
            if (writers > mostWriters) {
                most = partition;
                mostWriters = writers;
            }
        }
        return most;
    }

    private long token(int writer) {
        return Tokens.of(table.getId(), KeyEncoding.encode(new StringValue("key" + writer)));
    }

    private void write(int writer) {
        long lastNanos = System.nanoTime();
        for (long number = 0; !stopping.get(); number++) {
            cluster.put(table, "key" + writer, "value" + number);
            long nowNanos = System.nanoTime();
            long pauseNanos = nowNanos - lastNanos;
            longestNanos.accumulateAndGet(writer, pauseNanos, Math::max);
            lastNanos = nowNanos;
        }
    }

    private void split(PartitionRecord partition, long token) {
        cluster.client()
                .submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(TestCluster.newRequestId())
                                .setBeginSplit(BeginSplit.newBuilder()
                                        .setPartition(partition.getId())
                                        .setToken(token)
                                        .setEpoch(partition.getEpoch()))
                                .build(),
                        Deadline.after(TestCluster.PATIENCE))
                .join();
        TestCluster.await("the split", () -> cluster.client().catalog().getPartitionsList().stream()
                .noneMatch(PartitionRecord::hasSplit));
    }
}
