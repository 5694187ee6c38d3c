package dev.henge.router.api;

import dev.henge.proto.Condition;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import dev.henge.proto.Projection;
import dev.henge.proto.SetValue;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The top-level attributes that expressions speak of. */
final class Paths {

    private Paths() {}

    /** What an update changes, in its order. */
    static List<String> updated(Update update) {
        List<String> attributes = new ArrayList<>(update.getActionsCount());
        for (UpdateAction action : update.getActionsList()) {
            attributes.add(head(target(action)));
        }
        return attributes;
    }

    private static DocumentPath target(UpdateAction action) {
        return switch (action.getKindCase()) {
            case SET -> action.getSet().getPath();
            case REMOVE -> action.getRemove();
            case ADD -> action.getAdd().getPath();
            case DELETE -> action.getDelete().getPath();
            case KIND_NOT_SET -> throw new IllegalArgumentException("an update action of no kind");
        };
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
        visit(condition, path -> attributes.add(head(path)));
        return attributes;
    }

    /** Shows the visitor every path of a condition. */
    static void visit(Condition condition, Consumer<DocumentPath> visitor) {
        switch (condition.getKindCase()) {
            case ALL_OF -> condition.getAllOf().getTermsList().forEach(term -> visit(term, visitor));
            case ANY_OF -> condition.getAnyOf().getTermsList().forEach(term -> visit(term, visitor));
            case NOT -> visit(condition.getNot(), visitor);
            case COMPARISON -> {
                visit(condition.getComparison().getLeft(), visitor);
                visit(condition.getComparison().getRight(), visitor);
            }
            case BETWEEN -> {
                visit(condition.getBetween().getValue(), visitor);
                visit(condition.getBetween().getLow(), visitor);
                visit(condition.getBetween().getHigh(), visitor);
            }
            case IN -> {
                visit(condition.getIn().getValue(), visitor);
                condition.getIn().getCandidatesList().forEach(candidate -> visit(candidate, visitor));
            }
            case ATTRIBUTE_EXISTS -> visitor.accept(condition.getAttributeExists());
            case ATTRIBUTE_NOT_EXISTS -> visitor.accept(condition.getAttributeNotExists());
            case ATTRIBUTE_TYPE -> visit(condition.getAttributeType().getSubject(), visitor);
            case CONTAINS -> {
                visit(condition.getContains().getSubject(), visitor);
                visit(condition.getContains().getArgument(), visitor);
            }
            case BEGINS_WITH -> {
                visit(condition.getBeginsWith().getSubject(), visitor);
                visit(condition.getBeginsWith().getArgument(), visitor);
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("a condition of no kind");
        }
    }

    private static void visit(Operand operand, Consumer<DocumentPath> visitor) {
        switch (operand.getKindCase()) {
            case PATH -> visitor.accept(operand.getPath());
            case SIZE_OF -> visitor.accept(operand.getSizeOf());
            case LITERAL -> {}
            case KIND_NOT_SET -> throw new IllegalArgumentException("an operand of no kind");
        }
    }

    /** Shows the visitor every path of an update, those that it changes and those that it reads. */
    static void visit(Update update, Consumer<DocumentPath> visitor) {
        for (UpdateAction action : update.getActionsList()) {
            visitor.accept(target(action));
            if (action.hasSet()) {
                visit(action.getSet().getValue(), visitor);
            }
        }
    }

    private static void visit(SetValue value, Consumer<DocumentPath> visitor) {
        switch (value.getKindCase()) {
            case PATH -> visitor.accept(value.getPath());
            case LITERAL -> {}
            case PLUS -> visit(value.getPlus(), visitor);
            case MINUS -> visit(value.getMinus(), visitor);
            case LIST_APPEND -> visit(value.getListAppend(), visitor);
            case IF_NOT_EXISTS -> {
                visitor.accept(value.getIfNotExists().getPath());
                visit(value.getIfNotExists().getFallback(), visitor);
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("a value of no kind");
        }
    }

    private static void visit(SetValue.Pair pair, Consumer<DocumentPath> visitor) {
        visit(pair.getLeft(), visitor);
        visit(pair.getRight(), visitor);
    }

    static String head(DocumentPath path) {
        return path.getElements(0).getAttribute();
    }
}
