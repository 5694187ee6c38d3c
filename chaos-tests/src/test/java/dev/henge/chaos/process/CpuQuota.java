package dev.henge.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gives processes less of the processors, each a share of its own, as if each were a small machine: by control groups of the
 * kernel, version 1 or 2. They must be writable, as they are for root.
 */
final class CpuQuota implements AutoCloseable {

    private static final Path GROUPS = Path.of("/sys/fs/cgroup");

    /** Short, so that who has used up its share waits for milliseconds. */
    private static final long PERIOD_MICROS = TimeUnit.MILLISECONDS.toMicros(20);

    private final List<Path> made = new ArrayList<>();

    /** @param cores how much of one core the process may use, with all its threads */
    void limit(long pid, double cores) throws IOException {
        long quotaMicros = Math.round(cores * PERIOD_MICROS);
        String name = "henge-" + pid;
        if (Files.exists(GROUPS.resolve("cgroup.controllers"))) {
            Path group = make(GROUPS.resolve(name));
            Files.writeString(group.resolve("cpu.max"), quotaMicros + " " + PERIOD_MICROS);
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
        } else {
            Path group = make(GROUPS.resolve("cpu").resolve(name));
            Files.writeString(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
            Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(quotaMicros));
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
        }
    }

    private Path make(Path group) throws IOException {
        Files.createDirectory(group);
        made.add(group);
        return group;
    }

    /** To be called once the processes have ended. */
    @Override
    public void close() throws IOException {
        for (Path group : made) {
            Files.delete(group);
        }
    }
}
