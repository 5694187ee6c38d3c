package dev.henge.expression;

import dev.henge.proto.DocumentPath;
import dev.henge.proto.PathElement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Disjoint document paths as a tree: a node is either a leaf, or steps to children by name, or by index. Names keep the
 * order in which they came; indexes ascend.
 *
 * @param <T> what a path's end carries
 */
final class PathTree<T> {

    private final Map<String, PathTree<T>> attributes = new LinkedHashMap<>();
    private final NavigableMap<Integer, PathTree<T>> indexes = new TreeMap<>();
    private @Nullable T leaf;

    /** @throws IllegalArgumentException when the path overlaps or conflicts with one there, or is empty */
    void add(DocumentPath path, T end) {
        if (!tryAdd(path, end)) {
            throw new IllegalArgumentException("overlapping, conflicting or empty path: " + Paths.print(path));
        }
    }

    /** False when the path overlaps or conflicts with one there, or is empty; the tree is of no further use then. */
    boolean tryAdd(DocumentPath path, T end) {
        PathTree<T> node = this;
        for (PathElement element : path.getElementsList()) {
            boolean fits =
                    node.leaf == null && (element.hasIndex() ? node.attributes.isEmpty() : node.indexes.isEmpty());
            if (!fits) {
                return false;
            }
            node = element.hasIndex()
                    ? node.indexes.computeIfAbsent(element.getIndex(), _ -> new PathTree<>())
                    : node.attributes.computeIfAbsent(element.getAttribute(), _ -> new PathTree<>());
        }
        if (node == this || node.leaf != null || !node.attributes.isEmpty() || !node.indexes.isEmpty()) {
            return false;
        }
        node.leaf = end;
        return true;
    }

    /** What the path that ends here carries, or null when none does. */
    @Nullable
    T leaf() {
        return leaf;
    }

    Map<String, PathTree<T>> attributes() {
        return attributes;
    }

    NavigableMap<Integer, PathTree<T>> indexes() {
        return indexes;
    }
}
