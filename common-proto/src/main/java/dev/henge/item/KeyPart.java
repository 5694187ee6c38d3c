package dev.henge.item;

import dev.henge.proto.KeyAttribute;
import java.util.List;

/** An attribute that is part of a key. Keys of tables have one for each kind of key, those of global indexes up to four. */
public record KeyPart(String name, KeyType type) {

    public static KeyPart of(KeyAttribute attribute) {
        return new KeyPart(attribute.getName(), KeyType.ofTypeCode(attribute.getType()));
    }

    public static List<KeyPart> allOf(List<KeyAttribute> attributes) {
        return attributes.stream().map(KeyPart::of).toList();
    }
}
