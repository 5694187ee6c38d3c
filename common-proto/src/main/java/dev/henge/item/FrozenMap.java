package dev.henge.item;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A map nobody else can change, known by its type, so that it is copied once and not at every hand-over. */
final class FrozenMap extends AbstractMap<String, AttributeValue> {

    private final Map<String, AttributeValue> entries;

    private FrozenMap(Map<String, AttributeValue> entries) {
        this.entries = entries;
    }

    static Map<String, AttributeValue> copyOf(Map<String, AttributeValue> entries) {
        if (entries instanceof FrozenMap) {
            return entries;
        }
        LinkedHashMap<String, AttributeValue> copy = LinkedHashMap.newLinkedHashMap(entries.size());
        entries.forEach((name, value) -> copy.put(Objects.requireNonNull(name), Objects.requireNonNull(value)));
        return new FrozenMap(copy);
    }

    /** Takes the map over; the caller keeps no reference to it. */
    static Map<String, AttributeValue> adopt(SequencedMap<String, AttributeValue> entries) {
        return new FrozenMap(entries);
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return entries.containsKey(name);
    }

    @Override
    public @Nullable AttributeValue get(@Nullable Object name) {
        return entries.get(name);
    }

    @Override
    public Set<Map.Entry<String, AttributeValue>> entrySet() {
        return Collections.unmodifiableMap(entries).entrySet();
    }
}
