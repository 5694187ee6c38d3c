package dev.henge.router.api;

import dev.henge.item.KeyPart;
import dev.henge.proto.UpdateTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of UpdateTable, read and checked as far as the request alone tells. The service changes one thing at a
 * time: most members can't stand beside others.
 */
final class UpdateTableRequest {

    /** What a request may change; the texts name them as the service does, those it keeps to itself included. */
    private enum Change {
        PROVISIONED_THROUGHPUT,
        BILLING_MODE,
        INDEXES,
        STREAM,
        ENCRYPTION,
        DELETION_PROTECTION,
        MAXIMUM,
        WARMTH,
        TABLE_CLASS
    }

    private static final List<String> ONE_REQUIRED = List.of(
            "ProvisionedThroughput",
            "BillingMode",
            "UpdateStreamEnabled",
            "GlobalSecondaryIndexUpdates",
            "SSESpecification",
            "ReplicaUpdates",
            "MultiAccountReplicaReady",
            "ReplicaTransitRoleArn",
            "MultiRegionConsistency",
            "DeletionProtectionEnabled",
            "OnDemandThroughput",
            "WarmThroughput");

    private enum StreamViewType {
        NEW_IMAGE,
        OLD_IMAGE,
        NEW_AND_OLD_IMAGES,
        KEYS_ONLY
    }

    private record StreamRequest(
            @Nullable Boolean enabled, @Nullable String viewType) {}

    private @Nullable String tableName;
    private @Nullable String billingMode;
    private @Nullable UnitPair throughput;
    private @Nullable UnitPair maximum;
    private @Nullable UnitPair warmth;
    private @Nullable Boolean deletionProtection;
    private @Nullable String tableClass;
    private @Nullable Encryption encryption;
    private @Nullable StreamRequest stream;
    private @Nullable AttributeDefinitions definitions;
    private List<IndexUpdateRequest> indexUpdates = List.of();
    private boolean emptyIndexUpdates;
    private boolean multiRegionConsistency;
    private final List<String> notSupported = new ArrayList<>(0);
    private final Set<Change> changes = EnumSet.noneOf(Change.class);

    private UpdateTableRequest() {}

    static UpdateTableRequest read(JsonReader in) {
        UpdateTableRequest request = new UpdateTableRequest();
        in.openRequest();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            request.readMember(name, in);
        }
        request.check();
        return request;
    }

    private void readMember(String name, JsonReader in) {
        switch (name) {
            case "TableName" -> tableName = in.string();
            case "BillingMode" -> billingMode = in.string();
            case "ProvisionedThroughput" -> throughput = UnitPair.provisioned(in);
            case "OnDemandThroughput" -> maximum = UnitPair.onDemand(in);
            case "WarmThroughput" -> warmth = UnitPair.warm(in);
            case "DeletionProtectionEnabled" -> deletionProtection = in.bool();
            case "TableClass" -> tableClass = in.string();
            case "SSESpecification" -> encryption = Encryption.read(in);
            case "StreamSpecification" -> stream = readStream(in);
            case "AttributeDefinitions" -> definitions = AttributeDefinitions.read(in);
            case "GlobalSecondaryIndexUpdates" -> readIndexUpdates(in);
            case "MultiRegionConsistency" -> multiRegionConsistency = in.presence();
            case "ReplicaUpdates",
                    "VectorIndexUpdates",
                    "GlobalTableWitnessUpdates",
                    "GlobalTableSettingsReplicationMode" -> {
                if (in.presence()) {
                    notSupported.add(name);
                }
            }
            default -> in.skip();
        }
    }

    private static @Nullable StreamRequest readStream(JsonReader in) {
        if (!in.openStructure(JsonReader.Place.FIELD, "StreamSpecification")) {
            return null;
        }
        Boolean enabled = null;
        String viewType = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "StreamEnabled" -> enabled = in.bool();
                case "StreamViewType" -> viewType = in.string();
                default -> in.skip();
            }
        }
        return new StreamRequest(enabled, viewType);
    }

    /** An empty list is as good as none, but not beside something that does change. */
    private void readIndexUpdates(JsonReader in) {
        List<IndexUpdateRequest> updates = IndexUpdateRequest.readAll(in);
        indexUpdates = updates == null ? List.of() : updates;
        emptyIndexUpdates = updates != null && updates.isEmpty();
    }

    private void check() {
        tableName = TableNames.required(tableName);
        checkConstraints(tableName);
        noteChanges();
        if (changes.isEmpty() && notSupported.isEmpty()) {
            throw ApiException.validation(oneRequired());
        }
        if (!notSupported.isEmpty()) {
            throw ApiException.notSupportedYet("UpdateTable with " + notSupported.getFirst());
        }
        if (multiRegionConsistency) {
            throw ApiException.notSupportedYet("UpdateTable with MultiRegionConsistency");
        }
        CreateTableRequest.checkTableClass(tableClass);
        checkCombination();
        IndexUpdateRequest.check(indexUpdates, definitions);
        checkStream();
        checkThroughput();
        if (encryption != null) {
            encryption.check();
            // What is left is to switch it off, and it is not on.
            throw ApiException.validation(Encryption.NOT_THERE);
        }
    }

    private void checkConstraints(String name) {
        Constraints constraints = new Constraints();
        if (definitions != null) {
            definitions.checkConstraints(constraints);
        }
        constraints.name(name, "tableName");
        constraints.oneOfOrNull(billingMode, CreateTableRequest.BillingMode.class, "billingMode");
        if (throughput != null) {
            throughput.checkProvisioned(constraints, "provisionedThroughput");
        }
        for (int i = 0; i < indexUpdates.size(); i++) {
            indexUpdates.get(i).checkConstraints(constraints, "globalSecondaryIndexUpdates." + (i + 1) + ".member.");
        }
        if (encryption != null) {
            encryption.checkConstraints(constraints);
        }
        if (stream != null) {
            constraints.notNull(stream.enabled, "streamSpecification.streamEnabled");
            constraints.oneOfOrNull(stream.viewType, StreamViewType.class, "streamSpecification.streamViewType");
        }
        constraints.check();
    }

    private void noteChanges() {
        note(Change.PROVISIONED_THROUGHPUT, throughput);
        note(Change.BILLING_MODE, billingMode);
        note(Change.INDEXES, indexUpdates.isEmpty() ? null : indexUpdates);
        note(Change.STREAM, stream);
        note(Change.ENCRYPTION, encryption);
        note(Change.DELETION_PROTECTION, deletionProtection);
        note(Change.MAXIMUM, maximum);
        note(Change.WARMTH, warmth);
        note(Change.TABLE_CLASS, tableClass);
    }

    private void note(Change change, @Nullable Object member) {
        if (member != null) {
            changes.add(change);
        }
    }

    /** The service leaves out of the list what the request has, although it doesn't suffice. */
    private String oneRequired() {
        Stream<String> names =
                ONE_REQUIRED.stream().filter(name -> !multiRegionConsistency || !name.equals("MultiRegionConsistency"));
        return "At least one of " + names.collect(Collectors.joining(", ")) + " or TableClass is required";
    }

    private void checkCombination() {
        if (emptyIndexUpdates) {
            throw ApiException.invalidParameter("List of GlobalSecondaryIndexUpdates is empty");
        }
        checkAlone(Change.ENCRYPTION, "Server-Side Encryption modification");
        checkAlone(Change.TABLE_CLASS, "TableClass modification");
        checkAlone(Change.DELETION_PROTECTION, "DeletionProtection modification");
        if (changes.contains(Change.WARMTH) && indexUpdates.stream().anyMatch(IndexUpdateRequest::creates)) {
            throw ApiException.invalidParameter(
                    "Create global secondary index cannot be specified when updating WarmThroughput");
        }
        checkAlone(Change.WARMTH, "WarmThroughput");
        if (changes.contains(Change.MAXIMUM)
                && !EnumSet.of(Change.MAXIMUM, Change.BILLING_MODE).containsAll(changes)) {
            throw ApiException.invalidParameter(
                    "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
        }
        boolean capacity = changes.contains(Change.PROVISIONED_THROUGHPUT)
                || CreateTableRequest.BillingMode.PROVISIONED.name().equals(billingMode);
        if (changes.contains(Change.STREAM) && capacity) {
            throw ApiException.invalidParameter("You cannot modify stream status while updating table IOPS");
        }
        if (!createsOrDeletesIndexes()) {
            return;
        }
        if (changes.contains(Change.PROVISIONED_THROUGHPUT)) {
            throw ApiException.invalidParameter("You cannot create or delete index while updating table IOPS");
        }
        if (changes.contains(Change.STREAM)) {
            throw ApiException.invalidParameter("You cannot create or delete index while changing stream status");
        }
    }

    private void checkAlone(Change change, String noun) {
        if (changes.contains(change) && changes.size() > 1) {
            throw ApiException.invalidParameter(noun + " must be the only operation in the request");
        }
    }

    private void checkStream() {
        if (stream == null) {
            return;
        }
        boolean enabled = Boolean.TRUE.equals(stream.enabled);
        if (enabled && stream.viewType == null) {
            throw ApiException.invalidParameter("If stream is being enabled then UpdateViewType is required");
        }
        if (!enabled && stream.viewType != null) {
            throw ApiException.invalidParameter(
                    "If stream is being disabled, then UpdateViewType must not be specified");
        }
        if (enabled) {
            throw ApiException.notSupportedYet("UpdateTable with StreamSpecification");
        }
    }

    private void checkThroughput() {
        boolean toOnDemand =
                CreateTableRequest.BillingMode.PAY_PER_REQUEST.name().equals(billingMode);
        if (throughput != null && toOnDemand) {
            throw ApiException.invalidParameter(
                    "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST");
        }
        if (throughput == null && billingMode != null && !toOnDemand) {
            throw ApiException.invalidParameter(
                    "ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
        }
        if (throughput != null) {
            throughput.checkProvisionedBounds("");
        }
        if (maximum != null) {
            maximum.checkOnDemandRange("table", true);
        }
        if (warmth != null) {
            checkWarm(warmth.read(), "ReadUnitsPerSecond");
            checkWarm(warmth.write(), "WriteUnitsPerSecond");
        }
    }

    /** No table sustains less than one unit. */
    private static void checkWarm(@Nullable Long units, String member) {
        if (units != null && units < 1) {
            throw ApiException.invalidParameter("Requested " + member + " for WarmThroughput for table is lower than "
                    + "current WarmThroughput, decreasing WarmThroughput is not supported");
        }
    }

    String tableName() {
        return Parameters.required(tableName);
    }

    /** Whether a stream is to be switched off, which no table has. */
    boolean disablesStream() {
        return stream != null;
    }

    boolean createsOrDeletesIndexes() {
        return indexUpdates.stream().anyMatch(IndexUpdateRequest::createsOrDeletes);
    }

    List<IndexUpdateRequest> indexUpdates() {
        return indexUpdates;
    }

    /** Whether the service shows the table as UPDATING, and as it was, until the change is made. */
    boolean isShownAsUpdating() {
        return changes.contains(Change.PROVISIONED_THROUGHPUT)
                || changes.contains(Change.BILLING_MODE)
                || changes.contains(Change.TABLE_CLASS);
    }

    boolean changesWarmth() {
        return warmth != null;
    }

    UpdateTable.Builder toCommand() {
        UpdateTable.Builder command = UpdateTable.newBuilder().setName(tableName());
        if (billingMode != null) {
            command.setBillingMode(billingMode);
        }
        if (throughput != null) {
            command.setReadCapacityUnits(throughput.readOrZero()).setWriteCapacityUnits(throughput.writeOrZero());
        }
        if (maximum != null) {
            command.setMaxReadRequestUnits(maximum.readOrZero()).setMaxWriteRequestUnits(maximum.writeOrZero());
        }
        if (warmth != null) {
            command.setWarmReadUnits(warmth.readOrZero()).setWarmWriteUnits(warmth.writeOrZero());
        }
        if (deletionProtection != null) {
            command.setDeletionProtection(deletionProtection);
        }
        if (tableClass != null) {
            command.setTableClass(tableClass);
        }
        // Definitions that no new index needs are ignored, as the service does.
        Map<String, KeyPart> parts = indexUpdates.stream().anyMatch(IndexUpdateRequest::creates)
                ? Objects.requireNonNull(definitions).parts()
                : Map.of();
        indexUpdates.forEach(update -> command.addIndexes(update.toChange(parts)));
        return command;
    }
}
