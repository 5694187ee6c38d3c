package dev.henge.item;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Key attribute values as bytes whose unsigned order is DynamoDB's order of the values, each self-delimiting, so that
 * one after the other they order as pairs do. The type is not in the bytes; the table's key schema knows it.
 *
 * <p>A string (its UTF-8) or binary stands with each byte 0x00 as 0x00 0xFF, and 0x00 0x01 at its end; a number as in
 * {@link NumberEncoding}. No encoded value is the beginning of another.
 */
public final class KeyEncoding {

    private static final byte ESCAPE = 0;
    private static final byte ESCAPED_ZERO = (byte) 0xFF;
    private static final byte TERMINATOR = 1;

    private KeyEncoding() {}

    /** A decoded key attribute value and the offset of what follows it. */
    public record Decoded(AttributeValue value, int nextOffset) {}

    /**
     * The value, terminator included.
     *
     * @throws IllegalArgumentException when the value is no S, N or B
     */
    public static byte[] encode(AttributeValue value) {
        return switch (value) {
            case NumberValue number -> number.value().encoded().clone();
            default -> escape(bytesOf(value), true);
        };
    }

    /**
     * Appends what {@link #encode} gives.
     *
     * @throws IllegalArgumentException when the value is no S, N or B
     */
    public static void encodeTo(AttributeValue value, ByteArrayOutputStream output) {
        output.writeBytes(encode(value));
    }

    /**
     * What every encoded string or binary that begins with this one begins with: the range of begins_with is from this
     * to its {@link #successor}.
     *
     * @throws IllegalArgumentException when the value is no S or B
     */
    public static byte[] prefix(AttributeValue value) {
        return escape(bytesOf(value), false);
    }

    /** The smallest key above every key that begins with the prefix; null when there is none (empty or all 0xFF). */
    public static byte @Nullable [] successor(byte[] prefix) {
        for (int last = prefix.length - 1; last >= 0; last--) {
            if (prefix[last] != (byte) 0xFF) {
                byte[] successor = Arrays.copyOf(prefix, last + 1);
                successor[last]++;
                return successor;
            }
        }
        return null;
    }

    /**
     * The value at offset.
     *
     * @throws CorruptItemException when no value of that type begins there
     */
    public static Decoded decode(byte[] buffer, int offset, KeyType type) {
        int next = skip(buffer, offset, type);
        AttributeValue value =
                switch (type) {
                    case NUMBER -> new NumberValue(DynamoNumber.ofEncoded(Arrays.copyOfRange(buffer, offset, next)));
                    case STRING -> {
                        byte[] utf8 = unescape(buffer, offset, next);
                        yield new StringValue(new ByteCursor(utf8, 0, utf8.length).text(0, utf8.length));
                    }
                    case BINARY -> new BinaryValue(ByteString.copyFrom(unescape(buffer, offset, next)));
                };
        return new Decoded(value, next);
    }

    /**
     * The offset of what follows the value at offset.
     *
     * @throws CorruptItemException when no value of that type begins at offset
     */
    public static int skip(byte[] buffer, int offset, KeyType type) {
        if (type == KeyType.NUMBER) {
            return offset + NumberEncoding.length(buffer, offset, buffer.length);
        }
        int index = offset;
        while (index < buffer.length - 1) {
            if (buffer[index] != ESCAPE) {
                index++;
                continue;
            }
            byte escaped = buffer[index + 1];
            if (escaped == TERMINATOR) {
                return index + 2;
            }
            if (escaped != ESCAPED_ZERO) {
                throw new CorruptItemException("key with a bad escape at " + index);
            }
            index += 2;
        }
        throw new CorruptItemException("key without an end at " + offset);
    }

    private static byte[] bytesOf(AttributeValue value) {
        return switch (value) {
            case StringValue string -> string.value().getBytes(UTF_8);
            case BinaryValue binary -> binary.value().toByteArray();
            default -> throw new IllegalArgumentException("no key is of type " + value.typeCode());
        };
    }

    private static byte[] escape(byte[] bytes, boolean terminate) {
        int zeros = 0;
        for (byte value : bytes) {
            zeros += value == ESCAPE ? 1 : 0;
        }
        byte[] escaped = Arrays.copyOf(bytes, bytes.length + zeros + (terminate ? 2 : 0));
        int position = bytes.length;
        if (zeros > 0) {
            position = 0;
            for (byte value : bytes) {
                escaped[position++] = value;
                if (value == ESCAPE) {
                    escaped[position++] = ESCAPED_ZERO;
                }
            }
        }
        if (terminate) {
            escaped[position] = ESCAPE;
            escaped[position + 1] = TERMINATOR;
        }
        return escaped;
    }

    private static byte[] unescape(byte[] buffer, int offset, int next) {
        byte[] bytes = new byte[next - 2 - offset];
        int count = 0;
        int index = offset;
        while (index < next - 2) {
            bytes[count++] = buffer[index];
            index += buffer[index] == ESCAPE ? 2 : 1;
        }
        return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    }
}
