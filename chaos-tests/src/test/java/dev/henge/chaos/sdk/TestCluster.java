package dev.henge.chaos.sdk;

import dev.henge.deploy.EmbeddedCluster;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Three nodes and a router in this process, for the tests of one class. */
final class TestCluster implements BeforeAllCallback, AfterAllCallback {

    private @Nullable EmbeddedCluster cluster;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        cluster = EmbeddedCluster.start(EmbeddedCluster.Options.ephemeral());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        EmbeddedCluster started = cluster;
        if (started != null) {
            started.close();
        }
    }

    URI endpoint() {
        EmbeddedCluster started = cluster;
        if (started == null) {
            throw new IllegalStateException("the cluster has not started");
        }
        return URI.create("http://localhost:" + started.port());
    }
}
