package dev.henge.chaos.process;

import dev.henge.chaos.support.Clients;
import dev.henge.chaos.support.Commands;
import dev.henge.chaos.support.Commands.Ran;
import dev.henge.samples.ClientOrders;
import dev.henge.samples.EnhancedOrders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Samples of docs/clients and the sweep of all operations, each in a loop of its own, on a cluster of processes whose
 * signatures are verified, while nodes are killed and started again one after another. What a kill breaks must be mended
 * by the SDKs' own retries: every call of every run must succeed, and every answer be as the sample expects.
 */
final class ClientsOnCluster {

    private static final Duration SCRIPT_MAX = Duration.ofMinutes(2);
    private static final Duration CATCH_UP_MAX = Duration.ofSeconds(60);
    private static final Path BOTO3_SAMPLES = Path.of("..", "docs", "clients", "boto3");
    private static final String SWEEP = "/dev/henge/chaos/sdk/boto3_sweep.py";

    private final Path directory;
    private final ProcessCluster cluster;
    private final Map<String, String> environment;

    private ClientsOnCluster(Path directory, ProcessCluster cluster) throws IOException {
        this.directory = directory;
        this.cluster = cluster;
        environment = new HashMap<>(Commands.AWS_ENVIRONMENT);
        environment.put("AWS_ACCESS_KEY_ID", cluster.accessKey().id());
        environment.put("AWS_SECRET_ACCESS_KEY", cluster.accessKey().secret());
        environment.put("AWS_ENDPOINT_URL_DYNAMODB", cluster.endpoint().toString());
    }

    /**
     * Runs the clients while nodes are killed.
     *
     * @param kills how many nodes are killed, the one that leads most first, each started again before the next
     * @param names of clients, of those that {@link #program} knows
     * @return how many times each client ran
     */
    static Map<String, Integer> run(Path directory, int kills, List<String> names)
            throws IOException, InterruptedException {
        try (ProcessCluster cluster = ProcessCluster.startVerifying(directory);
                DynamoDbClient dynamoDb = Clients.signing(
                        cluster.endpoint(),
                        cluster.accessKey().id(),
                        cluster.accessKey().secret())) {
            ClientsOnCluster clients = new ClientsOnCluster(directory, cluster);
            List<ClientLoop> loops = new ArrayList<>();
            try {
                for (String name : names) {
                    loops.add(ClientLoop.start(name, clients.program(name, dynamoDb)));
                }
                for (ClientLoop loop : loops) {
                    loop.awaitRuns(1);
                }
                for (int kill = 0; kill < kills; kill++) {
                    clients.killAndRestart(loops);
                }
                for (ClientLoop loop : loops) {
                    loop.stop();
                }
            } finally {
                loops.forEach(ClientLoop::close);
            }
            Map<String, Integer> runs = new HashMap<>();
            loops.forEach(loop -> runs.put(loop.name(), loop.ended()));
            return runs;
        }
    }

    /** Each client ends the run that was hit, and another after the node is back. */
    private void killAndRestart(List<ClientLoop> loops) throws IOException {
        NodeStatuses statuses = new NodeStatuses(cluster);
        String node = statuses.leader();
        long led = statuses.led(node);
        cluster.kill(node);
        for (ClientLoop loop : loops) {
            loop.awaitRuns(1);
        }
        cluster.restart(node);
        statuses.awaitCaughtUp(node, CATCH_UP_MAX);
        for (ClientLoop loop : loops) {
            loop.awaitRuns(1);
        }
        System.out.println("chaos: clients went on while " + node + ", the leader of " + led
                + " partitions, was killed and came back");
    }

    private ClientLoop.Program program(String name, DynamoDbClient dynamoDb) throws IOException {
        return switch (name) {
            case "java" -> () -> ClientOrders.run(dynamoDb);
            case "java-enhanced" -> () -> EnhancedOrders.run(dynamoDb);
            case "boto3-client" -> script(BOTO3_SAMPLES.resolve("orders_client.py"), "done");
            case "boto3-resource" -> script(BOTO3_SAMPLES.resolve("orders_resource.py"), "done");
            case "sweep-minimal" -> sweep("minimal");
            case "sweep-sensible" -> sweep("sensible");
            case "sweep-random" -> sweep("random", "--rounds", "3");
            default -> throw new IllegalArgumentException("there is no client " + name);
        };
    }

    private ClientLoop.Program sweep(String round, String... more) throws IOException {
        Path script = directory.resolve("sweep-" + round + ".py");
        try (InputStream source = Objects.requireNonNull(ClientsOnCluster.class.getResourceAsStream(SWEEP), SWEEP)) {
            Files.copy(source, script);
        }
        List<String> arguments = new ArrayList<>(
                List.of(cluster.endpoint().toString(), round, "--retries", "--prefix", "Sweep-" + round + "-"));
        arguments.addAll(List.of(more));
        return script(script, "done: " + round, arguments.toArray(String[]::new));
    }

    private ClientLoop.Program script(Path script, String expected, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", script.toString()));
        command.addAll(List.of(arguments));
        return () -> {
            Ran ran = Commands.run(environment, SCRIPT_MAX, command);
            if (ran.code() != 0 || !ran.out().startsWith(expected)) {
                throw new AssertionError(ran.toString());
            }
        };
    }
}
