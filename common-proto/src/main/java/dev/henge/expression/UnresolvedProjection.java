package dev.henge.expression;

import dev.henge.proto.DocumentPath;
import dev.henge.proto.Projection;
import java.util.ArrayList;
import java.util.List;

/** A parsed projection whose placeholders are still open. Immutable. */
public final class UnresolvedProjection {

    private final List<PathSyntax> paths;

    UnresolvedProjection(List<PathSyntax> paths) {
        this.paths = List.copyOf(paths);
    }

    /**
     * Checks names and that no two paths overlap or conflict, and marks what it uses.
     *
     * @throws ExpressionException with the service's text
     */
    public Projection resolve(Placeholders placeholders) {
        List<DocumentPath> resolved = new ArrayList<>(paths.size());
        for (PathSyntax path : paths) {
            resolved.add(Paths.resolve(ExpressionKind.PROJECTION, path, placeholders));
        }
        Paths.checkDisjoint(ExpressionKind.PROJECTION, resolved);
        return Projection.newBuilder().addAllPaths(resolved).build();
    }
}
