package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.support.Commands;
import dev.henge.chaos.support.Commands.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How {@code henge cluster} and {@code henge node} end: with what they started, and with one clear sentence. */
@Timeout(180)
final class CommandLineTest {

    private static final Duration COMMAND_MAX = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void theClustersProcessesEndWithIt() throws IOException {
        try (ProcessCluster cluster = ProcessCluster.start(directory)) {
            assertHealthy(run("status", "--data", cluster.data().toString()));

            cluster.stop();
            assertThat(anyAlive(cluster)).isFalse();

            cluster.startAgain();
            assertHealthy(run("status", "--data", cluster.data().toString()));

            cluster.killSupervisor();
            assertThat(anyAlive(cluster)).isFalse();
            assertFails(run("status", "--data", cluster.data().toString(), "--timeout-seconds", "1"));
        }
    }

    private static void assertHealthy(Ran status) {
        assertThat(status.code()).as(status.toString()).isZero();
    }

    @Test
    void aRunningClustersPortsAndDataAreNotGivenToAnother() throws IOException {
        try (ProcessCluster cluster = ProcessCluster.start(directory)) {
            List<Integer> others = ProcessCluster.freePorts(4);
            String data = cluster.data().toString();

            Ran samePort = run(
                    "cluster",
                    "--port",
                    Integer.toString(cluster.endpointPort()),
                    "--node-port",
                    others.getFirst().toString(),
                    "--data",
                    directory.resolve("other").toString());
            assertOneSentence(samePort, "can't listen on 127.0.0.1:" + cluster.endpointPort());

            String nodes = "n1=127.0.0.1:" + others.get(0) + ",n2=127.0.0.1:" + others.get(1);
            Ran sameData = run("node", "--name", "n1", "--nodes", nodes, "--data", data + "/n1");
            assertOneSentence(sameData, "already used by another process");

            cluster.kill("n1");
            Ran otherCluster =
                    run("node", "--name", "n1", "--nodes", nodes, "--data", data + "/n1", "--cluster", "another");
            assertOneSentence(otherCluster, "belongs to cluster \"henge\"");
            Ran otherNode = run("node", "--name", "n2", "--nodes", nodes, "--data", data + "/n1");
            assertOneSentence(otherNode, "belongs to node \"n1\"");
        }
    }

    @Test
    void aPortInUseIsOneSentence() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            assertOneSentence(
                    run("router", "--nodes", "127.0.0.1:1", "--listen", address), "can't listen on " + address);
            assertOneSentence(
                    run(
                            "node",
                            "--name",
                            "n1",
                            "--nodes",
                            "n1=" + address,
                            "--data",
                            directory.resolve("n1").toString()),
                    "can't listen on " + address);
            assertOneSentence(
                    run("dev", "--ephemeral", "--port", Integer.toString(taken.getLocalPort())),
                    "can't listen on " + address);
        }
    }

    @Test
    void aDataDirectoryThatIsNoneIsOneSentence() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");
        List<Integer> ports = ProcessCluster.freePorts(4);

        assertOneSentence(
                run(
                        "cluster",
                        "--port",
                        ports.getFirst().toString(),
                        "--node-port",
                        ports.get(1).toString(),
                        "--data",
                        file.toString()),
                "is a file");
        assertOneSentence(
                run(
                        "node",
                        "--name",
                        "n1",
                        "--nodes",
                        "n1=127.0.0.1:" + ports.getFirst(),
                        "--data",
                        file.resolve("below").toString()),
                "not writable");
    }

    private static Ran run(String... arguments) {
        return Commands.run(Map.of(), COMMAND_MAX, ProcessCluster.henge(arguments));
    }

    private static boolean anyAlive(ProcessCluster cluster) {
        return ProcessCluster.NODES.stream()
                        .anyMatch(node -> cluster.process(node).isAlive())
                || cluster.process(ProcessCluster.ROUTER).isAlive();
    }

    private static void assertFails(Ran ran) {
        assertThat(ran.code()).as("%s", ran).isNotZero();
    }

    /** One line for the person, and no stack trace. */
    private static void assertOneSentence(Ran ran, String text) {
        assertFails(ran);
        assertThat(ran.err().strip().lines().toList())
                .as("%s", ran)
                .singleElement()
                .asString()
                .startsWith("henge: ")
                .contains(text);
    }
}
