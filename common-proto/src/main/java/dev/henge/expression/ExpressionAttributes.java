package dev.henge.expression;

import dev.henge.proto.Condition;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which top-level attributes an expression touches: what a caller needs to check it against a key schema. */
public final class ExpressionAttributes {

    private ExpressionAttributes() {}

    /** The attributes whose values, or parts of them, the update changes; in the order of the text. */
    public static Set<String> changedBy(Update update) {
        Set<String> attributes = new LinkedHashSet<>();
        for (UpdateAction action : update.getActionsList()) {
            add(attributes, UpdateEvaluator.path(action));
        }
        return attributes;
    }

    /** The attributes that the condition looks at; in the order of the text. */
    public static Set<String> readBy(Condition condition) {
        Set<String> attributes = new LinkedHashSet<>();
        add(attributes, condition);
        return attributes;
    }

    private static void add(Set<String> attributes, Condition condition) {
        switch (condition.getKindCase()) {
            case ALL_OF -> condition.getAllOf().getTermsList().forEach(term -> add(attributes, term));
            case ANY_OF -> condition.getAnyOf().getTermsList().forEach(term -> add(attributes, term));
            case NOT -> add(attributes, condition.getNot());
            case COMPARISON -> {
                add(attributes, condition.getComparison().getLeft());
                add(attributes, condition.getComparison().getRight());
            }
            case BETWEEN -> {
                add(attributes, condition.getBetween().getValue());
                add(attributes, condition.getBetween().getLow());
                add(attributes, condition.getBetween().getHigh());
            }
            case IN -> {
                add(attributes, condition.getIn().getValue());
                add(attributes, condition.getIn().getCandidatesList());
            }
            case ATTRIBUTE_EXISTS -> add(attributes, condition.getAttributeExists());
            case ATTRIBUTE_NOT_EXISTS -> add(attributes, condition.getAttributeNotExists());
            case ATTRIBUTE_TYPE -> add(attributes, condition.getAttributeType().getSubject());
            case CONTAINS -> {
                add(attributes, condition.getContains().getSubject());
                add(attributes, condition.getContains().getArgument());
            }
            case BEGINS_WITH -> {
                add(attributes, condition.getBeginsWith().getSubject());
                add(attributes, condition.getBeginsWith().getArgument());
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("condition without a kind");
        }
    }

    private static void add(Set<String> attributes, List<Operand> operands) {
        operands.forEach(operand -> add(attributes, operand));
    }

    private static void add(Set<String> attributes, Operand operand) {
        switch (operand.getKindCase()) {
            case PATH -> add(attributes, operand.getPath());
            case SIZE_OF -> add(attributes, operand.getSizeOf());
            case LITERAL -> {}
            case KIND_NOT_SET -> throw new IllegalArgumentException("operand without a kind");
        }
    }

    private static void add(Set<String> attributes, DocumentPath path) {
        attributes.add(path.getElements(0).getAttribute());
    }
}
