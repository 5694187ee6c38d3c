package dev.henge.chaos.process;

import dev.henge.chaos.support.Clients;
import java.net.URI;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** The table that clients write to: a partition key {@code id}, a text. */
final class ChaosTable {

    private ChaosTable() {}

    /** Creates it, and returns once it is there. */
    @SuppressWarnings("unchecked") // varargs of the SDK's own
    static void create(URI endpoint, String name) {
        try (DynamoDbClient client = Clients.usual(endpoint)) {
            client.createTable(request -> request.tableName(name)
                    .attributeDefinitions(
                            definition -> definition.attributeName("id").attributeType(ScalarAttributeType.S))
                    .keySchema(element -> element.attributeName("id").keyType(KeyType.HASH))
                    .billingMode(BillingMode.PAY_PER_REQUEST));
            client.waiter().waitUntilTableExists(request -> request.tableName(name));
        }
    }
}
