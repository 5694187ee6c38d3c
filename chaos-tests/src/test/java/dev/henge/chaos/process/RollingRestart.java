package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.checker.History;
import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Restarts every node and every router of a cluster in turn, as {@code docs/rolling-restart.md} says, while clients of the SDK with
 * its usual retries write and read back through a balancer.
 *
 * <p>What happened is judged as if each call were one request, although the SDK tries again: whoever leaves in good order has
 * carried out nothing that it did not answer.
 */
final class RollingRestart {

    private static final List<String> ROUTERS = List.of("router", "router2");
    private static final String TABLE = "Rolling";
    private static final int PARTITIONS = 8;
    private static final int CLIENTS = 4;
    private static final Duration READY_MAX = Duration.ofSeconds(60);

    /** SIGTERM's own exit code. */
    private static final int TERMINATED = 143;

    /**
     * What came of it.
     *
     * @param answered calls that succeeded
     * @param failed calls that failed after all retries
     * @param user what a user saw that writes all the time
     */
    record Result(int answered, int failed, RetryingUser.Seen user) {}

    private RollingRestart() {}

    /** @param rounds how often each is restarted */
    static Result run(Path directory, int rounds) throws IOException {
        History history = new History(System::nanoTime);
        try (ElasticCluster cluster = ElasticCluster.startNodes(directory, PARTITIONS)) {
            for (String router : ROUTERS) {
                cluster.startRouter(
                        router, "--leave-seconds", "1", "--gossip", cluster.address(router), "--name", router);
            }
            try (Balancer balancer = Balancer.start(ROUTERS.stream()
                            .map(router -> target(cluster, router))
                            .toList());
                    DynamoDbClient client = Clients.usual(balancer.endpoint())) {
                ChaosTable.create(balancer.endpoint(), TABLE);
                RecordedTable table = new RecordedTable(client, TABLE, history);
                Result result;
                try (Workload workload = Workload.start(table, 0, CLIENTS, 1);
                        RetryingUser user = RetryingUser.start(balancer.endpoint(), TABLE)) {
                    awaitAnswers(workload);
                    for (int round = 1; round <= rounds; round++) {
                        restartAll(cluster, user, round);
                    }
                    awaitAnswers(workload);
                    workload.stop();
                    result = new Result(workload.answered(), workload.failed(), user.look());
                }
                assertThat(table.complaints()).isEmpty();
                return result;
            }
        }
    }

    private static Balancer.Target target(ElasticCluster cluster, String router) {
        URI address = URI.create("http://" + cluster.address(router));
        return new Balancer.Target(
                new InetSocketAddress(address.getHost(), address.getPort()), readiness(cluster, router));
    }

    private static URI readiness(ElasticCluster cluster, String program) {
        return cluster.metrics(program).resolve("/readyz");
    }

    private static void restartAll(ElasticCluster cluster, RetryingUser user, int round) throws IOException {
        NodeStatuses statuses = new NodeStatuses(cluster);
        for (String node : ElasticCluster.FOUNDERS) {
            restart(cluster, user, node, round);
            statuses.awaitCaughtUp(node, READY_MAX);
        }
        for (String router : ROUTERS) {
            restart(cluster, user, router, round);
        }
    }

    private static void restart(ElasticCluster cluster, RetryingUser user, String program, int round)
            throws IOException {
        long startedNanos = System.nanoTime();
        assertThat(cluster.stop(program)).as(cluster.output(program)).isEqualTo(TERMINATED);
        long stoppedNanos = System.nanoTime();
        cluster.startAgain(program);
        awaitReady(cluster, program);
        System.out.printf(
                "rolling: round %d, %s: ended in %d ms, ready again %d ms later; so far slowest %s%n",
                round,
                program,
                (stoppedNanos - startedNanos) / 1_000_000,
                (System.nanoTime() - stoppedNanos) / 1_000_000,
                user.slowest().toMillis() + " ms");
    }

    private static void awaitReady(ElasticCluster cluster, String program) {
        HttpRequest request =
                HttpRequest.newBuilder(readiness(cluster, program)).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            Await.until(
                    program + " says that it is ready",
                    READY_MAX,
                    () -> http.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200);
        }
    }

    private static void awaitAnswers(Workload workload) {
        int enough = workload.answered() + 300;
        Await.until("clients go on", READY_MAX, () -> workload.answered() >= enough);
    }
}
