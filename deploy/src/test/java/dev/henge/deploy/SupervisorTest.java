package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.node.StartupException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SupervisorTest {

    private static final String RUNS = "echo 'Ready: this'; exec sleep 600";

    @Test
    void passesOutputOnUnderTheProgramsName() throws Exception {
        StringWriter out = new StringWriter();

        try (Supervisor _ = Supervisor.start(
                new PrintWriter(out), List.of(shell("n1", "echo hello; " + RUNS), shell("router", RUNS)))) {
            assertThat(out.toString()).contains("n1     | hello\n", "n1     | Ready: this\n", "router | Ready: this\n");
        }
    }

    @Test
    void aProgramThatIsKilledLeavesTheOthersAndSaysHowToStartItAgain() throws Exception {
        PipedReader reader = new PipedReader(1 << 16);
        try (BufferedReader lines = new BufferedReader(reader);
                Supervisor supervisor = Supervisor.start(
                        new PrintWriter(new PipedWriter(reader)), List.of(shell("n1", RUNS), shell("n2", RUNS)))) {
            process(supervisor, "n1").destroyForcibly();

            assertThat(lineWith(lines, "has ended"))
                    .isEqualTo("n1 | has ended with code 137; the others go on. Start it again with");
            assertThat(lines.readLine()).isEqualTo("n1 |   again n1");
            assertThat(process(supervisor, "n2").isAlive()).isTrue();
        }
    }

    @Test
    void closingEndsAllPrograms() throws Exception {
        Supervisor supervisor = Supervisor.start(nowhere(), List.of(shell("n1", RUNS), shell("n2", RUNS)));
        ProcessHandle first = process(supervisor, "n1");
        ProcessHandle second = process(supervisor, "n2");

        supervisor.close();

        supervisor.awaitAllEnded();
        assertThat(first.isAlive()).isFalse();
        assertThat(second.isAlive()).isFalse();
    }

    @Test
    void aProgramThatDoesNotStartEndsTheOthers() {
        StringWriter out = new StringWriter();

        assertThatThrownBy(() -> Supervisor.start(
                        new PrintWriter(out), List.of(shell("n1", "echo $$; " + RUNS), shell("n2", "echo no; exit 1"))))
                .isInstanceOf(StartupException.class)
                .hasMessage("n2 did not start; its own message stands above");

        assertThat(out.toString()).contains("n2 | no\n");
        long pid = Long.parseLong(out.toString()
                .lines()
                .filter(line -> line.matches("n1 \\| [0-9]+"))
                .findFirst()
                .orElseThrow()
                .substring(5));
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void whenAllHaveEndedThereIsNothingToWaitFor() throws Exception {
        try (Supervisor supervisor = Supervisor.start(nowhere(), List.of(shell("n1", RUNS)))) {
            process(supervisor, "n1").destroyForcibly();

            supervisor.awaitAllEnded();
        }
    }

    @Test
    void aProcessEndsWithItsParent() throws Exception {
        // A shell that this test starts plays the parent, which is killed without a chance to tell anyone.
        Process parent = new ProcessBuilder("sh", "-c", "exec sleep 600").start();
        String java = System.getProperty("java.home") + "/bin/java";
        Process child = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParentWatcher.class.getName(),
                        Long.toString(parent.pid()))
                .redirectErrorStream(true)
                .start();
        assertThat(child.inputReader().readLine()).isEqualTo("watching");

        parent.destroyForcibly().waitFor();

        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(1);
    }

    /** Stands for henge node and henge router. */
    static final class ParentWatcher {
        private ParentWatcher() {}

        public static void main(String[] arguments) throws InterruptedException {
            RunningProcess.endWith(Long.parseLong(arguments[0]));
            System.out.println("watching");
            RunningProcess.awaitEnd();
        }
    }

    private static Supervisor.Program shell(String name, String script) {
        return new Supervisor.Program(name, List.of("sh", "-c", script), "again " + name);
    }

    private static ProcessHandle process(Supervisor supervisor, String name) {
        return ProcessHandle.of(supervisor.pid(name)).orElseThrow();
    }

    private static String lineWith(BufferedReader lines, String text) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(text)) {
                return line;
            }
        }
        throw new AssertionError("the output ended without " + text);
    }

    private static PrintWriter nowhere() {
        return new PrintWriter(new StringWriter());
    }
}
