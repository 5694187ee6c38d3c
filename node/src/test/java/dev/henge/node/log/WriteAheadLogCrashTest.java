package dev.henge.node.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random changes, syncs and power failures: what was synced is there, and the rest is lost from the end alone. */
class WriteAheadLogCrashTest {

    private static final int SEEDS = Integer.getInteger("henge.seeds", 300);
    private static final LogOptions SMALL = new LogOptions(16 << 10, 4 << 10, 8 << 10, 4 << 10);
    private static final int PARTITIONS = 3;

    /** A change of one partition: the position after it, and the partition's state from then on. */
    private record Change(int partition, long position, LogModel after) {}

    @Test
    void everySyncedChangeSurvivesAPowerFailureAndTheRestIsLostFromTheEnd() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                new Run(seed).run();
            } catch (RuntimeException | AssertionError | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class Run {
        private final Random random;
        private final SimulatedDisk disk = new SimulatedDisk();
        private final List<RuntimeException> failures = new ArrayList<>();

        /** State of the partitions as of the last recovery. */
        private Map<Integer, LogModel> recovered = new HashMap<>();

        private final List<Change> changes = new ArrayList<>();

        Run(int seed) {
            random = new Random(seed);
        }

        void run() throws IOException {
            for (int life = 0; life < 6; life++) {
                WriteAheadLog log = WriteAheadLog.open(disk, SMALL, failures::add);
                checkAgainstHistory(log);
                live(log);
                if (random.nextInt(4) == 0) {
                    log.close();
                }
                durable = log.durablePosition();
                if (random.nextInt(4) == 0) {
                    disk.kill();
                } else {
                    disk.crash(random);
                }
            }
            assertThat(failures).isEmpty();
        }

        private long durable;

        private void live(WriteAheadLog log) {
            changes.clear();
            int steps = random.nextInt(250);
            for (int step = 0; step < steps; step++) {
                int what = random.nextInt(100);
                if (what < 80) {
                    int partition = random.nextInt(PARTITIONS);
                    PartitionLog partitionLog = log.partition(partition);
                    LogModel after = state(partition).changeRandomly(partitionLog, random, 700);
                    changes.add(new Change(partition, partitionLog.position(), after));
                    assertThat(partitionLog.lastIndex()).isEqualTo(after.lastIndex());
                } else if (what < 92) {
                    log.sync();
                    assertThat(log.hasWork()).isFalse();
                } else if (what < 94) {
                    log.markSynced();
                } else if (what < 96) {
                    log.prepareSpare();
                } else {
                    int partition = random.nextInt(PARTITIONS);
                    assertThat(LogModel.read(log.partition(partition), random)).isEqualTo(state(partition));
                }
            }
        }

        private LogModel state(int partition) {
            return state(partition, changes.size());
        }

        /** State of a partition after so many of the changes since the last recovery. */
        private LogModel state(int partition, int changeCount) {
            for (int i = changeCount - 1; i >= 0; i--) {
                if (changes.get(i).partition == partition) {
                    return changes.get(i).after;
                }
            }
            return recovered.getOrDefault(partition, LogModel.EMPTY);
        }

        private void checkAgainstHistory(WriteAheadLog log) {
            Map<Integer, LogModel> found = new TreeMap<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                found.put(partition, LogModel.read(log.partition(partition), random));
            }
            int durableChanges = 0;
            while (durableChanges < changes.size() && changes.get(durableChanges).position <= durable) {
                durableChanges++;
            }
            boolean matches = false;
            for (int count = durableChanges; count <= changes.size() && !matches; count++) {
                matches = true;
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    matches &= state(partition, count).equals(found.get(partition));
                }
            }
            // An append is several records when it is large, so a torn one may leave some of its entries.
            if (!matches) {
                matches = matchesWithinOneAppend(found, durableChanges);
            }
            assertThat(matches)
                    .as("recovered state is that after some prefix that holds all %s durable changes", durableChanges)
                    .isTrue();
            recovered = found;
            changes.clear();
        }

        private boolean matchesWithinOneAppend(Map<Integer, LogModel> found, int durableChanges) {
            for (int count = durableChanges; count < changes.size(); count++) {
                Change torn = changes.get(count);
                boolean matches = true;
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    LogModel wanted = state(partition, count);
                    LogModel got = found.getOrDefault(partition, LogModel.EMPTY);
                    if (partition == torn.partition) {
                        int held = got.entries().size();
                        matches &= got.baseIndex() == torn.after.baseIndex()
                                && got.hardState().equals(torn.after.hardState())
                                && held < torn.after.entries().size()
                                && got.entries().equals(torn.after.entries().subList(0, held));
                    } else {
                        matches &= wanted.equals(got);
                    }
                }
                if (matches) {
                    return true;
                }
            }
            return false;
        }
    }
}
