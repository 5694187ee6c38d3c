package dev.henge.router.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** An element of a KeySchema, as it was sent. */
record KeySchemaElement(@Nullable String name, @Nullable String type) {

    /** How many elements the key of a table or of a local index has at most. */
    static final int COUNT_MAX = 2;

    /** How many attributes each half of a global index's key has at most. */
    private static final int GLOBAL_PARTS_MAX = 4;

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

    static void checkConstraints(Constraints constraints, List<KeySchemaElement> keySchema, int countMax, String path) {
        constraints.length(describe(keySchema), keySchema.size(), 1, countMax, path);
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
        checkFirst(keys);
        if (keys.size() == 2 && !KeyType.RANGE.name().equals(keys.getLast().type)) {
            throw ApiException.validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
        }
    }

    private static void checkFirst(List<KeySchemaElement> keys) {
        if (!keys.getFirst().isHash()) {
            throw ApiException.validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
        }
    }

    /** Checks the schema of a global index: up to four hash keys, then up to four range keys, each of another name. */
    static void checkGlobal(List<KeySchemaElement> keys) {
        checkFirst(keys);
        long hashCount = keys.stream().filter(KeySchemaElement::isHash).count();
        if (!keys.stream().limit(hashCount).allMatch(KeySchemaElement::isHash)) {
            throw ApiException.invalidParameter(
                    "All HASH key attributes must precede RANGE key attributes in the KeySchema");
        }
        checkCount(hashCount, KeyType.HASH);
        checkCount(keys.size() - hashCount, KeyType.RANGE);
        if (names(keys).stream().distinct().count() < keys.size()) {
            throw ApiException.validation("The KeySchema contains multiple key attributes with the same name");
        }
    }

    private static void checkCount(long count, KeyType type) {
        if (count > GLOBAL_PARTS_MAX) {
            throw ApiException.invalidParameter(
                    "The KeySchema exceeds the maximum allowed number of " + type + " key attributes");
        }
    }

    boolean isHash() {
        return KeyType.HASH.name().equals(type);
    }

    static List<String> names(List<KeySchemaElement> keySchema) {
        return keySchema.stream().map(KeySchemaElement::requiredName).toList();
    }

    /** Of one that breaks no constraint. */
    String requiredName() {
        return Objects.requireNonNull(name);
    }
}
