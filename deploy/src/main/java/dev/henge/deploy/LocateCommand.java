package dev.henge.deploy;

import com.google.protobuf.ByteString;
import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.membership.plan.PartitionView;
import dev.henge.node.StartupException;
import dev.henge.proto.TableRecord;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** {@code henge locate}: where an item is. */
@Command(
        name = "locate",
        description = "Show which partition has the items of a partition key, who leads it and who has replicas.",
        footer = {
            "",
            "  henge locate Orders customer-17",
            "  henge locate Orders '{\"S\": \"customer-17\"}'",
            "  henge locate Readings '{\"B\": \"AAEC\"}'"
        },
        sortOptions = false)
final class LocateCommand extends OperatorCommand {

    private static final int TIMEOUT_SECONDS = 5;
    private static final JsonFactory JSON = new JsonFactory();

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table's name.")
    private String table = "";

    @Parameters(
            index = "1",
            paramLabel = "KEY",
            description = "The partition key's value: as DynamoDB's JSON, or plain; plain bytes are in base 64.")
    private String key = "";

    LocateCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
        ClusterLook look = new StatusCollector(timeout).look(addresses);
        if (look.catalog().getEpoch() == 0) {
            throw new StartupException("no node answers that knows the cluster's catalog");
        }
        TableRecord record = look.catalog().getTablesList().stream()
                .filter(known -> known.getName().equals(table))
                .findFirst()
                .orElseThrow(() -> new StartupException("there is no table " + table));
        long token = Tokens.of(
                record.getId(),
                KeyEncoding.encode(value(record.getPartitionKey().getType(), key)));
        PartitionView partition = look.view().partitions().stream()
                .filter(other -> !other.isSystem() && other.range().contains(token))
                .findFirst()
                .orElseThrow(
                        () -> new StartupException("no partition has the token " + PartitionsCommand.token(token)));
        String text = "token      " + PartitionsCommand.token(token) + "\n"
                + "partition  " + partition.id() + "\n"
                + "leader     " + (partition.leader().isEmpty() ? "none" : partition.leader()) + "\n"
                + "replicas   " + String.join(" ", partition.voters()) + "\n";
        return Answer.done(text, json -> {
            json.writeStringProperty("table", table);
            json.writeStringProperty("token", PartitionsCommand.token(token));
            json.writeNumberProperty("partition", partition.id());
            json.writeStringProperty("leader", partition.leader());
            json.writeArrayPropertyStart("replicas");
            partition.voters().forEach(json::writeString);
            json.writeEndArray();
        });
    }

    /**
     * A partition key as it was typed.
     *
     * @param type S, N or B
     * @param typed plain, or an object with the type as its only member
     * @throws StartupException when it is none of the type
     */
    static AttributeValue value(String type, String typed) throws StartupException {
        String plain = typed.strip().startsWith("{") ? member(type, typed) : typed;
        try {
            return switch (type) {
                case "S" -> new StringValue(plain);
                case "N" -> new NumberValue(DynamoNumber.parse(plain));
                case "B" ->
                    new BinaryValue(ByteString.copyFrom(Base64.getDecoder().decode(plain)));
                default -> throw new StartupException("this version knows no keys of type " + type);
            };
        } catch (IllegalArgumentException e) {
            throw new StartupException("\"" + plain + "\" is no key of type " + type + ": " + e.getMessage(), e);
        }
    }

    private static String member(String type, String typed) throws StartupException {
        String wanted = "the table's partition key is of type " + type + ": say it as {\"" + type + "\": \"...\"}";
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), typed)) {
            json.nextToken();
            boolean named = json.nextToken() == JsonToken.PROPERTY_NAME && type.equals(json.currentName());
            if (!named || json.nextToken() != JsonToken.VALUE_STRING) {
                throw new StartupException(wanted);
            }
            String value = json.getString();
            if (json.nextToken() != JsonToken.END_OBJECT) {
                throw new StartupException(wanted);
            }
            return value;
        } catch (JacksonException e) {
            throw new StartupException(wanted, e);
        }
    }
}
