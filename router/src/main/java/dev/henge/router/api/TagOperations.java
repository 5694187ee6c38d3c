package dev.henge.router.api;

import dev.henge.cluster.Deadline;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TagTable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** TagResource, UntagResource, ListTagsOfResource. The answers of the first two are empty, without as much as braces. */
final class TagOperations {

    private final Tables tables;
    private final TableCommands commands;

    TagOperations(Tables tables, TableCommands commands) {
        this.tables = tables;
        this.commands = commands;
    }

    /** TagResource. */
    void tag(JsonReader in, ReplyWriter reply, Operation.Call call) {
        String arn = null;
        TagList tags = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ResourceArn" -> arn = in.string();
                case "Tags" -> tags = TagList.read(in);
                default -> in.skip();
            }
        }
        String given = requiredArn(arn, tags, "tags");
        String table = TableNames.ofResourceArn(given);
        TagList wanted = Parameters.required(tags);
        if (wanted.isEmpty()) {
            throw ApiException.validation("Atleast one Tag needs to be provided as Input.");
        }
        TagTable.Builder change = TagTable.newBuilder().setName(table).putAllAdded(wanted.checked());
        submit(change, given, call.deadline());
    }

    /** UntagResource. A key that no tag has is no error. */
    void untag(JsonReader in, ReplyWriter reply, Operation.Call call) {
        String arn = null;
        List<@Nullable String> keys = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ResourceArn" -> arn = in.string();
                case "TagKeys" -> keys = in.strings();
                default -> in.skip();
            }
        }
        String given = requiredArn(arn, keys, "tagKeys");
        String table = TableNames.ofResourceArn(given);
        List<@Nullable String> unwanted = Parameters.required(keys);
        if (unwanted.isEmpty()) {
            throw ApiException.validation("Atleast one Tag Key needs to be provided as Input.");
        }
        TagTable.Builder change = TagTable.newBuilder().setName(table).addAllRemovedKeys(TagList.checkedKeys(unwanted));
        submit(change, given, call.deadline());
    }

    private static String requiredArn(@Nullable String arn, @Nullable Object other, String otherPath) {
        String given = TableNames.requiredResourceArn(arn);
        Constraints constraints = new Constraints();
        constraints.notNull(other, otherPath);
        TableNames.checkResourceArnLength(given, constraints);
        constraints.check();
        return given;
    }

    private void submit(TagTable.Builder change, String arn, Deadline deadline) {
        table(change.getName(), arn, deadline);
        commands.submit(CatalogCommand.newBuilder().setTagTable(change), change.getName(), deadline);
    }

    private TableRecord table(String name, String arn, Deadline deadline) {
        TableRecord table = tables.find(name, deadline);
        if (table == null) {
            throw new ApiException(
                    ErrorType.RESOURCE_NOT_FOUND, "Requested resource not found: ResourceArn: " + arn + " not found");
        }
        return table;
    }

    /** ListTagsOfResource. All tags fit in one answer, as the service gives them, so no token was ever handed out. */
    void list(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String arn = null;
        String nextToken = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ResourceArn" -> arn = in.string();
                case "NextToken" -> nextToken = in.string();
                default -> in.skip();
            }
        }
        String given = requiredArn(arn, "", "");
        String name = TableNames.ofResourceArn(given);
        if (nextToken != null) {
            throw ApiException.validation("Provided nextToken is invalid: " + nextToken);
        }
        TableRecord table = table(name, given, call.deadline());
        out.writeStartObject();
        out.writeName("Tags");
        out.writeStartArray();
        for (Map.Entry<String, String> tag : new TreeMap<>(table.getTagsMap()).entrySet()) {
            out.writeStartObject();
            out.writeStringProperty("Key", tag.getKey());
            out.writeStringProperty("Value", tag.getValue());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }
}
