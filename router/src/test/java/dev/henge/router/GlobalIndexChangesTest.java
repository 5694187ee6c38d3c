package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Making, describing, changing and removing global secondary indexes. */
class GlobalIndexChangesTest extends RouterTest {

    private static final String INVALID = "One or more parameter values were invalid: ";
    private static final String KEY = "'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]";
    private static final String ON_DEMAND = "'BillingMode': 'PAY_PER_REQUEST'";
    private static final String CAPACITY = "'ProvisionedThroughput': {'ReadCapacityUnits': 2, 'WriteCapacityUnits': 3}";

    private static String definitions(String... names) {
        List<String> all = List.of(names).stream()
                .map(name -> "{'AttributeName': '" + name + "', 'AttributeType': 'S'}")
                .toList();
        return "'AttributeDefinitions': [" + String.join(", ", all) + "]";
    }

    /** A global index of that name, with the attribute city as its key. */
    private static String index(String name, String more) {
        return """
                {'IndexName': '%s', 'KeySchema': [{'AttributeName': 'city', 'KeyType': 'HASH'}],
                 'Projection': {'ProjectionType': 'ALL'}%s}""".formatted(name, more);
    }

    private Map<String, Object> create(String table, String mode, String indexes) {
        return member(
                client.succeed(
                        "CreateTable",
                        "{'TableName': '%s', %s, %s, %s, 'GlobalSecondaryIndexes': [%s]}"
                                .formatted(table, mode, definitions("pk", "city"), KEY, indexes)),
                "TableDescription");
    }

    private Map<String, Object> update(String table, String members) {
        return member(
                client.succeed("UpdateTable", "{'TableName': '%s', %s}".formatted(table, members)), "TableDescription");
    }

    private Map<String, Object> describe(String table) {
        return member(client.succeed("DescribeTable", "{'TableName': '%s'}".formatted(table)), "Table");
    }

    private static Map<String, Object> only(Map<String, Object> table) {
        return list(table, "GlobalSecondaryIndexes").getFirst();
    }

    private static String change(String action) {
        return definitions("city") + ", 'GlobalSecondaryIndexUpdates': [" + action + "]";
    }

    @Test
    void anIndexMadeWithItsTableIsActiveAtOnceAndDescribed() {
        Map<String, Object> created = create("Shops", ON_DEMAND, """
                {'IndexName': 'by-city', 'KeySchema': [{'AttributeName': 'city', 'KeyType': 'HASH'}],
                 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['zip', 'area']}}""");
        Map<String, Object> table = describe("Shops");

        assertThat(only(created))
                .containsEntry("IndexStatus", "CREATING")
                .doesNotContainKeys("WarmThroughput", "Backfilling", "OnDemandThroughput");
        assertThat(list(table, "AttributeDefinitions"))
                .extracting(definition -> definition.get("AttributeName"))
                .containsExactly("city", "pk");
        assertThat(only(table)).isEqualTo(json("""
                        {'IndexName': 'by-city', 'KeySchema': [{'AttributeName': 'city', 'KeyType': 'HASH'}],
                         'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['area', 'zip']},
                         'IndexSizeBytes': 0, 'ItemCount': 0,
                         'IndexArn': 'arn:aws:dynamodb:eu-north-1:000000000000:table/Shops/index/by-city',
                         'IndexStatus': 'ACTIVE',
                         'ProvisionedThroughput': {'NumberOfDecreasesToday': 0, 'ReadCapacityUnits': 0,
                                                   'WriteCapacityUnits': 0},
                         'WarmThroughput': {'ReadUnitsPerSecond': 12000, 'WriteUnitsPerSecond': 4000,
                                            'Status': 'ACTIVE'}}"""));
    }

    @Test
    void whatAnIndexIsToldOfThroughputComesBack() {
        create("Shops", CAPACITY, index("by-city", ", " + CAPACITY));
        create("Cafes", ON_DEMAND, index("by-city", """
                , 'OnDemandThroughput': {'MaxReadRequestUnits': 50},
                'WarmThroughput': {'ReadUnitsPerSecond': 13000, 'WriteUnitsPerSecond': 5000}"""));

        assertThat(member(only(describe("Shops")), "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", BigDecimal.valueOf(2));
        assertThat(member(only(describe("Shops")), "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 2, 'WriteUnitsPerSecond': 3, 'Status': 'ACTIVE'}"));
        assertThat(member(only(describe("Cafes")), "OnDemandThroughput"))
                .isEqualTo(json("{'MaxReadRequestUnits': 50}"));
        assertThat(member(only(describe("Cafes")), "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 13000, 'WriteUnitsPerSecond': 5000, 'Status': 'ACTIVE'}"));
    }

    @Test
    void anIndexIsAddedAndShownAsCreatingUntilItIsFilled() {
        createSimpleTable("Shops");
        cluster.holdIndexes();

        Map<String, Object> answer = update("Shops", change("{'Create': " + index("by-city", "") + "}"));
        Map<String, Object> filling = describe("Shops");
        Reply deleting = client.fail("DeleteTable", "{'TableName': 'Shops'}");
        cluster.finishIndexes();
        Map<String, Object> filled = describe("Shops");

        assertThat(answer).containsEntry("TableStatus", "UPDATING");
        assertThat(only(answer)).containsEntry("IndexStatus", "CREATING").containsEntry("Backfilling", false);
        assertThat(only(filling)).containsEntry("IndexStatus", "CREATING").containsEntry("Backfilling", true);
        assertThat(deleting.error()).isEqualTo("ResourceInUseException");
        assertThat(deleting.message())
                .isEqualTo("Attempt to change a resource which is still in use: Cannot delete table while indexes are "
                        + "being created, updated, or deleted.");
        assertThat(filled).containsEntry("TableStatus", "ACTIVE");
        assertThat(only(filled)).containsEntry("IndexStatus", "ACTIVE").doesNotContainKey("Backfilling");
        client.succeed("DeleteTable", "{'TableName': 'Shops'}");
    }

    @Test
    void anIndexIsDeletedAndTheAttributesOfItsKeyAreForgotten() {
        create("Shops", ON_DEMAND, index("by-city", ""));
        cluster.holdIndexes();

        Map<String, Object> answer =
                update("Shops", "'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'by-city'}}]");
        cluster.finishIndexes();
        Map<String, Object> gone = describe("Shops");

        assertThat(answer).containsEntry("TableStatus", "UPDATING");
        assertThat(only(answer)).containsEntry("IndexStatus", "DELETING").doesNotContainKey("Backfilling");
        assertThat(gone).containsEntry("TableStatus", "ACTIVE").doesNotContainKey("GlobalSecondaryIndexes");
        assertThat(list(gone, "AttributeDefinitions")).hasSize(1);
    }

    @Test
    void theCapacityOfAnIndexChangesOnceTheAnswerIsGiven() {
        create("Shops", CAPACITY, index("by-city", ", " + CAPACITY));

        Map<String, Object> answer = update("Shops", change("""
                {'Update': {'IndexName': 'by-city', 'ProvisionedThroughput': {'ReadCapacityUnits': 5,
                 'WriteCapacityUnits': 1}}}"""));
        Map<String, Object> after = only(describe("Shops"));

        assertThat(answer).containsEntry("TableStatus", "ACTIVE");
        assertThat(only(answer)).containsEntry("IndexStatus", "UPDATING");
        assertThat(member(only(answer), "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", BigDecimal.valueOf(2));
        assertThat(after).containsEntry("IndexStatus", "ACTIVE");
        assertThat(member(after, "ProvisionedThroughput"))
                .containsEntry("ReadCapacityUnits", BigDecimal.valueOf(5))
                .containsEntry("NumberOfDecreasesToday", BigDecimal.ONE)
                .containsKeys("LastIncreaseDateTime", "LastDecreaseDateTime");
        assertThat(client.invalid("UpdateTable", "{'TableName': 'Shops', %s}".formatted(change("""
                        {'Update': {'IndexName': 'by-city', 'ProvisionedThroughput': {'ReadCapacityUnits': 5,
                         'WriteCapacityUnits': 1}}}"""))))
                .startsWith("The provisioned throughput for the index by-city will not change. The requested value "
                        + "equals the current value. Current ReadCapacityUnits provisioned for index by-city: 5. ");
    }

    @Test
    void theBillingModeIsSwitchedWithItsIndexes() {
        create("Shops", CAPACITY, index("by-city", ", " + CAPACITY));
        String provisioned = "'BillingMode': 'PROVISIONED', " + CAPACITY;

        update("Shops", ON_DEMAND);
        Map<String, Object> onDemand = only(describe("Shops"));
        String refused = client.invalid("UpdateTable", "{'TableName': 'Shops', %s}".formatted(provisioned));
        update("Shops", provisioned + ", " + change("{'Update': {'IndexName': 'by-city', " + CAPACITY + "}}"));

        assertThat(member(onDemand, "ProvisionedThroughput")).containsEntry("ReadCapacityUnits", BigDecimal.ZERO);
        assertThat(refused).isEqualTo(INVALID + "ProvisionedThroughput must be specified for index: by-city");
        assertThat(member(only(describe("Shops")), "ProvisionedThroughput"))
                .containsEntry("WriteCapacityUnits", BigDecimal.valueOf(3));
    }

    @Test
    void theWarmThroughputOfAnIndexRises() {
        create("Shops", ON_DEMAND, index("by-city", ""));
        String warm = "{'Update': {'IndexName': 'by-city', 'WarmThroughput': {'ReadUnitsPerSecond': %d}}}";

        Map<String, Object> answer = update("Shops", change(warm.formatted(12_001)));

        assertThat(only(answer)).containsEntry("IndexStatus", "ACTIVE");
        assertThat(member(only(answer), "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 12000, 'WriteUnitsPerSecond': 4000, 'Status': 'UPDATING'}"));
        assertThat(member(only(describe("Shops")), "WarmThroughput"))
                .isEqualTo(json("{'ReadUnitsPerSecond': 12001, 'WriteUnitsPerSecond': 4000, 'Status': 'ACTIVE'}"));
        assertThat(client.invalid("UpdateTable", "{'TableName': 'Shops', %s}".formatted(change(warm.formatted(100)))))
                .isEqualTo(INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for index by-city is lower than "
                        + "current WarmThroughput, decreasing WarmThroughput is not supported");
    }

    @Test
    void oneIndexIsCreatedOrDeletedAtATime() {
        create("Shops", ON_DEMAND, index("by-city", ""));
        cluster.holdIndexes();
        String onlyOne =
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
        String two = change("{'Create': %s}, {'Create': %s}".formatted(index("aaa", ""), index("bbb", "")));

        Reply atOnce = client.fail("UpdateTable", "{'TableName': 'Shops', %s}".formatted(two));
        update("Shops", change("{'Create': " + index("second", "") + "}"));
        Reply another = client.fail(
                "UpdateTable", "{'TableName': 'Shops', %s}".formatted(change("{'Delete': {'IndexName': 'by-city'}}")));
        Map<String, Object> cancelled = update("Shops", change("{'Delete': {'IndexName': 'second'}}"));

        assertThat(atOnce.error()).isEqualTo("LimitExceededException");
        assertThat(atOnce.message()).isEqualTo(onlyOne);
        assertThat(another.message()).isEqualTo(onlyOne);
        assertThat(list(cancelled, "GlobalSecondaryIndexes").getLast()).containsEntry("IndexStatus", "DELETING");
    }

    @Test
    void anIndexThatIsNotThereIsNamed() {
        createSimpleTable("Shops");

        for (String action : List.of(
                "{'Delete': {'IndexName': 'nope'}}",
                "{'Update': {'IndexName': 'nope', 'OnDemandThroughput': {'MaxReadRequestUnits': 5}}}")) {
            Reply refused = client.fail("UpdateTable", "{'TableName': 'Shops', %s}".formatted(change(action)));
            assertThat(refused.error()).isEqualTo("ResourceNotFoundException");
            assertThat(refused.message()).isEqualTo("Requested resource not found: Index nope for table Shops");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'KeyType': 'RANGE'}], 'Projection': {'ProjectionType': 'ALL'} | Invalid KeySchema: The first KeySchemaElement is not a HASH key type
            'KeyType': 'HASH'}, {'AttributeName': 'pk', 'KeyType': 'RANGE'}, {'AttributeName': 'pk', 'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL'} | +All HASH key attributes must precede RANGE key attributes in the KeySchema
            'KeyType': 'HASH'}, {'AttributeName': 'city', 'KeyType': 'RANGE'}], 'Projection': {'ProjectionType': 'ALL'} | The KeySchema contains multiple key attributes with the same name
            'KeyType': 'HASH'}], 'Projection': {} | +Unknown ProjectionType: null
            'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'INCLUDE'} | +ProjectionType is INCLUDE, but NonKeyAttributes is not specified
            'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL', 'NonKeyAttributes': ['x']} | +ProjectionType is ALL, but NonKeyAttributes is specified
            'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['x', 'x']} | +Duplicate element in NonKeyAttributes: x
            'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL'}, 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1} | +ProvisionedThroughput should not be specified for index: by-city when BillingMode is PAY_PER_REQUEST
            'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL'}, 'OnDemandThroughput': {'MaxReadRequestUnits': -1} | +Requested MaxReadRequestUnits for OnDemandThroughput for index : by-city is outside of valid range
            'KeyType': 'HASH'}] | 1 validation error detected: Value null at 'globalSecondaryIndexes.1.member.projection' failed to satisfy constraint: Member must not be null
            'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL'}, 'ProvisionedThroughput': {'ReadCapacityUnits': 1} | 1 validation error detected: Value null at 'globalSecondaryIndexes.1.member.provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must not be null
            """)
    void createTableRefusesAnIndexThatCanNotBe(String members, String message) {
        String index = "{'IndexName': 'by-city', 'KeySchema': [{'AttributeName': 'city', " + members + "}";

        assertThat(client.invalid(
                        "CreateTable",
                        "{'TableName': 'Shops', %s, %s, %s, 'GlobalSecondaryIndexes': [%s]}"
                                .formatted(ON_DEMAND, definitions("pk", "city"), KEY, index)))
                .isEqualTo(message.startsWith("+") ? INVALID + message.substring(1) : message);
    }

    @Test
    void createTableChecksWhatItsIndexesAreTogether() {
        String request = "{'TableName': 'Shops', %s, %s, 'GlobalSecondaryIndexes': [%s], %s}";
        String twentyOne = String.join(", ", java.util.Collections.nCopies(21, "%s"));
        Object[] names = new Object[21];
        java.util.Arrays.setAll(names, i -> index("index" + i, ""));

        assertThat(client.invalid("CreateTable", request.formatted(ON_DEMAND, KEY, "", definitions("pk"))))
                .isEqualTo(INVALID + "List of GlobalSecondaryIndexes is empty");
        assertThat(client.invalid(
                        "CreateTable",
                        request.formatted(ON_DEMAND, KEY, twentyOne.formatted(names), definitions("pk", "city"))))
                .isEqualTo(INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20");
        assertThat(client.invalid(
                        "CreateTable",
                        request.formatted(
                                ON_DEMAND, KEY, index("dup", "") + ", " + index("dup", ""), definitions("pk", "city"))))
                .isEqualTo(INVALID + "Duplicate index name: dup");
        assertThat(client.invalid(
                        "CreateTable",
                        request.formatted(ON_DEMAND, KEY, index("abc", ""), definitions("pk", "city", "more"))))
                .isEqualTo(INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [pk, city, more], "
                        + "keys used: [city, pk]");
        assertThat(client.invalid(
                        "CreateTable", request.formatted(ON_DEMAND, KEY, index("abc", ""), definitions("pk"))))
                .isEqualTo(INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [city], "
                        + "AttributeDefinitions: [pk]");
        assertThat(client.invalid(
                        "CreateTable", request.formatted(CAPACITY, KEY, index("abc", ""), definitions("pk", "city"))))
                .isEqualTo(INVALID + "ProvisionedThroughput is not specified for index: abc");
    }

    @Test
    void aKeyHasUpToFourAttributesOfEachKind() {
        String[] names = {"pk", "h1", "h2", "h3", "h4", "r1", "r2", "r3", "r4"};
        StringBuilder key = new StringBuilder();
        for (String name : names) {
            if (!name.equals("pk")) {
                key.append("{'AttributeName': '%s', 'KeyType': '%s'}, "
                        .formatted(name, name.startsWith("h") ? "HASH" : "RANGE"));
            }
        }
        String eight = key.substring(0, key.length() - 2);
        String request = "{'TableName': 'Wide', %s, %s, %s, 'GlobalSecondaryIndexes': [{'IndexName': 'wide',"
                + " 'KeySchema': [%s], 'Projection': {'ProjectionType': 'KEYS_ONLY'}}]}";

        client.succeed("CreateTable", request.formatted(ON_DEMAND, KEY, definitions(names), eight));

        assertThat(list(only(describe("Wide")), "KeySchema")).hasSize(8);
        assertThat(client.invalid(
                        "CreateTable",
                        request.formatted(
                                ON_DEMAND,
                                KEY,
                                definitions(names),
                                eight + ", {'AttributeName': 'pk', 'KeyType': 'RANGE'}")))
                .isEqualTo(INVALID + "The KeySchema exceeds the maximum allowed number of RANGE key attributes");
        assertThat(client.invalid(
                        "CreateTable",
                        request.formatted(
                                ON_DEMAND,
                                KEY,
                                definitions(names),
                                "{'AttributeName': 'pk', 'KeyType': 'HASH'}, " + eight)))
                .isEqualTo(INVALID + "The KeySchema exceeds the maximum allowed number of HASH key attributes");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {} | One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null
            {'Delete': {'IndexName': 'abc'}, 'Update': {'IndexName': 'abc'}} | Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object
            {'Delete': {'IndexName': 'abc'}}, {'Update': {'IndexName': 'abc'}} | Only one global secondary index update per index is allowed simultaneously. Index: abc
            {'Delete': {'IndexName': 'abc'}}], 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}, 'Tags': [ | You cannot create or delete index while updating table IOPS
            {'Delete': {'IndexName': 'abc'}}], 'StreamSpecification': {'StreamEnabled': false}, 'Tags': [ | You cannot create or delete index while changing stream status
            {'Delete': {'IndexName': 'abc'}}], 'DeletionProtectionEnabled': true, 'Tags': [ | DeletionProtection modification must be the only operation in the request
            {'Create': INDEX}], 'WarmThroughput': {'ReadUnitsPerSecond': 13000}, 'Tags': [ | Create global secondary index cannot be specified when updating WarmThroughput
            {'Create': INDEX} | AttributeDefinitions is not specified for index: abc
            {'Create': INDEX}], 'AttributeDefinitions': [{'AttributeName': 'x', 'AttributeType': 'S'} | Some index key attributes are not defined in AttributeDefinitions. Keys: [city], AttributeDefinitions: [x]
            """)
    void whatARequestCanNotAskForIsRefused(String updates, String detail) {
        assertThat(client.invalid(
                        "UpdateTable",
                        "{'TableName': 'missing', 'GlobalSecondaryIndexUpdates': [%s]}"
                                .formatted(updates.replace("INDEX}", index("abc", "") + "}"))))
                .isEqualTo(INVALID + detail);
    }

    @Test
    void anIndexMustFitItsTable() {
        createSimpleTable("Shops");
        create("Cafes", ON_DEMAND, index("by-city", ""));

        assertThat(client.invalid(
                        "UpdateTable",
                        "{'TableName': 'Shops', %s}"
                                .formatted(change("{'Create': " + index("abc", ", " + CAPACITY) + "}"))))
                .isEqualTo(INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: abc "
                        + "when BillingMode is PAY_PER_REQUEST");
        assertThat(client.invalid(
                        "UpdateTable",
                        "{'TableName': 'Cafes', %s}".formatted(change("{'Create': " + index("by-city", "") + "}"))))
                .isEqualTo("Attempting to create an index which already exists");
        assertThat(client.invalid(
                        "UpdateTable",
                        "{'TableName': 'Cafes', %s}"
                                .formatted(change("{'Update': {'IndexName': 'by-city', " + CAPACITY + "}}"))))
                .isEqualTo(INVALID + "The only Updates for index: by-city when TableThroughputMode is PAY_PER_REQUEST "
                        + "can be to OnDemandThroughput, WarmThroughput");
    }
}
