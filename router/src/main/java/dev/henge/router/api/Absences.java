package dev.henge.router.api;

import dev.henge.proto.TableRecord;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Operations that look at what Henge does not have yet (backups, time to live, global tables, ...) and so can be
 * answered truthfully: it is off, there is none, or the one named does not exist.
 */
final class Absences {

    private final Tables tables;

    Absences(Tables tables) {
        this.tables = tables;
    }

    void describeTimeToLive(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        tables.describe(TableOperations.readTableName(in), call.deadline());
        out.writeStartObject();
        out.writeName("TimeToLiveDescription");
        out.writeStartObject();
        out.writeStringProperty("TimeToLiveStatus", "DISABLED");
        out.writeEndObject();
        out.writeEndObject();
    }

    void describeContinuousBackups(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String table = TableOperations.readTableName(in);
        if (tables.find(table, call.deadline()) == null) {
            throw new ApiException(ErrorType.TABLE_NOT_FOUND, "Table not found: " + table);
        }
        out.writeStartObject();
        out.writeName("ContinuousBackupsDescription");
        out.writeStartObject();
        out.writeStringProperty("ContinuousBackupsStatus", "DISABLED");
        out.writeName("PointInTimeRecoveryDescription");
        out.writeStartObject();
        out.writeStringProperty("PointInTimeRecoveryStatus", "DISABLED");
        out.writeEndObject();
        out.writeEndObject();
        out.writeEndObject();
    }

    void describeContributorInsights(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String table = TableOperations.readTableName(in);
        tables.describe(table, call.deadline());
        out.writeStartObject();
        out.writeStringProperty("TableName", table);
        out.writeStringProperty("ContributorInsightsStatus", "DISABLED");
        out.writeEndObject();
    }

    void describeKinesisStreamingDestination(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String table = TableOperations.readTableName(in);
        tables.describe(table, call.deadline());
        out.writeStartObject();
        out.writeStringProperty("TableName", table);
        writeEmptyList(out, "KinesisDataStreamDestinations");
        out.writeEndObject();
    }

    void listTagsOfResource(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String name = TableNames.ofResourceArn(readMember(in, "ResourceArn"));
        TableRecord table = tables.find(name, call.deadline());
        if (table == null) {
            throw new ApiException(
                    ErrorType.RESOURCE_NOT_FOUND, "Requested resource not found: ResourcArn: " + name + " not found");
        }
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

    /** Nothing limits an account in Henge; the figures are the service's defaults, which clients plan with. */
    void describeLimits(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        readMember(in, "");
        out.writeStartObject();
        out.writeNumberProperty("AccountMaxReadCapacityUnits", 80_000L);
        out.writeNumberProperty("AccountMaxWriteCapacityUnits", 80_000L);
        out.writeNumberProperty("TableMaxReadCapacityUnits", 40_000L);
        out.writeNumberProperty("TableMaxWriteCapacityUnits", 40_000L);
        out.writeEndObject();
    }

    /** The endpoint is the one the client came by, so that SDKs with endpoint discovery stay there. */
    void describeEndpoints(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        readMember(in, "");
        out.writeStartObject();
        out.writeName("Endpoints");
        out.writeStartArray();
        out.writeStartObject();
        out.writeStringProperty("Address", call.host());
        out.writeNumberProperty("CachePeriodInMinutes", 1440L);
        out.writeEndObject();
        out.writeEndArray();
        out.writeEndObject();
    }

    /** An operation that lists what there is none of. */
    static Operation emptyList(String member) {
        return (in, reply, call) -> {
            JsonGenerator out = reply.json();
            readMember(in, "");
            out.writeStartObject();
            writeEmptyList(out, member);
            out.writeEndObject();
        };
    }

    /**
     * An operation on a thing that can't exist.
     *
     * @param nameMember the parameter that names the thing
     * @param noun stands before the name in the message
     */
    static Operation notFound(ErrorType type, String nameMember, String noun) {
        return (in, reply, call) -> {
            String name = readMember(in, nameMember);
            Constraints constraints = new Constraints();
            constraints.notNull(
                    name, nameMember.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + nameMember.substring(1));
            constraints.check();
            throw new ApiException(type, noun + " not found: " + name);
        };
    }

    /** An operation of the model that is not built. */
    static Operation notBuilt(String name) {
        return (in, reply, call) -> {
            readMember(in, "");
            throw ApiException.notSupportedYet(name);
        };
    }

    private static void writeEmptyList(JsonGenerator out, String member) {
        out.writeName(member);
        out.writeStartArray();
        out.writeEndArray();
    }

    private static @Nullable String readMember(JsonReader in, String member) {
        String value = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals(member)) {
                value = in.string();
            } else {
                in.skip();
            }
        }
        return value;
    }
}
