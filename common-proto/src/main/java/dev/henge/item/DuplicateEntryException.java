package dev.henge.item;

/** The same name twice in an item or map, or the same element twice in a set. */
public final class DuplicateEntryException extends IllegalArgumentException {

    private final boolean inSet;

    DuplicateEntryException(boolean inSet, String message) {
        super(message);
        this.inSet = inSet;
    }

    /** True for an element of a set, false for a name of an item or map. */
    public boolean inSet() {
        return inSet;
    }
}
