package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The calls that Terraform's AWS provider makes for an {@code aws_dynamodb_table} without indexes. */
class TerraformCallsTest extends RouterTest {

    private static final String NAME = "{'TableName': 'state'}";
    private static final String ARN = "arn:aws:dynamodb:eu-north-1:000000000000:table/state";

    @Test
    void aTableIsCreatedPlannedAgainUpdatedAndDestroyed() {
        client.succeed("CreateTable", """
                {'TableName': 'state', 'BillingMode': 'PROVISIONED', 'TableClass': 'STANDARD',
                 'AttributeDefinitions': [{'AttributeName': 'LockID', 'AttributeType': 'S'}],
                 'KeySchema': [{'AttributeName': 'LockID', 'KeyType': 'HASH'}],
                 'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 5},
                 'DeletionProtectionEnabled': false,
                 'Tags': [{'Key': 'Name', 'Value': 'state'}, {'Key': 'Stage', 'Value': 'test'}]}""");
        Map<String, Object> created = read();
        assertThat(read()).as("a second plan sees no difference").isEqualTo(created);
        assertThat(list(created, "Tags").toString()).isEqualTo("[{Key=Name, Value=state}, {Key=Stage, Value=test}]");

        client.succeed("UpdateTable", "{'TableName': 'state', 'BillingMode': 'PAY_PER_REQUEST'}");
        assertThat(member(read(), "Table")).containsKey("BillingModeSummary");
        client.succeed("UpdateTable", "{'TableName': 'state', 'DeletionProtectionEnabled': true}");
        client.succeed("UntagResource", "{'ResourceArn': '%s', 'TagKeys': ['Stage']}".formatted(ARN));
        client.succeed(
                "TagResource", "{'ResourceArn': '%s', 'Tags': [{'Key': 'Name', 'Value': 'locks'}]}".formatted(ARN));
        Map<String, Object> updated = read();
        assertThat(list(updated, "Tags").toString()).isEqualTo("[{Key=Name, Value=locks}]");
        assertThat(member(updated, "Table")).containsEntry("DeletionProtectionEnabled", true);
        assertThat(read()).isEqualTo(updated);

        client.succeed("UpdateTable", "{'TableName': 'state', 'DeletionProtectionEnabled': false}");
        client.succeed("DeleteTable", NAME);
        Reply gone = client.fail("DescribeTable", NAME);
        assertThat(gone.error()).isEqualTo("ResourceNotFoundException");
    }

    /** What the provider reads of a table, having waited for what it waits for. */
    private Map<String, Object> read() {
        Map<String, Object> table = member(client.succeed("DescribeTable", NAME), "Table");
        assertThat(table).containsEntry("TableStatus", "ACTIVE").containsEntry("TableArn", ARN);
        assertThat(member(table, "WarmThroughput")).containsEntry("Status", "ACTIVE");
        assertThat(member(table, "WarmThroughput").get("ReadUnitsPerSecond")).isNotEqualTo(BigDecimal.ZERO);
        assertThat(member(client.succeed("DescribeContinuousBackups", NAME), "ContinuousBackupsDescription"))
                .containsKey("PointInTimeRecoveryDescription");
        assertThat(member(client.succeed("DescribeTimeToLive", NAME), "TimeToLiveDescription"))
                .containsEntry("TimeToLiveStatus", "DISABLED");
        Map<String, Object> tags = client.succeed("ListTagsOfResource", "{'ResourceArn': '%s'}".formatted(ARN));
        return Map.of("Table", table, "Tags", java.util.Objects.requireNonNull(tags.get("Tags")));
    }
}
