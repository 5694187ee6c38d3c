package dev.henge.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Mixed faults on real processes while clients write; the README of this module says how to start it. */
public final class ProcessChaos {

    private static final String USAGE =
            "usage: ProcessChaos [--seconds N | --minutes N] [--seed SEED] [--nodes 3|5] [--faults KIND,...]"
                    + " [--directory NEW_DIRECTORY]";

    private ProcessChaos() {}

    /** Exits with 0 when all held, with 1 when a checker complained, with 3 when it can't run here. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> given = new ArrayList<>(List.of(arguments));
        if (!Sandbox.isInside()) {
            System.exit(start(given));
        }
        Sandbox.endWithParent();
        System.exit(inside(given) ? 0 : 1);
    }

    @SuppressWarnings("SystemOut")
    private static int start(List<String> arguments) throws IOException, InterruptedException {
        String why = Sandbox.unavailable();
        if (why != null) {
            System.err.println("can't run here: " + why);
            return 3;
        }
        if (arguments.contains("--directory")) {
            return Sandbox.run(ProcessChaos.class, arguments);
        }
        Path directory = Files.createTempDirectory("henge-chaos-");
        arguments.addAll(List.of("--directory", directory.toString()));
        int code = Sandbox.run(ProcessChaos.class, arguments);
        if (code == 0) {
            delete(directory);
        } else {
            System.out.println("outputs of the processes and histories: " + directory);
        }
        return code;
    }

    @SuppressWarnings("SystemOut")
    private static boolean inside(List<String> arguments) throws IOException {
        long seed = 1;
        int nodeCount = 3;
        Duration duration = Duration.ofMinutes(5);
        List<FaultKind> kinds = FaultKind.mix();
        Path directory = Path.of("chaos");
        for (int place = 0; place + 1 < arguments.size(); place += 2) {
            String value = arguments.get(place + 1);
            switch (arguments.get(place)) {
                case "--seconds" -> duration = Duration.ofSeconds(Long.parseLong(value));
                case "--minutes" -> duration = Duration.ofMinutes(Long.parseLong(value));
                case "--seed" -> seed = Long.parseLong(value);
                case "--nodes" -> nodeCount = Integer.parseInt(value);
                case "--directory" -> directory = Path.of(value);
                case "--faults" ->
                    kinds = Arrays.stream(value.split(",", -1))
                            .map(FaultKind::valueOf)
                            .toList();
                default -> {
                    System.err.println(USAGE);
                    return false;
                }
            }
        }
        ChaosRun.Plan plan = new ChaosRun.Plan(seed, nodeCount, duration, kinds);
        System.out.println("chaos: " + plan);
        List<String> complaints =
                ChaosRun.run(plan, Files.createDirectories(directory), line -> System.out.println("chaos: " + line));
        complaints.forEach(complaint -> System.out.println("complaint: " + complaint));
        return complaints.isEmpty();
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
