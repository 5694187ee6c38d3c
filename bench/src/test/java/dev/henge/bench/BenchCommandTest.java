package dev.henge.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.bench.local.DynamoDbLocal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(120)
class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void measuresEveryOperationOnBothKindsOfDynamoDbLocal(@TempDir Path directory) throws IOException {
        try (DynamoDbLocal memory = DynamoDbLocal.start(null);
                DynamoDbLocal disk = DynamoDbLocal.start(directory)) {
            int exitCode = run(
                    "--compare=memory=" + memory.url() + ";" + memory.process().pid(),
                    "--compare=disk=" + disk.url(),
                    "--rounds=1",
                    "--connections=2",
                    "--items=20",
                    "--warm-up-seconds=0.2",
                    "--seconds=0.5",
                    "--output=json");

            assertThat(err.toString()).contains("round 1  put     memory");
            assertThat(exitCode).isZero();
            for (String operation : new String[] {"put", "get", "update"}) {
                assertThat(out.toString())
                        .contains("{\"endpoint\":\"memory\",\"operation\":\"" + operation + "\"")
                        .contains("{\"endpoint\":\"disk\",\"operation\":\"" + operation + "\"");
            }
            assertThat(out.toString().split("\"errors\":\\{\\},\"unsent\":0", -1))
                    .hasSize(7);
            assertThat(out.toString().split("\"serverCpuSecondsPerThousand\":null", -1))
                    .hasSize(4);
            try (ApiClient client = new ApiClient(
                    Endpoint.parse("memory", memory.url(), ""), new Credentials("a", "b", "us-east-1"), 10_000)) {
                assertThat(client.call("ListTables", "{}").body()).contains("\"TableNames\":[]");
            }
        }
    }

    @Test
    void measuresTablesWithAndWithoutIndexes() throws IOException {
        try (DynamoDbLocal memory = DynamoDbLocal.start(null)) {
            int exitCode = run(
                    "--endpoint=" + memory.url(),
                    "--tables=sorted,local,global",
                    "--rounds=1",
                    "--connections=2",
                    "--items=20",
                    "--warm-up-seconds=0.1",
                    "--seconds=0.3",
                    "--output=json");

            assertThat(exitCode).isZero();
            for (String table : new String[] {"sorted", "local", "global"}) {
                for (String operation : new String[] {"put", "get", "update"}) {
                    assertThat(out.toString())
                            .contains("{\"endpoint\":\"server/" + table + "\",\"operation\":\"" + operation + "\"");
                }
            }
            assertThat(out.toString().split("\"errors\":\\{\\},\"unsent\":0", -1))
                    .hasSize(10);
        }
    }

    @Test
    void keepsToTheRateOfAnOpenLoop() throws IOException {
        try (DynamoDbLocal memory = DynamoDbLocal.start(null)) {
            int exitCode = run(
                    "--endpoint=" + memory.url(),
                    "--operations=get",
                    "--connections=4",
                    "--items=10",
                    "--rate=100",
                    "--warm-up-seconds=1",
                    "--seconds=1");

            assertThat(exitCode).isZero();
            String[] columns =
                    out.toString().lines().skip(1).findFirst().orElseThrow().split(" +", -1);
            assertThat(Double.parseDouble(columns[2])).isBetween(50.0, 101.0);
        }
    }

    @Test
    void saysWhenNobodyAnswers() throws IOException {
        int port = ChildJvm.freePort();

        assertThat(run("--endpoint=http://127.0.0.1:" + port)).isEqualTo(1);

        assertThat(err.toString())
                .startsWith("henge bench: server: no answer from http://127.0.0.1:" + port + ": Connection refused")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --connections=0                              | --connections is not in 1 to 4096
                    --items=0                                    | --items is not in 1 to 99999999
                    --seconds=0                                  | --seconds is not above 0
                    --rate=-1                                    | --rate is below 0
                    --operations=put,scan                        | scan' is not one of put, get, update
                    --endpoint=https://localhost                 | https://localhost' is not a URL of the form http://host:port
                    --server-pids=x                              | x' is not a process id
                    --compare=a=http://h --compare=a=http://i    | --compare has two endpoints named 'a'
                    --compare=a=http://h --server-pids=1         | --server-pids goes with --endpoint
                    --compare=http://h                           | http://h' is not NAME=URL
                    """)
    void refusesWrongOptionsWithOneSentence(String options, String complaint) {
        assertThat(run(options.split(" +", -1))).isEqualTo(2);

        assertThat(err.toString()).contains(complaint);
    }

    private int run(String... arguments) {
        return new CommandLine(new BenchCommand(Map.of()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
