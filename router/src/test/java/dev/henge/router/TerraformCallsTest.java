package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The calls that Terraform's AWS provider makes for an {@code aws_dynamodb_table}. */
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

    private static final String DEFINITIONS = """
            'AttributeDefinitions': [{'AttributeName': 'LockID', 'AttributeType': 'S'},
                                     {'AttributeName': 'made', 'AttributeType': 'N'},
                                     {'AttributeName': 'owner', 'AttributeType': 'S'},
                                     {'AttributeName': 'size', 'AttributeType': 'N'}%s]""";

    @Test
    void indexesArePlannedAgainAddedChangedAndRemoved() {
        client.succeed("CreateTable", """
                {'TableName': 'state', 'BillingMode': 'PROVISIONED', %s,
                 'KeySchema': [{'AttributeName': 'LockID', 'KeyType': 'HASH'},
                               {'AttributeName': 'made', 'KeyType': 'RANGE'}],
                 'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 5},
                 'LocalSecondaryIndexes': [
                  {'IndexName': 'by-size', 'KeySchema': [{'AttributeName': 'LockID', 'KeyType': 'HASH'},
                                                         {'AttributeName': 'size', 'KeyType': 'RANGE'}],
                   'Projection': {'ProjectionType': 'KEYS_ONLY'}}],
                 'GlobalSecondaryIndexes': [
                  {'IndexName': 'by-owner', 'KeySchema': [{'AttributeName': 'owner', 'KeyType': 'HASH'},
                                                          {'AttributeName': 'made', 'KeyType': 'RANGE'}],
                   'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['path', 'info']},
                   'ProvisionedThroughput': {'ReadCapacityUnits': 2, 'WriteCapacityUnits': 2}}],
                 'DeletionProtectionEnabled': false}""".formatted(DEFINITIONS.formatted("")));
        Map<String, Object> created = read();
        assertThat(read()).as("a second plan sees no difference").isEqualTo(created);
        assertThat(awaited("by-owner")).containsEntry("Projection", json("""
                        {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['info', 'path']}"""));
        assertThat(list(member(created, "Table"), "LocalSecondaryIndexes")).hasSize(1);

        // One index is added, and its capacity changed.
        client.succeed("UpdateTable", """
                {'TableName': 'state', %s, 'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'by-team',
                  'KeySchema': [{'AttributeName': 'team', 'KeyType': 'HASH'}],
                  'Projection': {'ProjectionType': 'ALL'},
                  'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}}}]}""".formatted(
                        DEFINITIONS.formatted(", {'AttributeName': 'team', 'AttributeType': 'S'}")));
        awaited("by-team");
        client.succeed("UpdateTable", """
                {'TableName': 'state', 'GlobalSecondaryIndexUpdates': [{'Update': {'IndexName': 'by-team',
                  'ProvisionedThroughput': {'ReadCapacityUnits': 4, 'WriteCapacityUnits': 1}}}]}""");
        assertThat(member(awaited("by-team"), "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", BigDecimal.valueOf(4));
        Map<String, Object> changed = read();
        assertThat(read()).isEqualTo(changed);

        // An index with another projection is another index: the provider removes it and adds it again.
        client.succeed("UpdateTable", """
                {'TableName': 'state', 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'by-owner'}}]}""");
        assertThat(list(member(read(), "Table"), "GlobalSecondaryIndexes"))
                .extracting(index -> index.get("IndexName"))
                .containsExactly("by-team");
        client.succeed("UpdateTable", """
                {'TableName': 'state', %s, 'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'by-owner',
                  'KeySchema': [{'AttributeName': 'owner', 'KeyType': 'HASH'}],
                  'Projection': {'ProjectionType': 'KEYS_ONLY'},
                  'ProvisionedThroughput': {'ReadCapacityUnits': 2, 'WriteCapacityUnits': 2}}}]}""".formatted(DEFINITIONS.formatted("")));
        assertThat(list(awaited("by-owner"), "KeySchema")).hasSize(1);

        client.succeed("UpdateTable", "{'TableName': 'state', 'BillingMode': 'PAY_PER_REQUEST'}");
        assertThat(member(awaited("by-team"), "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", BigDecimal.ZERO);
        client.succeed("UpdateTable", """
                {'TableName': 'state', 'BillingMode': 'PROVISIONED',
                 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1},
                 'GlobalSecondaryIndexUpdates': [
                  {'Update': {'IndexName': 'by-team',
                   'ProvisionedThroughput': {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 3}}},
                  {'Update': {'IndexName': 'by-owner',
                   'ProvisionedThroughput': {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 3}}}]}""");
        assertThat(read()).isEqualTo(read());
        client.succeed("DeleteTable", NAME);
    }

    /** A global index of the table, having waited for what the provider waits for. */
    private Map<String, Object> awaited(String name) {
        Map<String, Object> table = member(client.succeed("DescribeTable", NAME), "Table");
        Map<String, Object> index = list(table, "GlobalSecondaryIndexes").stream()
                .filter(each -> name.equals(each.get("IndexName")))
                .findFirst()
                .orElseThrow();
        assertThat(index).containsEntry("IndexStatus", "ACTIVE").doesNotContainKey("Backfilling");
        assertThat(member(index, "WarmThroughput")).containsEntry("Status", "ACTIVE");
        assertThat(index.get("IndexArn")).isEqualTo(ARN + "/index/" + name);
        return index;
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
