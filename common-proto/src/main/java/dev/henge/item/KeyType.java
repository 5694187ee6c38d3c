package dev.henge.item;

/** The types a key attribute may have. */
public enum KeyType {
    STRING("S"),
    NUMBER("N"),
    BINARY("B");

    private final String typeCode;

    KeyType(String typeCode) {
        this.typeCode = typeCode;
    }

    /** "S", "N" or "B", as in AttributeDefinitions. */
    public String typeCode() {
        return typeCode;
    }

    /**
     * The type of that code.
     *
     * @throws IllegalArgumentException for anything but "S", "N" and "B"
     */
    public static KeyType ofTypeCode(String typeCode) {
        return switch (typeCode) {
            case "S" -> STRING;
            case "N" -> NUMBER;
            case "B" -> BINARY;
            default -> throw new IllegalArgumentException("not a key type: " + typeCode);
        };
    }
}
