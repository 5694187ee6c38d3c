package dev.henge.chaos.sdk;

import dev.henge.chaos.support.Clients;
import dev.henge.samples.ClientOrders;
import dev.henge.samples.EnhancedOrders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The samples of docs/clients that need nothing but Java; they check by themselves what they are answered. */
final class JavaSamplesTest {

    @RegisterExtension
    static final TestCluster CLUSTER = new TestCluster();

    @Test
    void theClientsSampleRuns() throws InterruptedException {
        try (DynamoDbClient client = Clients.usual(CLUSTER.endpoint())) {
            ClientOrders.run(client);
        }
    }

    @Test
    void theEnhancedClientsSampleRuns() throws InterruptedException {
        try (DynamoDbClient client = Clients.usual(CLUSTER.endpoint())) {
            EnhancedOrders.run(client);
        }
    }
}
