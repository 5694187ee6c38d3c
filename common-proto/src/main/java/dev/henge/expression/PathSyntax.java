package dev.henge.expression;

import java.util.List;

/** A document path as written: the first step is a name or a placeholder of one. */
record PathSyntax(List<Step> steps) {

    PathSyntax {
        steps = List.copyOf(steps);
    }

    sealed interface Step {}

    record Name(String text) implements Step {}

    /** With its number sign. */
    record NamePlaceholder(String text) implements Step {}

    record Index(int index) implements Step {}
}
