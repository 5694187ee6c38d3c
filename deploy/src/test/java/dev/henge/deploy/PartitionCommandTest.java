package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code henge partition} on three nodes in this process. Each test has partitions of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartitionCommandTest {

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
    void aPartitionKeepsItsReplicasUnlessForced() {
        assertThat(run("partition", "move", "5", "--to", "n1"))
                .isEqualTo(new CommandLineRun(
                        1,
                        "",
                        "henge: partition 5 should not be moved there now: it has 3 replicas and would keep 1; --force"
                                + " does it all the same\n"));
        assertThat(run("partition", "move", "0", "--to", "n1,n2").err()).contains("it has 3 replicas and would keep 2");
        awaitThat(() -> run("status").code() == 0);

        run("tasks", "pause");
        assertThat(run("partition", "move", "5", "--to", "n1", "--force").code())
                .isZero();
        awaitThat(() -> run("partition", "show", "5").out().startsWith("Partition 5 is on n1.\n"));

        CommandLineRun status = run("status");
        assertThat(status.code()).isNotZero();
        assertThat(status.out()).startsWith("DEGRADED\n  1 partition has fewer replicas than the 3 asked for\n");
        assertThat(run("status", "-o", "json").out())
                .startsWith("{\"health\":\"DEGRADED\",\"reasons\":[\"1 partition has fewer replicas than the 3 asked");

        assertThat(run("partition", "move", "5", "--to", "n1,n2,n3").code()).isZero();
        awaitThat(() -> run("status").code() == 0);
        run("tasks", "resume");
    }

    @Test
    void tokensOfSplitsAreTheBeginningOfThose() {
        CommandLineRun begun = run("partition", "split", "10", "--at", "9C4");

        assertThat(begun.err()).isEmpty();
        assertThat(begun.code()).isZero();
        awaitThat(() -> run("partition", "show", "10").out().contains("was split off it"));
        CommandLineRun whole = run("partition", "show", "10");
        assertThat(whole.out())
                .contains("Its tokens go from 9000000000000000 to before 9c40000000000000. ")
                .contains("Partition 17 was split off it.\n")
                .contains("Nothing runs.\nDone last: #")
                .contains(" partition 10: operator split (asked for with henge partition split)\n");
        awaitThat(() -> run("partition", "show", "17").out().contains(" leads it.\n"));
        assertThat(run("partition", "show", "17").out())
                .contains("Its tokens go from 9c40000000000000 to before a000000000000000. ")
                .contains("It was split off partition 10.\n");
        assertThat(run("partition", "show", "17", "-o", "json").out())
                .startsWith("{\"partition\":17,\"startToken\":\"9c40000000000000\",\"endToken\":\"a000000000000000\","
                        + "\"leader\":\"n")
                .contains("\"down\":[]")
                .contains("\"parent\":10,\"splitOff\":[]");
        assertThat(run("partition", "show", "10", "-o", "json").out())
                .contains("\"splitOff\":[17],\"lastTask\":{\"id\":")
                .contains("\"outcome\":\"DONE\"");

        assertThat(run("partition", "merge", "10", "17").code()).isZero();
        awaitThat(() -> run("partition", "show", "10").out().contains("Done last: #")
                && run("partition", "show", "10").out().contains("operator merge"));
        assertThat(run("partition", "show", "10").out())
                .contains("Its tokens go from 9000000000000000 to before a000000000000000. ")
                .doesNotContain("was split off");
    }

    @Test
    void tokensThatAreNoneOrOfAnotherPartitionAreRefused() {
        assertThat(run("partition", "split", "1", "--at", "zz"))
                .isEqualTo(new CommandLineRun(
                        2,
                        "",
                        "henge: Invalid value for option '--at': 'zz' is not a token of up to 16 hexadecimal digits;"
                                + " see henge partition split --help\n"));
        assertThat(run("partition", "split", "1", "--at", "10000000000000000").code())
                .isEqualTo(2);
        assertThat(run("partition", "split", "1", "--at", "9c40"))
                .isEqualTo(new CommandLineRun(
                        1,
                        "",
                        "henge: the token 9c40000000000000 does not lie inside partition 1, which goes from"
                                + " 0000000000000000 to 1000000000000000\n"));
        assertThat(run("partition", "split", "1", "--at", "0").err()).startsWith("henge: the token 0000000000000000 ");
        assertThat(run("partition", "split", "0").err()).isEqualTo("henge: the system partition can't be split\n");
    }

    @Test
    void theLastPartitionGoesToTheRingsEndAndTheFirstHasTheCatalog() {
        assertThat(run("partition", "show", "16").out())
                .containsPattern("Its tokens go from f000000000000000 to the ring's end. n\\d leads it.\n");
        assertThat(run("partition", "show", "0").out())
                .containsPattern("It has the catalog, and no tokens. n\\d leads it.\n");
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
