package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A command that asks something of a running cluster, by way of its nodes, and gives one answer: to a person, or with
 * {@code -o json} to a program. What commands come to is their exit code too, see {@link Henge}.
 */
abstract class OperatorCommand extends VerboseCommand implements Callable<Integer> {

    private static final int TIMEOUT_SECONDS_MAX = 60;

    /** The forms of the answer. */
    enum Output {
        TEXT,
        JSON
    }

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private Output output = Output.TEXT;

    // Its default is the command's own: what the field holds to begin with.
    @Option(
            names = "--timeout-seconds",
            paramLabel = "N",
            description = "How long to wait for the cluster's answer (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** @param timeoutSeconds how long the command waits when nobody says otherwise */
    OperatorCommand(int timeoutSeconds) {
        this.timeoutSeconds = timeoutSeconds;
    }

    /**
     * Asks.
     *
     * @param addresses of nodes, "host:port" each
     * @param timeout how long the nodes may take
     * @throws StartupException when it can't be done, or no node answered: one sentence that says why
     */
    abstract Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException;

    /** A line that tells how far it is, to a person who waits for the answer. */
    final void progress(String line) {
        if (output == Output.TEXT) {
            spec.commandLine().getOut().println(line);
            spec.commandLine().getOut().flush();
        }
    }

    @Override
    public final Integer call() throws StartupException, InterruptedException {
        if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout-seconds must be from 1 to " + TIMEOUT_SECONDS_MAX + ", not " + timeoutSeconds);
        }
        Logging.quiet(verbose());
        Answer answer = answer(cluster.addresses(), Duration.ofSeconds(timeoutSeconds));
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case TEXT -> answer.text();
                    case JSON -> answer.json();
                });
        out.flush();
        return answer.exitCode();
    }
}
