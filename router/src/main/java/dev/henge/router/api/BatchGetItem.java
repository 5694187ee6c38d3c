package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.ClusterException;
import dev.henge.proto.ItemRead;
import dev.henge.proto.Projection;
import dev.henge.proto.ReadItem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/**
 * BatchGetItem: up to 100 items of several tables, read concurrently, answered up to 16 MB. What does not fit, and what
 * the cluster was too busy for, comes back as UnprocessedKeys.
 */
final class BatchGetItem implements Operation {

    private static final int KEYS_MAX = 100;
    private static final int REPLY_BYTES_MAX = 16 * 1024 * 1024;

    /** Reads under way at once, so that what is held is bounded by so many items besides the answer. */
    private static final int READS_AT_ONCE_MAX = 32;

    /** Stands for a null among the keys. */
    private static final ParsedItem NO_KEY = new ParsedItem(ByteString.EMPTY, 0, null);

    private static final Set<String> TABLE_MEMBERS =
            Set.of("AttributesToGet", "ConsistentRead", "ProjectionExpression", Parameters.ATTRIBUTE_NAMES);

    private final ClusterClient cluster;
    private final Tables tables;
    private final Expressions expressions;

    BatchGetItem(ClusterClient cluster, Tables tables, Expressions expressions) {
        this.cluster = cluster;
        this.tables = tables;
        this.expressions = expressions;
    }

    /** What is asked of one table, as it was sent. */
    private record TableRequest(String name, @Nullable List<ParsedItem> keys, Parameters parameters) {}

    /** What is asked of one table, checked, and what came of it. */
    private static final class TableReads {
        final TableRequest request;
        final TableSchema schema;
        final List<ItemKey> keys = new ArrayList<>();
        final @Nullable Projection projection;
        final List<ParsedItem> unprocessed = new ArrayList<>();
        double capacityUnits;

        TableReads(TableRequest request, TableSchema schema, @Nullable Projection projection) {
            this.request = request;
            this.schema = schema;
            this.projection = projection;
        }
    }

    private record Pending(TableReads table, ParsedItem key, CompletableFuture<ItemRead> read) {}

    @Override
    public void execute(JsonReader in, ReplyWriter reply, Call call) {
        String returnConsumedCapacity = null;
        Map<String, TableRequest> requests = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "RequestItems" -> requests = readRequests(in);
                case "ReturnConsumedCapacity" -> returnConsumedCapacity = in.string();
                default -> in.skip();
            }
        }
        Constraints constraints = new Constraints();
        Capacity.Wanted capacity = Capacity.wanted(constraints, returnConsumedCapacity);
        checkConstraints(constraints, requests);
        List<TableReads> reads = check(Parameters.required(requests), call);
        run(reads, reply, call);
        finish(reads, capacity, reply);
    }

    private static @Nullable Map<String, TableRequest> readRequests(JsonReader in) {
        if (!in.openMap("com.amazonaws.dynamodb.v20120810.KeysAndAttributes")) {
            return null;
        }
        Map<String, TableRequest> requests = new LinkedHashMap<>();
        for (String table = in.nextMember(); table != null; table = in.nextMember()) {
            if (in.openStructure(JsonReader.Place.VALUE, "KeysAndAttributes")) {
                requests.put(table, readRequest(table, in));
            }
        }
        return requests;
    }

    private static TableRequest readRequest(String table, JsonReader in) {
        List<ParsedItem> keys = null;
        Parameters parameters = new Parameters();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals("Keys")) {
                keys = readKeys(in);
            } else {
                parameters.readMember(name, in, TABLE_MEMBERS);
            }
        }
        return new TableRequest(table, keys, parameters);
    }

    private static @Nullable List<ParsedItem> readKeys(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<ParsedItem> keys = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            ParsedItem key = ItemJsonReader.currentItem(in, token);
            keys.add(key == null ? NO_KEY : key);
        }
        return keys;
    }

    private static void checkConstraints(Constraints constraints, @Nullable Map<String, TableRequest> requests) {
        constraints.notNull(requests, "requestItems");
        if (requests != null) {
            constraints.length(requests.keySet(), requests.size(), 1, KEYS_MAX, "requestItems");
            constraints.tableNameKeys(requests.keySet(), "requestItems");
            for (TableRequest request : requests.values()) {
                String path = "requestItems." + request.name + ".member.keys";
                constraints.notNull(request.keys, path);
                request.parameters.legacy.checkConstraints(constraints, "requestItems." + request.name + ".member.");
                if (request.keys != null) {
                    constraints.length("[" + request.keys.size() + " keys]", request.keys.size(), 1, KEYS_MAX, path);
                }
            }
        }
        constraints.check();
    }

    private List<TableReads> check(Map<String, TableRequest> requests, Call call) {
        List<TableReads> reads = new ArrayList<>(requests.size());
        int keyCount = 0;
        for (TableRequest request : requests.values()) {
            request.parameters.checkExpressionParameters(TABLE_MEMBERS);
            request.parameters.legacy.checkAttributesToGet();
            for (ParsedItem key : Parameters.required(request.keys)) {
                if (key == NO_KEY) {
                    throw ApiException.validation("The list of keys in RequestItems for BatchGetItem may not contain "
                            + "null or empty values: " + request.name + " has one or more empty keys");
                }
                key.checked();
                keyCount++;
            }
            if (keyCount > KEYS_MAX) {
                throw ApiException.validation("Too many items requested for the BatchGetItem call");
            }
        }
        for (TableRequest request : requests.values()) {
            RequestExpressions parsed = expressions.of(request.parameters);
            Projection projection = parsed.projection();
            parsed.checkAllUsed();
            TableSchema schema = tables.forItems(Parameters.required(TableNames.plain(request.name)), call.deadline());
            schema.checkKeysAreScalars(projection);
            TableReads table = new TableReads(request, schema, projection);
            Set<ItemKey> seen = new HashSet<>();
            for (ParsedItem key : Parameters.required(request.keys)) {
                ItemKey itemKey = ItemKey.ofKey(schema, key);
                if (!seen.add(itemKey)) {
                    throw ApiException.validation("Provided list of item keys contains duplicates");
                }
                table.keys.add(itemKey);
            }
            reads.add(table);
        }
        return reads;
    }

    /** Reads and writes out the Responses, table by table. */
    private void run(List<TableReads> reads, ReplyWriter reply, Call call) {
        JsonGenerator out = reply.json();
        out.writeStartObject();
        out.writeName("Responses");
        out.writeStartObject();
        boolean full = false;
        boolean answered = false;
        ClusterException refusal = null;
        for (TableReads table : reads) {
            out.writeName(table.request.name);
            out.writeStartArray();
            List<ParsedItem> keys = Parameters.required(table.request.keys);
            for (int from = 0; from < keys.size(); from += READS_AT_ONCE_MAX) {
                int to = Math.min(keys.size(), from + READS_AT_ONCE_MAX);
                if (full) {
                    table.unprocessed.addAll(keys.subList(from, to));
                    continue;
                }
                for (Pending pending : start(table, keys, from, to, call)) {
                    try {
                        ItemRead found = pending.read.join();
                        full = full || reply.sizeBytes() + found.getItem().size() * 2L > REPLY_BYTES_MAX;
                        if (full) {
                            table.unprocessed.add(pending.key);
                            continue;
                        }
                        answered = true;
                        table.capacityUnits +=
                                Capacity.ofRead(found.getSizeBytes(), table.request.parameters.consistentRead);
                        if (found.getFound()) {
                            reply.item(found.getItem());
                        }
                    } catch (CompletionException e) {
                        refusal = ClusterErrors.retryable(e);
                        table.unprocessed.add(pending.key);
                    }
                }
            }
            out.writeEndArray();
        }
        out.writeEndObject();
        if (!answered && refusal != null) {
            throw ClusterErrors.toApi(refusal);
        }
    }

    private List<Pending> start(TableReads table, List<ParsedItem> keys, int from, int to, Call call) {
        List<Pending> started = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            ItemKey key = table.keys.get(i);
            ReadItem.Builder read = ReadItem.newBuilder()
                    .setTable(table.schema.id())
                    .setKey(key.bytes())
                    .setConsistent(table.request.parameters.consistentRead);
            if (table.projection != null) {
                read.setProjection(table.projection);
            }
            started.add(new Pending(table, keys.get(i), cluster.read(key.token(), read.build(), call.deadline())));
        }
        return started;
    }

    private static void finish(List<TableReads> reads, Capacity.Wanted capacity, ReplyWriter reply) {
        JsonGenerator out = reply.json();
        out.writeName("UnprocessedKeys");
        out.writeStartObject();
        for (TableReads table : reads) {
            if (!table.unprocessed.isEmpty()) {
                out.writeName(table.request.name);
                writeUnprocessed(table, reply);
            }
        }
        out.writeEndObject();
        if (capacity != Capacity.Wanted.NONE) {
            out.writeName("ConsumedCapacity");
            out.writeStartArray();
            for (TableReads table : reads) {
                Capacity.write(out, capacity, table.request.name, table.capacityUnits);
            }
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    /** Gives back what was asked, so that it can be sent again as it is. */
    private static void writeUnprocessed(TableReads table, ReplyWriter reply) {
        JsonGenerator out = reply.json();
        Parameters parameters = table.request.parameters;
        out.writeStartObject();
        out.writeName("Keys");
        out.writeStartArray();
        for (ParsedItem key : table.unprocessed) {
            reply.item(key.bytes());
        }
        out.writeEndArray();
        if (parameters.consistentRead) {
            out.writeBooleanProperty("ConsistentRead", true);
        }
        List<String> attributesToGet = parameters.legacy.attributesToGet();
        if (attributesToGet != null) {
            out.writeName("AttributesToGet");
            out.writeStartArray();
            attributesToGet.forEach(out::writeString);
            out.writeEndArray();
        }
        String projection = parameters.expression("ProjectionExpression");
        if (projection != null) {
            out.writeStringProperty("ProjectionExpression", projection);
        }
        Map<String, @Nullable String> names = parameters.attributeNames;
        if (names != null) {
            out.writeName(Parameters.ATTRIBUTE_NAMES);
            out.writeStartObject();
            names.forEach(out::writeStringProperty);
            out.writeEndObject();
        }
        out.writeEndObject();
    }
}
