package dev.henge.chaos.sdk;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.chaos.support.Clients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/** The AWS SDK for Java v2, with its waiters and paginators. */
final class JavaSdkTest {

    @RegisterExtension
    static final TestCluster CLUSTER = new TestCluster();

    private static final AtomicInteger TABLES = new AtomicInteger();

    private static DynamoDbClient client;
    private static DynamoDbWaiter waiter;

    private String table = "";

    @BeforeAll
    static void connect() {
        client = Clients.usual(CLUSTER.endpoint());
        // The SDK's own waiter asks every 20 s; a table is gone here in less than one.
        waiter = DynamoDbWaiter.builder()
                .client(client)
                .overrideConfiguration(configuration -> configuration
                        .backoffStrategyV2(BackoffStrategy.fixedDelayWithoutJitter(Duration.ofMillis(100)))
                        .maxAttempts(300))
                .build();
    }

    @AfterAll
    static void disconnect() {
        waiter.close();
        client.close();
    }

    /** Each test has a table of its own: artist (partition key), song (sort key, a number). */
    @BeforeEach
    void makeTable() {
        table = "Songs-" + TABLES.incrementAndGet();
        create(table);
    }

    @Test
    void tablesAreMadeDescribedListedAndDeleted() {
        TableDescription described =
                client.describeTable(request -> request.tableName(table)).table();
        assertThat(described.tableStatus()).isEqualTo(TableStatus.ACTIVE);
        assertThat(described.tableArn()).endsWith(":table/" + table);
        assertThat(described.keySchema())
                .extracting(element -> element.attributeName() + " " + element.keyType())
                .containsExactly("artist HASH", "song RANGE");
        assertThat(described.billingModeSummary().billingMode()).isEqualTo(BillingMode.PAY_PER_REQUEST);
        assertThat(client.listTablesPaginator(request -> request.limit(1)).tableNames())
                .contains(table);

        assertThat(client.deleteTable(request -> request.tableName(table))
                        .tableDescription()
                        .tableStatus())
                .isEqualTo(TableStatus.DELETING);
        waiter.waitUntilTableNotExists(request -> request.tableName(table));

        assertThat(client.listTables().tableNames()).doesNotContain(table);
    }

    @Test
    void aTableMadeAgainIsEmpty() {
        put("Acme", 1, Map.of());
        client.deleteTable(request -> request.tableName(table));
        waiter.waitUntilTableNotExists(request -> request.tableName(table));

        create(table);

        assertThat(client.scan(request -> request.tableName(table).consistentRead(true))
                        .items())
                .isEmpty();
    }

    @Test
    void anItemOfAllTypesComesBackAsItWasPut() {
        Map<String, AttributeValue> item = key("Acme", 1);
        item.put("string", text("ünï\u0000 \"quoted\" \uD83C\uDF0D"));
        item.put("number", AttributeValue.fromN("-1234567890.1234567890123456789012345678"));
        item.put("binary", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, -1, 127, -128})));
        item.put("true", AttributeValue.fromBool(true));
        item.put("null", AttributeValue.fromNul(true));
        item.put("strings", AttributeValue.fromSs(List.of("a", "b")));
        item.put("numbers", AttributeValue.fromNs(List.of("1", "2.5")));
        item.put("binaries", AttributeValue.fromBs(List.of(SdkBytes.fromUtf8String("x"))));
        item.put("list", AttributeValue.fromL(List.of(text("a"), number(1), AttributeValue.fromL(List.of()))));
        item.put("map", AttributeValue.fromM(Map.of("inner", AttributeValue.fromM(Map.of("deep", number(7))))));

        client.putItem(request -> request.tableName(table).item(item));

        assertThat(get("Acme", 1).item()).isEqualTo(item);
    }

    @Test
    void aMissingItemIsNoItem() {
        assertThat(get("Nobody", 1).hasItem()).isFalse();
    }

    @Test
    void aWriteWhoseConditionFailsChangesNothingAndShowsTheItem() {
        put("Acme", 1, Map.of("plays", number(3)));

        assertThatThrownBy(() -> client.putItem(request -> request.tableName(table)
                        .item(key("Acme", 1))
                        .conditionExpression("attribute_not_exists(artist)")
                        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)))
                .isInstanceOfSatisfying(ConditionalCheckFailedException.class, failure -> {
                    assertThat(failure.awsErrorDetails().errorMessage()).isEqualTo("The conditional request failed");
                    assertThat(failure.item()).containsEntry("plays", number(3));
                });
        assertThatThrownBy(() -> client.deleteItem(request -> request.tableName(table)
                        .key(key("Acme", 1))
                        .conditionExpression("plays > :many")
                        .expressionAttributeValues(Map.of(":many", number(10)))))
                .isInstanceOf(ConditionalCheckFailedException.class);

        assertThat(get("Acme", 1).item()).containsEntry("plays", number(3));
    }

    @Test
    void anUpdateSetsRemovesAddsAndReturnsWhatWasAsked() {
        put("Acme", 1, Map.of("plays", number(3), "old", text("x"), "tags", AttributeValue.fromSs(List.of("a", "b"))));

        UpdateItemResponse updated = client.updateItem(request -> request.tableName(table)
                .key(key("Acme", 1))
                .updateExpression(
                        "SET #title = if_not_exists(#title, :title) REMOVE #old ADD plays :one DELETE tags :tags")
                .conditionExpression("plays BETWEEN :one AND :five AND contains(tags, :a)")
                .expressionAttributeNames(Map.of("#title", "title", "#old", "old"))
                .expressionAttributeValues(Map.of(
                        ":title", text("Blues"),
                        ":one", number(1),
                        ":five", number(5),
                        ":a", text("a"),
                        ":tags", AttributeValue.fromSs(List.of("a"))))
                .returnValues(ReturnValue.ALL_NEW));

        Map<String, AttributeValue> expected = key("Acme", 1);
        expected.put("plays", number(4));
        expected.put("title", text("Blues"));
        expected.put("tags", AttributeValue.fromSs(List.of("b")));
        assertThat(updated.attributes()).isEqualTo(expected);
        assertThat(get("Acme", 1).item()).isEqualTo(expected);
    }

    @Test
    void aDeleteReturnsTheOldItem() {
        put("Acme", 1, Map.of("plays", number(3)));

        Map<String, AttributeValue> old = client.deleteItem(
                        request -> request.tableName(table).key(key("Acme", 1)).returnValues(ReturnValue.ALL_OLD))
                .attributes();

        assertThat(old).containsEntry("plays", number(3));
        assertThat(get("Acme", 1).hasItem()).isFalse();
    }

    @Test
    void aQueryReadsAnItemCollectionInOrderPageByPage() {
        for (int song = 1; song <= 25; song++) {
            put("Acme", song, Map.of("plays", number(song % 5)));
            put("Other", song, Map.of());
        }

        List<Integer> forwards = new ArrayList<>();
        int pages = 0;
        for (QueryResponse page : client.queryPaginator(request -> request.tableName(table)
                .keyConditionExpression("artist = :artist AND song > :from")
                .expressionAttributeValues(Map.of(":artist", text("Acme"), ":from", number(5)))
                .consistentRead(true)
                .limit(7))) {
            page.items().forEach(item -> forwards.add(song(item)));
            pages++;
        }
        List<Integer> backwards = client
                .queryPaginator(request -> request.tableName(table)
                        .keyConditionExpression("artist = :artist")
                        .filterExpression("plays = :plays")
                        .expressionAttributeValues(Map.of(":artist", text("Acme"), ":plays", number(0)))
                        .projectionExpression("song")
                        .scanIndexForward(false)
                        .limit(4))
                .items()
                .stream()
                .map(JavaSdkTest::song)
                .toList();

        assertThat(forwards)
                .containsExactlyElementsOf(IntStream.rangeClosed(6, 25).boxed().toList());
        assertThat(pages).isGreaterThanOrEqualTo(3);
        assertThat(backwards).containsExactly(25, 20, 15, 10, 5);
    }

    @Test
    void aScanReadsEveryItemOnceAcrossPagesOfOneMegabyteAndSegments() {
        AttributeValue filler = text("x".repeat(100_000));
        for (int song = 0; song < 30; song++) {
            put("artist-" + song, song, Map.of("filler", filler));
        }

        List<Integer> whole = client.scanPaginator(request -> request.tableName(table)).items().stream()
                .map(JavaSdkTest::song)
                .toList();
        int pages = (int) client.scanPaginator(request -> request.tableName(table)).stream()
                .count();
        List<Integer> bySegments = new ArrayList<>();
        for (int segment = 0; segment < 4; segment++) {
            int number = segment;
            client.scanPaginator(request -> request.tableName(table)
                            .segment(number)
                            .totalSegments(4)
                            .consistentRead(true))
                    .items()
                    .forEach(item -> bySegments.add(song(item)));
        }

        List<Integer> all = IntStream.range(0, 30).boxed().toList();
        assertThat(whole).containsExactlyInAnyOrderElementsOf(all);
        assertThat(pages).isGreaterThanOrEqualTo(3);
        assertThat(bySegments).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void batchesWriteAndReadManyItems() {
        List<WriteRequest> puts = IntStream.range(0, 25)
                .mapToObj(song -> WriteRequest.builder()
                        .putRequest(put -> put.item(key("artist-" + song, song)))
                        .build())
                .toList();
        List<Map<String, AttributeValue>> keys = IntStream.range(0, 40)
                .<Map<String, AttributeValue>>mapToObj(song -> key("artist-" + song, song))
                .toList();

        boolean leftOver = client.batchWriteItem(request -> request.requestItems(Map.of(table, puts)))
                .unprocessedItems()
                .isEmpty();
        List<Map<String, AttributeValue>> read = client
                .batchGetItemPaginator(request -> request.requestItems(Map.of(
                        table,
                        KeysAndAttributes.builder()
                                .keys(keys)
                                .consistentRead(true)
                                .build())))
                .stream()
                .flatMap(page -> page.responses().getOrDefault(table, List.of()).stream())
                .toList();

        assertThat(leftOver).isTrue();
        assertThat(read).containsExactlyInAnyOrderElementsOf(keys.subList(0, 25));
    }

    @Test
    void aHundredConcurrentUpdatesAddUp() throws ExecutionException, InterruptedException {
        put("CaptainSparkle", 1, Map.of("currency", number(1500)));

        List<Future<Integer>> updates = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                updates.add(executor.submit(() -> number(
                        client.updateItem(request -> request.tableName(table)
                                        .key(key("CaptainSparkle", 1))
                                        .updateExpression("SET currency = currency + :val")
                                        .expressionAttributeValues(Map.of(":val", number(1)))
                                        .returnValues(ReturnValue.UPDATED_NEW))
                                .attributes(),
                        "currency")));
            }
        }
        List<Integer> balances = new ArrayList<>();
        for (Future<Integer> update : updates) {
            balances.add(update.get());
        }

        assertThat(balances)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1501, 1600).boxed().toList());
        assertThat(get("CaptainSparkle", 1).item()).containsEntry("currency", number(1600));
    }

    @Test
    void errorsAreTheServices() {
        assertThatThrownBy(() -> client.describeTable(request -> request.tableName("Nowhere")))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() ->
                        client.getItem(request -> request.tableName("Nowhere").key(key("Acme", 1))))
                .isInstanceOfSatisfying(ResourceNotFoundException.class, failure -> {
                    assertThat(failure.statusCode()).isEqualTo(400);
                    assertThat(failure.requestId()).isNotBlank();
                });
        assertThatThrownBy(() -> create(table)).isInstanceOf(ResourceInUseException.class);
        assertThatThrownBy(
                        () -> client.getItem(request -> request.tableName(table).key(Map.of("artist", text("Acme")))))
                .isInstanceOfSatisfying(DynamoDbException.class, failure -> assertThat(
                                failure.awsErrorDetails().errorCode())
                        .isEqualTo("ValidationException"))
                .hasMessageContaining("The provided key element does not match the schema");
        assertThatThrownBy(() -> client.updateItem(request -> request.tableName(table)
                        .key(key("Acme", 1))
                        .updateExpression("SET plays = plays + :one")
                        .expressionAttributeValues(Map.of(":one", number(1)))))
                .isInstanceOf(DynamoDbException.class)
                .hasMessageContaining("The provided expression refers to an attribute that does not exist in the item");
        assertThatThrownBy(() -> client.putItem(request ->
                        request.tableName(table).item(with(key("Acme", 1), "filler", text("x".repeat(410_000))))))
                .isInstanceOf(DynamoDbException.class)
                .hasMessageContaining("Item size has exceeded the maximum allowed size");
    }

    @SuppressWarnings("unchecked") // varargs of the SDK's own
    private static void create(String name) {
        client.createTable(request -> request.tableName(name)
                .attributeDefinitions(
                        definition -> definition.attributeName("artist").attributeType(ScalarAttributeType.S),
                        definition -> definition.attributeName("song").attributeType(ScalarAttributeType.N))
                .keySchema(
                        element -> element.attributeName("artist").keyType(KeyType.HASH),
                        element -> element.attributeName("song").keyType(KeyType.RANGE))
                .billingMode(BillingMode.PAY_PER_REQUEST));
        waiter.waitUntilTableExists(request -> request.tableName(name));
    }

    private void put(String artist, int song, Map<String, AttributeValue> more) {
        Map<String, AttributeValue> item = key(artist, song);
        item.putAll(more);
        client.putItem(request -> request.tableName(table).item(item));
    }

    private GetItemResponse get(String artist, int song) {
        return client.getItem(
                request -> request.tableName(table).key(key(artist, song)).consistentRead(true));
    }

    private static Map<String, AttributeValue> key(String artist, int song) {
        return new HashMap<>(Map.of("artist", text(artist), "song", number(song)));
    }

    private static Map<String, AttributeValue> with(
            Map<String, AttributeValue> item, String name, AttributeValue value) {
        item.put(name, value);
        return item;
    }

    private static int song(Map<String, AttributeValue> item) {
        return number(item, "song");
    }

    private static int number(Map<String, AttributeValue> attributes, String name) {
        return Integer.parseInt(requireNonNull(attributes.get(name), name).n());
    }

    private static AttributeValue text(String text) {
        return AttributeValue.fromS(text);
    }

    private static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }
}
