package dev.henge.node.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.log.AppliedStates.Applied;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories, then damage anywhere in what was synced: flipped bits, zeroed sectors, lost or cut files. Each partition
 * is afterwards exactly what it was, or goes on behind what its storage has applied, or is reported damaged; also after
 * crashes in the middle of the repair, and when more damage comes on top.
 *
 * <p>More of it: {@code -Dhenge.seeds=100000}; one seed: {@code -Dhenge.seed=n}.
 */
class LogDamagePropertyTest {

    private static final int SEEDS = Integer.getInteger("henge.seeds", 1500);
    private static final LogOptions SMALL = new LogOptions(8 << 10, 4 << 10, 8 << 10, 2 << 10);
    private static final int PARTITIONS = 4;

    private static int damagedCount;
    private static int intactCount;
    private static int behindCount;

    @Test
    void damageIsNeverSilentAndNeverTakenForData() throws IOException {
        Integer only = Integer.getInteger("henge.seed");
        for (int seed = only == null ? 0 : only; seed < (only == null ? SEEDS : only + 1); seed++) {
            try {
                new Run(seed).run();
            } catch (RuntimeException | AssertionError | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        System.out.printf(
                "log damage: %d seeds, partitions intact %d, behind %d, damaged %d%n",
                SEEDS, intactCount, behindCount, damagedCount);
        if (only == null) {
            assertThat(List.of(damagedCount, intactCount, behindCount)).allMatch(count -> count > SEEDS / 10);
        }
    }

    private static final class Run {
        private final Random random;
        private final SimulatedDisk disk = new SimulatedDisk();
        private final List<RuntimeException> failures = new ArrayList<>();
        private final Map<Integer, LogModel> models = new HashMap<>();
        private final Map<Integer, Applied> applied = new HashMap<>();

        Run(int seed) {
            random = new Random(seed);
        }

        void run() throws IOException {
            for (int life = 0; life < 4; life++) {
                WriteAheadLog log = open();
                check(log);
                live(log);
                disk.kill();
                int times = 1 + random.nextInt(3);
                for (int i = 0; i < times; i++) {
                    damage();
                }
                while (random.nextBoolean()) {
                    crashWhileOpening();
                }
            }
            check(open());
            assertThat(failures).isEmpty();
        }

        private WriteAheadLog open() throws IOException {
            return WriteAheadLog.open(
                    disk,
                    SMALL,
                    SegmentArchive.NONE,
                    partition -> Optional.ofNullable(applied.get(partition)),
                    failures::add);
        }

        /** A power failure that keeps any part of what opening the log has written and not synced. */
        private void crashWhileOpening() throws IOException {
            disk.failSyncsAfter(random.nextInt(5));
            try {
                open();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("Input/output error");
            }
            disk.failSyncs(false);
            disk.crash(random);
        }

        private void live(WriteAheadLog log) {
            int steps = 20 + random.nextInt(150);
            for (int step = 0; step < steps; step++) {
                int what = random.nextInt(100);
                int partition = random.nextInt(random.nextInt(PARTITIONS) + 1);
                PartitionLog partitionLog = log.partition(partition);
                if (partitionLog.damage().isPresent()) {
                    if (what < 5) {
                        partitionLog.beginAnew();
                        models.put(partition, LogModel.EMPTY);
                        applied.remove(partition);
                    }
                } else if (what < 80) {
                    LogModel before = models.getOrDefault(partition, LogModel.EMPTY);
                    LogModel after = before.changeRandomly(partitionLog, random, 300);
                    models.put(partition, after);
                    // What was forgotten was applied durably, and a snapshot is applied before the log is reset.
                    apply(partition, after.baseIndex(), after);
                } else if (what < 90) {
                    log.sync();
                } else if (what < 92) {
                    log.markSynced();
                } else if (what < 95) {
                    log.prepareSpare();
                } else {
                    log.sync(); // a majority has it: only then it is committed and can be applied
                    LogModel model = models.getOrDefault(partition, LogModel.EMPTY);
                    apply(
                            partition,
                            model.baseIndex() + random.nextLong(model.lastIndex() - model.baseIndex() + 1),
                            model);
                }
            }
            // With the mark behind the last batch synced too: without it, damage to that batch looks like a torn tail.
            log.close();
        }

        private void apply(int partition, long index, LogModel model) {
            Applied before = applied.get(partition);
            if (index > 0 && (before == null || index >= before.index())) {
                applied.put(partition, new Applied(index, model.term(index)));
            } else if (before != null && before.index() > model.lastIndex()) {
                applied.remove(partition); // the model truncates what Raft never would
            } else if (before != null
                    && before.index() > model.baseIndex()
                    && model.term(before.index()) != before.term()) {
                applied.remove(partition);
            }
        }

        private void damage() throws IOException {
            List<String> segments = disk.list().stream().filter(Segment::isName).toList();
            String name = segments.get(random.nextInt(segments.size()));
            boolean last = name.equals(segments.getLast());
            long sizeBytes;
            try (Disk.DiskFile file = disk.open(name)) {
                sizeBytes = file.sizeBytes();
            }
            int kind = random.nextInt(20);
            if (kind == 0 && !last) {
                disk.loseFile(name);
            } else if (kind == 1 && !last && sizeBytes > 0) {
                disk.cutFile(name, random.nextLong(sizeBytes));
            } else if (sizeBytes > 0) {
                // The last mark is not synced itself; without it the last batch can't be told from a torn one.
                long end = last ? endOfSynced(name) : sizeBytes;
                long offset = end == 0 ? 0 : random.nextLong(end);
                long bits = kind < 8 ? 512 * 8L : 1 + random.nextInt(3);
                for (long bit = 0; bit < bits && end > 0; bit++) {
                    long at = kind < 8 ? offset / 512 * 512 + bit / 8 : offset;
                    if (at < end && (kind >= 8 || random.nextBoolean())) {
                        disk.flipBit(name, at, (int) (bit % 8));
                    }
                }
            }
        }

        private long endOfSynced(String name) throws IOException {
            try (Disk.DiskFile file = disk.open(name)) {
                RecordReader reader = new RecordReader(file, Segment.numberOf(name), 4096);
                long end = 0;
                for (long offset = 0; offset < file.sizeBytes(); offset += 8) {
                    if (reader.at(offset) && reader.kind() == RecordKind.SYNCED) {
                        end = offset;
                    }
                }
                return end;
            }
        }

        private void check(WriteAheadLog log) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                PartitionLog partitionLog = log.partition(partition);
                LogModel wanted = models.getOrDefault(partition, LogModel.EMPTY);
                if (partitionLog.damage().isPresent()) {
                    assertThat(LogModel.read(partitionLog, random)).isEqualTo(LogModel.EMPTY);
                    damagedCount++;
                    continue;
                }
                LogModel found = LogModel.read(partitionLog, random);
                if (found.equals(wanted)) {
                    intactCount++;
                    continue;
                }
                Applied durable = Optional.ofNullable(applied.get(partition)).orElseThrow();
                assertThat(found)
                        .as("partition %s", partition)
                        .isEqualTo(new LogModel(
                                durable.index(),
                                durable.term(),
                                wanted.entries()
                                        .subList(
                                                (int) (durable.index() - wanted.baseIndex()),
                                                wanted.entries().size()),
                                wanted.hardState()));
                models.put(partition, found);
                behindCount++;
            }
        }
    }
}
