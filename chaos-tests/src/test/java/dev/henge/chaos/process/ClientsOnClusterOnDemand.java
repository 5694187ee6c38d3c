package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Longer than a build may take; the name keeps it out. The README of this module says how to start it. */
final class ClientsOnClusterOnDemand {

    private static final String ALL =
            "java,java-enhanced,boto3-client,boto3-resource,sweep-minimal,sweep-sensible,sweep-random";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void samplesAndSweepsGoOnWhileNodesAreKilledAndComeBack() throws IOException, InterruptedException {
        List<String> clients = List.of(System.getProperty("henge.clients", ALL).split(","));
        int kills = Integer.getInteger("henge.clients.kills", 5);

        Map<String, Integer> runs = ClientsOnCluster.run(directory, kills, clients);

        System.out.println("chaos: runs of each client: " + runs);
        assertThat(runs).containsOnlyKeys(clients);
    }
}
