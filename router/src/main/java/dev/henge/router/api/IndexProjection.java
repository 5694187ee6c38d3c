package dev.henge.router.api;

import dev.henge.proto.IndexRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The Projection of an index, as it was sent. */
record IndexProjection(@Nullable String type, @Nullable List<@Nullable String> included) {

    private static final int INCLUDED_MAX = 20;
    private static final int NAME_LENGTH_MAX = 255;

    /** Values of ProjectionType, in the service's order. */
    enum Type {
        ALL,
        KEYS_ONLY,
        INCLUDE
    }

    static @Nullable IndexProjection read(JsonReader in) {
        if (!in.openStructure(JsonReader.Place.FIELD, "Projection")) {
            return null;
        }
        String type = null;
        List<@Nullable String> included = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ProjectionType" -> type = in.string();
                case "NonKeyAttributes" -> included = readNames(in);
                default -> in.skip();
            }
        }
        return new IndexProjection(type, included);
    }

    private static @Nullable List<@Nullable String> readNames(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<@Nullable String> names = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            names.add(in.currentString(token));
        }
        return names;
    }

    void checkConstraints(Constraints constraints, String path) {
        constraints.oneOfOrNull(type, Type.class, path + "projectionType");
        if (included == null) {
            return;
        }
        constraints.length(included.toString(), included.size(), 1, INCLUDED_MAX, path + "nonKeyAttributes");
        for (int i = 0; i < included.size(); i++) {
            String name = included.get(i);
            constraints.length(
                    name,
                    name == null ? 0 : name.length(),
                    1,
                    NAME_LENGTH_MAX,
                    path + "nonKeyAttributes." + (i + 1) + ".member");
        }
    }

    /** Checks type and names against each other, and that no name is there twice. Returns the number of names. */
    int check(String index) {
        if (type == null) {
            throw ApiException.invalidParameter("Unknown ProjectionType: null");
        }
        boolean includes = type.equals(Type.INCLUDE.name());
        if (includes && included == null) {
            throw ApiException.invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
        }
        if (!includes && included != null) {
            throw ApiException.invalidParameter("ProjectionType is " + type + ", but NonKeyAttributes is specified");
        }
        if (included == null) {
            return 0;
        }
        Set<String> seen = new HashSet<>();
        for (String name : included) {
            if (!seen.add(String.valueOf(name))) {
                throw ApiException.invalidParameter("Duplicate element in NonKeyAttributes: " + name);
            }
        }
        return included.size();
    }

    void addTo(IndexRecord.Builder record) {
        record.setProjection(
                switch (Type.valueOf(String.valueOf(type))) {
                    case ALL -> IndexRecord.Projection.ALL;
                    case KEYS_ONLY -> IndexRecord.Projection.KEYS_ONLY;
                    case INCLUDE -> IndexRecord.Projection.INCLUDE;
                });
        if (included != null) {
            included.forEach(name -> record.addIncluded(String.valueOf(name)));
        }
    }
}
