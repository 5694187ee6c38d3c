package dev.henge.index;

/** Why an attribute can't be the key of an index, and so not be written to its table. */
public sealed interface IndexKeyFault {

    String index();

    /** The attribute's type is not the one that the table's definition gives it. */
    record WrongType(String index, String attribute, String expectedType, String actualType) implements IndexKeyFault {}

    /** An empty string or binary. */
    record Empty(String index, String attribute, boolean binary) implements IndexKeyFault {}

    /** All parts of a key together are larger than the service allows. */
    record TooLarge(String index, boolean ofPartitionKey, int bytesMax) implements IndexKeyFault {

        private String text() {
            return ofPartitionKey
                    ? "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of"
                            + bytesMax + " bytes"
                    : "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size"
                            + " limit of " + bytesMax + " bytes";
        }
    }

    /** The service's text when an item is put, of a ValidationException. */
    default String textOfPut() {
        return switch (this) {
            case WrongType wrong ->
                "One or more parameter values were invalid: Type mismatch for Index Key " + wrong.attribute()
                        + " Expected: " + wrong.expectedType() + " Actual: " + wrong.actualType() + " IndexName: "
                        + wrong.index();
            case Empty empty ->
                "One or more parameter values are not valid. A value specified for a secondary index key is not"
                        + " supported. The AttributeValue for a key attribute cannot contain an empty "
                        + (empty.binary() ? "binary" : "string") + " value. IndexName: " + empty.index()
                        + ", IndexKey: " + empty.attribute();
            case TooLarge large -> large.text();
        };
    }

    /** The service's text for what an update computes. */
    default String textOfUpdate() {
        return switch (this) {
            case WrongType _ -> "The update expression attempted to update the secondary index key to unsupported type";
            case Empty empty ->
                "One or more parameter values are not valid. The update expression attempted to update a secondary index"
                        + " key to a value that is not supported. The AttributeValue for a key attribute cannot contain"
                        + " an empty " + (empty.binary() ? "binary" : "string") + " value.";
            case TooLarge large -> large.text();
        };
    }
}
