package dev.henge.expression;

import org.jspecify.annotations.Nullable;

/** The functions of the language, by their names, which are case-sensitive. */
enum Function {
    ATTRIBUTE_EXISTS("attribute_exists", 1, true),
    ATTRIBUTE_NOT_EXISTS("attribute_not_exists", 1, true),
    ATTRIBUTE_TYPE("attribute_type", 2, true),
    BEGINS_WITH("begins_with", 2, true),
    CONTAINS("contains", 2, true),
    SIZE("size", 1, true),
    IF_NOT_EXISTS("if_not_exists", 2, false),
    LIST_APPEND("list_append", 2, false);

    private final String text;
    private final int operandCount;
    private final boolean ofConditions;

    Function(String text, int operandCount, boolean ofConditions) {
        this.text = text;
        this.operandCount = operandCount;
        this.ofConditions = ofConditions;
    }

    static @Nullable Function named(String text) {
        for (Function function : values()) {
            if (function.text.equals(text)) {
                return function;
            }
        }
        return null;
    }

    String text() {
        return text;
    }

    int operandCount() {
        return operandCount;
    }

    /** Whether it belongs into conditions; the others belong into updates. */
    boolean isOfConditions() {
        return ofConditions;
    }
}
