package dev.henge.router.api;

import dev.henge.proto.Condition;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import dev.henge.proto.Projection;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The top-level attributes that expressions speak of. */
final class Paths {

    private Paths() {}

    /** What an update changes, in its order. */
    static List<String> updated(Update update) {
        List<String> attributes = new ArrayList<>(update.getActionsCount());
        for (UpdateAction action : update.getActionsList()) {
            DocumentPath path =
                    switch (action.getKindCase()) {
                        case SET -> action.getSet().getPath();
                        case REMOVE -> action.getRemove();
                        case ADD -> action.getAdd().getPath();
                        case DELETE -> action.getDelete().getPath();
                        case KIND_NOT_SET -> throw new IllegalArgumentException("an update action of no kind");
                    };
            attributes.add(head(path));
        }
        return attributes;
    }

    /** What a projection asks for, in its order. */
    static Set<String> read(Projection projection) {
        Set<String> attributes = new LinkedHashSet<>();
        projection.getPathsList().forEach(path -> attributes.add(head(path)));
        return attributes;
    }

    /** What a condition reads. */
    static Set<String> read(Condition condition) {
        Set<String> attributes = new LinkedHashSet<>();
        collect(condition, attributes);
        return attributes;
    }

    private static void collect(Condition condition, Set<String> attributes) {
        switch (condition.getKindCase()) {
            case ALL_OF -> condition.getAllOf().getTermsList().forEach(term -> collect(term, attributes));
            case ANY_OF -> condition.getAnyOf().getTermsList().forEach(term -> collect(term, attributes));
            case NOT -> collect(condition.getNot(), attributes);
            case COMPARISON -> {
                collect(condition.getComparison().getLeft(), attributes);
                collect(condition.getComparison().getRight(), attributes);
            }
            case BETWEEN -> {
                collect(condition.getBetween().getValue(), attributes);
                collect(condition.getBetween().getLow(), attributes);
                collect(condition.getBetween().getHigh(), attributes);
            }
            case IN -> {
                collect(condition.getIn().getValue(), attributes);
                condition.getIn().getCandidatesList().forEach(candidate -> collect(candidate, attributes));
            }
            case ATTRIBUTE_EXISTS -> attributes.add(head(condition.getAttributeExists()));
            case ATTRIBUTE_NOT_EXISTS -> attributes.add(head(condition.getAttributeNotExists()));
            case ATTRIBUTE_TYPE -> collect(condition.getAttributeType().getSubject(), attributes);
            case CONTAINS -> {
                collect(condition.getContains().getSubject(), attributes);
                collect(condition.getContains().getArgument(), attributes);
            }
            case BEGINS_WITH -> {
                collect(condition.getBeginsWith().getSubject(), attributes);
                collect(condition.getBeginsWith().getArgument(), attributes);
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("a condition of no kind");
        }
    }

    private static void collect(Operand operand, Set<String> attributes) {
        switch (operand.getKindCase()) {
            case PATH -> attributes.add(head(operand.getPath()));
            case SIZE_OF -> attributes.add(head(operand.getSizeOf()));
            case LITERAL -> {}
            case KIND_NOT_SET -> throw new IllegalArgumentException("an operand of no kind");
        }
    }

    private static String head(DocumentPath path) {
        return path.getElements(0).getAttribute();
    }
}
