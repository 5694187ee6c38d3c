package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.catalog.ClusterVersion;
import dev.henge.catalog.Feature;
import dev.henge.proto.Catalog;
import dev.henge.proto.TableRecord;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of two programs in one cluster, one after the other upgraded. */
@Timeout(180)
class MixedVersionsTest {

    @TempDir
    private Path directory;

    @Test
    void theClustersVersionRisesWithTheLastNodeAndLetsNoOlderOneBackIn() throws Exception {
        try (TestCluster cluster = TestCluster.ofThreeKnowing(1, directory)) {
            TableRecord table = cluster.createTable("T");
            cluster.put(table, "old", "value");
            assertThat(version(cluster)).isEqualTo(1);

            for (String node : List.of("n1", "n2")) {
                restart(cluster, node, 2);
                awaitSaid(cluster, node, 2);
                cluster.put(table, "with " + node, "value");
            }
            assertThat(version(cluster)).isEqualTo(1);
            assertThat(Feature.NODE_REPLACEMENT.isAllowed(cluster.client().catalog()))
                    .isFalse();

            restart(cluster, "n3", 2);
            TestCluster.await("the version to rise", () -> version(cluster) == 2);
            assertThat(Feature.NODE_REPLACEMENT.isAllowed(cluster.client().catalog()))
                    .isTrue();
            for (String id : List.of("old", "with n1", "with n2")) {
                assertThat(TestCluster.text(cluster.client(), table, id, true)).isEqualTo("value");
            }

            restart(cluster, "n3", 1);
            assertThatThrownBy(() -> cluster.node("n3").awaitStop())
                    .hasMessageContaining("knows cluster version 1 at most, the cluster is at 2")
                    .hasMessageContaining("as new as those of the other nodes");
            cluster.put(table, "without n3", "value");
        }
    }

    @Test
    void aNewClusterHasTheHighestVersion() throws Exception {
        try (TestCluster cluster = TestCluster.ofThree(directory)) {
            cluster.createTable("T");
            assertThat(version(cluster)).isEqualTo(ClusterVersion.HIGHEST);
        }
    }

    private static int version(TestCluster cluster) {
        return ClusterVersion.of(cluster.client().catalog());
    }

    private static void restart(TestCluster cluster, String node, int clusterVersionMax) throws StartupException {
        cluster.stop(node);
        cluster.upgrade(node, clusterVersionMax);
        cluster.start(node);
    }

    private static void awaitSaid(TestCluster cluster, String node, int clusterVersionMax) {
        TestCluster.await(node + " to say what it knows", () -> {
            Catalog catalog = cluster.client().catalog();
            return catalog.getNodesList().stream()
                    .anyMatch(record ->
                            record.getName().equals(node) && ClusterVersion.knownBy(record) == clusterVersionMax);
        });
    }
}
