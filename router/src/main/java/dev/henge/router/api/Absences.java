package dev.henge.router.api;

import dev.henge.proto.TableRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        TableRecord table = tables.describe(TableOperations.readTableName(in), call.deadline());
        if (table.getStatus() == TableRecord.Status.DELETING) {
            throw ApiException.validation("Cannot describe time to live while table is in DELETING state: Current "
                    + "table state is DELETING");
        }
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
        Map<String, String> names = readMembers(in, List.of("TableName", "IndexName"));
        String table = TableOperations.checkedTableName(names.get("TableName"));
        String index = names.get("IndexName");
        if (index != null && (index.length() < 3 || index.length() > 255)) {
            throw ApiException.validation(
                    "IndexName must be at least 3 characters long and at most 255 characters long");
        }
        tables.describe(table, call.deadline());
        if (index != null) {
            throw new ApiException(
                    ErrorType.RESOURCE_NOT_FOUND,
                    "Requested resource not found: Index " + index + " for table " + table);
        }
        out.writeStartObject();
        out.writeStringProperty("TableName", table);
        out.writeStringProperty("ContributorInsightsStatus", "DISABLED");
        out.writeEndObject();
    }

    /** Of one table or of all: none has contributor insights. */
    void listContributorInsights(JsonReader in, ReplyWriter reply, Operation.Call call) {
        JsonGenerator out = reply.json();
        String named = null;
        Integer max = null;
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "TableName" -> named = in.string();
                case "MaxResults" -> max = in.integer();
                default -> in.skip();
            }
        }
        Constraints constraints = new Constraints();
        constraints.atMost(max, 100, "maxResults");
        constraints.check();
        if (named != null) {
            tables.describe(TableOperations.checkedTableName(named), call.deadline());
        }
        out.writeStartObject();
        writeEmptyList(out, "ContributorInsightsSummaries");
        out.writeEndObject();
    }

    /** There are no global tables, and no other tables have replicas. */
    void describeTableReplicaAutoScaling(JsonReader in, ReplyWriter reply, Operation.Call call) {
        String table = TableOperations.readTableName(in);
        throw new ApiException(ErrorType.RESOURCE_NOT_FOUND, "Global table with name: '" + table + "' does not exist.");
    }

    /** No table has a policy. */
    void getResourcePolicy(JsonReader in, ReplyWriter reply, Operation.Call call) {
        String arn = TableNames.requiredResourceArn(readMember(in, "ResourceArn"));
        Constraints constraints = new Constraints();
        TableNames.checkResourceArnLength(arn, constraints);
        constraints.check();
        tables.describe(TableNames.ofResourceArn(arn), call.deadline());
        throw new ApiException(
                ErrorType.POLICY_NOT_FOUND, "Resource-based policy not found for the provided ResourceArn: " + arn);
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

    /**
     * An operation that lists what there is none of.
     *
     * @param limitMember the parameter that bounds a page
     * @param limitMax its greatest value
     */
    static Operation emptyList(String member, String limitMember, int limitMax) {
        return (in, reply, call) -> {
            JsonGenerator out = reply.json();
            Integer limit = null;
            in.openRequest();
            for (String name = in.nextMember(); name != null; name = in.nextMember()) {
                if (name.equals(limitMember)) {
                    limit = in.integer();
                } else {
                    in.skip();
                }
            }
            Constraints constraints = new Constraints();
            constraints.atLeast(limit, 1, lowerFirst(limitMember));
            constraints.atMost(limit, limitMax, lowerFirst(limitMember));
            constraints.check();
            out.writeStartObject();
            writeEmptyList(out, member);
            out.writeEndObject();
        };
    }

    /** A member's name as the service's constraints spell it. */
    private static String lowerFirst(String member) {
        return member.substring(0, 1).toLowerCase(Locale.ROOT) + member.substring(1);
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
            constraints.notNull(name, lowerFirst(nameMember));
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
        return readMembers(in, List.of(member)).get(member);
    }

    /** The members that were sent, by name. */
    private static Map<String, String> readMembers(JsonReader in, List<String> members) {
        Map<String, String> values = new HashMap<>();
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            String value = members.contains(name) ? in.string() : skipped(in);
            if (value != null) {
                values.put(name, value);
            }
        }
        return values;
    }

    private static @Nullable String skipped(JsonReader in) {
        in.skip();
        return null;
    }
}
