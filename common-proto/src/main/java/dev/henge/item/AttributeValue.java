package dev.henge.item;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** One attribute value of an item: one of DynamoDB's ten types. Values are immutable. */
public sealed interface AttributeValue {

    /** S: a string; its size and order are those of its UTF-8 bytes. */
    record StringValue(String value) implements AttributeValue {}

    /** N: a number of at most 38 significant digits. */
    record NumberValue(DynamoNumber value) implements AttributeValue {}

    /** B: bytes, ordered as unsigned. */
    record BinaryValue(ByteString value) implements AttributeValue {}

    /** BOOL. */
    record BooleanValue(boolean value) implements AttributeValue {}

    /** NULL. */
    record NullValue() implements AttributeValue {
        public static final NullValue INSTANCE = new NullValue();
    }

    /** L: a list of values of any type. */
    record ListValue(List<AttributeValue> elements) implements AttributeValue {}

    /** M: a map from names to values of any type. */
    record MapValue(Map<String, AttributeValue> entries) implements AttributeValue {}

    /** SS: a non-empty set of strings. */
    record StringSet(SequencedSet<String> elements) implements AttributeValue {}

    /** NS: a non-empty set of numbers. */
    record NumberSet(SequencedSet<DynamoNumber> elements) implements AttributeValue {}

    /** BS: a non-empty set of binaries. */
    record BinarySet(SequencedSet<ByteString> elements) implements AttributeValue {}
}
