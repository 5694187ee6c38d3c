package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.item.ItemCodec;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.SetValue;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One entry of AttributeUpdates, as it was sent.
 *
 * @param action null stands for PUT
 */
record LegacyUpdate(@Nullable String action, @Nullable ParsedItem value) {

    /** Values of Action, in the service's order. */
    enum Action {
        ADD,
        PUT,
        DELETE
    }

    static final String JAVA_NAME = "AttributeValueUpdate";

    private static final Set<String> ADDED = Set.of("N", "SS", "NS", "BS", "L");
    private static final Set<String> DELETED = Set.of("SS", "NS", "BS");

    /** Reads an entry; null when it is null, which the service passes over. */
    static @Nullable LegacyUpdate read(JsonReader in) {
        if (!in.openStructure(JsonReader.Place.VALUE, JAVA_NAME)) {
            return null;
        }
        String action = null;
        ParsedItem value = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "Action" -> action = in.string();
                case "Value" -> value = ItemJsonReader.value(in);
                default -> in.skip();
            }
        }
        return new LegacyUpdate(action, value);
    }

    /** What the entries do, by attribute, as an update; checks them. Call after the constraints. */
    static Update toUpdate(Map<String, LegacyUpdate> entries) {
        Update.Builder update = Update.newBuilder().setFromAttributeUpdates(true);
        entries.forEach((name, entry) -> update.addActions(entry.toAction(name)));
        return update.build();
    }

    private UpdateAction toAction(String name) {
        Action parsed = action == null ? Action.PUT : Action.valueOf(action);
        String typeCode = value == null
                ? null
                : ItemCodec.decodeValue(value.checked().bytes()).typeCode();
        check(parsed, typeCode);
        DocumentPath path = LegacyConditions.path(name);
        ByteString literal = value == null ? ByteString.EMPTY : value.bytes();
        UpdateAction.Builder built = UpdateAction.newBuilder();
        switch (parsed) {
            case PUT ->
                built.setSet(UpdateAction.Set.newBuilder()
                        .setPath(path)
                        .setValue(SetValue.newBuilder().setLiteral(literal)));
            case ADD -> built.setAdd(withLiteral(path, literal));
            case DELETE -> {
                if (value == null) {
                    built.setRemove(path);
                } else {
                    built.setDelete(withLiteral(path, literal));
                }
            }
        }
        return built.build();
    }

    private static void check(Action action, @Nullable String typeCode) {
        if (typeCode == null) {
            if (action != Action.DELETE) {
                throw ApiException.invalidParameter(
                        "Only DELETE action is allowed when no attribute value is specified");
            }
            return;
        }
        if (action == Action.DELETE && !DELETED.contains(typeCode)) {
            throw ApiException.invalidParameter("DELETE action with value is not supported for the type " + typeCode);
        }
        if (action == Action.ADD && !ADDED.contains(typeCode)) {
            throw ApiException.invalidParameter("ADD action is not supported for the type " + typeCode);
        }
    }

    private static UpdateAction.WithLiteral withLiteral(DocumentPath path, ByteString literal) {
        return UpdateAction.WithLiteral.newBuilder()
                .setPath(path)
                .setLiteral(literal)
                .build();
    }
}
