package dev.henge.router.api;

import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The parameters of CreateTable, read and checked. */
final class CreateTableRequest {

    private static final int TAGS_MAX = 50;
    private static final int TAG_KEY_LENGTH_MAX = 128;
    private static final int TAG_VALUE_LENGTH_MAX = 256;
    private static final long CAPACITY_UNITS_MAX = 1_000_000_000_000L;
    private static final String PROVISIONED_THROUGHPUT = "provisionedThroughput";

    enum AttributeType {
        B,
        N,
        S
    }

    enum KeyType {
        HASH,
        RANGE
    }

    enum BillingMode {
        PROVISIONED,
        PAY_PER_REQUEST
    }

    enum TableClass {
        STANDARD,
        STANDARD_INFREQUENT_ACCESS
    }

    /** An element of AttributeDefinitions or of KeySchema. */
    private record Element(@Nullable String name, @Nullable String type) {}

    private record Throughput(@Nullable Long read, @Nullable Long write) {}

    private record Tag(@Nullable String key, @Nullable String value) {}

    private @Nullable String tableName;
    private @Nullable List<Element> definitions;
    private @Nullable List<Element> keySchema;
    private @Nullable String billingModeName;
    private BillingMode billingMode = BillingMode.PROVISIONED;
    private @Nullable Throughput throughput;
    private boolean deletionProtection;
    private @Nullable String tableClass;
    private @Nullable List<Tag> tags;
    private final List<String> notSupported = new ArrayList<>(0);

    private CreateTableRequest() {}

    /** Reads and checks the parameters; the record has no id, UUID, status or time yet. */
    static TableRecord.Builder read(JsonReader in) {
        CreateTableRequest request = new CreateTableRequest();
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            request.readMember(name, in);
        }
        request.check();
        return request.toRecord();
    }

    private void readMember(String name, JsonReader in) {
        switch (name) {
            case "TableName" -> tableName = in.string();
            case "AttributeDefinitions" -> definitions = readElements(in, "AttributeDefinition", "AttributeType");
            case "KeySchema" -> keySchema = readElements(in, "KeySchemaElement", "KeyType");
            case "BillingMode" -> billingModeName = in.string();
            case "ProvisionedThroughput" -> throughput = readThroughput(in);
            case "DeletionProtectionEnabled" -> deletionProtection = Boolean.TRUE.equals(in.bool());
            case "TableClass" -> tableClass = in.string();
            case "Tags" -> tags = readTags(in);
            case "StreamSpecification" -> readSwitch(in, "StreamSpecification", "StreamEnabled");
            case "SSESpecification" -> readSwitch(in, "SSESpecification", "Enabled");
            case "LocalSecondaryIndexes",
                    "GlobalSecondaryIndexes",
                    "VectorIndexes",
                    "WarmThroughput",
                    "ResourcePolicy",
                    "OnDemandThroughput",
                    "GlobalTableSourceArn",
                    "GlobalTableSettingsReplicationMode" -> {
                if (in.presence()) {
                    notSupported.add(name);
                }
            }
            default -> in.skip();
        }
    }

    private static @Nullable List<Element> readElements(JsonReader in, String javaName, String typeMember) {
        if (!in.openList()) {
            return null;
        }
        List<Element> elements = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (!in.currentStructure(token, JsonReader.Place.VALUE, javaName)) {
                continue;
            }
            String attributeName = null;
            String type = null;
            for (String name = in.nextMember(); name != null; name = in.nextMember()) {
                if (name.equals("AttributeName")) {
                    attributeName = in.string();
                } else if (name.equals(typeMember)) {
                    type = in.string();
                } else {
                    in.skip();
                }
            }
            elements.add(new Element(attributeName, type));
        }
        return elements;
    }

    private static @Nullable Throughput readThroughput(JsonReader in) {
        if (!in.openStructure(JsonReader.Place.FIELD, "ProvisionedThroughput")) {
            return null;
        }
        Long read = null;
        Long write = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ReadCapacityUnits" -> read = in.longInteger();
                case "WriteCapacityUnits" -> write = in.longInteger();
                default -> in.skip();
            }
        }
        return new Throughput(read, write);
    }

    private static @Nullable List<Tag> readTags(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<Tag> tags = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (!in.currentStructure(token, JsonReader.Place.VALUE, "Tag")) {
                continue;
            }
            String key = null;
            String value = null;
            for (String name = in.nextMember(); name != null; name = in.nextMember()) {
                switch (name) {
                    case "Key" -> key = in.string();
                    case "Value" -> value = in.string();
                    default -> in.skip();
                }
            }
            tags.add(new Tag(key, value));
        }
        return tags;
    }

    /** Reads a specification that asks for something only when its switch is on. */
    private void readSwitch(JsonReader in, String specification, String switchMember) {
        if (!in.openStructure(JsonReader.Place.FIELD, specification)) {
            return;
        }
        boolean on = false;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals(switchMember)) {
                on = Boolean.TRUE.equals(in.bool());
            } else {
                in.skip();
            }
        }
        if (on) {
            notSupported.add(specification);
        }
    }

    private void check() {
        tableName = TableNames.required(tableName);
        Constraints constraints = new Constraints();
        checkDefinitions(constraints);
        constraints.name(tableName, "tableName");
        billingMode = constraints.oneOf(billingModeName, BillingMode.class, BillingMode.PROVISIONED, "billingMode");
        constraints.oneOf(tableClass, TableClass.class, TableClass.STANDARD, "tableClass");
        checkThroughputConstraints(constraints);
        checkKeySchemaConstraints(constraints);
        checkTagConstraints(constraints);
        constraints.check();
        checkThroughput();
        checkKeySchema();
        if (tags != null && tags.size() > TAGS_MAX) {
            throw ApiException.validation("Too many tags: a table has " + TAGS_MAX + " at most");
        }
        if (!notSupported.isEmpty()) {
            throw ApiException.notSupportedYet("CreateTable with " + notSupported.getFirst());
        }
    }

    private void checkDefinitions(Constraints constraints) {
        constraints.notNull(definitions, "attributeDefinitions");
        if (definitions == null) {
            return;
        }
        for (int i = 0; i < definitions.size(); i++) {
            Element element = definitions.get(i);
            String path = "attributeDefinitions." + (i + 1) + ".member.";
            constraints.notNull(element.name, path + "attributeName");
            checkKeyName(constraints, element.name, path + "attributeName");
            constraints.notNull(element.type, path + "attributeType");
            constraints.oneOf(element.type, AttributeType.class, AttributeType.S, path + "attributeType");
        }
    }

    private static void checkKeyName(Constraints constraints, @Nullable String name, String path) {
        constraints.length(name, name == null ? 0 : name.length(), 1, 255, path);
    }

    private void checkThroughputConstraints(Constraints constraints) {
        if (throughput == null) {
            return;
        }
        constraints.notNull(throughput.write, PROVISIONED_THROUGHPUT + ".writeCapacityUnits");
        constraints.atLeast(throughput.write, 1, PROVISIONED_THROUGHPUT + ".writeCapacityUnits");
        constraints.notNull(throughput.read, PROVISIONED_THROUGHPUT + ".readCapacityUnits");
        constraints.atLeast(throughput.read, 1, PROVISIONED_THROUGHPUT + ".readCapacityUnits");
    }

    private void checkKeySchemaConstraints(Constraints constraints) {
        constraints.notNull(keySchema, "keySchema");
        if (keySchema == null) {
            return;
        }
        constraints.length(describeKeySchema(), keySchema.size(), 1, 2, "keySchema");
        for (int i = 0; i < keySchema.size(); i++) {
            Element element = keySchema.get(i);
            String path = "keySchema." + (i + 1) + ".member.";
            constraints.notNull(element.name, path + "attributeName");
            checkKeyName(constraints, element.name, path + "attributeName");
            constraints.notNull(element.type, path + "keyType");
            constraints.oneOf(element.type, KeyType.class, KeyType.HASH, path + "keyType");
        }
    }

    private String describeKeySchema() {
        return Objects.requireNonNull(keySchema).stream()
                .map(e -> "KeySchemaElement(attributeName=" + e.name + ", keyType=" + e.type + ")")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private void checkTagConstraints(Constraints constraints) {
        if (tags == null) {
            return;
        }
        for (int i = 0; i < tags.size(); i++) {
            Tag tag = tags.get(i);
            String path = "tags." + (i + 1) + ".member.";
            constraints.notNull(tag.key, path + "key");
            constraints.length(tag.key, tag.key == null ? 0 : tag.key.length(), 1, TAG_KEY_LENGTH_MAX, path + "key");
            constraints.notNull(tag.value, path + "value");
            constraints.length(
                    tag.value, tag.value == null ? 0 : tag.value.length(), 0, TAG_VALUE_LENGTH_MAX, path + "value");
        }
    }

    private void checkThroughput() {
        switch (billingMode) {
            case PAY_PER_REQUEST -> {
                if (throughput != null) {
                    throw ApiException.invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                            + "specified when BillingMode is PAY_PER_REQUEST");
                }
            }
            case PROVISIONED -> {
                if (throughput == null) {
                    throw ApiException.invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be "
                            + "specified when BillingMode is PROVISIONED");
                }
                checkInBounds(throughput.read, "ReadCapacityUnits");
                checkInBounds(throughput.write, "WriteCapacityUnits");
            }
        }
    }

    private static void checkInBounds(@Nullable Long units, String member) {
        if (units != null && units > CAPACITY_UNITS_MAX) {
            throw ApiException.validation("Given value " + units + " for " + member + " is out of bounds");
        }
    }

    private void checkKeySchema() {
        List<Element> keys = Objects.requireNonNull(keySchema);
        List<String> keyNames = names(keys);
        List<String> definedNames = names(Objects.requireNonNull(definitions));
        if (!definedNames.containsAll(keyNames)) {
            if (keys.size() == 2) {
                throw ApiException.validation("Invalid KeySchema: Some index key attribute have no definition");
            }
            throw ApiException.invalidParameter("Some index key attributes are not defined in AttributeDefinitions. "
                    + "Keys: " + keyNames + ", AttributeDefinitions: " + definedNames);
        }
        if (keyNames.size() == 2 && keyNames.getFirst().equals(keyNames.getLast())) {
            throw ApiException.validation(
                    "Both the Hash Key and the Range Key element in the KeySchema have the same name");
        }
        if (!KeyType.HASH.name().equals(keys.getFirst().type)) {
            throw ApiException.validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
        }
        if (keys.size() == 2 && !KeyType.RANGE.name().equals(keys.getLast().type)) {
            throw ApiException.validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
        }
        if (definedNames.stream().distinct().count() != definedNames.size()) {
            throw ApiException.invalidParameter("Duplicate attribute name in AttributeDefinitions: " + definedNames);
        }
        boolean indexed = notSupported.stream().anyMatch(member -> member.endsWith("Indexes"));
        if (definedNames.size() != keyNames.size() && !indexed) {
            throw ApiException.invalidParameter("Number of attributes in KeySchema does not exactly match number of "
                    + "attributes defined in AttributeDefinitions");
        }
    }

    private static List<String> names(List<Element> elements) {
        return elements.stream()
                .map(element -> Objects.requireNonNull(element.name))
                .toList();
    }

    private TableRecord.Builder toRecord() {
        TableRecord.Builder record = TableRecord.newBuilder()
                .setName(Objects.requireNonNull(tableName))
                .setBillingMode(billingMode.name())
                .setDeletionProtection(deletionProtection)
                .setPartitionKey(keyAttribute(0));
        if (Objects.requireNonNull(keySchema).size() == 2) {
            record.setSortKey(keyAttribute(1));
        }
        if (throughput != null) {
            record.setReadCapacityUnits(Objects.requireNonNull(throughput.read));
            record.setWriteCapacityUnits(Objects.requireNonNull(throughput.write));
        }
        if (tableClass != null) {
            record.setTableClass(tableClass);
        }
        Map<String, String> tagMap = new LinkedHashMap<>();
        for (Tag tag : tags == null ? List.<Tag>of() : tags) {
            tagMap.put(Objects.requireNonNull(tag.key), Objects.requireNonNull(tag.value));
        }
        return record.putAllTags(tagMap);
    }

    private KeyAttribute keyAttribute(int index) {
        String name = Objects.requireNonNull(Objects.requireNonNull(keySchema).get(index).name);
        String type = Objects.requireNonNull(definitions).stream()
                .filter(definition -> name.equals(definition.name))
                .map(definition -> Objects.requireNonNull(definition.type))
                .findFirst()
                .orElseThrow();
        return KeyAttribute.newBuilder().setName(name).setType(type).build();
    }
}
