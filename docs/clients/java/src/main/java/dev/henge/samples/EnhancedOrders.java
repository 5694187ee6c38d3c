package dev.henge.samples;

import static dev.henge.samples.Sample.expect;
import static dev.henge.samples.Sample.expectError;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbEnhancedClient;
import software.amazon.awssdk.enhanced.dynamodb.DynamoDbTable;
import software.amazon.awssdk.enhanced.dynamodb.Expression;
import software.amazon.awssdk.enhanced.dynamodb.Key;
import software.amazon.awssdk.enhanced.dynamodb.TableSchema;
import software.amazon.awssdk.enhanced.dynamodb.model.EnhancedGlobalSecondaryIndex;
import software.amazon.awssdk.enhanced.dynamodb.model.EnhancedLocalSecondaryIndex;
import software.amazon.awssdk.enhanced.dynamodb.model.IgnoreNullsMode;
import software.amazon.awssdk.enhanced.dynamodb.model.Page;
import software.amazon.awssdk.enhanced.dynamodb.model.PutItemEnhancedRequest;
import software.amazon.awssdk.enhanced.dynamodb.model.QueryConditional;
import software.amazon.awssdk.enhanced.dynamodb.model.QueryEnhancedRequest;
import software.amazon.awssdk.enhanced.dynamodb.model.ReadBatch;
import software.amazon.awssdk.enhanced.dynamodb.model.ScanEnhancedRequest;
import software.amazon.awssdk.enhanced.dynamodb.model.WriteBatch;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbWaiter;

/**
 * An order book with the Enhanced client of the AWS SDK for Java v2: items as objects, with a version that guards
 * against writing over another's change.
 *
 * <p>The SDK itself reads AWS_ENDPOINT_URL_DYNAMODB, and credentials and region.
 */
public final class EnhancedOrders {

    private static final String TABLE = "Orders-java-enhanced";

    private final DynamoDbEnhancedClient enhanced;
    private final DynamoDbTable<Order> orders;

    private EnhancedOrders(DynamoDbClient dynamoDb) {
        this.enhanced =
                DynamoDbEnhancedClient.builder().dynamoDbClient(dynamoDb).build();
        this.orders = enhanced.table(TABLE, TableSchema.fromBean(Order.class));
    }

    public static void main(String[] arguments) throws InterruptedException {
        try (DynamoDbClient dynamoDb = DynamoDbClient.create()) {
            run(dynamoDb);
        }
        System.out.println("done");
    }

    /** Runs the whole program; it makes its table and deletes it again. */
    public static void run(DynamoDbClient dynamoDb) throws InterruptedException {
        EnhancedOrders sample = new EnhancedOrders(dynamoDb);
        try (DynamoDbWaiter waiter = Sample.quickWaiter(dynamoDb)) {
            sample.createTable(waiter);
            sample.putAndGet();
            sample.update();
            sample.query();
            sample.scanAndBatches();
            sample.orders.deleteTable();
            waiter.waitUntilTableNotExists(describe -> describe.tableName(TABLE));
        }
    }

    private void createTable(DynamoDbWaiter waiter) {
        orders.createTable(create -> create.localSecondaryIndices(EnhancedLocalSecondaryIndex.builder()
                        .indexName("by-total")
                        .projection(projection -> projection.projectionType(ProjectionType.ALL))
                        .build())
                .globalSecondaryIndices(EnhancedGlobalSecondaryIndex.builder()
                        .indexName("by-status")
                        .projection(projection -> projection.projectionType(ProjectionType.ALL))
                        .build()));
        waiter.waitUntilTableExists(describe -> describe.tableName(TABLE));
    }

    private static Instant placed(int day) {
        return Instant.parse("2026-11-%02dT12:00:00Z".formatted(day));
    }

    private static Key key(String customer, int day) {
        return Key.builder()
                .partitionValue(customer)
                .sortValue(placed(day).toString())
                .build();
    }

    private static Order order(String customer, int day) {
        Order order = new Order();
        order.setCustomer(customer);
        order.setPlaced(placed(day));
        order.setStatus("open");
        order.setTotal(new BigDecimal("0.25").add(BigDecimal.valueOf(100 - day)));
        order.setProducts(List.of("stone", "card"));
        order.setTags(Set.of("gift"));
        return order;
    }

    private Order read(String customer, int day) {
        Order order = orders.getItem(get -> get.key(key(customer, day)).consistentRead(true));
        if (order == null) {
            throw new AssertionError("there is no order of " + customer + " of day " + day);
        }
        return order;
    }

    private void putAndGet() {
        for (int day = 1; day <= 20; day++) {
            orders.putItem(order("jane", day));
        }
        Order third = read("jane", 3);
        expect(placed(3), third.getPlaced());
        expect(new BigDecimal("97.25"), third.getTotal());
        expect(List.of("stone", "card"), third.getProducts());
        expect(Set.of("gift"), third.getTags());
        expect(null, third.getParcels());
        expect(1L, third.getVersion());
        expect(null, orders.getItem(key("nobody", 3)));
        expectError(
                ConditionalCheckFailedException.class,
                () -> orders.putItem(PutItemEnhancedRequest.builder(Order.class)
                        .item(order("jane", 3))
                        .conditionExpression(Expression.builder()
                                .expression("attribute_not_exists(customer)")
                                .build())
                        .build()));
    }

    private void update() {
        Order third = read("jane", 3);
        third.setStatus("shipped");
        third.setParcels(2);
        Order shipped = orders.updateItem(third);
        expect("shipped", shipped.getStatus());
        expect(2L, shipped.getVersion());
        // Read before that change, so it must not be written over it.
        third.setStatus("returned");
        third.setVersion(1L);
        expectError(ConditionalCheckFailedException.class, () -> orders.updateItem(third));

        Order part = new Order();
        part.setCustomer("jane");
        part.setPlaced(placed(3));
        part.setParcels(3);
        part.setVersion(2L);
        Order whole = orders.updateItem(update -> update.item(part).ignoreNullsMode(IgnoreNullsMode.SCALAR_ONLY));
        expect(3, whole.getParcels());
        expect("shipped", whole.getStatus());
        expect(3L, read("jane", 3).getVersion());
    }

    private void query() throws InterruptedException {
        List<Instant> days = new ArrayList<>();
        int pages = 0;
        for (Page<Order> page : orders.query(QueryEnhancedRequest.builder()
                .queryConditional(QueryConditional.sortBetween(key("jane", 5), key("jane", 16)))
                .scanIndexForward(false)
                .consistentRead(true)
                .limit(5)
                .build())) {
            page.items().forEach(order -> days.add(order.getPlaced()));
            pages++;
        }
        expect(IntStream.range(0, 12).mapToObj(i -> placed(16 - i)).toList(), days);
        expect(true, pages >= 3);

        List<BigDecimal> cheap = new ArrayList<>();
        orders.index("by-total")
                .query(QueryEnhancedRequest.builder()
                        .queryConditional(QueryConditional.sortLessThanOrEqualTo(
                                under -> under.partitionValue("jane").sortValue(new BigDecimal("82.25"))))
                        .consistentRead(true)
                        .build())
                .forEach(page -> page.items().forEach(order -> cheap.add(order.getTotal())));
        expect(List.of(new BigDecimal("80.25"), new BigDecimal("81.25"), new BigDecimal("82.25")), cheap);

        Sample.awaitIndex(() -> byStatus("shipped").equals(List.of(placed(3)))
                && byStatus("open").size() == 19);
    }

    private List<Instant> byStatus(String status) {
        List<Instant> found = new ArrayList<>();
        orders.index("by-status")
                .query(QueryConditional.keyEqualTo(key -> key.partitionValue(status)))
                .forEach(page -> page.items().forEach(order -> found.add(order.getPlaced())));
        return found;
    }

    private void scanAndBatches() {
        long dear = orders
                .scan(ScanEnhancedRequest.builder()
                        .consistentRead(true)
                        .filterExpression(Expression.builder()
                                .expression("#total > :total AND contains(tags, :tag)")
                                .expressionNames(Map.of("#total", "total")) // a reserved word
                                .expressionValues(Map.of(
                                        ":total", AttributeValue.fromN("98"), ":tag", AttributeValue.fromS("gift")))
                                .build())
                        .build())
                .items()
                .stream()
                .count();
        expect(2L, dear);

        // Puts of what has a version have a condition, which no batch can have.
        IntStream.rangeClosed(1, 5).forEach(day -> orders.putItem(order("john", day)));
        List<Key> left =
                IntStream.rangeClosed(1, 19).mapToObj(day -> key("jane", day)).toList();
        while (!left.isEmpty()) {
            WriteBatch.Builder<Order> deletes = WriteBatch.builder(Order.class).mappedTableResource(orders);
            left.forEach(deletes::addDeleteItem);
            left = enhanced.batchWriteItem(batch -> batch.writeBatches(deletes.build()))
                    .unprocessedDeleteItemsForTable(orders);
        }

        ReadBatch.Builder<Order> reads = ReadBatch.builder(Order.class).mappedTableResource(orders);
        for (int day = 1; day <= 20; day++) {
            Key john = key("john", day);
            Key jane = key("jane", day);
            reads.addGetItem(get -> get.key(john).consistentRead(true));
            reads.addGetItem(get -> get.key(jane).consistentRead(true));
        }
        long found = enhanced.batchGetItem(batch -> batch.readBatches(reads.build())).resultsForTable(orders).stream()
                .count();
        expect(6L, found);

        Order deleted = orders.deleteItem(key("jane", 20));
        expect(placed(20), deleted.getPlaced());
        expect(
                5L,
                orders.scan(scan -> scan.consistentRead(true)).items().stream().count());
    }
}
