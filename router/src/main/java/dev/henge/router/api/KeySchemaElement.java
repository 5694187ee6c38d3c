package dev.henge.router.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** An element of a KeySchema, as it was sent. */
record KeySchemaElement(@Nullable String name, @Nullable String type) {

    private static final int NAME_LENGTH_MAX = 255;

    /** Values of KeyType, in the service's order. */
    enum KeyType {
        HASH,
        RANGE
    }

    /** The list, or null when it is not there. */
    static @Nullable List<KeySchemaElement> readAll(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<KeySchemaElement> elements = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (!in.currentStructure(token, JsonReader.Place.VALUE, "KeySchemaElement")) {
                elements.add(new KeySchemaElement(null, null));
                continue;
            }
            String attributeName = null;
            String type = null;
            for (String name = in.nextMember(); name != null; name = in.nextMember()) {
                switch (name) {
                    case "AttributeName" -> attributeName = in.string();
                    case "KeyType" -> type = in.string();
                    default -> in.skip();
                }
            }
            elements.add(new KeySchemaElement(attributeName, type));
        }
        return elements;
    }

    static void checkConstraints(Constraints constraints, List<KeySchemaElement> keySchema, String path) {
        constraints.length(describe(keySchema), keySchema.size(), 1, 2, path);
        for (int i = 0; i < keySchema.size(); i++) {
            KeySchemaElement element = keySchema.get(i);
            String member = path + "." + (i + 1) + ".member.";
            constraints.notNull(element.name, member + "attributeName");
            constraints.length(
                    element.name,
                    element.name == null ? 0 : element.name.length(),
                    1,
                    NAME_LENGTH_MAX,
                    member + "attributeName");
            constraints.notNull(element.type, member + "keyType");
            constraints.oneOf(element.type, KeyType.class, KeyType.HASH, member + "keyType");
        }
    }

    private static String describe(List<KeySchemaElement> keySchema) {
        return keySchema.stream()
                .map(e -> "KeySchemaElement(attributeName=" + e.name + ", keyType=" + e.type + ")")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** Checks a schema that breaks no constraint: a hash key, and perhaps a range key of another name. */
    static void check(List<KeySchemaElement> keys) {
        if (keys.size() == 2
                && keys.getFirst().requiredName().equals(keys.getLast().requiredName())) {
            throw ApiException.validation(
                    "Both the Hash Key and the Range Key element in the KeySchema have the same name");
        }
        if (!KeyType.HASH.name().equals(keys.getFirst().type)) {
            throw ApiException.validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
        }
        if (keys.size() == 2 && !KeyType.RANGE.name().equals(keys.getLast().type)) {
            throw ApiException.validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
        }
    }

    static List<String> names(List<KeySchemaElement> keySchema) {
        return keySchema.stream().map(KeySchemaElement::requiredName).toList();
    }

    /** Of one that breaks no constraint. */
    String requiredName() {
        return Objects.requireNonNull(name);
    }
}
