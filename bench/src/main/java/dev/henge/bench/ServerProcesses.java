package dev.henge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** CPU time and memory of processes, as the operating system counts them. */
final class ServerProcesses {
    private static final long KIB = 1024;

    private ServerProcesses() {}

    /**
     * User and system time since the start of each process, summed; on Linux from {@code /proc/PID/stat}, in steps
     * of 10 ms.
     *
     * @throws IllegalStateException when one of them doesn't run
     */
    static Duration cpuTime(List<Long> pids) {
        Duration sum = Duration.ZERO;
        for (long pid : pids) {
            sum = sum.plus(ProcessHandle.of(pid)
                    .flatMap(process -> process.info().totalCpuDuration())
                    .orElseThrow(() -> new IllegalStateException("process " + pid + " does not run")));
        }
        return sum;
    }

    /** Resident memory, summed, in bytes; 0 where there is no {@code /proc}. */
    static long residentBytes(List<Long> pids) {
        long sum = 0;
        for (long pid : pids) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                    if (line.startsWith("VmRSS:")) {
                        sum += Long.parseLong(line.replaceAll("\\D", "")) * KIB;
                    }
                }
            } catch (IOException e) {
                // Another operating system, or the process has just ended: memory is a remark in the report, and
                // cpuTime tells of a process that is gone.
                return 0;
            }
        }
        return sum;
    }
}
