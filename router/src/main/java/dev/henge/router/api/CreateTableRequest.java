package dev.henge.router.api;

import dev.henge.catalog.Throughput;
import dev.henge.item.KeyPart;
import dev.henge.item.KeyType;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The parameters of CreateTable, read and checked. */
final class CreateTableRequest {

    private static final String ON_DEMAND_INITIAL =
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
                    + "#on-demand-capacity-mode-initial";

    enum AttributeType {
        B,
        N,
        S
    }

    enum BillingMode {
        PROVISIONED,
        PAY_PER_REQUEST
    }

    enum TableClass {
        STANDARD,
        STANDARD_INFREQUENT_ACCESS
    }

    /** An element of AttributeDefinitions. */
    private record Element(@Nullable String name, @Nullable String type) {}

    private @Nullable String tableName;
    private @Nullable List<Element> definitions;
    private @Nullable List<KeySchemaElement> keySchema;
    private @Nullable List<IndexRequest> localIndexes;
    private @Nullable String billingModeName;
    private BillingMode billingMode = BillingMode.PROVISIONED;
    private @Nullable UnitPair throughput;
    private @Nullable UnitPair maximum;
    private @Nullable UnitPair warmth;
    private @Nullable Encryption encryption;
    private boolean deletionProtection;
    private @Nullable String tableClass;
    private @Nullable TagList tags;
    private final List<String> notSupported = new ArrayList<>(0);

    private CreateTableRequest() {}

    /** Reads and checks the parameters. */
    static CreateTableRequest read(JsonReader in) {
        CreateTableRequest request = new CreateTableRequest();
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            request.readMember(name, in);
        }
        request.check();
        return request;
    }

    boolean namesWarmThroughput() {
        return warmth != null;
    }

    private void readMember(String name, JsonReader in) {
        switch (name) {
            case "TableName" -> tableName = in.string();
            case "AttributeDefinitions" -> definitions = readDefinitions(in);
            case "KeySchema" -> keySchema = KeySchemaElement.readAll(in);
            case "LocalSecondaryIndexes" -> localIndexes = IndexRequest.readLocal(in);
            case "BillingMode" -> billingModeName = in.string();
            case "ProvisionedThroughput" -> throughput = UnitPair.provisioned(in);
            case "DeletionProtectionEnabled" -> deletionProtection = Boolean.TRUE.equals(in.bool());
            case "TableClass" -> tableClass = in.string();
            case "OnDemandThroughput" -> maximum = UnitPair.onDemand(in);
            case "WarmThroughput" -> warmth = UnitPair.warm(in);
            case "SSESpecification" -> encryption = Encryption.read(in);
            case "Tags" -> tags = TagList.read(in);
            case "StreamSpecification" -> readSwitch(in, "StreamSpecification", "StreamEnabled");
            case "GlobalSecondaryIndexes",
                    "VectorIndexes",
                    "ResourcePolicy",
                    "GlobalTableSourceArn",
                    "GlobalTableSettingsReplicationMode" -> {
                if (in.presence()) {
                    notSupported.add(name);
                }
            }
            default -> in.skip();
        }
    }

    private static @Nullable List<Element> readDefinitions(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<Element> elements = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (!in.currentStructure(token, JsonReader.Place.VALUE, "AttributeDefinition")) {
                elements.add(new Element(null, null));
                continue;
            }
            String attributeName = null;
            String type = null;
            for (String name = in.nextMember(); name != null; name = in.nextMember()) {
                switch (name) {
                    case "AttributeName" -> attributeName = in.string();
                    case "AttributeType" -> type = in.string();
                    default -> in.skip();
                }
            }
            elements.add(new Element(attributeName, type));
        }
        return elements;
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
        if (throughput != null) {
            throughput.checkProvisioned(constraints);
        }
        checkKeySchemaConstraints(constraints);
        checkIndexConstraints(constraints);
        if (encryption != null) {
            encryption.checkConstraints(constraints);
        }
        constraints.check();
        checkTableClass(tableClass);
        checkThroughput();
        checkMaximum();
        checkWarmth();
        checkKeySchema();
        if (encryption != null) {
            encryption.check();
        }
        if (tags != null) {
            tags.checked();
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

    private void checkKeySchemaConstraints(Constraints constraints) {
        constraints.notNull(keySchema, "keySchema");
        if (keySchema != null) {
            KeySchemaElement.checkConstraints(constraints, keySchema, "keySchema");
        }
    }

    private void checkIndexConstraints(Constraints constraints) {
        if (localIndexes != null) {
            for (int i = 0; i < localIndexes.size(); i++) {
                localIndexes.get(i).checkConstraints(constraints, "localSecondaryIndexes." + (i + 1) + ".member.");
            }
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
                throughput.checkProvisionedBounds();
            }
        }
    }

    private void checkMaximum() {
        if (maximum == null) {
            return;
        }
        if (billingMode == BillingMode.PROVISIONED) {
            String member = maximum.read() != null ? "MaxReadRequestUnits" : "MaxWriteRequestUnits";
            throw ApiException.invalidParameter(
                    member + " for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.");
        }
        maximum.checkOnDemandRange(false);
    }

    private void checkWarmth() {
        if (warmth == null) {
            return;
        }
        switch (billingMode) {
            case PAY_PER_REQUEST -> {
                String bound = "initial throughput for OnDemand. See: " + ON_DEMAND_INITIAL;
                checkWarm(warmth.read(), Throughput.ON_DEMAND_WARM_READ_UNITS, "ReadUnitsPerSecond", bound);
                checkWarm(warmth.write(), Throughput.ON_DEMAND_WARM_WRITE_UNITS, "WriteUnitsPerSecond", bound);
            }
            case PROVISIONED -> {
                UnitPair provisioned = Objects.requireNonNull(throughput);
                String bound = "CapacityUnits of ProvisionedThroughput";
                checkWarm(warmth.read(), provisioned.readOrZero(), "ReadUnitsPerSecond", "Read" + bound);
                checkWarm(warmth.write(), provisioned.writeOrZero(), "WriteUnitsPerSecond", "Write" + bound);
            }
        }
    }

    private static void checkWarm(@Nullable Long units, long min, String member, String bound) {
        if (units != null && units < min) {
            throw ApiException.invalidParameter(
                    "Requested " + member + " for WarmThroughput for table is lower than " + bound);
        }
    }

    /** A table class has a text of its own. */
    static void checkTableClass(@Nullable String tableClass) {
        for (TableClass known : TableClass.values()) {
            if (tableClass == null || known.name().equals(tableClass)) {
                return;
            }
        }
        throw ApiException.validation("Invalid table-class parameter provided. Please try again with a valid "
                + "table-class value: " + Arrays.toString(TableClass.values()) + ".");
    }

    private void checkKeySchema() {
        List<KeySchemaElement> keys = Objects.requireNonNull(keySchema);
        List<String> keyNames = KeySchemaElement.names(keys);
        List<String> definedNames = Objects.requireNonNull(definitions).stream()
                .map(element -> Objects.requireNonNull(element.name))
                .toList();
        Set<String> seen = new HashSet<>();
        for (String name : definedNames) {
            if (!seen.add(name)) {
                throw ApiException.validation("Attribute Name is duplicated: " + name);
            }
        }
        if (!seen.containsAll(keyNames)) {
            if (keys.size() == 2 || definedNames.isEmpty()) {
                throw ApiException.validation("Invalid KeySchema: Some index key attribute have no definition");
            }
            throw notDefined(keyNames, definedNames);
        }
        KeySchemaElement.check(keys);
        Set<String> used = new HashSet<>(keyNames);
        if (localIndexes != null) {
            IndexRequest.checkLocal(localIndexes, keyNames.getFirst(), keys.size() == 2 ? keyNames.getLast() : null);
            for (IndexRequest index : localIndexes) {
                if (!seen.containsAll(index.keyNames())) {
                    throw notDefined(index.keyNames(), definedNames);
                }
                used.addAll(index.keyNames());
            }
        }
        checkAllUsed(definedNames, keyNames, used);
    }

    private static ApiException notDefined(List<String> keys, List<String> defined) {
        return ApiException.invalidParameter("Some index key attributes are not defined in AttributeDefinitions. Keys: "
                + keys + ", AttributeDefinitions: " + defined);
    }

    private void checkAllUsed(List<String> definedNames, List<String> keyNames, Set<String> used) {
        if (used.size() == definedNames.size()
                || notSupported.stream().anyMatch(member -> member.endsWith("Indexes"))) {
            return;
        }
        if (localIndexes == null) {
            throw ApiException.invalidParameter("Number of attributes in KeySchema does not exactly match number of "
                    + "attributes defined in AttributeDefinitions");
        }
        throw ApiException.invalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: "
                + definedNames + ", keys used: " + used.stream().sorted().toList());
    }

    /** The table asked for; it has no id, UUID, status or time yet. */
    TableRecord.Builder toRecord() {
        TableRecord.Builder record = TableRecord.newBuilder()
                .setName(Objects.requireNonNull(tableName))
                .setBillingMode(billingMode.name())
                .setDeletionProtection(deletionProtection)
                .setPartitionKey(keyAttribute(0));
        if (Objects.requireNonNull(keySchema).size() == 2) {
            record.setSortKey(keyAttribute(1));
        }
        if (localIndexes != null) {
            Map<String, KeyPart> parts = keyParts();
            localIndexes.forEach(index -> record.addIndexes(index.toLocalRecord(parts)));
        }
        if (throughput != null) {
            record.setReadCapacityUnits(throughput.readOrZero());
            record.setWriteCapacityUnits(throughput.writeOrZero());
        }
        if (maximum != null) {
            record.setMaxReadRequestUnits(maximum.readOrZero());
            record.setMaxWriteRequestUnits(maximum.writeOrZero());
        }
        if (warmth != null) {
            record.setWarmReadUnits(warmth.readOrZero());
            record.setWarmWriteUnits(warmth.writeOrZero());
        }
        if (tableClass != null) {
            record.setTableClass(tableClass);
        }
        if (tags != null) {
            record.putAllTags(tags.checked());
        }
        return record;
    }

    private KeyAttribute keyAttribute(int index) {
        KeyPart part = Objects.requireNonNull(
                keyParts().get(Objects.requireNonNull(keySchema).get(index).requiredName()));
        return KeyAttribute.newBuilder()
                .setName(part.name())
                .setType(part.type().typeCode())
                .build();
    }

    private Map<String, KeyPart> keyParts() {
        return Objects.requireNonNull(definitions).stream()
                .map(element -> new KeyPart(
                        Objects.requireNonNull(element.name), KeyType.ofTypeCode(Objects.requireNonNull(element.type))))
                .collect(Collectors.toMap(KeyPart::name, Function.identity()));
    }
}
