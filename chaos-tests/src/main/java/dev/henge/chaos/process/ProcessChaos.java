package dev.henge.chaos.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Mixed faults on real processes while clients write; the README of this module says how to start it. */
public final class ProcessChaos {

    private static final List<String> OPTIONS = List.of("--seconds", "--minutes", "--seed", "--nodes", "--faults");

    private ProcessChaos() {}

    /** Exits with 0 when all held, with 1 when a checker complained, with 3 when it can't run here. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        SandboxedProgram.main(ProcessChaos.class, OPTIONS, arguments, ProcessChaos::run);
    }

    @SuppressWarnings("SystemOut")
    private static boolean run(SandboxedProgram.Options options, Path directory) throws IOException {
        String faults = options.text("--faults", "");
        ChaosRun.Plan plan = new ChaosRun.Plan(
                options.number("--seed", 1),
                options.number("--nodes", 3),
                Duration.ofSeconds(options.number("--seconds", options.number("--minutes", 5) * 60)),
                faults.isEmpty()
                        ? FaultKind.mix()
                        : Arrays.stream(faults.split(",", -1))
                                .map(FaultKind::valueOf)
                                .toList());
        System.out.println("chaos: seed " + plan.seed() + ", " + plan.nodeCount() + " nodes, "
                + plan.duration().toSeconds() + " s, " + plan.kinds().size() + " kinds of faults");
        List<String> complaints = ChaosRun.run(plan, directory, line -> System.out.println("chaos: " + line));
        complaints.forEach(complaint -> System.out.println("complaint: " + complaint));
        return complaints.isEmpty();
    }
}
