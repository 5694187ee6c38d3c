package dev.henge.item;

import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** A set nobody else can change, known by its type, so that it is copied once and not at every hand-over. */
final class FrozenSet<E> extends AbstractSet<E> implements SequencedSet<E> {

    private final SequencedSet<E> elements;

    private FrozenSet(SequencedSet<E> elements) {
        this.elements = elements;
    }

    static <E> SequencedSet<E> copyOf(SequencedSet<E> elements) {
        if (elements instanceof FrozenSet) {
            return elements;
        }
        LinkedHashSet<E> copy = LinkedHashSet.newLinkedHashSet(elements.size());
        elements.forEach(element -> copy.add(Objects.requireNonNull(element)));
        return new FrozenSet<>(copy);
    }

    /** Takes the set over; the caller keeps no reference to it. */
    static <E> SequencedSet<E> adopt(SequencedSet<E> elements) {
        return new FrozenSet<>(elements);
    }

    @Override
    public int size() {
        return elements.size();
    }

    @Override
    public boolean contains(@Nullable Object element) {
        return elements.contains(element);
    }

    @Override
    public Iterator<E> iterator() {
        return Collections.unmodifiableSequencedSet(elements).iterator();
    }

    @Override
    public SequencedSet<E> reversed() {
        return Collections.unmodifiableSequencedSet(elements.reversed());
    }
}
