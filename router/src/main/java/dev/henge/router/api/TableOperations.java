package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.TableRecord;
import java.util.NavigableMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** CreateTable, DescribeTable, ListTables, DeleteTable. */
final class TableOperations {

    private static final int LIST_LIMIT_MAX = 100;

    private final ClusterClient cluster;
    private final Tables tables;
    private final TableDescriptions descriptions;
    private final RequestIds requestIds;

    TableOperations(ClusterClient cluster, Tables tables, TableDescriptions descriptions, RequestIds requestIds) {
        this.cluster = cluster;
        this.tables = tables;
        this.descriptions = descriptions;
        this.requestIds = requestIds;
    }

    /**
     * CreateTable. The catalog has the table ACTIVE at once; the answer says CREATING as the service's does, so that
     * what clients learn here holds there.
     */
    void create(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        TableRecord table = CreateTableRequest.read(in)
                .setTableId(UUID.randomUUID().toString())
                .setCreatedMillis(System.currentTimeMillis())
                .setStatus(TableRecord.Status.ACTIVE)
                .build();
        // Waits for the first catalog, and spares the system partition a command that is refused anyway.
        if (tables.find(table.getName(), call.deadline()) != null) {
            throw alreadyExists(table.getName());
        }
        CatalogOutcome outcome = ClusterErrors.await(cluster.submit(
                command()
                        .setCreateTable(CreateTable.newBuilder().setTable(table))
                        .build(),
                call.deadline()));
        switch (outcome.getCode()) {
            case OK -> {}
            case TABLE_EXISTS, TABLE_IN_USE -> throw alreadyExists(table.getName());
            case TABLE_NOT_FOUND, TABLE_PROTECTED, CONFLICT, UNRECOGNIZED -> throw refused(outcome);
        }
        out.writeStartObject();
        descriptions.write(out, "TableDescription", outcome.getTable(), TableRecord.Status.CREATING);
        out.writeEndObject();
    }

    private static ApiException alreadyExists(String name) {
        return new ApiException(ErrorType.RESOURCE_IN_USE, "Table already exists: " + name);
    }

    private static ApiException refused(CatalogOutcome outcome) {
        return new ApiException(
                ErrorType.INTERNAL_SERVER_ERROR, "The catalog refused the change: " + outcome.getMessage());
    }

    /** DescribeTable. */
    void describe(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        TableRecord table = tables.describe(readTableName(in), call.deadline());
        out.writeStartObject();
        descriptions.write(out, "Table", table, table.getStatus());
        out.writeEndObject();
    }

    /** DeleteTable. The table shows as DELETING until every partition has dropped its items. */
    void delete(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String name = readTableName(in);
        tables.describe(name, call.deadline());
        CatalogOutcome outcome = ClusterErrors.await(cluster.submit(
                command().setDeleteTable(DeleteTable.newBuilder().setName(name)).build(), call.deadline()));
        switch (outcome.getCode()) {
            case OK -> {}
            case TABLE_NOT_FOUND -> throw Tables.notFound(name);
            case TABLE_IN_USE ->
                throw new ApiException(
                        ErrorType.RESOURCE_IN_USE,
                        "Attempt to change a resource which is still in use: Table is being deleted: " + name);
            case TABLE_PROTECTED ->
                throw ApiException.validation("Resource cannot be deleted as it is currently protected against "
                        + "deletion. Disable deletion protection first.");
            case TABLE_EXISTS, CONFLICT, UNRECOGNIZED -> throw refused(outcome);
        }
        out.writeStartObject();
        descriptions.write(out, "TableDescription", outcome.getTable(), TableRecord.Status.DELETING);
        out.writeEndObject();
    }

    /** ListTables. */
    void list(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String after = null;
        Integer limit = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ExclusiveStartTableName" -> after = in.string();
                case "Limit" -> limit = in.integer();
                default -> in.skip();
            }
        }
        Constraints constraints = new Constraints();
        constraints.name(after, "exclusiveStartTableName");
        constraints.atLeast(limit, 1, "limit");
        constraints.atMost(limit, LIST_LIMIT_MAX, "limit");
        constraints.check();
        writeNames(out, tables.all(call.deadline()), after, limit == null ? LIST_LIMIT_MAX : limit);
    }

    private static void writeNames(
            JsonGenerator out, NavigableMap<String, TableRecord> all, @Nullable String after, int limit) {
        NavigableMap<String, TableRecord> rest = after == null ? all : all.tailMap(after, false);
        out.writeStartObject();
        out.writeName("TableNames");
        out.writeStartArray();
        String last = null;
        int count = 0;
        for (String name : rest.keySet()) {
            if (count == limit) {
                break;
            }
            out.writeString(name);
            last = name;
            count++;
        }
        out.writeEndArray();
        if (last != null && count < rest.size()) {
            out.writeStringProperty("LastEvaluatedTableName", last);
        }
        out.writeEndObject();
    }

    private CatalogCommand.Builder command() {
        return CatalogCommand.newBuilder().setRequestId(requestIds.nextWriteId());
    }

    /** Reads a request whose one parameter of interest is TableName, and checks it. */
    static String readTableName(JsonReader in) {
        String tableName = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals("TableName")) {
                tableName = in.string();
            } else {
                in.skip();
            }
        }
        String plain = TableNames.required(tableName);
        Constraints constraints = new Constraints();
        constraints.name(plain, "tableName");
        constraints.check();
        return plain;
    }
}
