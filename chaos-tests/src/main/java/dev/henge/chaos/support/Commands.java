package dev.henge.chaos.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands to their end. */
public final class Commands {

    /** AWS's tools want credentials and a region, of which any will do, and must not look for others. */
    public static final Map<String, String> AWS_ENVIRONMENT = Map.of(
            "AWS_ACCESS_KEY_ID", "any",
            "AWS_SECRET_ACCESS_KEY", "thing",
            "AWS_DEFAULT_REGION", "us-east-1",
            "AWS_CONFIG_FILE", "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE", "/dev/null",
            "AWS_EC2_METADATA_DISABLED", "true",
            "AWS_PAGER", "");

    /**
     * How a command ended.
     *
     * @param code its exit code
     * @param out what it wrote to stdout
     * @param err what it wrote to stderr
     */
    public record Ran(int code, String out, String err) {}

    private Commands() {}

    /** Whether the command can be run here and exits with 0. */
    public static boolean works(String... command) {
        try {
            return run(AWS_ENVIRONMENT, Duration.ofMinutes(1), List.of(command)).code() == 0;
        } catch (UncheckedIOException _) {
            return false;
        }
    }

    /**
     * Runs a command.
     *
     * @throws UncheckedIOException when there is no such command
     * @throws AssertionError when it takes longer; then it is killed
     */
    public static Ran run(Map<String, String> environment, Duration atMost, List<String> command) {
        try {
            Path out = Files.createTempFile("henge-test-", ".out");
            Path err = Files.createTempFile("henge-test-", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("still running after " + atMost + ": " + String.join(" ", command) + "\n"
                            + Files.readString(out) + Files.readString(err));
                }
                return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
