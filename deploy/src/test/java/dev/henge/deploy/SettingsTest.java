package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.ClusterEntry;
import dev.henge.node.NodeConfig;
import dev.henge.node.StartupException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

class SettingsTest {

    private static final String NODES = "n1=127.0.0.1:7001,n2=127.0.0.1:7002,n3=127.0.0.1:7003";

    private static final Map<String, String> NODES_AS_TEXT =
            Map.of("n1", "127.0.0.1:7001", "n2", "127.0.0.1:7002", "n3", "127.0.0.1:7003");

    @TempDir
    Path directory = Path.of("");

    @Test
    void aFlagBeatsTheEnvironmentThatBeatsTheFileThatBeatsTheDefault() throws Exception {
        Path file = write("name=n1\nnodes=" + NODES + "\ndata=/from/file\ncluster=from-file\npartitions=4\n");
        Map<String, String> environment =
                Map.of("HENGE_NODE_CLUSTER", "from-environment", "HENGE_NODE_DATA", "/from/environment");

        NodeConfig config = node(environment, "--config", file.toString(), "--data", "/from/flag");

        assertThat(config.dataDirectory()).isEqualTo(Path.of("/from/flag"));
        assertThat(config.place().cluster()).isEqualTo("from-environment");
        assertThat(config.entry()).isEqualTo(new ClusterEntry.Founding(NODES_AS_TEXT, 4));
        assertThat(config.limits().cacheBytes()).isEqualTo(256L << 20);
    }

    @Test
    void theEnvironmentAloneIsEnough() throws Exception {
        NodeConfig config = node(Map.of(
                "HENGE_NODE_NAME", "n2", "HENGE_NODE_NODES", NODES, "HENGE_NODE_DATA", "/d", "HENGE_NODE_CACHE", "1G"));

        assertThat(config.place().name()).isEqualTo("n2");
        assertThat(config.limits().cacheBytes()).isEqualTo(1L << 30);
    }

    @Test
    void theEnvironmentMayNameTheFile() throws Exception {
        Path file = write("name=n3\nnodes=" + NODES + "\ndata=/d\n");

        assertThat(node(Map.of("HENGE_NODE_CONFIG", file.toString())).place().name())
                .isEqualTo("n3");
    }

    /** They have options of the same names that mean something else. */
    @Test
    void theFileOfANodeSaysNothingOfTheCommandsBelow() throws Exception {
        Path file = write("name=n3\nnodes=" + NODES + "\ndata=/d\n");
        String[] arguments = {"node", "drain", "n1"};
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        CommandLine line = Henge.commandLine(nowhere, nowhere, Map.of("HENGE_NODE_CONFIG", file.toString()), arguments);

        ParseResult drain = line.parseArgs(arguments).subcommand().subcommand();

        assertThat(drain.commandSpec().name()).isEqualTo("drain");
        assertThat(drain.commandSpec().options())
                .filteredOn(option -> List.of("--nodes", "--data").contains(option.longestName()))
                .extracting(option -> String.valueOf((Object) option.getValue()))
                .containsExactlyInAnyOrder("[]", "null");
    }

    @Test
    void aNodeListensOnItsOwnAddressUnlessToldOtherwise() throws Exception {
        assertThat(node(Map.of(), "--name", "n2", "--nodes", NODES, "--data", "d")
                        .place()
                        .listen()
                        .getPort())
                .isEqualTo(7002);
        assertThat(node(Map.of(), "--name", "n2", "--nodes", NODES, "--data", "d", "--listen", "0.0.0.0:9")
                        .place()
                        .listen()
                        .getPort())
                .isEqualTo(9);
    }

    @Test
    void aNodeThatJoinsIsWhereItListensUnlessToldOtherwise() throws Exception {
        NodeConfig here = node(Map.of(), "--name", "n4", "--join", "a:1,b:2", "--listen", "127.0.0.1:9", "--data", "d");
        NodeConfig elsewhere = node(
                Map.of("HENGE_NODE_ADDRESS", "outside:8"),
                "--name",
                "n4",
                "--join",
                "a:1",
                "--listen",
                "127.0.0.1:9",
                "--data",
                "d",
                "--zone",
                "z1");

        assertThat(here.entry()).isEqualTo(new ClusterEntry.Joining(List.of("a:1", "b:2")));
        assertThat(here.place().address()).isEqualTo("127.0.0.1:9");
        assertThat(elsewhere.place().address()).isEqualTo("outside:8");
        assertThat(elsewhere.place().zone()).isEqualTo("z1");
    }

    @Test
    void aNameInTheFileThatIsNoOptionIsAnError() throws Exception {
        Path file = write("name=n1\nnoods=" + NODES + "\n");

        CommandLineRun run = CommandLineRun.of("node", "--config=" + file);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("henge: the config file " + file + " sets 'noods', which henge node doesn't know; it knows"
                        + " address, cache, cluster, data, item-collection-bytes-max, join, listen, log, metrics, name,"
                        + " nodes, partitions, scrub-hours, snapshot-rate, verbose, weight, zone\n");
    }

    @Test
    void aFileThatIsNotThereIsAnError() {
        CommandLineRun run = CommandLineRun.of("router", "--config", "no/such/file");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("henge: there is no config file no/such/file\n");
    }

    @Test
    void aWrongValueInTheEnvironmentIsAnError() {
        CommandLineRun run = CommandLineRun.of(Map.of("HENGE_DEV_PORT", "many"), "dev");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--port", "many").doesNotContain("Exception");
    }

    private Path write(String content) throws IOException {
        return Files.writeString(directory.resolve("node.properties"), content);
    }

    private static NodeConfig node(Map<String, String> environment, String... options) throws StartupException {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "node";
        System.arraycopy(options, 0, arguments, 1, options.length);
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        CommandLine line = Henge.commandLine(nowhere, nowhere, environment, arguments);
        NodeCommand command = (NodeCommand)
                line.parseArgs(arguments).subcommand().commandSpec().userObject();
        return command.nodeConfig();
    }
}
