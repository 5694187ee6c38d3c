package dev.henge.chaos.process;

import dev.henge.chaos.checker.AcknowledgedWritesChecker;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.LinearizabilityChecker;
import dev.henge.chaos.checker.Operation;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * A table of registers, counters and lists whose calls and outcomes are recorded as a client may know them.
 *
 * <p>The client must not retry, so that one call is one request. A refusal that the service is sure of (a failed
 * condition, throttling) and a connection that was never made are known outcomes; all other failures leave open whether a
 * write takes effect.
 */
final class RecordedTable {

    private static final int INTERNAL_SERVER_ERROR = 500;
    private static final String KEY = "id";
    private static final String VALUE = "v";

    private final DynamoDbClient client;
    private final String table;
    private final History history;
    private final String prefix;

    RecordedTable(DynamoDbClient client, String table, History history) {
        this(client, table, history, "");
    }

    /** @param prefix begins every key, so that a new history begins with keys that hold nothing */
    RecordedTable(DynamoDbClient client, String table, History history, String prefix) {
        this.client = client;
        this.table = table;
        this.history = history;
        this.prefix = prefix;
    }

    /** Makes one call, and records it. Returns what was learned; null when that is nothing. */
    @Nullable
    Outcome call(int caller, String key, Call call) {
        String whole = prefix + key;
        return record(caller, whole, call, () -> carryOut(whole, call));
    }

    /** Reads a key by a strong Query of its item collection. */
    @Nullable
    Outcome query(int caller, String key) {
        String whole = prefix + key;
        return record(caller, whole, new Call.Get(), () -> new Outcome.Holds(queried(whole)));
    }

    private @Nullable Outcome record(int caller, String key, Call call, Supplier<Outcome> attempt) {
        History.Pending pending = history.call(caller, key, call);
        try {
            Outcome outcome = attempt.get();
            pending.returned(outcome);
            return outcome;
        } catch (ConditionalCheckFailedException _) {
            pending.returned(Outcome.REFUSED);
            return Outcome.REFUSED;
        } catch (ProvisionedThroughputExceededException _) {
            pending.withoutEffect();
            return null;
        } catch (SdkException e) {
            requireRetryable(e);
            if (call.isRead() || neverSent(e)) {
                pending.withoutEffect();
            } else {
                pending.unknown();
            }
            return null;
        }
    }

    /**
     * Makes puts and deletes of different keys by one BatchWriteItem, and records each. Returns null when nothing was learned.
     */
    @Nullable
    Outcome writeTogether(int caller, Map<String, Call> writes) {
        Map<String, History.Pending> pending = new LinkedHashMap<>();
        List<WriteRequest> requests = new ArrayList<>();
        writes.forEach((key, write) -> {
            pending.put(prefix + key, history.call(caller, prefix + key, write));
            requests.add(writeRequest(prefix + key, write));
        });
        try {
            List<WriteRequest> unprocessed = client.batchWriteItem(
                            request -> request.requestItems(Map.of(table, requests)))
                    .unprocessedItems()
                    .getOrDefault(table, List.of());
            unprocessed.forEach(request ->
                    Objects.requireNonNull(pending.remove(keyOf(request))).withoutEffect());
            pending.values().forEach(done -> done.returned(Outcome.DONE));
            return pending.isEmpty() ? null : Outcome.DONE;
        } catch (ProvisionedThroughputExceededException _) {
            pending.values().forEach(History.Pending::withoutEffect);
            return null;
        } catch (SdkException e) {
            requireRetryable(e);
            pending.values().forEach(neverSent(e) ? History.Pending::withoutEffect : History.Pending::unknown);
            return null;
        }
    }

    private static WriteRequest writeRequest(String key, Call write) {
        return switch (write) {
            case Call.Put(Value value) ->
                WriteRequest.builder()
                        .putRequest(put -> put.item(item(key, value)))
                        .build();
            case Call.Delete _ ->
                WriteRequest.builder()
                        .deleteRequest(delete -> delete.key(key(key)))
                        .build();
            case Call.Get _, Call.CompareAndSet _, Call.Add _, Call.Append _ ->
                throw new IllegalArgumentException("no write of a batch: " + write);
        };
    }

    private static String keyOf(WriteRequest request) {
        Map<String, AttributeValue> attributes = request.putRequest() != null
                ? request.putRequest().item()
                : request.deleteRequest().key();
        return Objects.requireNonNull(attributes.get(KEY)).s();
    }

    private Value queried(String key) {
        List<Map<String, AttributeValue>> items = client.query(request -> request.tableName(table)
                        .keyConditionExpression("id = :id")
                        .expressionAttributeValues(Map.of(":id", AttributeValue.fromS(key)))
                        .consistentRead(true))
                .items();
        return items.isEmpty() ? Value.ABSENT : valueOf(items.getFirst());
    }

    /** What a key, prefix included, holds now, read strongly; not recorded. */
    Value read(String key) {
        return valueOf(
                client.getItem(request -> request.tableName(table).key(key(key)).consistentRead(true))
                        .item());
    }

    /**
     * Reads each key that was called for once more.
     *
     * @return what is wrong with the history: acknowledged writes that are gone, outcomes that no order of the calls explains
     */
    List<String> complaints() {
        Map<String, List<Operation>> operations = history.operationsByKey();
        Map<String, Value> finalValues = new TreeMap<>();
        operations.keySet().forEach(key -> finalValues.put(key, read(key)));
        List<String> complaints = new ArrayList<>(new AcknowledgedWritesChecker().complaints(operations, finalValues));
        complaints.addAll(new LinearizabilityChecker().complaints(operations));
        return complaints;
    }

    private Outcome carryOut(String key, Call call) {
        return switch (call) {
            case Call.Get _ -> new Outcome.Holds(read(key));
            case Call.Put(Value value) ->
                new Outcome.Replaced(valueOf(client.putItem(request ->
                                request.tableName(table).item(item(key, value)).returnValues(ReturnValue.ALL_OLD))
                        .attributes()));
            case Call.Delete _ ->
                new Outcome.Replaced(valueOf(client.deleteItem(request ->
                                request.tableName(table).key(key(key)).returnValues(ReturnValue.ALL_OLD))
                        .attributes()));
            case Call.CompareAndSet(Value expected, Value value) -> compareAndSet(key, expected, value);
            case Call.Add(long delta) ->
                new Outcome.Holds(valueOf(client.updateItem(request -> request.tableName(table)
                                .key(key(key))
                                .updateExpression("SET v = if_not_exists(v, :zero) + :delta")
                                .expressionAttributeValues(Map.of(
                                        ":zero", AttributeValue.fromN("0"),
                                        ":delta", AttributeValue.fromN(Long.toString(delta))))
                                .returnValues(ReturnValue.ALL_NEW))
                        .attributes()));
            case Call.Append(String element) ->
                new Outcome.Holds(valueOf(client.updateItem(request -> request.tableName(table)
                                .key(key(key))
                                .updateExpression("SET v = list_append(if_not_exists(v, :none), :one)")
                                .expressionAttributeValues(Map.of(
                                        ":none", AttributeValue.fromL(List.of()),
                                        ":one", AttributeValue.fromL(List.of(AttributeValue.fromS(element)))))
                                .returnValues(ReturnValue.ALL_NEW))
                        .attributes()));
        };
    }

    private Outcome compareAndSet(String key, Value expected, Value value) {
        client.putItem(request -> {
            request.tableName(table).item(item(key, value));
            if (expected.equals(Value.ABSENT)) {
                request.conditionExpression("attribute_not_exists(id)");
                return;
            }
            request.conditionExpression("v = :expected")
                    .expressionAttributeValues(Map.of(":expected", attribute(expected)));
        });
        return Outcome.DONE;
    }

    private static Map<String, AttributeValue> key(String key) {
        return Map.of(KEY, AttributeValue.fromS(key));
    }

    private static Map<String, AttributeValue> item(String key, Value value) {
        Map<String, AttributeValue> item = new HashMap<>(key(key));
        item.put(VALUE, attribute(value));
        return item;
    }

    private static AttributeValue attribute(Value value) {
        return switch (value) {
            case Value.Text(String text) -> AttributeValue.fromS(text);
            case Value.Counter(long number) -> AttributeValue.fromN(Long.toString(number));
            case Value.Absent _, Value.Elements _ -> throw new IllegalArgumentException("no attribute: " + value);
        };
    }

    private static Value valueOf(Map<String, AttributeValue> item) {
        AttributeValue value = item.get(VALUE);
        if (value == null) {
            return Value.ABSENT;
        }
        if (value.hasL()) {
            return new Value.Elements(value.l().stream().map(AttributeValue::s).toList());
        }
        return value.n() == null ? Value.text(value.s()) : Value.number(Long.parseLong(value.n()));
    }

    /** Nothing but what an SDK would try again may come of faults. */
    private static void requireRetryable(SdkException failure) {
        if (failure instanceof AwsServiceException answer
                && answer.statusCode() < INTERNAL_SERVER_ERROR
                && !answer.isThrottlingException()) {
            throw new AssertionError("a call was answered by an error that no user should see", failure);
        }
    }

    /** Only the refusal of a connection proves that nobody has the request. */
    private static boolean neverSent(SdkException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }
}
