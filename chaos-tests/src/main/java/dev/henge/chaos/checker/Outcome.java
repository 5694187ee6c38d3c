package dev.henge.chaos.checker;

/** What a client learned of its call. A call that surely had no effect and answered nothing is left out of a history. */
public sealed interface Outcome {

    Outcome DONE = new Done();
    Outcome REFUSED = new ConditionFailed();
    Outcome UNKNOWN = new Unknown();

    /** It was carried out. */
    record Done() implements Outcome {
        @Override
        public String toString() {
            return "done";
        }
    }

    /** It was carried out, and the key held this before (DynamoDB: ReturnValues ALL_OLD). */
    record Replaced(Value old) implements Outcome {
        @Override
        public String toString() {
            return "done, was " + old;
        }
    }

    /** It was carried out, and the key holds this now; for a get, what it read. */
    record Holds(Value value) implements Outcome {
        @Override
        public String toString() {
            return value.toString();
        }
    }

    /** The condition did not hold; nothing was changed. */
    record ConditionFailed() implements Outcome {
        @Override
        public String toString() {
            return "condition failed";
        }
    }

    /** The condition did not hold, because the key held this; nothing was changed. */
    record ConditionFailedOn(Value actual) implements Outcome {
        @Override
        public String toString() {
            return "condition failed on " + actual;
        }
    }

    /** No answer, or one that leaves open whether the call takes effect: it may do so at any later time, or never. */
    record Unknown() implements Outcome {
        @Override
        public String toString() {
            return "unknown";
        }
    }
}
