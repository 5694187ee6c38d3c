package dev.henge.chaos.process;

import dev.henge.chaos.support.Commands;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces of a run's own for processes, network and mounts (Linux: unshare(1)). The program inside is their process 1:
 * when it ends, in whatever way, the kernel ends every process below it, and the interfaces and mounts go with the last.
 */
public final class Sandbox {

    private static final String INSIDE = "HENGE_CHAOS_SANDBOX";
    private static final Duration COMMAND_MAX = Duration.ofSeconds(30);

    private static final List<String> UNSHARE =
            List.of("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child");

    /** All that the harness does with its rights, tried once. */
    private static final String TRIAL = "mount -t tmpfs none /run && mkdir /run/netns && ip netns add trial"
            + " && ip link add trial type bridge && ip link add trial0 type veth peer name eth0 netns trial"
            + " && nsenter --net=/run/netns/trial ip link set lo up";

    private Sandbox() {}

    /** Why there can be no sandbox here; null when there can. */
    public static @Nullable String unavailable() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "needs Linux for its namespaces";
        }
        List<String> command = new ArrayList<>(UNSHARE);
        command.addAll(List.of("sh", "-c", TRIAL));
        try {
            Commands.Ran ran = Commands.run(Map.of(), COMMAND_MAX, command);
            return ran.code() == 0
                    ? null
                    : "needs root and the right to make namespaces, bridges and mounts: "
                            + ran.err().strip();
        } catch (UncheckedIOException e) {
            return "needs unshare, nsenter and ip: " + e.getMessage();
        }
    }

    /** Whether this process runs in a sandbox. */
    static boolean isInside() {
        return "1".equals(System.getenv(INSIDE));
    }

    /** The process that runs a main class of this class path in a sandbox; to end it is to end all of it. */
    public static ProcessBuilder program(Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(UNSHARE);
        command.addAll(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(INSIDE, "1");
        return builder;
    }

    /**
     * Runs the main class in a sandbox with this process's own outputs, and returns its exit code. The sandbox's input is a
     * pipe from this process, so that it ends ({@link #endWithParent}) even when this one is killed.
     */
    static int run(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
        Process process = program(main, arguments)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process.waitFor();
    }

    /** Ends this process, and with it the sandbox, once its input ends. */
    static void endWithParent() {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // nothing is said there; only its end counts
                }
            } catch (IOException _) {
                // as good as its end
            }
            Runtime.getRuntime().halt(130);
        });
    }

    /** Runs a command that must succeed, soon. */
    static String command(String... command) {
        Commands.Ran ran = Commands.run(Map.of(), COMMAND_MAX, List.of(command));
        if (ran.code() != 0) {
            throw new IllegalStateException(
                    String.join(" ", command) + ": " + ran.err().strip());
        }
        return ran.out();
    }
}
