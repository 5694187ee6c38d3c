package dev.henge.router.api;

import dev.henge.item.KeyPart;
import dev.henge.item.KeyType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** AttributeDefinitions, as they were sent: the types of key attributes. */
record AttributeDefinitions(List<Element> elements) {

    private static final int NAME_LENGTH_MAX = 255;

    /** Values of AttributeType, in the service's order. */
    private enum Type {
        B,
        N,
        S
    }

    record Element(@Nullable String name, @Nullable String type) {
        private KeyPart toPart() {
            return new KeyPart(Objects.requireNonNull(name), KeyType.ofTypeCode(Objects.requireNonNull(type)));
        }
    }

    /** The list, or null when it is not there. */
    static @Nullable AttributeDefinitions read(JsonReader in) {
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
        return new AttributeDefinitions(elements);
    }

    void checkConstraints(Constraints constraints) {
        for (int i = 0; i < elements.size(); i++) {
            Element element = elements.get(i);
            String path = "attributeDefinitions." + (i + 1) + ".member.";
            constraints.notNull(element.name, path + "attributeName");
            constraints.length(
                    element.name,
                    element.name == null ? 0 : element.name.length(),
                    1,
                    NAME_LENGTH_MAX,
                    path + "attributeName");
            constraints.notNull(element.type, path + "attributeType");
            constraints.oneOf(element.type, Type.class, Type.S, path + "attributeType");
        }
    }

    /** Of definitions that break no constraint. */
    void checkUnique() {
        Set<String> seen = new HashSet<>();
        for (String name : names()) {
            if (!seen.add(name)) {
                throw ApiException.validation("Attribute Name is duplicated: " + name);
            }
        }
    }

    /** Checks that each attribute of an index's key is defined. */
    void checkDefines(List<String> keys) {
        List<String> names = names();
        if (!names.containsAll(keys)) {
            throw ApiException.invalidParameter("Some index key attributes are not defined in AttributeDefinitions. "
                    + "Keys: " + keys + ", AttributeDefinitions: " + names);
        }
    }

    List<String> names() {
        return elements.stream()
                .map(element -> Objects.requireNonNull(element.name))
                .toList();
    }

    /** By name, of definitions that are unique. */
    Map<String, KeyPart> parts() {
        return elements.stream().map(Element::toPart).collect(Collectors.toMap(KeyPart::name, Function.identity()));
    }
}
