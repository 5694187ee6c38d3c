package dev.henge.item;

/**
 * What {@link ItemReader} calls for the parts of an item or value, in their order. Slices point into the bytes being
 * read: they are valid during the call only and not to be changed. Elements of sets come as {@link #string},
 * {@link #number} or {@link #binary}; attributes of an item and entries of a map as a {@link #name} and then one value.
 */
public interface ItemVisitor {

    /** The name of an attribute or map entry, in UTF-8; its value follows. */
    void name(byte[] buffer, int offset, int length);

    /** A string in UTF-8. */
    void string(byte[] buffer, int offset, int length);

    /** A number; see {@link DynamoNumber#writeText} and {@link DynamoNumber#ofSlice}. */
    void number(byte[] buffer, int offset, int length);

    void binary(byte[] buffer, int offset, int length);

    void bool(boolean value);

    void nullValue();

    void beginList();

    void endList();

    void beginMap();

    void endMap();

    void beginStringSet();

    void beginNumberSet();

    void beginBinarySet();

    /** The end of the set begun last, of whichever kind. */
    void endSet();
}
