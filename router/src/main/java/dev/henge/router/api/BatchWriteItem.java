package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.ClusterException;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.WriteItem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
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
 * BatchWriteItem: up to 25 puts and deletes, made together and each for itself. What the cluster was too busy for
 * and surely did not do comes back as UnprocessedItems; when it is not known whether a write was made the whole call
 * fails, so that a client never takes for undone what may have been done.
 */
final class BatchWriteItem implements Operation {

    private static final int REQUESTS_MAX = 25;

    private final ClusterClient cluster;
    private final Tables tables;
    private final RequestIds requestIds;

    BatchWriteItem(ClusterClient cluster, Tables tables, RequestIds requestIds) {
        this.cluster = cluster;
        this.tables = tables;
        this.requestIds = requestIds;
    }

    /** One element of a table's list, as it was sent. */
    private record WriteRequest(
            boolean hasPut,
            @Nullable ParsedItem put,
            boolean hasDelete,
            @Nullable ParsedItem delete) {

        static final WriteRequest NONE = new WriteRequest(false, null, false, null);

        boolean isEmpty() {
            return !hasPut && !hasDelete;
        }

        ParsedItem attributes() {
            return Parameters.required(hasPut ? put : delete);
        }
    }

    private record TableKey(long tableId, ItemKey key) {}

    /** A write under way. */
    private record Pending(
            TableSchema table, WriteRequest request, boolean tellsCollection, CompletableFuture<ItemWritten> write) {}

    /** What came of a table's writes. */
    private static final class TableOutcome {
        final List<WriteRequest> unprocessed = new ArrayList<>();
        final ConsumedCapacity consumed;

        /** What the last write of each collection told, by the collection's key. */
        final Map<ByteString, ItemWritten> collections = new LinkedHashMap<>();

        TableOutcome(TableSchema table, String tableName) {
            consumed = new ConsumedCapacity(table, tableName);
        }
    }

    @Override
    public void execute(JsonReader in, ReplyWriter reply, Call call) {
        String returnConsumedCapacity = null;
        String returnItemCollectionMetrics = null;
        Map<String, List<WriteRequest>> requests = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "RequestItems" -> requests = readRequests(in);
                case "ReturnConsumedCapacity" -> returnConsumedCapacity = in.string();
                case "ReturnItemCollectionMetrics" -> returnItemCollectionMetrics = in.string();
                default -> in.skip();
            }
        }
        Constraints constraints = new Constraints();
        Capacity.Wanted capacity = Capacity.wanted(constraints, returnConsumedCapacity);
        CollectionMetrics.Wanted metrics = constraints.oneOf(
                returnItemCollectionMetrics,
                CollectionMetrics.Wanted.class,
                CollectionMetrics.Wanted.NONE,
                "returnItemCollectionMetrics");
        checkConstraints(constraints, requests);
        Map<String, List<WriteRequest>> checked = Parameters.required(requests);
        checkValues(checked);
        write(reply, finish(start(checked, metrics, call)), capacity);
    }

    private static @Nullable Map<String, List<WriteRequest>> readRequests(JsonReader in) {
        if (!in.openMap("java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>")) {
            return null;
        }
        Map<String, List<WriteRequest>> requests = new LinkedHashMap<>();
        for (String table = in.nextMember(); table != null; table = in.nextMember()) {
            if (!in.openList()) {
                requests.put(table, List.of());
                continue;
            }
            List<WriteRequest> list = new ArrayList<>();
            for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
                boolean present = in.currentStructure(token, JsonReader.Place.VALUE, "WriteRequest");
                list.add(present ? readRequest(in) : WriteRequest.NONE);
            }
            requests.put(table, list);
        }
        return requests;
    }

    private static WriteRequest readRequest(JsonReader in) {
        boolean hasPut = false;
        boolean hasDelete = false;
        ParsedItem put = null;
        ParsedItem delete = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "PutRequest" -> {
                    if (in.openStructure(JsonReader.Place.FIELD, "PutRequest")) {
                        hasPut = true;
                        put = readAttributes(in, "Item");
                    }
                }
                case "DeleteRequest" -> {
                    if (in.openStructure(JsonReader.Place.FIELD, "DeleteRequest")) {
                        hasDelete = true;
                        delete = readAttributes(in, "Key");
                    }
                }
                default -> in.skip();
            }
        }
        return new WriteRequest(hasPut, put, hasDelete, delete);
    }

    private static @Nullable ParsedItem readAttributes(JsonReader in, String member) {
        ParsedItem item = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals(member)) {
                item = ItemJsonReader.item(in);
            } else {
                in.skip();
            }
        }
        return item;
    }

    private static void checkConstraints(Constraints constraints, @Nullable Map<String, List<WriteRequest>> requests) {
        constraints.notNull(requests, "requestItems");
        if (requests != null) {
            constraints.length(requests.keySet(), requests.size(), 1, REQUESTS_MAX, "requestItems");
            constraints.tableNameKeys(requests.keySet(), "requestItems");
            requests.forEach((table, list) -> checkConstraints(constraints, table, list));
        }
        constraints.check();
    }

    private static void checkConstraints(Constraints constraints, String table, List<WriteRequest> list) {
        if (list.isEmpty() || list.size() > REQUESTS_MAX) {
            constraints.violated(
                    "{" + table + "=[" + list.size() + " requests]}",
                    "requestItems",
                    "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
                            + "Member must have length greater than or equal to 1]");
        }
        for (int i = 0; i < list.size(); i++) {
            WriteRequest request = list.get(i);
            String path = "requestItems." + table + ".member." + (i + 1) + ".member.";
            if (request.hasDelete) {
                constraints.notNull(request.delete, path + "deleteRequest.key");
            }
            if (request.hasPut) {
                constraints.notNull(request.put, path + "putRequest.item");
            }
        }
    }

    private static void checkValues(Map<String, List<WriteRequest>> requests) {
        int count = 0;
        for (List<WriteRequest> list : requests.values()) {
            for (WriteRequest request : list) {
                if (request.isEmpty() || (request.hasPut && request.hasDelete)) {
                    throw ApiException.validation("Supplied AttributeValue has more than one datatypes set, must "
                            + "contain exactly one of the supported datatypes");
                }
                ParsedItem attributes = request.attributes().checked();
                if (request.hasPut) {
                    ItemOperations.checkItemSize(attributes.bytes());
                }
                count++;
            }
        }
        if (count > REQUESTS_MAX) {
            throw ApiException.validation("Too many items requested for the BatchWriteItem call");
        }
    }

    /** Checks everything against the tables, and only then begins to write. */
    private Map<String, List<Pending>> start(
            Map<String, List<WriteRequest>> requests, CollectionMetrics.Wanted metrics, Call call) {
        Map<String, List<ItemKey>> keys = new LinkedHashMap<>();
        Map<String, TableSchema> schemas = new LinkedHashMap<>();
        Set<TableKey> seen = new HashSet<>();
        requests.forEach((name, list) -> {
            TableSchema table = tables.forItems(Parameters.required(TableNames.plain(name)), call.deadline());
            schemas.put(name, table);
            List<ItemKey> tableKeys = new ArrayList<>(list.size());
            for (WriteRequest request : list) {
                ItemKey key = request.hasPut
                        ? ItemKey.ofBatchedItem(table, request.attributes().bytes())
                        : ItemKey.ofKey(table, request.attributes());
                if (request.hasPut) {
                    table.checkIndexKeys(request.attributes().bytes());
                }
                if (!seen.add(new TableKey(table.id(), key))) {
                    throw ApiException.validation("Provided list of item keys contains duplicates");
                }
                tableKeys.add(key);
            }
            keys.put(name, tableKeys);
        });
        List<WriteItem> writes = new ArrayList<>();
        requests.forEach((name, list) -> {
            TableSchema table = Parameters.required(schemas.get(name));
            List<ItemKey> tableKeys = Parameters.required(keys.get(name));
            for (int i = 0; i < list.size(); i++) {
                writes.add(write(table, list.get(i), tableKeys.get(i), metrics));
            }
        });
        Iterator<WriteItem> asked = writes.iterator();
        Iterator<CompletableFuture<ItemWritten>> outcomes =
                cluster.writeAll(writes, call.deadline()).iterator();
        Map<String, List<Pending>> pending = new LinkedHashMap<>();
        requests.forEach((name, list) -> pending.put(
                name,
                list.stream()
                        .map(request -> new Pending(
                                Parameters.required(schemas.get(name)),
                                request,
                                asked.next().getReturnCollectionSize(),
                                outcomes.next()))
                        .toList()));
        return pending;
    }

    private WriteItem write(TableSchema table, WriteRequest request, ItemKey key, CollectionMetrics.Wanted metrics) {
        WriteItem.Builder write = WriteItem.newBuilder()
                .setRequestId(requestIds.nextWriteId())
                .setTable(table.id())
                .setTableEpoch(table.epochForWrites())
                .setReturnCollectionSize(metrics == CollectionMetrics.Wanted.SIZE && table.hasLocalIndexes())
                .setKey(key.bytes());
        if (request.hasPut) {
            write.setPut(request.attributes().bytes());
        } else {
            write.setDelete(WriteItem.Delete.getDefaultInstance());
        }
        return write.build();
    }

    private static Map<String, TableOutcome> finish(Map<String, List<Pending>> pending) {
        Map<String, TableOutcome> outcomes = new LinkedHashMap<>();
        boolean written = false;
        ClusterException refusal = null;
        ClusterException unknown = null;
        for (Map.Entry<String, List<Pending>> table : pending.entrySet()) {
            TableOutcome outcome = new TableOutcome(table.getValue().getFirst().table, table.getKey());
            outcomes.put(table.getKey(), outcome);
            for (Pending each : table.getValue()) {
                try {
                    ItemWritten done = each.write.join();
                    outcome.consumed.ofWrite(done);
                    if (each.tellsCollection) {
                        outcome.collections.put(
                                CollectionMetrics.key(
                                        each.table, each.request.attributes().bytes()),
                                done);
                    }
                    written = true;
                } catch (CompletionException e) {
                    ClusterException refused = ClusterErrors.cluster(e);
                    if (ClusterErrors.nothingDone(refused)) {
                        refusal = refused;
                        outcome.unprocessed.add(each.request);
                    } else {
                        unknown = refused;
                    }
                }
            }
        }
        if (unknown != null) {
            throw ClusterErrors.toApi(unknown);
        }
        if (!written && refusal != null) {
            throw ClusterErrors.toApi(refusal);
        }
        return outcomes;
    }

    private static void write(ReplyWriter reply, Map<String, TableOutcome> outcomes, Capacity.Wanted capacity) {
        JsonGenerator out = reply.json();
        out.writeStartObject();
        out.writeName("UnprocessedItems");
        out.writeStartObject();
        outcomes.forEach((table, outcome) -> {
            if (outcome.unprocessed.isEmpty()) {
                return;
            }
            out.writeName(table);
            out.writeStartArray();
            for (WriteRequest request : outcome.unprocessed) {
                out.writeStartObject();
                out.writeName(request.hasPut ? "PutRequest" : "DeleteRequest");
                out.writeStartObject();
                out.writeName(request.hasPut ? "Item" : "Key");
                reply.item(request.attributes().bytes());
                out.writeEndObject();
                out.writeEndObject();
            }
            out.writeEndArray();
        });
        out.writeEndObject();
        writeCollections(reply, outcomes);
        if (capacity != Capacity.Wanted.NONE) {
            out.writeName("ConsumedCapacity");
            out.writeStartArray();
            outcomes.values().forEach(outcome -> outcome.consumed.write(out, capacity));
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    private static void writeCollections(ReplyWriter reply, Map<String, TableOutcome> outcomes) {
        if (outcomes.values().stream().allMatch(outcome -> outcome.collections.isEmpty())) {
            return;
        }
        JsonGenerator out = reply.json();
        out.writeName("ItemCollectionMetrics");
        out.writeStartObject();
        outcomes.forEach((table, outcome) -> {
            if (!outcome.collections.isEmpty()) {
                out.writeName(table);
                out.writeStartArray();
                outcome.collections.forEach((key, written) -> CollectionMetrics.write(reply, key, written));
                out.writeEndArray();
            }
        });
        out.writeEndObject();
    }
}
