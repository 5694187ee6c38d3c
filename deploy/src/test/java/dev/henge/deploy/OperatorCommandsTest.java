package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.node.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What operators ask of a running cluster, on three nodes in this process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorCommandsTest {

    private static final long PATIENCE_SECONDS = 40;

    private EmbeddedCluster cluster;

    @BeforeAll
    void start() throws Exception {
        cluster = EmbeddedCluster.start(EmbeddedCluster.Options.ephemeral());
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void theRingShowsWhatEachNodeHas() {
        CommandLineRun run = run("ring");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("16 partitions on 3 nodes\nNODE")
                .contains("n1")
                .contains("@");
        assertThat(run("ring", "-o", "json").out()).contains("\"segments\":[{\"partition\":");
    }

    @Test
    void partitionsShowTheirRange() {
        CommandLineRun run = run("partitions", "--hot");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("(catalog)").contains("REQUESTS/S");
        assertThat(run.out().lines()).hasSize(18);
    }

    @Test
    void aNodeIsDrainedAndServesAgain() {
        CommandLineRun drained = run("node", "drain", "n1", "--wait");

        assertThat(drained.err()).isEmpty();
        assertThat(drained.out()).endsWith("n1 is drained and may be stopped.\n");
        assertThat(run("status").out()).contains("up, draining").contains("note: n1 is draining: it leads nothing");
        assertThat(run("node", "drain", "n2").err())
                .startsWith(
                        "henge: stopping n2 is not safe now while n1 may be stopped, too: partition 0: of its 3 voters"
                                + " 1 would be left; ")
                .endsWith("; --force does it all the same\n");
        assertThat(run("partition", "move", "5", "--to", "n1,n2,n3").err())
                .isEqualTo("henge: partition 5 should not be moved there now: n1 is draining; --force does it all the"
                        + " same\n");
        assertThat(run("node", "resume", "n1")).isEqualTo(new CommandLineRun(0, "n1 serves.\n", ""));
    }

    @Test
    void whatWouldHarmIsRefusedWithTheReason() {
        assertThat(run("node", "decommission", "n1").err())
                .isEqualTo("henge: n1 can't be decommissioned now: 2 nodes would remain to take replicas, a partition"
                        + " has 3; --force does it all the same\n");
        assertThat(run("node", "remove", "n1").err()).contains("n1 has replicas of 17 partitions");
        assertThat(run("node", "drain", "n9"))
                .isEqualTo(new CommandLineRun(1, "", "henge: no node of this cluster is named n9\n"));
        assertThat(run("partition", "transfer", "1", "--to", "n9").err()).contains("n9 has no voter of partition 1");
    }

    @Test
    void theStatusShowsTheRouterAndTheClustersVersion() {
        awaitThat(() -> run("status").out().contains("ROUTER"));

        assertThat(run("status").out())
                .containsPattern("(?m)^router +\\S+ +- +up +\\d+ +\\S+")
                .contains("cluster version 3");
        assertThat(run("status", "-o", "json").out())
                .contains("\"routers\":[{\"id\":\"")
                .contains("\"name\":\"router\"");
    }

    @Test
    void aNodeIsNotReplacedWhereThatWouldHarm() {
        awaitThat(() -> run("node", "replace", "n1").err().contains("it is up and leads"));
        assertThat(run("node", "replace", "n1").err())
                .startsWith("henge: n1 can't be replaced now: it is up and leads ")
                .contains("henge node decommission n1 moves what it has without haste")
                .contains("2 nodes would remain to take replicas, a partition has 3; --force does it all the same\n");
        assertThat(run("node", "replace", "n1", "--with", "n9").err())
                .isEqualTo("henge: no node of this cluster is named n9; start it with henge node --join first\n");
        assertThat(run("node", "replace", "n9", "--with", "n1").err())
                .isEqualTo("henge: no node of this cluster is named n9\n");
        assertThat(run("node", "replace", "n1", "--with", "n1", "--force").err())
                .isEqualTo("henge: a node can't be replaced by itself\n");
        assertThat(run("status").out()).doesNotContain("decommissioning");
    }

    @Test
    void theCoordinatorIsPausedAndGoesOn() {
        assertThat(run("tasks", "pause", "--reason", "for the test").code()).isZero();
        assertThat(run("tasks").out())
                .contains("The coordinator is paused since 20")
                .contains(": for the test\n");
        assertThat(run("status").out()).contains("The coordinator is paused since 20");

        assertThat(run("tasks", "resume", "-o", "json").out()).isEqualTo("{\"paused\":false}\n");
        assertThat(run("tasks", "--watch").out()).startsWith("Nothing runs.\n");
    }

    @Test
    void settingsAreShownAndChanged() {
        assertThat(run("settings").out()).contains("replace after      300 s\n");

        assertThat(run("settings", "--replace-after-seconds", "900", "--moves-at-once", "2")
                        .out())
                .contains("replace after      900 s\n")
                .contains("moves at once      2\n");
        assertThat(run("settings", "--replace-after-seconds", "-1").err())
                .startsWith("henge: replicas are replaced after 0 to");
        assertThat(run("settings", "--replace-after-seconds", "0", "--moves-at-once", "0", "-o", "json")
                        .out())
                .contains("\"replaceAfterMillis\":300000");
    }

    @Test
    void sizesThatWereSetAreTakenBackWithZero() {
        String before = run("settings").out();

        assertThat(run("settings", "--split-size", "1G", "--split-size-while-few", "512MB")
                        .out())
                .contains("split size         1073741824 bytes\n")
                .contains("  while few        536870912 bytes\n");
        assertThat(run(
                        "settings",
                        "--split-size",
                        "0",
                        "--split-size-while-few",
                        "0",
                        "--hot-operations-per-second",
                        "0"))
                .isEqualTo(new CommandLineRun(0, before, ""));
        assertThat(run("settings", "--split-size", "much"))
                .extracting(CommandLineRun::code, CommandLineRun::err)
                .containsExactly(
                        2,
                        "henge: Invalid value for option '--split-size': 'much' is not a size such as 128MB or 1GB; see"
                                + " henge settings --help\n");
        assertThat(run("settings", "--split-size", "5").err())
                .contains("'5' is less than 1MB, at which no partition is split");
    }

    @Test
    void whenPartitionsAreMergedIsShownAndChanged() {
        assertThat(run("settings").out())
                .contains("merging            on\n")
                .contains("  after            3600 s\n")
                .contains("  above            16 partitions, and 8 for each node\n");

        assertThat(run("settings", "--merge-after-seconds", "7200", "--merge-above", "40")
                        .out())
                .contains("  after            7200 s\n")
                .contains("  above            40 partitions\n");
        assertThat(run("settings", "--merge-after-seconds", "-1").err())
                .startsWith("henge: partitions are merged after 0 to");
        assertThat(run("settings", "--merge-above", "-1").err()).startsWith("henge: the number of partitions above");
        assertThat(run("settings", "--merging", "false").out()).contains("merging            off\n");
        assertThat(run(
                                "settings",
                                "--merging",
                                "true",
                                "--merge-after-seconds",
                                "0",
                                "--merge-above",
                                "0",
                                "-o",
                                "json")
                        .out())
                .contains("\"merging\":true,\"mergeAfterMillis\":3600000,\"mergeAbovePartitions\":0");
    }

    @Test
    void aLeadershipGoesWhereItIsAsked() {
        run("tasks", "pause");
        awaitThat(() -> run("partition", "transfer", "3", "--to", "n3").code() == 0);

        awaitThat(() -> run("partitions").out().lines().anyMatch(line -> line.matches("3 .* n3 {2,}n\\d n\\d n\\d")));
        run("tasks", "resume");
    }

    @Test
    void allReplicasAreFoundEqual() {
        awaitThat(() -> run("verify").code() == 0);

        assertThat(run("verify", "-o", "json").out()).startsWith("{\"equal\":true,\"partitionsEqual\":17,");
    }

    @Test
    void aScrubBeginsWithAnyNodeAndComparesWhatAllLead() {
        String one = cluster.nodes().addressTexts().getFirst();

        awaitThat(() -> CommandLineRun.of("scrub", "--wait", "--nodes", one).code() == 0);

        CommandLineRun all = new CommandLineRun(0, "17 partitions are being scrubbed by their leaders.\n", "");
        awaitThat(() -> CommandLineRun.of("scrub", "--nodes", one).equals(all));
    }

    @Test
    void aScrubOfAPartitionThatDoesNotExistIsRefused() {
        CommandLineRun refused = new CommandLineRun(1, "", "henge: there is no partition 99\n");

        assertThat(run("scrub", "--partition", "1,99")).isEqualTo(refused);
        assertThat(run("scrub", "--partition", "99", "--wait")).isEqualTo(refused);
    }

    @Test
    void aBundleSaysWhatIsInItAndHoldsNoSecrets(@TempDir Path directory) throws IOException {
        CommandLineRun key = run("credentials", "create");
        String id = key.out().lines().findFirst().orElseThrow().substring("AWS_ACCESS_KEY_ID=".length());
        Path log = directory.resolve("n1.log");
        Files.writeString(log, "a request of " + id + " with Signature=0123abcd came\nall is well\n");
        Path file = directory.resolve("bundle.zip");

        CommandLineRun run = run("debug", "bundle", "--to", file.toString(), "--log", log.toString());

        assertThat(run.err()).isEmpty();
        List<String> texts = new ArrayList<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.stream().map(entry -> entry.getName()))
                    .contains("README.txt", "status.json", "catalog.txt", "nodes/n1.txt", "logs/n1.log");
            for (var entry : zip.stream().toList()) {
                texts.add(new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(texts).noneMatch(text -> text.contains(id) || text.contains("0123abcd"));
        assertThat(texts).anyMatch(text -> text.contains("all is well"));
        assertThat(run("debug", "bundle", "--to", file.toString()).err()).contains("exists already");
        run("credentials", "delete", id);
    }

    @Test
    void logsOfOneNameAreAllInABundle(@TempDir Path directory) throws IOException {
        Path first =
                Files.writeString(Files.createDirectory(directory.resolve("a")).resolve("node.log"), "of a");
        Path second =
                Files.writeString(Files.createDirectory(directory.resolve("b")).resolve("node.log"), "of b");
        Path file = directory.resolve("bundle.zip");

        CommandLineRun run = run("debug", "bundle", "--to", file.toString(), "--log", first + "," + second);

        assertThat(run.code()).isZero();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.getInputStream(zip.getEntry("logs/node.log"))).hasContent("of a");
            assertThat(zip.getInputStream(zip.getEntry("logs/2-node.log"))).hasContent("of b");
        }
    }

    @Test
    void keysAreSaidPlainOrAsTheApiSaysThem() throws StartupException {
        assertThat(LocateCommand.value("S", "a b")).isEqualTo(new StringValue("a b"));
        assertThat(LocateCommand.value("S", "{\"S\": \"a\"}")).isEqualTo(new StringValue("a"));
        assertThat(LocateCommand.value("N", "{\"N\":\"17\"}")).isEqualTo(new NumberValue(DynamoNumber.of(17)));
        assertThatThrownBy(() -> LocateCommand.value("N", "{\"S\":\"17\"}"))
                .hasMessageContaining("the table's partition key is of type N");
        assertThatThrownBy(() -> LocateCommand.value("N", "x")).hasMessageContaining("no key of type N");
        assertThat(run("locate", "Nothing", "k").err()).isEqualTo("henge: there is no table Nothing\n");
    }

    private static void awaitThat(BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private CommandLineRun run(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.add("--nodes");
        line.add(String.join(",", cluster.nodes().addressTexts()));
        return CommandLineRun.of(line.toArray(String[]::new));
    }
}
