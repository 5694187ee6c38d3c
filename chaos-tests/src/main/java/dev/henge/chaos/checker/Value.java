package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.List;

/** What a key holds, as far as a checker minds. */
public sealed interface Value {

    Value ABSENT = new Absent();

    /** Nothing: no item has this key. */
    record Absent() implements Value {
        @Override
        public String toString() {
            return "absent";
        }
    }

    /** A register's value. Histories are judged best when no two writes give the same. */
    record Text(String text) implements Value {
        @Override
        public String toString() {
            return "'" + text + "'";
        }
    }

    /** A counter's value. */
    record Counter(long number) implements Value {
        @Override
        public String toString() {
            return Long.toString(number);
        }
    }

    /** A list's value. */
    record Elements(List<String> elements) implements Value {
        public Elements {
            elements = List.copyOf(elements);
        }

        Elements plus(String element) {
            List<String> longer = new ArrayList<>(elements.size() + 1);
            longer.addAll(elements);
            longer.add(element);
            return new Elements(longer);
        }

        @Override
        public String toString() {
            return elements.toString();
        }
    }

    static Value text(String text) {
        return new Text(text);
    }

    static Value number(long number) {
        return new Counter(number);
    }

    static Value elements(String... elements) {
        return new Elements(List.of(elements));
    }
}
