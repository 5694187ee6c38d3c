package dev.henge.expression;

import dev.henge.expression.PathSyntax.Index;
import dev.henge.expression.PathSyntax.Name;
import dev.henge.expression.PathSyntax.NamePlaceholder;
import dev.henge.expression.PathSyntax.Step;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.PathElement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Document paths: resolving, comparing, printing and following them. */
final class Paths {

    private Paths() {}

    static DocumentPath resolve(ExpressionKind kind, PathSyntax path, Placeholders placeholders) {
        DocumentPath.Builder builder = DocumentPath.newBuilder();
        for (Step step : path.steps()) {
            switch (step) {
                case Name name -> builder.addElementsBuilder().setAttribute(name.text());
                case NamePlaceholder placeholder ->
                    builder.addElementsBuilder().setAttribute(placeholders.name(kind, placeholder.text()));
                case Index index -> builder.addElementsBuilder().setIndex(index.index());
            }
        }
        return builder.build();
    }

    /** As the service prints a path in its errors: [name, [0], name]. */
    static String print(DocumentPath path) {
        StringJoiner joiner = new StringJoiner(", ", "[", "]");
        for (PathElement element : path.getElementsList()) {
            joiner.add(element.hasIndex() ? "[" + element.getIndex() + "]" : element.getAttribute());
        }
        return joiner.toString();
    }

    /** What stands at the path, or null. A step that does not fit the value there leads nowhere. */
    static @Nullable AttributeValue read(DocumentPath path, Map<String, AttributeValue> item) {
        AttributeValue value = item.get(path.getElements(0).getAttribute());
        for (int position = 1; position < path.getElementsCount() && value != null; position++) {
            value = read(path.getElements(position), value);
        }
        return value;
    }

    /** Whether there is a value at the path but for its last step, and one that such a step can be made from. */
    static boolean leadsSomewhere(DocumentPath path, Map<String, AttributeValue> item) {
        int last = path.getElementsCount() - 1;
        if (last == 0) {
            return true;
        }
        AttributeValue parent = item.get(path.getElements(0).getAttribute());
        for (int position = 1; position < last && parent != null; position++) {
            parent = read(path.getElements(position), parent);
        }
        return path.getElements(last).hasIndex() ? parent instanceof ListValue : parent instanceof MapValue;
    }

    private static @Nullable AttributeValue read(PathElement element, AttributeValue value) {
        if (element.hasIndex()) {
            return value instanceof ListValue(List<AttributeValue> elements) && element.getIndex() < elements.size()
                    ? elements.get(element.getIndex())
                    : null;
        }
        return value instanceof MapValue(Map<String, AttributeValue> entries)
                ? entries.get(element.getAttribute())
                : null;
    }

    /**
     * Refuses paths of which one is the beginning of another (they overlap) or that need a value to be a list and a map
     * at once (they conflict). The service looks for overlaps first.
     */
    static void checkDisjoint(ExpressionKind kind, List<DocumentPath> paths) {
        PathTree<Boolean> tree = new PathTree<>();
        for (DocumentPath path : paths) {
            if (!tree.tryAdd(path, true)) {
                throw notDisjoint(kind, paths);
            }
        }
    }

    /** Looks at pairs, to name the one that the service names. */
    private static ExpressionException notDisjoint(ExpressionKind kind, List<DocumentPath> paths) {
        Map<String, List<DocumentPath>> byAttribute = new HashMap<>();
        @Nullable String conflict = null;
        for (DocumentPath path : paths) {
            List<DocumentPath> before =
                    byAttribute.computeIfAbsent(path.getElements(0).getAttribute(), _ -> new ArrayList<>());
            for (DocumentPath other : before) {
                switch (relation(other, path)) {
                    case DISJOINT -> {}
                    case OVERLAP -> {
                        return kind.invalid(pair("overlap", other, path));
                    }
                    case CONFLICT -> {
                        if (conflict == null) {
                            conflict = pair("conflict", other, path);
                        }
                    }
                }
            }
            before.add(path);
        }
        if (conflict == null) {
            throw new IllegalArgumentException("disjoint paths");
        }
        return kind.invalid(conflict);
    }

    private static String pair(String relation, DocumentPath one, DocumentPath two) {
        return "Two document paths " + relation
                + " with each other; must remove or rewrite one of these paths; path one: "
                + print(one)
                + ", path two: "
                + print(two);
    }

    private enum Relation {
        DISJOINT,
        OVERLAP,
        CONFLICT
    }

    private static Relation relation(DocumentPath one, DocumentPath two) {
        int common = Math.min(one.getElementsCount(), two.getElementsCount());
        for (int position = 0; position < common; position++) {
            PathElement left = one.getElements(position);
            PathElement right = two.getElements(position);
            if (left.hasIndex() != right.hasIndex()) {
                return Relation.CONFLICT;
            }
            if (!left.equals(right)) {
                return Relation.DISJOINT;
            }
        }
        return Relation.OVERLAP;
    }
}
