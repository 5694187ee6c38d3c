package dev.henge.chaos.checker;

/** What a client asks of one key. */
public sealed interface Call {

    /** Reads strongly. */
    record Get() implements Call {
        @Override
        public String toString() {
            return "get";
        }
    }

    record Put(Value value) implements Call {
        @Override
        public String toString() {
            return "put " + value;
        }
    }

    record Delete() implements Call {
        @Override
        public String toString() {
            return "delete";
        }
    }

    /** Writes {@code value} when the key holds {@code expected}, which may be {@link Value#ABSENT}. */
    record CompareAndSet(Value expected, Value value) implements Call {
        @Override
        public String toString() {
            return "put " + value + " if it is " + expected;
        }
    }

    /** Adds to a number; absent counts as 0. */
    record Add(long delta) implements Call {
        @Override
        public String toString() {
            return "add " + delta;
        }
    }

    /** Appends to a list; absent counts as the empty list. */
    record Append(String element) implements Call {
        @Override
        public String toString() {
            return "append '" + element + "'";
        }
    }

    default boolean isRead() {
        return this instanceof Get;
    }
}
