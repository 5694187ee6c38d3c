package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.support.Clients;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A node is lost for good, and another takes its place by one command, as processes. */
@Timeout(300)
final class ReplaceNodeTest {

    private static final Duration COMMAND_MAX = Duration.ofSeconds(30);
    private static final Duration MOVES_MAX = Duration.ofMinutes(2);
    private static final int PARTITIONS = 4;
    private static final int ITEMS = 50;
    private static final String TABLE = "Replaced";

    @TempDir
    private Path directory;

    @Test
    void whatALostNodeHadIsOnTheNewOneWithoutWaiting() throws IOException {
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient client = Clients.usual(cluster.endpoint())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            for (int number = 0; number < ITEMS; number++) {
                Map<String, AttributeValue> item = Map.of("id", AttributeValue.fromS("item-" + number));
                client.putItem(request -> request.tableName(TABLE).item(item));
            }
            cluster.kill("n3");
            cluster.join("n4");

            ElasticCluster.Answer replaced =
                    cluster.command(MOVES_MAX, "node", "replace", "n3", "--with", "n4", "--wait");
            assertThat(replaced.code()).as(replaced.text()).isZero();
            assertThat(replaced.text())
                    .doesNotContain("goes to others")
                    .containsPattern("n3 has replicas of [1-5] partition")
                    .endsWith("n3 is replaced by n4 and may be removed.\n");
            ElasticCluster.Answer again =
                    cluster.command(COMMAND_MAX, "node", "replace", "n3", "--with", "n4", "--wait", "-o", "json");
            assertThat(again.text())
                    .isEqualTo("{\"node\":\"n3\",\"outcome\":\"is replaced by n4 and may be removed\"}\n");
            assertThat(cluster.command(COMMAND_MAX, "node", "remove", "n3").code())
                    .isZero();

            assertThat(new NodeStatuses(cluster).applied("n4")).hasSize(1 + PARTITIONS);
            for (int number = 0; number < ITEMS; number++) {
                Map<String, AttributeValue> key = Map.of("id", AttributeValue.fromS("item-" + number));
                assertThat(client.getItem(request ->
                                        request.tableName(TABLE).key(key).consistentRead(true))
                                .item())
                        .isEqualTo(key);
            }
        }
    }
}
