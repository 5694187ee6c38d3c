package dev.henge.samples;

import static dev.henge.samples.Sample.day;
import static dev.henge.samples.Sample.expect;
import static dev.henge.samples.Sample.expectError;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.LocalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/**
 * An order book with the AWS SDK for Java v2: items as the API has them, each value with its type.
 *
 * <p>The SDK itself reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region.
 */
public final class ClientOrders {

    private static final String TABLE = "Orders-java";

    private final DynamoDbClient dynamoDb;

    private ClientOrders(DynamoDbClient dynamoDb) {
        this.dynamoDb = dynamoDb;
    }

    public static void main(String[] arguments) throws InterruptedException {
        try (DynamoDbClient dynamoDb = DynamoDbClient.create()) {
            run(dynamoDb);
        }
        System.out.println("done");
    }

    /** Runs the whole program; it makes its table and deletes it again. */
    public static void run(DynamoDbClient dynamoDb) throws InterruptedException {
        ClientOrders orders = new ClientOrders(dynamoDb);
        try (DynamoDbWaiter waiter = Sample.quickWaiter(dynamoDb)) {
            orders.createTable(waiter);
            orders.putAndGet();
            orders.update();
            orders.query();
            orders.scan();
            orders.batches();
            orders.deleteTable(waiter);
        }
    }

    private void createTable(DynamoDbWaiter waiter) {
        dynamoDb.createTable(create -> create.tableName(TABLE)
                .attributeDefinitions(
                        attribute("customer", ScalarAttributeType.S),
                        attribute("placed", ScalarAttributeType.S),
                        attribute("total", ScalarAttributeType.N),
                        attribute("status", ScalarAttributeType.S))
                .keySchema(keySchema("customer", "placed"))
                .localSecondaryIndexes(LocalSecondaryIndex.builder()
                        .indexName("by-total")
                        .keySchema(keySchema("customer", "total"))
                        .projection(projection -> projection.projectionType(ProjectionType.ALL))
                        .build())
                .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                        .indexName("by-status")
                        .keySchema(keySchema("status", "placed"))
                        .projection(projection -> projection.projectionType(ProjectionType.KEYS_ONLY))
                        .build())
                .billingMode(BillingMode.PAY_PER_REQUEST));
        waiter.waitUntilTableExists(describe -> describe.tableName(TABLE));
        expect(
                TableStatus.ACTIVE,
                dynamoDb.describeTable(describe -> describe.tableName(TABLE))
                        .table()
                        .tableStatus());
        expect(true, dynamoDb.listTablesPaginator().tableNames().stream().anyMatch(TABLE::equals));
    }

    private static AttributeDefinition attribute(String name, ScalarAttributeType type) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(type)
                .build();
    }

    private static List<KeySchemaElement> keySchema(String partition, String sort) {
        return List.of(
                KeySchemaElement.builder()
                        .attributeName(partition)
                        .keyType(KeyType.HASH)
                        .build(),
                KeySchemaElement.builder()
                        .attributeName(sort)
                        .keyType(KeyType.RANGE)
                        .build());
    }

    private static Map<String, AttributeValue> key(String customer, int day) {
        return Map.of("customer", text(customer), "placed", text(day(day)));
    }

    private static Map<String, AttributeValue> order(String customer, int day) {
        Map<String, AttributeValue> order = new HashMap<>(key(customer, day));
        order.put("status", text("open"));
        order.put("total", number(100 - day));
        order.put("lines", AttributeValue.fromL(List.of(line("stone", day))));
        order.put("gift", AttributeValue.fromBool(true));
        order.put("seal", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[] {0, -1, 7})));
        return order;
    }

    private static AttributeValue line(String product, int count) {
        return AttributeValue.fromM(Map.of("product", text(product), "count", number(count)));
    }

    private static AttributeValue text(String value) {
        return AttributeValue.fromS(value);
    }

    private static AttributeValue number(int value) {
        return AttributeValue.fromN(Integer.toString(value));
    }

    private Map<String, AttributeValue> get(String customer, int day) {
        return dynamoDb.getItem(
                        get -> get.tableName(TABLE).key(key(customer, day)).consistentRead(true))
                .item();
    }

    private void putAndGet() {
        for (int day = 1; day <= 20; day++) {
            Map<String, AttributeValue> order = order("jane", day);
            dynamoDb.putItem(put -> put.tableName(TABLE).item(order));
        }
        expect(order("jane", 3), get("jane", 3));
        expect(Map.of(), get("nobody", 3));
        expectError(
                ConditionalCheckFailedException.class,
                () -> dynamoDb.putItem(put -> put.tableName(TABLE)
                        .item(order("jane", 3))
                        .conditionExpression("attribute_not_exists(customer)")));
    }

    private void update() {
        Map<String, AttributeValue> shipped = dynamoDb.updateItem(update -> update.tableName(TABLE)
                        .key(key("jane", 3))
                        .updateExpression("SET #status = :shipped, #lines[1] = :line REMOVE seal ADD parcels :one")
                        .conditionExpression("#status = :open AND #lines[0].#count BETWEEN :one AND :three")
                        .expressionAttributeNames(Map.of("#status", "status", "#lines", "lines", "#count", "count"))
                        .expressionAttributeValues(Map.of(
                                ":open", text("open"),
                                ":shipped", text("shipped"),
                                ":line", line("card", 1),
                                ":one", number(1),
                                ":three", number(3)))
                        .returnValues(ReturnValue.ALL_NEW))
                .attributes();
        Map<String, AttributeValue> expected = order("jane", 3);
        expected.put("status", text("shipped"));
        expected.put("lines", AttributeValue.fromL(List.of(line("stone", 3), line("card", 1))));
        expected.put("parcels", number(1));
        expected.remove("seal");
        expect(expected, shipped);
        expect(expected, get("jane", 3));
    }

    private void query() throws InterruptedException {
        List<String> days = new ArrayList<>();
        int pages = 0;
        for (QueryResponse page : dynamoDb.queryPaginator(query -> query.tableName(TABLE)
                .keyConditionExpression("customer = :customer AND placed BETWEEN :from AND :to")
                .expressionAttributeValues(
                        Map.of(":customer", text("jane"), ":from", text(day(5)), ":to", text(day(16))))
                .consistentRead(true)
                .scanIndexForward(false)
                .limit(5))) {
            page.items().forEach(item -> days.add(text(item, "placed")));
            pages++;
        }
        expect(IntStream.range(0, 12).mapToObj(i -> day(16 - i)).toList(), days);
        expect(true, pages >= 3);

        List<String> cheap = dynamoDb
                .queryPaginator(query -> query.tableName(TABLE)
                        .indexName("by-total")
                        .keyConditionExpression("customer = :customer AND #total <= :total")
                        .expressionAttributeNames(Map.of("#total", "total")) // a reserved word
                        .expressionAttributeValues(Map.of(":customer", text("jane"), ":total", number(82)))
                        .consistentRead(true))
                .items()
                .stream()
                .map(item -> text(item, "placed"))
                .toList();
        expect(List.of(day(20), day(19), day(18)), cheap);

        Sample.awaitIndex(() ->
                byStatus("shipped").equals(List.of(day(3))) && byStatus("open").size() == 19);
    }

    private List<String> byStatus(String status) {
        return dynamoDb
                .queryPaginator(query -> query.tableName(TABLE)
                        .indexName("by-status")
                        .keyConditionExpression("#status = :status")
                        .expressionAttributeNames(Map.of("#status", "status"))
                        .expressionAttributeValues(Map.of(":status", text(status))))
                .items()
                .stream()
                .map(item -> text(item, "placed"))
                .toList();
    }

    private static String text(Map<String, AttributeValue> item, String name) {
        return item.getOrDefault(name, text("nothing")).s();
    }

    private void scan() {
        List<String> found = new ArrayList<>();
        for (int segment = 0; segment < 3; segment++) {
            int number = segment;
            dynamoDb.scanPaginator(scan -> scan.tableName(TABLE)
                            .segment(number)
                            .totalSegments(3)
                            .filterExpression("attribute_exists(seal)")
                            .consistentRead(true)
                            .limit(4))
                    .items()
                    .forEach(item -> found.add(text(item, "placed")));
        }
        expect(
                IntStream.rangeClosed(1, 20)
                        .filter(day -> day != 3)
                        .mapToObj(Sample::day)
                        .toList(),
                found.stream().sorted().toList());
    }

    private void batches() {
        List<WriteRequest> requests = Stream.concat(
                        IntStream.rangeClosed(1, 20).mapToObj(day -> WriteRequest.builder()
                                .deleteRequest(delete -> delete.key(key("jane", day)))
                                .build()),
                        IntStream.rangeClosed(1, 5).mapToObj(day -> WriteRequest.builder()
                                .putRequest(put -> put.item(order("john", day)))
                                .build()))
                .toList();
        Map<String, List<WriteRequest>> left = Map.of(TABLE, requests);
        while (!left.isEmpty()) {
            Map<String, List<WriteRequest>> now = left;
            left = dynamoDb.batchWriteItem(write -> write.requestItems(now)).unprocessedItems();
        }
        List<Map<String, AttributeValue>> keys = Stream.of("jane", "john")
                .flatMap(customer -> IntStream.rangeClosed(1, 20).mapToObj(day -> key(customer, day)))
                .toList();
        int found = 0;
        for (BatchGetItemResponse page : dynamoDb.batchGetItemPaginator(get -> get.requestItems(Map.of(
                TABLE,
                KeysAndAttributes.builder().keys(keys).consistentRead(true).build())))) {
            found += page.responses().getOrDefault(TABLE, List.of()).size();
        }
        expect(5, found);
    }

    private void deleteTable(DynamoDbWaiter waiter) {
        Map<String, AttributeValue> old = dynamoDb.deleteItem(
                        delete -> delete.tableName(TABLE).key(key("john", 1)).returnValues(ReturnValue.ALL_OLD))
                .attributes();
        expect(order("john", 1), old);
        expect(Map.of(), get("john", 1));
        dynamoDb.deleteTable(delete -> delete.tableName(TABLE));
        waiter.waitUntilTableNotExists(describe -> describe.tableName(TABLE));
        expectError(
                ResourceNotFoundException.class, () -> dynamoDb.describeTable(describe -> describe.tableName(TABLE)));
    }
}
