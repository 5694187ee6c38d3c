package dev.henge.router.api;

import dev.henge.item.KeyPart;
import dev.henge.proto.IndexUpdate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** An element of GlobalSecondaryIndexUpdates, as it was sent; one of the three should be there. */
record IndexUpdateRequest(
        @Nullable GlobalIndexRequest create,
        @Nullable Update update,
        @Nullable Delete delete) {

    /** The throughput an index is to have. */
    record Update(@Nullable String name, IndexThroughputRequest throughput) {}

    record Delete(@Nullable String name) {}

    /** The list, or null when it is not there. */
    static @Nullable List<IndexUpdateRequest> readAll(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<IndexUpdateRequest> updates = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (in.currentStructure(token, JsonReader.Place.VALUE, "GlobalSecondaryIndexUpdate")) {
                updates.add(readOne(in));
            }
        }
        return updates;
    }

    private static IndexUpdateRequest readOne(JsonReader in) {
        GlobalIndexRequest create = null;
        Update update = null;
        Delete delete = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "Create" -> {
                    boolean there = in.openStructure(JsonReader.Place.FIELD, "CreateGlobalSecondaryIndexAction");
                    create = there ? GlobalIndexRequest.readMembers(in) : null;
                }
                case "Update" -> {
                    boolean there = in.openStructure(JsonReader.Place.FIELD, "UpdateGlobalSecondaryIndexAction");
                    update = there ? readUpdate(in) : null;
                }
                case "Delete" -> {
                    boolean there = in.openStructure(JsonReader.Place.FIELD, "DeleteGlobalSecondaryIndexAction");
                    delete = there ? readDelete(in) : null;
                }
                default -> in.skip();
            }
        }
        return new IndexUpdateRequest(create, update, delete);
    }

    private static Update readUpdate(JsonReader in) {
        String indexName = null;
        IndexThroughputRequest throughput = IndexThroughputRequest.none();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals("IndexName")) {
                indexName = in.string();
            } else {
                throughput = throughput.readMember(name, in);
            }
        }
        return new Update(indexName, throughput);
    }

    private static Delete readDelete(JsonReader in) {
        String indexName = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            if (name.equals("IndexName")) {
                indexName = in.string();
            } else {
                in.skip();
            }
        }
        return new Delete(indexName);
    }

    void checkConstraints(Constraints constraints, String path) {
        if (create != null) {
            create.checkConstraints(constraints, path + "create.");
        }
        if (update != null) {
            constraints.requiredName(update.name, path + "update.indexName");
            update.throughput.checkConstraints(constraints, path + "update.");
        }
        if (delete != null) {
            constraints.requiredName(delete.name, path + "delete.indexName");
        }
    }

    /**
     * Checks updates that break no constraint, as far as the request tells.
     *
     * @param definitions null when the request has none
     */
    static void check(List<IndexUpdateRequest> updates, @Nullable AttributeDefinitions definitions) {
        Set<String> names = new HashSet<>();
        for (IndexUpdateRequest update : updates) {
            update.checkAction();
            if (!names.add(update.requiredName())) {
                throw ApiException.invalidParameter("Only one global secondary index update per index is allowed "
                        + "simultaneously. Index: " + update.requiredName());
            }
        }
        for (IndexUpdateRequest update : updates) {
            update.checkDetails(definitions);
        }
    }

    private void checkAction() {
        int actions = (create == null ? 0 : 1) + (update == null ? 0 : 1) + (delete == null ? 0 : 1);
        if (actions == 0) {
            throw ApiException.invalidParameter("One of GlobalSecondaryIndexUpdate.Update, "
                    + "GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null");
        }
        if (actions > 1) {
            throw ApiException.invalidParameter(
                    "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object");
        }
    }

    private void checkDetails(@Nullable AttributeDefinitions definitions) {
        if (update != null) {
            update.throughput.checkBounds(requiredName(), true);
        }
        if (create == null) {
            return;
        }
        if (definitions == null) {
            throw ApiException.invalidParameter(
                    "AttributeDefinitions is not specified for index: " + create.requiredName());
        }
        definitions.checkUnique();
        create.check(definitions);
        create.throughput().checkBounds(create.requiredName(), false);
    }

    private String requiredName() {
        if (create != null) {
            return create.requiredName();
        }
        return Objects.requireNonNull(update == null ? Objects.requireNonNull(delete).name : update.name);
    }

    /** Whether it makes or removes an index. */
    boolean createsOrDeletes() {
        return update == null;
    }

    boolean creates() {
        return create != null;
    }

    /** Whether it asks for a throughput of the index that takes its time. */
    boolean changes(String index) {
        return update != null
                && index.equals(update.name)
                && (update.throughput.provisioned() != null || update.throughput.maximum() != null);
    }

    boolean warms(String index) {
        return update != null && index.equals(update.name) && update.throughput.warmth() != null;
    }

    boolean provisions(String index) {
        return update != null && index.equals(update.name) && update.throughput.provisioned() != null;
    }

    IndexUpdate toChange(Map<String, KeyPart> definitions) {
        IndexUpdate.Builder change = IndexUpdate.newBuilder();
        if (create != null) {
            change.setCreate(create.toRecord(definitions));
        }
        if (update != null) {
            change.setUpdate(update.throughput.toChange(requiredName()));
        }
        if (delete != null) {
            change.setDelete(requiredName());
        }
        return change.build();
    }
}
