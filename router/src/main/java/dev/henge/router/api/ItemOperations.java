package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.item.ItemSize;
import dev.henge.proto.Condition;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.Projection;
import dev.henge.proto.ReadItem;
import dev.henge.proto.Update;
import dev.henge.proto.WriteItem;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** GetItem, PutItem, UpdateItem, DeleteItem. */
final class ItemOperations {

    static final int ITEM_BYTES_MAX = 400 * 1024;

    private static final Set<String> GET = Set.of(
            "TableName",
            "Key",
            "AttributesToGet",
            "ConsistentRead",
            "ReturnConsumedCapacity",
            "ProjectionExpression",
            Parameters.ATTRIBUTE_NAMES);
    private static final Set<String> PUT = Set.of(
            "TableName",
            "Item",
            "Expected",
            "ConditionalOperator",
            "ConditionExpression",
            "ReturnValues",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValuesOnConditionCheckFailure",
            Parameters.ATTRIBUTE_NAMES,
            Parameters.ATTRIBUTE_VALUES);
    private static final Set<String> DELETE = Set.of(
            "TableName",
            "Key",
            "Expected",
            "ConditionalOperator",
            "ConditionExpression",
            "ReturnValues",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValuesOnConditionCheckFailure",
            Parameters.ATTRIBUTE_NAMES,
            Parameters.ATTRIBUTE_VALUES);
    private static final Set<String> UPDATE = Set.of(
            "TableName",
            "Key",
            "AttributeUpdates",
            "Expected",
            "ConditionalOperator",
            "UpdateExpression",
            "ConditionExpression",
            "ReturnValues",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValuesOnConditionCheckFailure",
            Parameters.ATTRIBUTE_NAMES,
            Parameters.ATTRIBUTE_VALUES);

    /** Values of ReturnValues, in the service's order. */
    enum ReturnValues {
        ALL_NEW(WriteItem.Return.RETURN_ALL_NEW),
        UPDATED_OLD(WriteItem.Return.RETURN_UPDATED_OLD),
        ALL_OLD(WriteItem.Return.RETURN_ALL_OLD),
        NONE(WriteItem.Return.RETURN_NONE),
        UPDATED_NEW(WriteItem.Return.RETURN_UPDATED_NEW);

        private final WriteItem.Return wire;

        ReturnValues(WriteItem.Return wire) {
            this.wire = wire;
        }
    }

    enum OnConditionFailure {
        ALL_OLD,
        NONE
    }

    private final ClusterClient cluster;
    private final Tables tables;
    private final Expressions expressions;
    private final RequestIds requestIds;

    ItemOperations(ClusterClient cluster, Tables tables, Expressions expressions, RequestIds requestIds) {
        this.cluster = cluster;
        this.tables = tables;
        this.expressions = expressions;
        this.requestIds = requestIds;
    }

    void get(JsonReader in, ReplyWriter reply, Operation.Call call) {
        Parameters parameters = Parameters.read(in, GET);
        Constraints constraints = new Constraints();
        Capacity.Wanted capacity = Capacity.wanted(constraints, parameters.returnConsumedCapacity);
        constraints.requiredName(parameters.tableName, "tableName");
        constraints.notNull(parameters.key, "key");
        parameters.legacy.checkConstraints(constraints, "");
        constraints.check();
        parameters.checkExpressionParameters(GET);
        ParsedItem key = Parameters.required(parameters.key).checked();
        RequestExpressions request = expressions.of(parameters);
        Projection projection = request.projection();
        request.checkAllUsed();

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        table.checkKeysAreScalars(projection);
        ItemKey itemKey = ItemKey.ofKey(table, key);
        ReadItem.Builder read = ReadItem.newBuilder()
                .setTable(table.id())
                .setKey(itemKey.bytes())
                .setConsistent(parameters.consistentRead);
        if (projection != null) {
            read.setProjection(projection);
        }
        ItemRead found = ClusterErrors.await(cluster.read(itemKey.token(), read.build(), call.deadline()));

        JsonGenerator out = reply.json();
        out.writeStartObject();
        if (found.getFound()) {
            out.writeName("Item");
            reply.item(found.getItem());
        }
        Capacity.writeMember(
                out, capacity, table.name(), Capacity.ofRead(found.getSizeBytes(), parameters.consistentRead));
        out.writeEndObject();
    }

    void put(JsonReader in, ReplyWriter reply, Operation.Call call) {
        Parameters parameters = Parameters.read(in, PUT);
        Constraints constraints = new Constraints();
        Capacity.Wanted capacity = Capacity.wanted(constraints, parameters.returnConsumedCapacity);
        constraints.requiredName(parameters.tableName, "tableName");
        constraints.notNull(parameters.item, "item");
        WriteItem.Builder write = startWrite(constraints, parameters);
        parameters.checkExpressionParameters(PUT);
        ParsedItem item = Parameters.required(parameters.item).checked();
        checkReturnsOldOrNothing(write);
        checkItemSize(item.bytes());
        addCondition(write, parameters);

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        checkCondition(write, table);
        ItemKey itemKey = ItemKey.ofItem(table, item.bytes());
        table.checkIndexKeys(item.bytes());
        write.setPut(item.bytes());
        finishWrite(write, table, itemKey, item.bytes(), capacity, reply, call);
    }

    void delete(JsonReader in, ReplyWriter reply, Operation.Call call) {
        Parameters parameters = Parameters.read(in, DELETE);
        Constraints constraints = new Constraints();
        Capacity.Wanted capacity = Capacity.wanted(constraints, parameters.returnConsumedCapacity);
        constraints.requiredName(parameters.tableName, "tableName");
        constraints.notNull(parameters.key, "key");
        WriteItem.Builder write = startWrite(constraints, parameters);
        parameters.checkExpressionParameters(DELETE);
        ParsedItem key = Parameters.required(parameters.key).checked();
        checkReturnsOldOrNothing(write);
        addCondition(write, parameters);

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        checkCondition(write, table);
        ItemKey itemKey = ItemKey.ofKey(table, key);
        write.setDelete(WriteItem.Delete.getDefaultInstance());
        finishWrite(write, table, itemKey, key.bytes(), capacity, reply, call);
    }

    void update(JsonReader in, ReplyWriter reply, Operation.Call call) {
        Parameters parameters = Parameters.read(in, UPDATE);
        Constraints constraints = new Constraints();
        Capacity.Wanted capacity = Capacity.wanted(constraints, parameters.returnConsumedCapacity);
        constraints.requiredName(parameters.tableName, "tableName");
        constraints.notNull(parameters.key, "key");
        WriteItem.Builder write = startWrite(constraints, parameters);
        parameters.checkExpressionParameters(UPDATE);
        ParsedItem key = Parameters.required(parameters.key).checked();
        RequestExpressions request = expressions.of(parameters);
        Update update = request.update();
        Condition condition = request.condition();
        request.checkAllUsed();

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        table.checkKeysAreScalars(update);
        if (condition != null) {
            table.checkKeysAreScalars(condition);
        }
        checkLeavesKeyAlone(update, table);
        table.checkIndexKeyTypes(update);
        ItemKey itemKey = ItemKey.ofKey(table, key);
        write.setUpdate(update).setKeyAttributes(key.bytes());
        if (condition != null) {
            write.setCondition(condition);
        }
        finishWrite(write, table, itemKey, key.bytes(), capacity, reply, call);
    }

    /** Checks the constraints, those noted so far with them, and begins the write with what is to be returned. */
    private static WriteItem.Builder startWrite(Constraints constraints, Parameters parameters) {
        CollectionMetrics.Wanted metrics = constraints.oneOf(
                parameters.returnItemCollectionMetrics,
                CollectionMetrics.Wanted.class,
                CollectionMetrics.Wanted.NONE,
                "returnItemCollectionMetrics");
        ReturnValues returned =
                constraints.oneOf(parameters.returnValues, ReturnValues.class, ReturnValues.NONE, "returnValues");
        OnConditionFailure onFailure = constraints.oneOf(
                parameters.returnValuesOnConditionCheckFailure,
                OnConditionFailure.class,
                OnConditionFailure.NONE,
                "returnValuesOnConditionCheckFailure");
        parameters.legacy.checkConstraints(constraints, "");
        constraints.check();
        return WriteItem.newBuilder()
                .setReturn(returned.wire)
                .setReturnCollectionSize(metrics == CollectionMetrics.Wanted.SIZE)
                .setReturnItemOnConditionFailure(onFailure == OnConditionFailure.ALL_OLD);
    }

    private static void checkReturnsOldOrNothing(WriteItem.Builder write) {
        if (write.getReturn() != WriteItem.Return.RETURN_NONE && write.getReturn() != WriteItem.Return.RETURN_ALL_OLD) {
            throw ApiException.validation("ReturnValues can only be ALL_OLD or NONE");
        }
    }

    static void checkItemSize(ByteString item) {
        if (ItemSize.ofItem(item) > ITEM_BYTES_MAX) {
            throw ApiException.validation("Item size has exceeded the maximum allowed size");
        }
    }

    private void addCondition(WriteItem.Builder write, Parameters parameters) {
        RequestExpressions request = expressions.of(parameters);
        Condition condition = request.condition();
        request.checkAllUsed();
        if (condition != null) {
            write.setCondition(condition);
        }
    }

    private static void checkCondition(WriteItem.Builder write, TableSchema table) {
        if (write.hasCondition()) {
            table.checkKeysAreScalars(write.getCondition());
        }
    }

    private static void checkLeavesKeyAlone(Update update, TableSchema table) {
        for (String attribute : Paths.updated(update)) {
            if (table.isKeyAttribute(attribute)) {
                throw ApiException.invalidParameter(
                        "Cannot update attribute " + attribute + ". This attribute is part of the key");
            }
        }
    }

    /** @param keyAttributes an item in the binary form that has the key among its attributes */
    private void finishWrite(
            WriteItem.Builder write,
            TableSchema table,
            ItemKey key,
            ByteString keyAttributes,
            Capacity.Wanted capacity,
            ReplyWriter reply,
            Operation.Call call) {
        write.setRequestId(requestIds.nextWriteId())
                .setTable(table.id())
                .setTableEpoch(table.epochForWrites())
                .setReturnCollectionSize(write.getReturnCollectionSize() && table.hasLocalIndexes())
                .setKey(key.bytes());
        ItemWritten written = ClusterErrors.await(cluster.write(key.token(), write.build(), call.deadline()));
        JsonGenerator out = reply.json();
        out.writeStartObject();
        if (written.getHasAttributes()) {
            out.writeName("Attributes");
            reply.item(written.getAttributes());
        }
        ConsumedCapacity consumed = new ConsumedCapacity(table);
        consumed.ofWrite(written);
        consumed.writeMember(out, capacity);
        if (write.getReturnCollectionSize()) {
            out.writeName("ItemCollectionMetrics");
            CollectionMetrics.write(reply, CollectionMetrics.key(table, keyAttributes), written);
        }
        out.writeEndObject();
    }
}
