package dev.henge.index;

import dev.henge.item.KeyType;
import dev.henge.proto.KeyAttribute;

/** An attribute that is part of a key. */
public record KeyPart(String name, KeyType type) {

    static KeyPart of(KeyAttribute attribute) {
        return new KeyPart(attribute.getName(), KeyType.ofTypeCode(attribute.getType()));
    }
}
