package dev.henge.index;

/** Why an attribute can't be the key of an index, and so not be written to its table. */
public sealed interface IndexKeyFault {

    String index();

    /** The attribute's type is not the one that the table's definition gives it. */
    record WrongType(String index, String attribute, String expectedType, String actualType) implements IndexKeyFault {}

    /** An empty string or binary. */
    record Empty(String index, String attribute, boolean binary) implements IndexKeyFault {}

    /** All parts of a key together are larger than the service allows. */
    record TooLarge(String index, boolean ofPartitionKey, int bytesMax) implements IndexKeyFault {}
}
