package dev.henge.chaos.oracle;

import dev.henge.chaos.support.Await;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks both the same and compares. After a write that both took it reads the item back from both; after a difference it
 * makes the tables equal again, so that one difference does not show as many.
 */
final class Differential {

    private static final int STATE_CHECK_EVERY = 250;
    private static final String[] READS = {
        "GetItem", "BatchGetItem", "Query", "Scan", "ListTables", "DescribeTable",
    };
    private static final Request CHECK = new Request("all since the last check", "", "");
    private static final int REPRODUCTIONS_MAX = 200;
    private static final int ATTEMPTS_MAX = 5;
    private static final Duration INDEX_WITHIN = Duration.ofSeconds(5);
    private static final String WRONG_SEGMENT = "Please use ExclusiveStartKey with correct Segment";

    private final Endpoint local;
    private final Endpoint henge;
    private final List<OracleTable> tables;
    private final Map<String, OracleTable> byName = new HashMap<>();
    private final Requests requests;
    private final Tally tally = new Tally();

    /** As many as between two looks at the whole state. */
    private final Deque<Request> recent = new ArrayDeque<>();

    /** Whether variants of the request were sent, which may have written what the other refused. */
    private boolean retried;

    Differential(Endpoint local, Endpoint henge, long seed, boolean globalIndexes) {
        this.local = local;
        this.henge = henge;
        List<OracleTable> ordinary = OracleTable.all(globalIndexes);
        this.tables = OracleTable.withLarge(ordinary);
        tables.forEach(table -> byName.put(table.name(), table));
        this.requests = new Requests(new Chance(seed), ordinary);
    }

    /** Makes the tables on both, sends so many requests, and says what came of it. */
    Tally run(int count) {
        for (OracleTable table : tables) {
            Request creation = Request.of("CreateTable", table.creation());
            for (Endpoint endpoint : List.of(local, henge)) {
                create(endpoint, creation);
            }
        }
        for (int i = 0; i < count; i++) {
            Request request = requests.next();
            step(request);
            remember(request);
            if (i % STATE_CHECK_EVERY == STATE_CHECK_EVERY - 1) {
                tables.forEach(table -> checkState(table, CHECK));
            }
        }
        return tally;
    }

    private void remember(Request request) {
        recent.addLast(request);
        if (recent.size() > STATE_CHECK_EVERY) {
            recent.removeFirst();
        }
    }

    /** A cluster that has just started on a busy machine may need more than one attempt. */
    private static void create(Endpoint endpoint, Request creation) {
        Answer answer = endpoint.call(creation);
        for (int attempt = 1; attempt < ATTEMPTS_MAX && answer.status() == 500; attempt++) {
            answer = endpoint.call(creation);
        }
        if (!answer.succeeded() && !answer.error().equals("ResourceInUseException")) {
            throw new IllegalStateException("no table: " + answer);
        }
    }

    private void step(Request request) {
        Exchange exchange = settled(request);
        tally.count(exchange);
        boolean equal = judge(exchange);
        if (exchange.is("DeleteTable") && exchange.henge().succeeded()) {
            awaitDeletion(exchange.parameters().getOrDefault("TableName", ""));
        }
        if (!equal && (retried || !exchange.is(READS))) {
            // DynamoDB Local may have written what it refuses.
            resynchronise(request);
        } else if (exchange.local().succeeded() && exchange.henge().succeeded()) {
            readBack(exchange);
        }
        retried = false;
    }

    /** True when both answers are the same, with no rule's help. */
    private boolean judge(Exchange exchange) {
        if (exchange.isEqual()) {
            tally.equal();
            return true;
        }
        List<String> rules = new ArrayList<>();
        Exchange corrected = corrected(exchange, rules);
        if (corrected.isEqual()) {
            tally.explained(rules);
        } else if (severalFaults(corrected)) {
            tally.explained(List.of("which of several faults is named"));
        } else if (tally.unexplained(corrected.signature()) && tally.unexplained() <= REPRODUCTIONS_MAX) {
            tally.reproduction(corrected.signature(), reduced(exchange, corrected.signature()));
        }
        return false;
    }

    private boolean severalFaults(Exchange exchange) {
        retried = true;
        return SeveralFaults.explain(exchange, this::exchange);
    }

    private static Exchange corrected(Exchange exchange, List<String> rules) {
        Exchange corrected = exchange;
        for (KnownDifference difference : KnownDifferences.ALL) {
            if (corrected.isEqual()) {
                break;
            }
            Answer answer = difference.correction().apply(corrected);
            if (!answer.equals(corrected.local())) {
                rules.add(difference.name());
                corrected = corrected.withLocal(answer);
            }
        }
        return corrected;
    }

    private Exchange exchange(Request request) {
        CompletableFuture<Answer> localAnswer = local.send(request);
        CompletableFuture<Answer> hengeAnswer = henge.send(request);
        Answer ofLocal = localAnswer.join();
        Answer ofHenge = hengeAnswer.join();
        if (List.of(ofLocal.succeeded(), ofHenge.succeeded()).contains(true)
                && (ofLocal.message().equals("Exclusive start key must lie within the segment")
                        || ofHenge.message().contains(WRONG_SEGMENT))) {
            return notComparable(request);
        }
        OracleTable.Index index = null;
        if (ofLocal.succeeded()
                && ofHenge.succeeded()
                && List.of("Query", "Scan").contains(request.operation())) {
            Map<String, Object> parameters = Json.asObject(Json.parse(request.body()));
            index = index(parameters);
            boolean ordered = request.operation().equals("Query") && index == null;
            boolean anyOrder = !ordered
                    && (parameters.get("Limit") instanceof BigDecimal
                            || parameters.get("TotalSegments") instanceof BigDecimal
                            || ofLocal.body().containsKey("LastEvaluatedKey")
                            || ofHenge.body().containsKey("LastEvaluatedKey"));
            if (!ordered && parameters.get("ExclusiveStartKey") instanceof Map<?, ?>) {
                return notComparable(request);
            }
            if (anyOrder || LargeRequests.pagesDifferBySize(parameters)) {
                ofLocal = Pages.complete(local, request, ofLocal);
                ofHenge = Pages.complete(henge, request, ofHenge);
            }
        }
        return new Exchange(
                request,
                Normal.of(request, Normal.withPlainNumbers(ofLocal), index),
                Normal.of(request, ofHenge, index));
    }

    /** Global indexes follow their table; asks again until they have, for some seconds. */
    private Exchange settled(Request request) {
        Exchange exchange = exchange(request);
        long deadlineNanos = System.nanoTime() + INDEX_WITHIN.toNanos();
        while (readsGlobalIndex(exchange)
                && exchange.local().succeeded()
                && exchange.henge().succeeded()
                && !corrected(exchange, new ArrayList<>()).isEqual()
                && System.nanoTime() < deadlineNanos) {
            exchange = exchange(request);
        }
        return exchange;
    }

    private boolean readsGlobalIndex(Exchange exchange) {
        OracleTable.Index index = index(exchange.parameters());
        return index != null && !index.local();
    }

    /** Where a Scan goes on, and in which segment, depends on the tokens, which are each one's own. */
    private static Exchange notComparable(Request request) {
        return new Exchange(request, new Answer(200, Map.of()), new Answer(200, Map.of()));
    }

    private OracleTable.@Nullable Index index(Map<String, Object> parameters) {
        OracleTable table = byName.get(String.valueOf(parameters.get("TableName")));
        if (table == null) {
            return null;
        }
        return table.indexes().stream()
                .filter(index -> index.name().equals(parameters.get("IndexName")))
                .findAny()
                .orElse(null);
    }

    /** Compares what a write has left, or asks for the next page of a Query. */
    private void readBack(Exchange exchange) {
        Map<String, Object> parameters = exchange.parameters();
        if (exchange.is("BatchWriteItem") && parameters.get("RequestItems") instanceof Map<?, ?> written) {
            Json.asObject(written).keySet().forEach(name -> checkState(byName.get(name), exchange.request()));
            return;
        }
        OracleTable table = byName.get(String.valueOf(parameters.get("TableName")));
        if (table == null) {
            return;
        }
        if (exchange.is("Query") && exchange.local().body().get("LastEvaluatedKey") instanceof Map<?, ?> lastKey) {
            Map<String, Object> next = new LinkedHashMap<>(parameters);
            next.put("ExclusiveStartKey", lastKey);
            step(new Request("Query", Json.write(next), "next page"));
        } else if (exchange.is("PutItem", "UpdateItem", "DeleteItem")) {
            Object source = parameters.get(exchange.is("PutItem") ? "Item" : "Key");
            Map<String, Object> key = key(table, Json.asObject(java.util.Objects.requireNonNull(source)));
            Exchange read = exchange(
                    Request.of("GetItem", Json.object("TableName", table.name(), "Key", key, "ConsistentRead", true)));
            if (KnownDifferences.isKeyAloneOfNoUpdate(exchange, read, table)) {
                tally.explained(List.of(KnownDifferences.NO_UPDATE));
                resynchronise(exchange.request());
            } else if (!read.isEqual()) {
                String signature = "state after " + exchange.request().operation();
                if (tally.unexplained(signature)) {
                    tally.reproduction(
                            signature,
                            exchange.request() + "\n  leaves at DynamoDB Local " + read.local()
                                    + "\n  and here                " + read.henge());
                }
                resynchronise(exchange.request());
            }
        }
    }

    private static Map<String, Object> key(OracleTable table, Map<String, Object> item) {
        Map<String, Object> key = new LinkedHashMap<>();
        table.keys().forEach(part -> key.put(part.name(), item.getOrDefault(part.name(), "")));
        return key;
    }

    private void checkState(@Nullable OracleTable table, Request after) {
        if (table == null) {
            return;
        }
        Map<String, String> different = differing(table);
        if (different.isEmpty()) {
            return;
        }
        String signature = "state after " + after.operation();
        if (tally.unexplained(signature)) {
            tally.reproduction(
                    signature,
                    "state of " + table.name() + ": " + different.values() + "\n  after " + after + "\n  before that\n"
                            + recent.stream()
                                    .filter(request -> request.body().contains('"' + table.name() + '"'))
                                    .map(request -> "    " + request)
                                    .collect(Collectors.joining("\n")));
        }
        resynchronise(Request.of("Scan", Json.object("TableName", table.name())));
    }

    /** Deletes from both what is not the same in both, of the tables that the request names. */
    private void resynchronise(Request request) {
        for (String name : TableRequests.NAMES) {
            if (request.body().contains(name)) {
                resynchronise(name);
            }
        }
        if (request.operation().equals("CreateTable")) {
            deleteOddlyNamed(request);
        }
        for (OracleTable table : tables) {
            if (!request.body().contains(table.name())) {
                continue;
            }
            for (String key : differing(table).keySet()) {
                Request deletion =
                        Request.of("DeleteItem", Json.object("TableName", table.name(), "Key", Json.parse(key)));
                local.call(deletion);
                henge.call(deletion);
            }
        }
    }

    /** A name that was spoiled may have been good enough for one of them. */
    private void deleteOddlyNamed(Request request) {
        Object name = new Exchange(request, new Answer(0, Map.of()), new Answer(0, Map.of()))
                .parameters()
                .get("TableName");
        if (name != null && !TableRequests.NAMES.contains(name) && !byName.containsKey(name)) {
            delete(String.valueOf(name));
        }
    }

    /** Deletes a table that requests have made when it is not the same in both. */
    private void resynchronise(String name) {
        Request description = Request.of("DescribeTable", Json.object("TableName", name));
        Exchange exchange = corrected(exchange(description), new ArrayList<>());
        if (exchange.isEqual()) {
            return;
        }
        delete(name);
    }

    private void delete(String name) {
        for (Endpoint endpoint : List.of(local, henge)) {
            endpoint.call(
                    Request.of("UpdateTable", Json.object("TableName", name, "DeletionProtectionEnabled", false)));
            endpoint.call(Request.of("DeleteTable", Json.object("TableName", name)));
        }
        awaitDeletion(name);
    }

    /** Here a table is DELETING for a while, as at the service; DynamoDB Local has forgotten it at once. */
    private void awaitDeletion(Object name) {
        Request description = Request.of("DescribeTable", Json.object("TableName", name));
        Await.until(name + " is deleted", INDEX_WITHIN, () -> !"DELETING".equals(status(henge.call(description))));
    }

    private static Object status(Answer description) {
        return description.body().get("Table") instanceof Map<?, ?> table
                ? Json.asObject(table).getOrDefault("TableStatus", "")
                : "";
    }

    /** By key, what differs. */
    private Map<String, String> differing(OracleTable table) {
        Map<String, String> ofLocal = items(local, table);
        Map<String, String> ofHenge = items(henge, table);
        Map<String, String> different = new LinkedHashMap<>();
        ofLocal.forEach((key, item) -> {
            if (!item.equals(ofHenge.get(key))) {
                different.put(key, "DynamoDB Local has " + item + ", here is " + ofHenge.get(key));
            }
        });
        ofHenge.forEach((key, item) -> {
            if (!ofLocal.containsKey(key)) {
                different.put(key, "DynamoDB Local has none, here is " + item);
            }
        });
        return different;
    }

    private static Map<String, String> items(Endpoint endpoint, OracleTable table) {
        Request scan = Request.of("Scan", Json.object("TableName", table.name(), "ConsistentRead", true));
        Answer all =
                Normal.of(scan, Normal.withPlainNumbers(Pages.complete(endpoint, scan, endpoint.call(scan))), null);
        Map<String, String> items = new LinkedHashMap<>();
        for (Object item : Json.asList(all.body().getOrDefault("Items", List.of()))) {
            items.put(Json.canonical(key(table, Json.asObject(item))), Json.canonical(item));
        }
        return items;
    }

    /** What was asked about the same tables, when the request is about tables. */
    private String beforeThat(Request request) {
        return TableRequests.NAMES.stream()
                .filter(request.body()::contains)
                .flatMap(name -> recent.stream().filter(each -> each.body().contains('"' + name + '"')))
                .map(each -> "\n    after " + each)
                .collect(Collectors.joining());
    }

    /** Takes away what the difference does not need, and shows what is left. */
    private String reduced(Exchange exchange, String signature) {
        Exchange smallest = exchange;
        if (!exchange.parameters().isEmpty()) {
            smallest = Reduction.of(exchange, candidate -> {
                Exchange again = exchange(candidate);
                return corrected(again, new ArrayList<>()).signature().equals(signature) && !again.isEqual()
                        ? again
                        : null;
            });
        }
        return smallest.request() + beforeThat(exchange.request()) + "\n  (first seen in " + exchange.request()
                + ")\n  DynamoDB Local " + smallest.local() + "\n  here           " + smallest.henge();
    }
}
