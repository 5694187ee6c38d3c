package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.deploy.status.StatusCollector;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedClusterTest {

    /** A first request must not spend its own time on waiting for elections. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void everyPartitionOfAFreshClusterHasALeaderOnceItHasStarted(int nodeCount) throws Exception {
        EmbeddedCluster.Options options =
                new EmbeddedCluster.Options("henge", null, new HostPort("127.0.0.1", 0), nodeCount, 0, 4, 8L << 20);

        try (EmbeddedCluster cluster = EmbeddedCluster.start(options)) {
            StatusCollector collector = new StatusCollector(Duration.ofSeconds(10));

            for (String address : cluster.nodes().addressTexts()) {
                assertThat(collector.collect(List.of(address)).partitions())
                        .as("what the node at %s knows", address)
                        .hasSize(1 + 4);
            }
            assertThat(cluster.ready()).isTrue();
        }
    }
}
