package dev.henge.router;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Catalog;
import dev.henge.router.RouterClient.Reply;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableOperationsTest extends RouterTest {

    private static final String KEYS = """
            'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
            'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]""";

    @Test
    void aNewTableIsCreatingInItsAnswerAndThenActive() {
        Map<String, Object> created = member(client.succeed("CreateTable", """
                        {'TableName': 'Orders', 'BillingMode': 'PAY_PER_REQUEST',
                         'AttributeDefinitions': [{'AttributeName': 'when', 'AttributeType': 'N'},
                                                  {'AttributeName': 'id', 'AttributeType': 'B'}],
                         'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'},
                                       {'AttributeName': 'when', 'KeyType': 'RANGE'}]}"""), "TableDescription");
        assertThat(created).containsEntry("TableStatus", "CREATING");

        Map<String, Object> table = member(client.succeed("DescribeTable", "{'TableName': 'Orders'}"), "Table");

        assertThat(table)
                .containsEntry("TableStatus", "ACTIVE")
                .containsEntry("TableName", "Orders")
                .containsEntry("TableArn", "arn:aws:dynamodb:eu-north-1:000000000000:table/Orders")
                .contains(entry("TableId", Objects.requireNonNull(created.get("TableId"))))
                .contains(entry("CreationDateTime", Objects.requireNonNull(created.get("CreationDateTime"))))
                .containsEntry("ItemCount", BigDecimal.ZERO)
                .containsEntry("TableSizeBytes", BigDecimal.ZERO)
                .containsEntry("DeletionProtectionEnabled", false);
        assertThat(UUID.fromString(String.valueOf(table.get("TableId")))).isNotNull();
        assertThat(new BigDecimal(String.valueOf(table.get("CreationDateTime"))))
                .isCloseTo(
                        BigDecimal.valueOf(System.currentTimeMillis(), 3),
                        org.assertj.core.data.Offset.offset(BigDecimal.TEN));
        assertThat(table.get("KeySchema"))
                .isEqualTo(json("{'k': [{'AttributeName': 'id', 'KeyType': 'HASH'},"
                                + " {'AttributeName': 'when', 'KeyType': 'RANGE'}]}")
                        .get("k"));
        assertThat(list(table, "AttributeDefinitions"))
                .containsExactlyInAnyOrder(
                        json("{'AttributeName': 'id', 'AttributeType': 'B'}"),
                        json("{'AttributeName': 'when', 'AttributeType': 'N'}"));
        assertThat(member(table, "BillingModeSummary")).containsEntry("BillingMode", "PAY_PER_REQUEST");
        assertThat(member(table, "WarmThroughput")).containsEntry("Status", "ACTIVE");
    }

    @Test
    void aProvisionedTableShowsItsThroughput() {
        client.succeed("CreateTable", """
                {'TableName': 'Provisioned', %s, 'DeletionProtectionEnabled': true, 'TableClass': 'STANDARD',
                 'ProvisionedThroughput': {'ReadCapacityUnits': 7, 'WriteCapacityUnits': 3},
                 'Tags': [{'Key': 'team', 'Value': 'a'}]}""".formatted(KEYS));

        Map<String, Object> table = member(client.succeed("DescribeTable", "{'TableName': 'Provisioned'}"), "Table");
        assertThat(member(table, "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", new BigDecimal(7))
                .containsEntry("WriteCapacityUnits", new BigDecimal(3));
        assertThat(table).doesNotContainKey("BillingModeSummary").containsEntry("DeletionProtectionEnabled", true);
        assertThat(client.succeed("ListTagsOfResource", "{'ResourceArn': '" + table.get("TableArn") + "'}"))
                .isEqualTo(json("{'Tags': [{'Key': 'team', 'Value': 'a'}]}"));
    }

    @Test
    void aNameIsTakenOnce() {
        createSimpleTable("Taken");

        Reply reply = client.fail(
                "CreateTable", "{'TableName': 'Taken', 'BillingMode': 'PAY_PER_REQUEST', %s}".formatted(KEYS));

        assertThat(reply.error()).isEqualTo("ResourceInUseException");
        assertThat(reply.message()).isEqualTo("Table already exists: Taken");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|The parameter 'TableName' is required but was not present in the request",
                "{'TableName': 'ab'}|TableName must be at least 3 characters long and at most 255 characters long",
                "{'TableName': 'abc'}|2 validation errors detected: Value null at 'attributeDefinitions' failed to"
                        + " satisfy constraint: Member must not be null; Value null at 'keySchema' failed to satisfy"
                        + " constraint: Member must not be null",
                "{'TableName': 'a;c', 'AttributeDefinitions': [], 'KeySchema': []}|2 validation errors detected: Value"
                        + " 'a;c' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression"
                        + " pattern: [a-zA-Z0-9_.-]+; Value '[]' at 'keySchema' failed to satisfy constraint: Member"
                        + " must have length greater than or equal to 1",
                "{'TableName': 'abc', 'AttributeDefinitions': [{'AttributeName': 'a', 'AttributeType': 'X'}],"
                        + " 'KeySchema': [{'KeyType': 'HASH'}], 'BillingMode': 'FREE'}|3 validation errors detected:"
                        + " Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint:"
                        + " Member must satisfy enum value set: [B, N, S]; Value 'FREE' at 'billingMode' failed to"
                        + " satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST];"
                        + " Value null at 'keySchema.1.member.attributeName' failed to satisfy constraint: Member must"
                        + " not be null",
                "{'TableName': 'abc', #}|One or more parameter values were invalid: ReadCapacityUnits and"
                        + " WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
                "{'TableName': 'abc', #, 'BillingMode': 'PAY_PER_REQUEST', 'ProvisionedThroughput':"
                        + " {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}}|One or more parameter values were"
                        + " invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when"
                        + " BillingMode is PAY_PER_REQUEST",
                "{'TableName': 'abc', #, 'ProvisionedThroughput': {'ReadCapacityUnits': 0, 'WriteCapacityUnits':"
                        + " 1}}|1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits'"
                        + " failed to satisfy constraint: Member must have value greater than or equal to 1",
                "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName':"
                        + " 'a', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'b', 'KeyType':"
                        + " 'HASH'}]}|One or more parameter values were invalid: Some index key attributes are not"
                        + " defined in AttributeDefinitions. Keys: [b], AttributeDefinitions: [a]",
                "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName':"
                        + " 'a', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'a', 'KeyType':"
                        + " 'RANGE'}]}|Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
                "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName':"
                        + " 'a', 'AttributeType': 'S'}, {'AttributeName': 'b', 'AttributeType': 'S'}], 'KeySchema':"
                        + " [{'AttributeName': 'a', 'KeyType': 'HASH'}]}|One or more parameter values were invalid:"
                        + " Number of attributes in KeySchema does not exactly match number of attributes defined in"
                        + " AttributeDefinitions",
                "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName':"
                        + " 'a', 'AttributeType': 'S'}, {'AttributeName': 'a', 'AttributeType': 'N'}], 'KeySchema':"
                        + " [{'AttributeName': 'a', 'KeyType': 'HASH'}]}|Attribute Name is duplicated: a",
                "{'TableName': 'abc', #, 'BillingMode': 'PAY_PER_REQUEST', 'TableClass': 'COLD'}|Invalid table-class"
                        + " parameter provided. Please try again with a valid table-class value: [STANDARD,"
                        + " STANDARD_INFREQUENT_ACCESS].",
            })
    void refusesWhatMakesNoTable(String request, String message) {
        assertThat(client.invalid("CreateTable", request.replace("#", KEYS))).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'VectorIndexes': [{}]",
                "'StreamSpecification': {'StreamEnabled': true, 'StreamViewType': 'NEW_IMAGE'}",
                "'GlobalTableSourceArn': 'arn:aws:dynamodb:a:1:table/abc'",
                "'ResourcePolicy': '{}'"
            })
    void neverIgnoresWhatItCanNotDo(String member) {
        String message = client.invalid(
                "CreateTable",
                "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', %s, %s}".formatted(KEYS, member));

        assertThat(message).endsWith("is not supported by Henge yet");
        assertThat(client.succeed("ListTables", "{}")).isEqualTo(json("{'TableNames': []}"));
    }

    @Test
    void takesSpecificationsThatAreSwitchedOff() {
        client.succeed(
                "CreateTable",
                "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', %s, 'StreamSpecification': {'StreamEnabled':"
                                .formatted(KEYS)
                        + " false}, 'SSESpecification': {'Enabled': false}, 'GlobalSecondaryIndexes': null}");
    }

    @Test
    void listsTablesInPages() {
        for (String name : new String[] {"ccc", "aaa", "bbb"}) {
            createSimpleTable(name);
        }

        assertThat(client.succeed("ListTables", "{}")).isEqualTo(json("{'TableNames': ['aaa', 'bbb', 'ccc']}"));
        assertThat(client.succeed("ListTables", "{'Limit': 2}"))
                .isEqualTo(json("{'TableNames': ['aaa', 'bbb'], 'LastEvaluatedTableName': 'bbb'}"));
        assertThat(client.succeed("ListTables", "{'Limit': 2, 'ExclusiveStartTableName': 'bbb'}"))
                .isEqualTo(json("{'TableNames': ['ccc']}"));
        assertThat(client.invalid("ListTables", "{'Limit': 101, 'ExclusiveStartTableName': 'a;'}"))
                .isEqualTo("3 validation errors detected: Value 'a;' at 'exclusiveStartTableName' failed to satisfy"
                        + " constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;'"
                        + " at 'exclusiveStartTableName' failed to satisfy constraint: Member must have length greater"
                        + " than or equal to 3; Value '101' at 'limit' failed to satisfy constraint: Member must have"
                        + " value less than or equal to 100");
    }

    @Test
    void aDeletedTableIsDeletingAndThenGone() {
        createSimpleTable("Short");
        client.succeed("PutItem", "{'TableName': 'Short', 'Item': {'pk': {'S': 'a'}}}");

        Map<String, Object> deleted =
                member(client.succeed("DeleteTable", "{'TableName': 'Short'}"), "TableDescription");

        assertThat(deleted).containsEntry("TableStatus", "DELETING");
        Reply gone = client.fail("DescribeTable", "{'TableName': 'Short'}");
        assertThat(gone.error()).isEqualTo("ResourceNotFoundException");
        assertThat(gone.message()).isEqualTo("Requested resource not found: Table: Short not found");
        Reply noItems = client.fail("GetItem", "{'TableName': 'Short', 'Key': {'pk': {'S': 'a'}}}");
        assertThat(noItems.error()).isEqualTo("ResourceNotFoundException");
        assertThat(noItems.message()).isEqualTo("Requested resource not found");
    }

    @Test
    void aTableBeingDeletedIsShownButNotUsable() {
        cluster.keepDeletedTables();
        createSimpleTable("Short");
        client.succeed("DeleteTable", "{'TableName': 'Short'}");

        assertThat(member(client.succeed("DescribeTable", "{'TableName': 'Short'}"), "Table"))
                .containsEntry("TableStatus", "DELETING");
        assertThat(client.fail("Scan", "{'TableName': 'Short'}").error()).isEqualTo("ResourceNotFoundException");
        assertThat(client.fail("DeleteTable", "{'TableName': 'Short'}").message())
                .isEqualTo("Attempt to change a resource which is still in use: Table is being deleted: Short");
    }

    @Test
    void aProtectedTableStays() {
        client.succeed(
                "CreateTable",
                "{'TableName': 'Safe', 'BillingMode': 'PAY_PER_REQUEST', 'DeletionProtectionEnabled': true, %s}"
                        .formatted(KEYS));

        assertThat(client.invalid("DeleteTable", "{'TableName': 'Safe'}"))
                .isEqualTo("Resource cannot be deleted as it is currently protected against deletion. Disable deletion"
                        + " protection first.");
    }

    @Test
    void tablesAreFoundByTheirArnFromWhateverRegion() {
        createSimpleTable("ByArn");
        String arn = "arn:aws:dynamodb:us-west-2:123456789012:table/ByArn";

        client.succeed("DescribeTable", "{'TableName': '%s'}".formatted(arn));
        client.succeed("PutItem", "{'TableName': '%s', 'Item': {'pk': {'S': 'a'}}}".formatted(arn));
        assertThat(client.succeed("GetItem", "{'TableName': 'ByArn', 'Key': {'pk': {'S': 'a'}}}"))
                .containsKey("Item");
    }

    @Test
    void requestsWaitForTheFirstCatalog() {
        createSimpleTable("Early");
        Catalog known = cluster.forgetCatalog();
        CompletableFuture<Map<String, Object>> waiting =
                CompletableFuture.supplyAsync(() -> client.succeed("DescribeTable", "{'TableName': 'Early'}"));
        cluster.learnCatalog(known);

        assertThat(waiting.join()).containsKey("Table");
    }

    @Test
    void withoutACatalogARequestEndsAtItsDeadline() throws IOException {
        cluster.forgetCatalog();
        try (RouterServer impatient = RouterServer.start(config(Duration.ofMillis(100)), cluster);
                RouterClient other = new RouterClient(impatient.port())) {
            Reply reply = other.call("ListTables", "{}");

            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.error()).isEqualTo("InternalServerError");
        }
    }

    @Test
    void nullAmongTheElementsOfASchemaIsRefused() {
        assertThat(client.invalid("CreateTable", """
                        {'TableName': 'Holes', 'BillingMode': 'PAY_PER_REQUEST',
                         'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}, null],
                         'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}"""))
                .startsWith(
                        "2 validation errors detected: Value null at 'attributeDefinitions.2.member.attributeName'");
    }
}
