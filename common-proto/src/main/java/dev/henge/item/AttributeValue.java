package dev.henge.item;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * One attribute value of an item: one of DynamoDB's ten types. Values are immutable; collections given to a constructor
 * are copied, keep their order and hold no nulls. Equality is the service's: numbers by value, maps and sets without
 * regard to order, lists with it. What a request may hold (no empty sets, nesting, sizes) is checked by the router, not
 * here.
 */
public sealed interface AttributeValue {

    /** The type as the API names it: S, N, B, BOOL, NULL, L, M, SS, NS or BS. */
    String typeCode();

    /** S: a string; its size and order are those of its UTF-8 bytes, see {@link Utf8}. */
    record StringValue(String value) implements AttributeValue {
        @Override
        public String typeCode() {
            return "S";
        }
    }

    /** N: a number of at most 38 significant digits. */
    record NumberValue(DynamoNumber value) implements AttributeValue {
        @Override
        public String typeCode() {
            return "N";
        }
    }

    /** B: bytes, ordered as unsigned. */
    record BinaryValue(ByteString value) implements AttributeValue {
        @Override
        public String typeCode() {
            return "B";
        }
    }

    /** BOOL. */
    record BooleanValue(boolean value) implements AttributeValue {
        public static final BooleanValue TRUE = new BooleanValue(true);
        public static final BooleanValue FALSE = new BooleanValue(false);

        public static BooleanValue of(boolean value) {
            return value ? TRUE : FALSE;
        }

        @Override
        public String typeCode() {
            return "BOOL";
        }
    }

    /** NULL. */
    record NullValue() implements AttributeValue {
        public static final NullValue INSTANCE = new NullValue();

        @Override
        public String typeCode() {
            return "NULL";
        }
    }

    /** L: a list of values of any type. */
    record ListValue(List<AttributeValue> elements) implements AttributeValue {
        public ListValue {
            elements = List.copyOf(elements);
        }

        @Override
        public String typeCode() {
            return "L";
        }
    }

    /** M: a map from names to values of any type, in the order given. */
    record MapValue(Map<String, AttributeValue> entries) implements AttributeValue {
        public MapValue {
            entries = FrozenMap.copyOf(entries);
        }

        @Override
        public String typeCode() {
            return "M";
        }
    }

    /** SS: a set of strings. */
    record StringSet(SequencedSet<String> elements) implements AttributeValue {
        public StringSet {
            elements = FrozenSet.copyOf(elements);
        }

        @Override
        public String typeCode() {
            return "SS";
        }
    }

    /** NS: a set of numbers; 1 and 1.0 are the same element. */
    record NumberSet(SequencedSet<DynamoNumber> elements) implements AttributeValue {
        public NumberSet {
            elements = FrozenSet.copyOf(elements);
        }

        @Override
        public String typeCode() {
            return "NS";
        }
    }

    /** BS: a set of binaries. */
    record BinarySet(SequencedSet<ByteString> elements) implements AttributeValue {
        public BinarySet {
            elements = FrozenSet.copyOf(elements);
        }

        @Override
        public String typeCode() {
            return "BS";
        }
    }
}
