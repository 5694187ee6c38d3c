package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** UpdateTable, and what CreateTable was told coming back. */
class UpdateTableTest extends RouterTest {

    private static final String KEYS = """
            'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
            'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]""";
    private static final String INVALID = "One or more parameter values were invalid: ";
    private static final String ONE_REQUIRED = "At least one of ProvisionedThroughput, BillingMode, "
            + "UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
            + "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, "
            + "OnDemandThroughput, WarmThroughput or TableClass is required";

    @Test
    void aChangeOfCapacityIsUpdatingInItsAnswerAndThenDone() {
        createProvisioned("Orders", 7, 3);

        Map<String, Object> answer = update("Orders", "'ProvisionedThroughput': %s".formatted(capacity(9, 2)));
        Map<String, Object> table = describe("Orders");

        assertThat(answer).containsEntry("TableStatus", "UPDATING");
        assertThat(member(answer, "ProvisionedThroughput")).containsEntry("ReadCapacityUnits", BigDecimal.valueOf(7));
        assertThat(table).containsEntry("TableStatus", "ACTIVE").doesNotContainKey("BillingModeSummary");
        assertThat(member(table, "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", BigDecimal.valueOf(9))
                .containsEntry("WriteCapacityUnits", BigDecimal.valueOf(2))
                .containsEntry("NumberOfDecreasesToday", BigDecimal.ONE)
                .containsKeys("LastIncreaseDateTime", "LastDecreaseDateTime");
        assertThat(member(table, "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 9, 'WriteUnitsPerSecond': 3, 'Status': 'ACTIVE'}"));
    }

    @Test
    void theBillingModeIsSwitchedThereAndBack() {
        createProvisioned("Orders", 7, 3);

        update("Orders", "'BillingMode': 'PAY_PER_REQUEST', 'OnDemandThroughput': {'MaxReadRequestUnits': 50}");
        Map<String, Object> onDemand = describe("Orders");
        update("Orders", "'BillingMode': 'PROVISIONED', 'ProvisionedThroughput': %s".formatted(capacity(1, 1)));
        Map<String, Object> provisioned = describe("Orders");

        assertThat(member(onDemand, "BillingModeSummary"))
                .containsEntry("BillingMode", "PAY_PER_REQUEST")
                .containsKey("LastUpdateToPayPerRequestDateTime");
        assertThat(member(onDemand, "OnDemandThroughput")).isEqualTo(json("{'MaxReadRequestUnits': 50}"));
        assertThat(member(onDemand, "ProvisionedThroughput")).containsEntry("ReadCapacityUnits", BigDecimal.ZERO);
        assertThat(member(onDemand, "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 12000, 'WriteUnitsPerSecond': 4000, 'Status': 'ACTIVE'}"));
        assertThat(member(provisioned, "BillingModeSummary"))
                .containsEntry("BillingMode", "PROVISIONED")
                .containsKey("LastUpdateToPayPerRequestDateTime");
        assertThat(provisioned).doesNotContainKey("OnDemandThroughput");
    }

    @Test
    void deletionProtectionTakesEffectAtOnce() {
        createSimpleTable("Orders");

        assertThat(update("Orders", "'DeletionProtectionEnabled': true"))
                .containsEntry("TableStatus", "ACTIVE")
                .containsEntry("DeletionProtectionEnabled", true);
        client.invalid("DeleteTable", "{'TableName': 'Orders'}");
        update("Orders", "'DeletionProtectionEnabled': false");
        client.succeed("DeleteTable", "{'TableName': 'Orders'}");
    }

    @Test
    void theTableClassChanges() {
        createSimpleTable("Orders");

        Map<String, Object> answer = update("Orders", "'TableClass': 'STANDARD_INFREQUENT_ACCESS'");

        assertThat(answer).containsEntry("TableStatus", "UPDATING").doesNotContainKey("TableClassSummary");
        assertThat(member(describe("Orders"), "TableClassSummary"))
                .containsEntry("TableClass", "STANDARD_INFREQUENT_ACCESS")
                .containsKey("LastUpdateDateTime");
    }

    @Test
    void warmThroughputRises() {
        createSimpleTable("Orders");

        Map<String, Object> answer = update("Orders", "'WarmThroughput': {'ReadUnitsPerSecond': 12001}");

        assertThat(answer).containsEntry("TableStatus", "ACTIVE");
        assertThat(member(answer, "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 12000, 'WriteUnitsPerSecond': 4000, 'Status': 'UPDATING'}"));
        assertThat(member(describe("Orders"), "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 12001, 'WriteUnitsPerSecond': 4000, 'Status': 'ACTIVE'}"));
    }

    @Test
    void encryptionThatIsNotThereIsRefused() {
        createSimpleTable("Orders");

        for (String asked : List.of("{'Enabled': true}", "{'SSEType': 'KMS'}", "{'Enabled': false}")) {
            assertThat(client.invalid(
                            "UpdateTable", "{'TableName': 'Orders', 'SSESpecification': %s}".formatted(asked)))
                    .startsWith("Server-side encryption is not available here: ");
        }
        assertThat(client.invalid("CreateTable", """
                {'TableName': 'Safe', 'BillingMode': 'PAY_PER_REQUEST', %s, 'SSESpecification': {'Enabled': true}}""".formatted(KEYS)))
                .startsWith("Server-side encryption is not available here: ");
        assertThat(describe("Orders")).doesNotContainKey("SSEDescription");
    }

    @Test
    void whatCreateTableIsToldComesBack() {
        Map<String, Object> created = member(client.succeed("CreateTable", """
                {'TableName': 'Full', 'BillingMode': 'PAY_PER_REQUEST', %s, 'TableClass': 'STANDARD',
                 'OnDemandThroughput': {'MaxReadRequestUnits': 100, 'MaxWriteRequestUnits': 60},
                 'WarmThroughput': {'ReadUnitsPerSecond': 12001, 'WriteUnitsPerSecond': 4001},
                 'DeletionProtectionEnabled': true}""".formatted(KEYS)), "TableDescription");
        Map<String, Object> table = describe("Full");

        assertThat(member(created, "WarmThroughput")).containsEntry("Status", "UPDATING");
        assertThat(member(created, "BillingModeSummary")).isEqualTo(json("{'BillingMode': 'PAY_PER_REQUEST'}"));
        assertThat(member(table, "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 12001, 'WriteUnitsPerSecond': 4001, 'Status': 'ACTIVE'}"));
        assertThat(member(table, "OnDemandThroughput"))
                .isEqualTo(json("{'MaxReadRequestUnits': 100, 'MaxWriteRequestUnits': 60}"));
        assertThat(member(table, "TableClassSummary")).isEqualTo(json("{'TableClass': 'STANDARD'}"));
        assertThat(table).containsEntry("DeletionProtectionEnabled", true);
    }

    @Test
    void aNewTableHasItsWarmThroughputOnlyOnceItIsDescribed() {
        Map<String, Object> created = member(
                client.succeed(
                        "CreateTable",
                        "{'TableName': 'Plain', %s, 'ProvisionedThroughput': %s}".formatted(KEYS, capacity(4, 2))),
                "TableDescription");

        assertThat(created).doesNotContainKeys("WarmThroughput", "BillingModeSummary", "SSEDescription");
        assertThat(member(describe("Plain"), "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 4, 'WriteUnitsPerSecond': 2, 'Status': 'ACTIVE'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'OnDemandThroughput': {'MaxReadRequestUnits': 0}|Requested MaxReadRequestUnits for"
                        + " OnDemandThroughput for table is outside of valid range",
                "'OnDemandThroughput': {'MaxWriteRequestUnits': -1}|Requested MaxWriteRequestUnits for"
                        + " OnDemandThroughput for table is outside of valid range",
                "'WarmThroughput': {'WriteUnitsPerSecond': 3999}|Requested WriteUnitsPerSecond for WarmThroughput for"
                        + " table is lower than initial throughput for OnDemand. See:"
                        + " https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode"
                        + ".html#on-demand-capacity-mode-initial",
                "'SSESpecification': {'Enabled': false, 'SSEType': 'KMS'}|SSEType can not be specified if Enabled is"
                        + " false",
                "'SSESpecification': {'Enabled': false, 'KMSMasterKeyId': 'k'}|KMSMasterKeyId can not be specified if"
                        + " Enabled is false",
                "'SSESpecification': {'Enabled': true, 'SSEType': 'AES256'}|SSEType AES256 is not supported",
                "'SSESpecification': {'Enabled': true, 'KMSMasterKeyId': 'k'}|SSEType KMS is required if"
                        + " KMSMasterKeyId is specified",
            })
    void createTableRefusesWhatCanNotBe(String member, String detail) {
        assertThat(client.invalid(
                        "CreateTable",
                        "{'TableName': 'abc', 'BillingMode': 'PAY_PER_REQUEST', %s, %s}".formatted(KEYS, member)))
                .isEqualTo(INVALID + detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'OnDemandThroughput': {'MaxReadRequestUnits': 5}|MaxReadRequestUnits for OnDemandThroughput cannot be"
                        + " specified when table BillingMode is PROVISIONED.",
                "'WarmThroughput': {'ReadUnitsPerSecond': 4}|Requested ReadUnitsPerSecond for WarmThroughput for table"
                        + " is lower than ReadCapacityUnits of ProvisionedThroughput",
            })
    void createTableRefusesWhatAProvisionedTableCanNotHave(String member, String detail) {
        assertThat(client.invalid(
                        "CreateTable",
                        "{'TableName': 'abc', 'ProvisionedThroughput': %s, %s, %s}"
                                .formatted(capacity(5, 5), KEYS, member)))
                .isEqualTo(INVALID + detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'SSESpecification': {}, 'TableClass': 'STANDARD'|Server-Side Encryption modification must be the only"
                        + " operation in the request",
                "'TableClass': 'STANDARD', 'DeletionProtectionEnabled': true|TableClass modification must be the only"
                        + " operation in the request",
                "'DeletionProtectionEnabled': true, 'WarmThroughput': {'ReadUnitsPerSecond': 20000}|DeletionProtection"
                        + " modification must be the only operation in the request",
                "'BillingMode': 'PAY_PER_REQUEST', 'WarmThroughput': {'ReadUnitsPerSecond': 20000}|WarmThroughput must"
                        + " be the only operation in the request",
                "'StreamSpecification': {'StreamEnabled': false}, 'OnDemandThroughput': {'MaxReadRequestUnits':"
                        + " 5}|OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
                "'StreamSpecification': {'StreamEnabled': false}, 'ProvisionedThroughput': {'ReadCapacityUnits': 1,"
                        + " 'WriteCapacityUnits': 1}|You cannot modify stream status while updating table IOPS",
                "'GlobalSecondaryIndexUpdates': [], 'DeletionProtectionEnabled': true|List of"
                        + " GlobalSecondaryIndexUpdates is empty",
                "'BillingMode': 'PROVISIONED'|ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
                "'BillingMode': 'PAY_PER_REQUEST', 'ProvisionedThroughput': {'ReadCapacityUnits': 1,"
                        + " 'WriteCapacityUnits': 1}|ProvisionedThroughput cannot be specified when BillingMode is"
                        + " PAY_PER_REQUEST",
                "'OnDemandThroughput': {'MaxWriteRequestUnits': -2}|Requested MaxWriteRequestUnits for"
                        + " OnDemandThroughput for table is outside of valid range",
                "'WarmThroughput': {'ReadUnitsPerSecond': 0}|Requested ReadUnitsPerSecond for WarmThroughput for table"
                        + " is lower than current WarmThroughput, decreasing WarmThroughput is not supported",
                "'StreamSpecification': {'StreamEnabled': true}|If stream is being enabled then UpdateViewType is"
                        + " required",
                "'StreamSpecification': {'StreamEnabled': false, 'StreamViewType': 'NEW_IMAGE'}|If stream is being"
                        + " disabled, then UpdateViewType must not be specified",
            })
    void whatARequestCanNotAskForIsRefusedBeforeTheTableIsLookedFor(String members, String detail) {
        assertThat(client.invalid("UpdateTable", "{'TableName': 'missing', %s}".formatted(members)))
                .isEqualTo(INVALID + detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|The parameter 'TableName' is required but was not present in the request",
                "{'TableName': 'abc', 'ProvisionedThroughput': {'ReadCapacityUnits': 0}}|2 validation errors detected:"
                        + " Value null at 'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint:"
                        + " Member must not be null; Value '0' at 'provisionedThroughput.readCapacityUnits' failed to"
                        + " satisfy constraint: Member must have value greater than or equal to 1",
                "{'TableName': 'abc', 'ProvisionedThroughput': {'ReadCapacityUnits': 1000000000001,"
                        + " 'WriteCapacityUnits': 1}}|Given value 1000000000001 for ReadCapacityUnits is out of"
                        + " bounds",
                "{'TableName': 'abc', 'BillingMode': ''}|1 validation error detected: Value '' at 'billingMode' failed"
                        + " to satisfy constraint: Member must satisfy enum value set: [PROVISIONED,"
                        + " PAY_PER_REQUEST]",
                "{'TableName': 'abc', 'TableClass': 'COLD'}|Invalid table-class parameter provided. Please try again"
                        + " with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].",
                "{'TableName': 'abc', 'StreamSpecification': {}}|1 validation error detected: Value null at"
                        + " 'streamSpecification.streamEnabled' failed to satisfy constraint: Member must not be null",
                "{'TableName': 'abc', 'ReplicaUpdates': [{}]}|UpdateTable with ReplicaUpdates is not supported by"
                        + " Henge yet",
            })
    void malformedRequestsAreRefused(String request, String message) {
        assertThat(client.invalid("UpdateTable", request)).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'TableName': 'abc'",
                "'TableName': 'abc', 'GlobalSecondaryIndexUpdates': []",
                "'TableName': 'abc', 'AttributeDefinitions': [{'AttributeName': 'a', 'AttributeType': 'S'}]",
                "'TableName': 'abc', 'WarmThroughput': {}",
                "'TableName': 'abc', 'OnDemandThroughput': {}, 'SSESpecification': null",
            })
    void aRequestThatChangesNothingIsRefused(String members) {
        assertThat(client.invalid("UpdateTable", "{" + members + "}")).isEqualTo(ONE_REQUIRED);
    }

    @Test
    void whatTheTableIsAlreadyIsRefused() {
        createProvisioned("Orders", 1, 1);

        assertThat(client.invalid(
                        "UpdateTable",
                        "{'TableName': 'Orders', 'ProvisionedThroughput': %s}".formatted(capacity(1, 1))))
                .startsWith("The provisioned throughput for the table will not change. ");
        assertThat(client.invalid(
                        "UpdateTable", "{'TableName': 'Orders', 'StreamSpecification': {'StreamEnabled': false}}"))
                .isEqualTo("Table has no stream to disable: TableName: Orders");
    }

    @Test
    void aTableThatIsMissingOrBeingDeletedIsNotChanged() {
        String change = "{'TableName': 'Short', 'DeletionProtectionEnabled': true}";
        Reply missing = client.fail("UpdateTable", change);
        createSimpleTable("Short");
        cluster.keepDeletedTables();
        client.succeed("DeleteTable", "{'TableName': 'Short'}");
        Reply deleting = client.fail("UpdateTable", change);

        assertThat(missing.error()).isEqualTo("ResourceNotFoundException");
        assertThat(missing.message()).isEqualTo("Requested resource not found: Table: Short not found");
        assertThat(deleting.error()).isEqualTo("ResourceInUseException");
        assertThat(deleting.message())
                .isEqualTo("Attempt to change a resource which is still in use: Table is being deleted: Short");
    }

    @Test
    void aTableIsChangedByItsArn() {
        createSimpleTable("Orders");

        Map<String, Object> answer =
                update("arn:aws:dynamodb:us-west-2:123456789012:table/Orders", "'DeletionProtectionEnabled': true");

        assertThat(answer)
                .containsEntry("TableName", "Orders")
                .containsEntry("TableArn", "arn:aws:dynamodb:eu-north-1:000000000000:table/Orders");
    }

    private void createProvisioned(String name, int read, int write) {
        client.succeed(
                "CreateTable",
                "{'TableName': '%s', %s, 'ProvisionedThroughput': %s}".formatted(name, KEYS, capacity(read, write)));
    }

    private static String capacity(int read, int write) {
        return "{'ReadCapacityUnits': %d, 'WriteCapacityUnits': %d}".formatted(read, write);
    }

    private Map<String, Object> update(String table, String members) {
        return member(
                client.succeed("UpdateTable", "{'TableName': '%s', %s}".formatted(table, members)), "TableDescription");
    }

    private Map<String, Object> describe(String table) {
        return member(client.succeed("DescribeTable", "{'TableName': '%s'}".formatted(table)), "Table");
    }
}
