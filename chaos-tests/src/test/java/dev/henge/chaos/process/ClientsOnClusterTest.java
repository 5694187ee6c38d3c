package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.support.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One kill; {@code ClientsOnClusterOnDemand} has more of them and of the clients. */
@Timeout(300)
final class ClientsOnClusterTest {

    @TempDir
    private Path directory;

    @Test
    void samplesGoOnWhileTheLeaderIsKilledAndComesBack() throws IOException, InterruptedException {
        List<String> clients = new ArrayList<>(List.of("java", "java-enhanced"));
        if (Commands.works("python3", "-c", "import boto3")) {
            clients.add("boto3-client");
        }

        Map<String, Integer> runs = ClientsOnCluster.run(directory, 1, clients);

        assertThat(runs).containsOnlyKeys(clients);
        assertThat(runs.values()).allSatisfy(count -> assertThat(count).isGreaterThanOrEqualTo(3));
    }
}
