package dev.henge.router.api;

import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.TableRecord;
import dev.henge.router.api.TableSizes.Sizes;
import java.util.NavigableMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** CreateTable, UpdateTable, DescribeTable, ListTables, DeleteTable. */
final class TableOperations {

    private static final int LIST_LIMIT_MAX = 100;

    private final Tables tables;
    private final TableCommands commands;
    private final TableSizes sizes;
    private final TableDescriptions descriptions;

    TableOperations(Tables tables, TableCommands commands, TableSizes sizes, TableDescriptions descriptions) {
        this.tables = tables;
        this.commands = commands;
        this.sizes = sizes;
        this.descriptions = descriptions;
    }

    /**
     * CreateTable. The catalog has the table ACTIVE at once; the answer says CREATING as the service's does, so that
     * what clients learn here holds there.
     */
    void create(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        CreateTableRequest request = CreateTableRequest.read(in);
        TableRecord table = request.toRecord()
                .setTableId(UUID.randomUUID().toString())
                .setCreatedMillis(System.currentTimeMillis())
                .setStatus(TableRecord.Status.ACTIVE)
                .build();
        // Waits for the first catalog, and spares the system partition a command that is refused anyway.
        if (tables.find(table.getName(), call.deadline()) != null) {
            throw TableCommands.alreadyExists(table.getName());
        }
        CatalogCommand.Builder command = CatalogCommand.newBuilder()
                .setCreateTable(CreateTable.newBuilder().setTable(table));
        TableRecord created = commands.submit(command, table.getName(), call.deadline());
        out.writeStartObject();
        descriptions.writeCreated(out, created, request.namesWarmThroughput());
        out.writeEndObject();
    }

    /** UpdateTable. The catalog has the change at once; the answer shows it as under way where the service's does. */
    void update(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        UpdateTableRequest request = UpdateTableRequest.read(in);
        String name = request.tableName();
        TableRecord before = tables.describe(name, call.deadline());
        if (request.disablesStream()) {
            throw ApiException.validation("Table has no stream to disable: TableName: " + name);
        }
        CatalogCommand.Builder command =
                CatalogCommand.newBuilder().setUpdateTable(request.toCommand().setAtMillis(System.currentTimeMillis()));
        TableRecord after = commands.submit(command, name, call.deadline());
        out.writeStartObject();
        descriptions.writeUpdated(out, before, after, request, sizes.of(after));
        out.writeEndObject();
    }

    /** DescribeTable. */
    void describe(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        TableRecord table = tables.describe(readTableName(in), call.deadline());
        out.writeStartObject();
        descriptions.write(out, "Table", table, table.getStatus(), sizes.of(table));
        out.writeEndObject();
    }

    /** DeleteTable. The table shows as DELETING until every partition has dropped its items. */
    void delete(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String name = readTableName(in);
        TableRecord table = tables.describe(name, call.deadline());
        Sizes before = sizes.of(table);
        CatalogCommand.Builder command = CatalogCommand.newBuilder()
                .setDeleteTable(DeleteTable.newBuilder().setName(name));
        TableRecord deleting = commands.submit(command, name, call.deadline());
        out.writeStartObject();
        descriptions.write(out, "TableDescription", deleting, TableRecord.Status.DELETING, before);
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
        return checkedTableName(tableName);
    }

    /** The plain name in a TableName that was sent. */
    static String checkedTableName(@Nullable String tableName) {
        String plain = TableNames.required(tableName);
        Constraints constraints = new Constraints();
        constraints.name(plain, "tableName");
        constraints.check();
        return plain;
    }
}
