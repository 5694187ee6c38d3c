package dev.henge.chaos.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the harness's programs in a sandbox, and prints what they print. */
final class SandboxedRuns {

    private SandboxedRuns() {}

    /** Skips the test, saying why, where there can be no sandbox. */
    static void assumePossible() {
        String why = Sandbox.unavailable();
        assumeTrue(why == null, () -> "not run here: " + why);
    }

    /** Returns the exit code. */
    static int run(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
        Process process =
                Sandbox.program(main, arguments).redirectErrorStream(true).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(line);
            }
            return process.waitFor();
        } finally {
            process.destroyForcibly();
        }
    }
}
