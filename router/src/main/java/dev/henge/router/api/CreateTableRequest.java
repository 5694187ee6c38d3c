package dev.henge.router.api;

import dev.henge.catalog.TableChanges;
import dev.henge.catalog.Throughput;
import dev.henge.item.KeyPart;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parameters of CreateTable, read and checked. */
final class CreateTableRequest {

    static final String ON_DEMAND_INITIAL = "initial throughput for OnDemand. See: "
            + "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
            + "#on-demand-capacity-mode-initial";

    enum BillingMode {
        PROVISIONED,
        PAY_PER_REQUEST
    }

    enum TableClass {
        STANDARD,
        STANDARD_INFREQUENT_ACCESS
    }

    private @Nullable String tableName;
    private @Nullable AttributeDefinitions definitions;
    private @Nullable List<KeySchemaElement> keySchema;
    private @Nullable List<IndexRequest> localIndexes;
    private @Nullable List<GlobalIndexRequest> globalIndexes;
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
            case "AttributeDefinitions" -> definitions = AttributeDefinitions.read(in);
            case "KeySchema" -> keySchema = KeySchemaElement.readAll(in);
            case "LocalSecondaryIndexes" -> localIndexes = IndexRequest.readLocal(in);
            case "GlobalSecondaryIndexes" -> globalIndexes = GlobalIndexRequest.readAll(in);
            case "BillingMode" -> billingModeName = in.string();
            case "ProvisionedThroughput" -> throughput = UnitPair.provisioned(in);
            case "DeletionProtectionEnabled" -> deletionProtection = Boolean.TRUE.equals(in.bool());
            case "TableClass" -> tableClass = in.string();
            case "OnDemandThroughput" -> maximum = UnitPair.onDemand(in);
            case "WarmThroughput" -> warmth = UnitPair.warm(in);
            case "SSESpecification" -> encryption = Encryption.read(in);
            case "Tags" -> tags = TagList.read(in);
            case "StreamSpecification" -> readSwitch(in, "StreamSpecification", "StreamEnabled");
            case "VectorIndexes", "ResourcePolicy", "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode" -> {
                if (in.presence()) {
                    notSupported.add(name);
                }
            }
            default -> in.skip();
        }
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
            throughput.checkProvisioned(constraints, "provisionedThroughput");
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
        if (definitions != null) {
            definitions.checkConstraints(constraints);
        }
    }

    private void checkKeySchemaConstraints(Constraints constraints) {
        constraints.notNull(keySchema, "keySchema");
        if (keySchema != null) {
            KeySchemaElement.checkConstraints(constraints, keySchema, KeySchemaElement.COUNT_MAX, "keySchema");
        }
    }

    private void checkIndexConstraints(Constraints constraints) {
        if (localIndexes != null) {
            for (int i = 0; i < localIndexes.size(); i++) {
                localIndexes.get(i).checkConstraints(constraints, "localSecondaryIndexes." + (i + 1) + ".member.");
            }
        }
        if (globalIndexes != null) {
            for (int i = 0; i < globalIndexes.size(); i++) {
                globalIndexes.get(i).checkConstraints(constraints, "globalSecondaryIndexes." + (i + 1) + ".member.");
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
                throughput.checkProvisionedBounds("");
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
        maximum.checkOnDemandRange("table", false);
    }

    private void checkWarmth() {
        if (warmth == null) {
            return;
        }
        switch (billingMode) {
            case PAY_PER_REQUEST -> {
                checkWarm(warmth.read(), Throughput.ON_DEMAND_WARM_READ_UNITS, "ReadUnitsPerSecond", ON_DEMAND_INITIAL);
                checkWarm(
                        warmth.write(),
                        Throughput.ON_DEMAND_WARM_WRITE_UNITS,
                        "WriteUnitsPerSecond",
                        ON_DEMAND_INITIAL);
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
        AttributeDefinitions defined = Objects.requireNonNull(definitions);
        List<String> definedNames = defined.names();
        defined.checkUnique();
        if (!definedNames.containsAll(keyNames) && (keys.size() == 2 || definedNames.isEmpty())) {
            throw ApiException.validation("Invalid KeySchema: Some index key attribute have no definition");
        }
        defined.checkDefines(keyNames);
        KeySchemaElement.check(keys);
        Set<String> used = new HashSet<>(keyNames);
        indexKeys().forEach(key -> {
            defined.checkDefines(key);
            used.addAll(key);
        });
        checkAllUsed(definedNames, used);
        Set<String> names = new HashSet<>();
        int included = 0;
        if (localIndexes != null) {
            String sortKey = keys.size() == 2 ? keyNames.getLast() : null;
            included += IndexRequest.checkLocal(localIndexes, keyNames.getFirst(), sortKey, names);
        }
        if (globalIndexes != null) {
            included += GlobalIndexRequest.checkAll(globalIndexes, defined, names);
            globalIndexes.forEach(index -> index.throughput().checkCreated(index.requiredName(), billingMode));
        }
        if (included > TableChanges.INCLUDED_ATTRIBUTES_MAX) {
            throw ApiException.invalidParameter(TableChanges.tooManyIncluded(included));
        }
    }

    /** The names of the attributes in the key of each index. */
    private List<List<String>> indexKeys() {
        List<List<String>> keys = new ArrayList<>();
        if (localIndexes != null) {
            localIndexes.forEach(index -> keys.add(index.keyNames()));
        }
        if (globalIndexes != null) {
            globalIndexes.forEach(index -> keys.add(index.keyNames()));
        }
        return keys;
    }

    /** The service checks this before all else that may be wrong with an index. */
    private void checkAllUsed(List<String> definedNames, Set<String> used) {
        if (used.size() == definedNames.size() || notSupported.contains("VectorIndexes")) {
            return;
        }
        if (localIndexes == null && globalIndexes == null) {
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
        Map<String, KeyPart> parts = Objects.requireNonNull(definitions).parts();
        if (localIndexes != null) {
            localIndexes.forEach(index -> record.addIndexes(index.toLocalRecord(parts)));
        }
        if (globalIndexes != null) {
            globalIndexes.forEach(index -> record.addIndexes(index.toRecord(parts)));
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
        String name = Objects.requireNonNull(keySchema).get(index).requiredName();
        return IndexRequest.attribute(Objects.requireNonNull(
                Objects.requireNonNull(definitions).parts().get(name)));
    }
}
