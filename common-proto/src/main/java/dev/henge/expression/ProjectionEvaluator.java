package dev.henge.expression;

import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Projection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A projection made ready for many items. Immutable, for any thread.
 *
 * <p>A projected value stands inside the maps and lists that lead to it; of a list the selected elements are kept in
 * their order, without gaps. What a path does not find is left out, and so are the maps and lists that would be empty.
 */
public final class ProjectionEvaluator {

    private final PathTree<Boolean> tree;

    private ProjectionEvaluator(PathTree<Boolean> tree) {
        this.tree = tree;
    }

    /**
     * Makes the projection ready.
     *
     * @throws IllegalArgumentException when paths overlap or conflict, as none of {@link UnresolvedProjection} do
     */
    public static ProjectionEvaluator of(Projection projection) {
        return of(projection.getPathsList());
    }

    static ProjectionEvaluator of(List<DocumentPath> paths) {
        PathTree<Boolean> tree = new PathTree<>();
        for (DocumentPath path : paths) {
            tree.add(path, true);
        }
        return new ProjectionEvaluator(tree);
    }

    /** For one item only. */
    public static Map<String, AttributeValue> project(Projection projection, Map<String, AttributeValue> item) {
        return of(projection).project(item);
    }

    /** The projected item: a new map in the order of the projection, empty when no path finds anything. */
    public Map<String, AttributeValue> project(Map<String, AttributeValue> item) {
        return projectEntries(tree, item);
    }

    private static Map<String, AttributeValue> projectEntries(
            PathTree<Boolean> node, Map<String, AttributeValue> entries) {
        Map<String, AttributeValue> projected = new LinkedHashMap<>();
        node.attributes().forEach((name, child) -> {
            AttributeValue value = project(child, entries.get(name));
            if (value != null) {
                projected.put(name, value);
            }
        });
        return projected;
    }

    private static @Nullable AttributeValue project(PathTree<Boolean> node, @Nullable AttributeValue value) {
        if (value == null || node.leaf() != null) {
            return value;
        }
        if (value instanceof MapValue(var entries)) {
            Map<String, AttributeValue> projected = projectEntries(node, entries);
            return projected.isEmpty() ? null : new MapValue(projected);
        }
        if (value instanceof ListValue(var elements)) {
            List<AttributeValue> projected = new ArrayList<>();
            node.indexes().headMap(elements.size(), false).forEach((index, child) -> {
                AttributeValue element = project(child, elements.get(index));
                if (element != null) {
                    projected.add(element);
                }
            });
            return projected.isEmpty() ? null : new ListValue(projected);
        }
        return null;
    }
}
