package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HengeTest {

    private static final String NODES = "n1=127.0.0.1:7001,n2=127.0.0.1:7002";

    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev",
                "cluster",
                "node",
                "node drain",
                "node decommission",
                "node resume",
                "node remove",
                "router",
                "status",
                "ring",
                "partitions",
                "partition transfer",
                "locate",
                "tasks",
                "tasks pause",
                "settings",
                "verify",
                "debug bundle",
                "credentials",
                "version"
            })
    void everyCommandHasHelp(String command) {
        CommandLineRun run = CommandLineRun.of((command + " --help").split(" "));

        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("Usage: henge " + command);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void theVersionIsTheBuilds() {
        CommandLineRun run = CommandLineRun.of("version");

        assertThat(run.code()).isZero();
        assertThat(run.out()).matches("(?s)henge [0-9]+\\.[0-9]+\\.[0-9]+.*java 2[5-9].*");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "                                         | say which command: dev, cluster, node, router, status, ring, partitions, partition, locate, tasks, settings, scrub, verify, debug, credentials, bench, version; see henge --help",
                "serve                                    | there is no command 'serve'; see henge --help",
                "dev --prot 1                             | '--prot' is no option here; see henge dev --help",
                "dev --port 70000                         | --port must be from 0 to 65535, not 70000; see henge dev --help",
                "dev --partitions 0                       | --partitions must be from 1 to 1024, not 0; see henge dev --help",
                "dev --ephemeral --data d                 | --ephemeral keeps no data, so --data makes no sense with it; see henge dev --help",
                "node --data d                            | Missing required option: '--name'; see henge node --help",
                "cluster --nodes 0                        | --nodes must be from 1 to 9, not 0; see henge cluster --help",
                "cluster --port 7002                      | --port 7002 is a node's port as well; see henge cluster --help",
                "router --nodes a:1 --signatures some     | Invalid value for option '--signatures': 'some' is neither verify nor accept-any; see henge router --help",
                "credentials                              | say which command: create, list, disable, enable, delete; see henge credentials --help",
                "credentials forget                       | there is no command 'forget'; see henge credentials --help",
                "credentials delete                       | Missing required parameter: 'ACCESS_KEY_ID'; see henge credentials delete --help",
                "credentials list --timeout-seconds 0     | --timeout-seconds must be from 1 to 60, not 0; see henge credentials list --help",
                "router --nodes a:1 --account 12          | --account must be 12 digits, not '12'; see henge router --help",
            })
    void aWrongCommandLineIsOneSentenceAndCode2(@Nullable String line, String message) {
        CommandLineRun run =
                CommandLineRun.of(line == null ? new String[0] : line.strip().split(" +"));

        assertThat(run.err()).isEqualTo("henge: " + message.strip() + "\n");
        assertThat(run.code()).isEqualTo(2);
    }

    @Test
    void aNameThatIsNoneOfTheNodesIsRefused() {
        CommandLineRun run = CommandLineRun.of("node", "--name", "n9", "--nodes", NODES, "--data", "d");

        assertThat(run.err())
                .isEqualTo("henge: --name n9 is none of the names in --nodes (n1, n2); a node that is to join them is"
                        + " started with --join; see henge node --help\n");
        assertThat(run.code()).isEqualTo(2);
    }

    @Test
    void aNodeMakesAClusterOrJoinsOne() {
        String neither =
                CommandLineRun.of("node", "--name", "n1", "--data", "d").err();
        String both = CommandLineRun.of("node", "--name", "n1", "--data", "d", "--nodes", NODES, "--join", "a:1")
                .err();
        String nowhere = CommandLineRun.of("node", "--name", "n4", "--data", "d", "--join", "a:1")
                .err();

        assertThat(neither).contains("with --nodes as one of those that make a new one, or with --join");
        assertThat(both).isEqualTo(neither);
        assertThat(nowhere).contains("say where this node is, with --address or --listen");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "cluster"})
    void aPortInUseIsOneSentence(String command) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());

            CommandLineRun run = CommandLineRun.of(command, "--port", port, "--data", directory.toString());

            assertThat(run.err())
                    .isEqualTo("henge: can't listen on 127.0.0.1:" + port + ": the port is in use or the address is not"
                            + " this machine's; stop what uses it or choose another with --port\n");
            assertThat(run.code()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "cluster"})
    void aDataDirectoryThatIsAFileIsOneSentence(String command) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        CommandLineRun run = CommandLineRun.of(command, "--data", file.toString());

        assertThat(run.err())
                .isEqualTo("henge: the data directory " + file + " is a file; choose another with --data\n");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void aDataDirectoryOfAnotherSizeOfClusterIsOneSentence() throws Exception {
        new ClusterFile("henge", ClusterNodes.parse(NODES), HostPort.parse("127.0.0.1:8000")).write(directory);

        CommandLineRun run = CommandLineRun.of("cluster", "--data", directory.toString());

        assertThat(run.err())
                .isEqualTo("henge: the data directory " + directory
                        + " holds a cluster of 2 nodes; start it with --nodes 2 or choose another with --data\n");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void aDataDirectoryOfAnotherClusterIsOneSentence() throws Exception {
        new ClusterFile("other", ClusterNodes.parse(NODES), HostPort.parse("127.0.0.1:8000")).write(directory);

        CommandLineRun run = CommandLineRun.of("dev", "--data", directory.toString());

        assertThat(run.err())
                .isEqualTo("henge: the data directory " + directory
                        + " belongs to the cluster 'other', not to 'henge'; choose another with --data\n");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void verboseShowsWhereAFailureArose() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        CommandLineRun run = CommandLineRun.of("dev", "--verbose", "--data", file.toString());

        assertThat(run.err()).contains("is a file", "at dev.henge.deploy.ClusterFile.prepare");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "node decommission n4", "scrub --wait", "credentials list"})
    void aDataDirectoryThatWasNamedAndHoldsNoClusterIsOneSentence(String command) {
        Path absent = directory.resolve("typo");

        CommandLineRun run = CommandLineRun.of((command + " --data " + absent).split(" "));

        assertThat(run)
                .isEqualTo(new CommandLineRun(
                        1,
                        "",
                        "henge: " + absent + "/cluster.properties does not exist; name the data directory of henge dev"
                                + " or henge cluster with --data, or nodes with --nodes\n"));
    }

    @Test
    void aBundleOfAClusterThatDoesNotAnswerIsWrittenAndFails() {
        Path file = directory.resolve("bundle.zip");

        // Nobody may listen on port 0.
        CommandLineRun run = CommandLineRun.of("debug", "bundle", "--to", file.toString(), "--nodes", "127.0.0.1:0");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).endsWith("! no node answered, so it does not tell how the cluster stands\n");
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void aHostThatCantBeFoundIsOneSentenceWithoutAStackTrace() {
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        Handler handler = new StreamHandler(logged, new SimpleFormatter());
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            CommandLineRun run = CommandLineRun.of("status", "--nodes", "nohost.invalid:24001");

            handler.flush();
            assertThat(logged.toString(StandardCharsets.UTF_8)).isEmpty();
            assertThat(run.err()).isEmpty();
            assertThat(run.out())
                    .contains("the node at nohost.invalid:24001 does not answer (its host's name can't be resolved)\n");
        } finally {
            root.removeHandler(handler);
        }
    }

    @Test
    void statusOfNodesThatAreNotThereIsUnavailable() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            free = socket.getLocalPort();
        }

        CommandLineRun run = CommandLineRun.of("status", "--nodes", "127.0.0.1:" + free);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).startsWith("UNAVAILABLE\n  the node that was asked does not answer\n");
    }
}
