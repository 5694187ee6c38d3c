package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    private final Path parent;

    DataDirectoryTest(@TempDir Path parent) {
        this.parent = parent;
    }

    @Test
    void aNewDirectoryGetsAnIdentityThatItKeeps() throws StartupException {
        DataDirectory.Identity identity;
        try (DataDirectory directory = open("c=1 \\ü", "n1")) {
            identity = directory.identity();
            assertThat(identity.cluster()).isEqualTo("c=1 \\ü");
            assertThat(identity.clusterId()).isEmpty();
            assertThat(identity.instanceId()).hasSize(36);
        }
        try (DataDirectory directory = open("c=1 \\ü", "n1")) {
            assertThat(directory.identity()).isEqualTo(identity);
        }
    }

    @Test
    void theClusterIdIsKeptAndAnotherOneRefused() throws StartupException {
        try (DataDirectory directory = open("c", "n1")) {
            directory.joinCluster("id-1");
            directory.joinCluster("id-1");
            assertThatThrownBy(() -> directory.joinCluster("id-2"))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("another cluster");
        }
        try (DataDirectory directory = open("c", "n1")) {
            assertThat(directory.identity().clusterId()).isEqualTo("id-1");
        }
    }

    @Test
    void anotherClustersOrNodesDirectoryIsRefusedAndNotHeld() throws StartupException {
        open("c", "n1").close();
        assertThatThrownBy(() -> open("other", "n1"))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("belongs to cluster \"c\", not \"other\"");
        assertThatThrownBy(() -> open("c", "n2"))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("belongs to node \"n1\", not \"n2\"");
        open("c", "n1").close();
    }

    @Test
    void aDirectoryInUseIsRefused() throws StartupException {
        try (DataDirectory directory = open("c", "n1")) {
            assertThat(directory.log()).isNotEqualTo(directory.storage());
            assertThatThrownBy(() -> open("c", "n1"))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("already used");
        }
    }

    @Test
    void aPathThatCanNotBeADirectoryIsRefused() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "x");
        assertThatThrownBy(() -> DataDirectory.open(file.resolve("data"), "c", "n1"))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("not writable");
        assertThatThrownBy(() -> DataDirectory.open(file, "c", "n1"))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("not writable");
    }

    @Test
    void aDamagedIdentityIsRefused() throws IOException, StartupException {
        open("c", "n1").close();
        Files.writeString(parent.resolve("data/identity.properties"), "cluster=c\n");
        assertThatThrownBy(() -> open("c", "n1"))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("damaged");
    }

    private DataDirectory open(String cluster, String node) throws StartupException {
        return DataDirectory.open(parent.resolve("data"), cluster, node);
    }
}
