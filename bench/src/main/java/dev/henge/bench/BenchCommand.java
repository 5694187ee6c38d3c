package dev.henge.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code henge bench}: drives PutItem, GetItem and UpdateItem with items of 1 KB against any endpoint that speaks the
 * DynamoDB API, and prints speed, latencies, errors and what it cost the server in CPU time. It is a picocli command
 * that a command line can take as a subcommand, and a program of its own.
 *
 * <p>Exit codes: 0 when measured, 1 when an endpoint can't be used or nothing but errors came back, 2 for wrong options.
 */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures PutItem, GetItem (ConsistentRead) and UpdateItem with items of 1 KB on any endpoint.",
        footer = {
            "",
            "The table '" + Items.TABLE + "' (of --tables also " + Items.TABLE
                    + "-...) belongs to the bench: one that is",
            "there is dropped, and it is dropped at the end.",
            "Without --rate the load is a closed loop, and its latencies are those of a saturated server. For a claim",
            "about latency give a --rate that the server can take: latencies then count from when a request was due.",
            "Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, when set, sign the requests."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int ITEMS_MAX = 99_999_999;
    private static final int CONNECTIONS_MAX = 4096;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Where to send requests (default: ${DEFAULT-VALUE}).",
            defaultValue = "http://localhost:8000")
    private String endpoint = "";

    @Option(
            names = "--server-pids",
            paramLabel = "PID,PID",
            description = "The server's processes on this machine, to measure their CPU time and memory.",
            defaultValue = "")
    private String serverPids = "";

    @Option(
            names = "--compare",
            paramLabel = "NAME=URL[;PID,PID]",
            arity = "1..*",
            description = "Endpoints to measure in alternating rounds, in place of --endpoint.")
    private List<String> compared = new ArrayList<>();

    @Option(
            names = "--operations",
            split = ",",
            paramLabel = "NAME",
            description = "Any of put, get, update (default: ${DEFAULT-VALUE}).",
            defaultValue = "put,get,update")
    private List<String> operations = new ArrayList<>();

    @Option(
            names = "--tables",
            split = ",",
            paramLabel = "NAME",
            description = {
                "Any of plain, sorted, local, global, measured in alternating rounds: a table with a partition key;",
                "with a sort key too; the same with a local or a global index in which each put moves an entry",
                "(default: ${DEFAULT-VALUE})."
            },
            defaultValue = "plain")
    private List<String> tables = new ArrayList<>();

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "Connections, each with one request at a time (default: ${DEFAULT-VALUE}).",
            defaultValue = "16")
    private int connections;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long each operation is measured, per round (default: ${DEFAULT-VALUE}).",
            defaultValue = "15")
    private double seconds;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            description = "How long it runs before that, unmeasured (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    private double warmUpSeconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Rounds (default: 1, with --compare or several --tables 3).",
            defaultValue = "0")
    private int rounds;

    @Option(
            names = "--items",
            paramLabel = "N",
            description = "Items in the table (default: ${DEFAULT-VALUE}).",
            defaultValue = "10000")
    private int items;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests per second in an open loop; 0 for a closed loop (default: ${DEFAULT-VALUE}).",
            defaultValue = "0")
    private double ratePerSecond;

    @Option(
            names = "--answer-timeout-millis",
            paramLabel = "MS",
            description = "After how long without an answer a request has failed (default: ${DEFAULT-VALUE}).",
            defaultValue = "10000")
    private int answerTimeoutMillis;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "text or json (default: ${DEFAULT-VALUE}).",
            defaultValue = "text")
    private OutputFormat output = OutputFormat.text;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Map<String, String> environment;

    /** How results are written; the names are what the option takes. */
    enum OutputFormat {
        text,
        json
    }

    /** The command, with this process's environment. */
    public BenchCommand() {
        this(System.getenv());
    }

    BenchCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs the bench as a program of its own. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Workbench workbench = workbench();
        try {
            List<Summary> summaries = Summary.of(workbench.run(round -> err.println(Report.progress(round))));
            switch (output) {
                case text -> Report.writeText(summaries, out);
                case json -> out.println(Report.json(summaries));
            }
            out.flush();
            boolean nothingWorked = summaries.stream()
                    .anyMatch(summary -> summary.latencyNanos().getTotalCount() == 0);
            return nothingWorked ? 1 : 0;
        } catch (BenchException | IllegalStateException e) {
            err.println("henge bench: " + e.getMessage());
            return 1;
        }
    }

    /** Checks the options and makes of them what is to be run. */
    Workbench workbench() {
        require(connections >= 1 && connections <= CONNECTIONS_MAX, "--connections is not in 1 to " + CONNECTIONS_MAX);
        require(items >= 1 && items <= ITEMS_MAX, "--items is not in 1 to " + ITEMS_MAX);
        require(seconds > 0, "--seconds is not above 0");
        require(warmUpSeconds >= 0, "--warm-up-seconds is below 0");
        require(ratePerSecond >= 0, "--rate is below 0");
        require(rounds >= 0, "--rounds is below 0");
        require(answerTimeoutMillis > 0, "--answer-timeout-millis is not above 0");
        int effectiveRounds = rounds > 0 ? rounds : compared.isEmpty() && tables.size() == 1 ? 1 : 3;
        LoadOptions options = new LoadOptions(
                credentials(), connections, warmUpSeconds, seconds, items, ratePerSecond, answerTimeoutMillis);
        try {
            return new Workbench(
                    endpointsByTable(), operations.stream().map(Operation::of).toList(), options, effectiveRounds);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private List<Endpoint> endpointsByTable() {
        List<Table> measured = tables.stream().map(Table::of).distinct().toList();
        if (measured.equals(List.of(Table.PLAIN))) {
            return endpoints();
        }
        return endpoints().stream()
                .flatMap(each -> measured.stream().map(each::with))
                .toList();
    }

    private List<Endpoint> endpoints() {
        if (compared.isEmpty()) {
            return List.of(Endpoint.parse("server", endpoint, serverPids));
        }
        require(serverPids.isEmpty(), "--server-pids goes with --endpoint; with --compare it is NAME=URL;PID,PID");
        List<Endpoint> endpoints = compared.stream().map(Endpoint::parseNamed).toList();
        Set<String> names = new HashSet<>();
        for (Endpoint each : endpoints) {
            require(names.add(each.name()), "--compare has two endpoints named '" + each.name() + "'");
        }
        return endpoints;
    }

    private Credentials credentials() {
        return new Credentials(
                environment.getOrDefault("AWS_ACCESS_KEY_ID", "hengebench"),
                environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "hengebench"),
                environment.getOrDefault("AWS_REGION", "us-east-1"));
    }

    private void require(boolean holds, String complaint) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), complaint);
        }
    }
}
