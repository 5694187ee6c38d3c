package dev.henge.deploy;

import dev.henge.bench.BenchCommand;
import dev.henge.node.StartupException;
import dev.henge.router.api.Signatures;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@code henge} command line.
 *
 * <p>Exit codes, the same for all commands: {@link #EXIT_DONE}, {@link #EXIT_FAILED}, {@link #EXIT_USAGE}. A failure is one
 * sentence on stderr; {@code --verbose} adds where it arose.
 */
@Command(
        name = "henge",
        description = "Henge, a self-hosted, replicated database that speaks Amazon DynamoDB's API.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DevCommand.class,
            ClusterCommand.class,
            NodeCommand.class,
            RouterCommand.class,
            StatusCommand.class,
            RingCommand.class,
            PartitionsCommand.class,
            PartitionCommand.class,
            LocateCommand.class,
            TasksCommand.class,
            SettingsCommand.class,
            ScrubCommand.class,
            VerifyCommand.class,
            DebugCommand.class,
            CredentialsCommand.class,
            BenchCommand.class,
            VersionCommand.class
        },
        versionProvider = VersionCommand.class,
        mixinStandardHelpOptions = true)
public final class Henge implements Runnable {

    /** Done, and what was asked about is well. */
    static final int EXIT_DONE = 0;

    /** It failed, was refused, no node answered, or what was asked about is not well. */
    static final int EXIT_FAILED = 1;

    /** The command line, the environment or the config file is wrong; nothing was done. */
    static final int EXIT_USAGE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Picocli makes it. */
    Henge() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, System.getenv(), arguments);
        out.flush();
        err.flush();
        System.exit(code);
    }

    /** Runs one command; returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, Map<String, String> environment, String... arguments) {
        try {
            return commandLine(out, err, environment, arguments).execute(arguments);
        } catch (StartupException e) {
            err.println("henge: " + sentence(e));
            return EXIT_USAGE;
        }
    }

    /**
     * The command line, with the environment and the config file behind its options.
     *
     * @param arguments looked at for the command and the config file alone; not parsed yet
     * @throws StartupException when the config file is wrong
     */
    static CommandLine commandLine(
            PrintWriter out, PrintWriter err, Map<String, String> environment, String... arguments)
            throws StartupException {
        CommandLine line = new CommandLine(new Henge());
        line.setOut(out);
        line.setErr(err);
        line.setParameterExceptionHandler((failure, _) -> wrongUsage(failure));
        line.setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(HostPort.class, converting(HostPort::parse)::apply);
        line.registerConverter(ClusterNodes.class, converting(ClusterNodes::parse)::apply);
        line.registerConverter(Signatures.class, converting(Signatures::parse)::apply);
        line.registerConverter(ByteSize.class, converting(ByteSize::parse)::apply);
        line.registerConverter(RingToken.class, converting(RingToken::parse)::apply);
        useSettings(line, environment, arguments);
        return line;
    }

    @Override
    public void run() {
        throw CommandGroup.sayWhich(spec);
    }

    private static void useSettings(CommandLine line, Map<String, String> environment, String... arguments)
            throws StartupException {
        String named = Arrays.stream(arguments)
                .filter(argument -> !argument.startsWith("-"))
                .findFirst()
                .orElse("");
        for (Map.Entry<String, CommandLine> entry : line.getSubcommands().entrySet()) {
            CommandSpec command = entry.getValue().getCommandSpec();
            SettingsSource source = entry.getKey().equals(named)
                    ? SettingsSource.of(environment, command, arguments)
                    : SettingsSource.of(environment);
            entry.getValue().setDefaultValueProvider(source);
        }
    }

    private static int wrongUsage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        command.getErr()
                .println("henge: " + usageSentence(failure) + "; see "
                        + command.getCommandSpec().qualifiedName() + " --help");
        return EXIT_USAGE;
    }

    private static int failed(Exception failure, CommandLine command) {
        PrintWriter err = command.getErr();
        boolean expected = failure instanceof StartupException;
        boolean verbose = command.getCommand() instanceof VerboseCommand verboseCommand && verboseCommand.verbose();
        err.println("henge: " + (expected ? sentence(failure) : "this is a fault in Henge: " + failure));
        if (verbose || !expected) {
            failure.printStackTrace(err);
        }
        return EXIT_FAILED;
    }

    private static String usageSentence(ParameterException failure) {
        if (failure instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            boolean command = !failure.getCommandLine().getSubcommands().isEmpty() && !unmatched.isUnknownOption();
            return command ? "there is no command '" + word + "'" : "'" + word + "' is no option here";
        }
        return sentence(failure);
    }

    /** One line, without a full stop: some messages of libraries bring their own lines. */
    private static String sentence(Exception failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String line = String.join(" ", List.of(message.strip().split("\\s*\\R\\s*")));
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }

    /** Picocli shows the message of its own exception alone. */
    private static <T> Function<String, T> converting(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        };
    }
}
