package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.item.DuplicateEntryException;
import dev.henge.item.InvalidNumberException;
import dev.henge.item.ItemWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * Reads the JSON of an item or of an attribute value straight into the binary form. Wrong JSON types are thrown at
 * once; a bad value (no number, an empty set) is remembered and the rest only read over, since the service checks the
 * JSON types of the whole request before any value.
 */
final class ItemJsonReader {

    private static final String JAVA_NAME = "AttributeValue";
    /** Lists and maps in each other; with the value in the innermost there are the guide's 32 levels. */
    private static final int NESTING_MAX = 31;

    private static final int NAME_BYTES_MAX = 65_535;
    private static final String EMPTY =
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    private static final String SEVERAL_TYPES = "Supplied AttributeValue has more than one datatypes set, must contain "
            + "exactly one of the supported datatypes";
    private static final String INVALID = "One or more parameter values were invalid: ";

    private final JsonReader in;
    private final ItemWriter writer = new ItemWriter();
    private @Nullable String fault;
    private int depth;

    private ItemJsonReader(JsonReader in) {
        this.in = in;
    }

    /** Reads a map of attribute values; null when it is null. */
    static @Nullable ParsedItem item(JsonReader in) {
        if (!in.openMap("com.amazonaws.dynamodb.v20120810.AttributeValue")) {
            return null;
        }
        ItemJsonReader reader = new ItemJsonReader(in);
        reader.writer.beginItem();
        int attributes = reader.attributes();
        return new ParsedItem(reader.bytes(), attributes, reader.fault);
    }

    /** Reads a map of attribute values at the current token. */
    static @Nullable ParsedItem currentItem(JsonReader in, JsonToken token) {
        if (!in.currentMap(token, "com.amazonaws.dynamodb.v20120810.AttributeValue")) {
            return null;
        }
        ItemJsonReader reader = new ItemJsonReader(in);
        reader.writer.beginItem();
        int attributes = reader.attributes();
        return new ParsedItem(reader.bytes(), attributes, reader.fault);
    }

    /** Reads one attribute value; null when it is null. */
    static @Nullable ParsedItem value(JsonReader in) {
        JsonToken token = in.nextValue();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        return currentValue(in, token);
    }

    /** Reads one attribute value at the current token; one that is null has a fault. */
    static ParsedItem currentValue(JsonReader in, JsonToken token) {
        ItemJsonReader reader = new ItemJsonReader(in);
        reader.attributeValue(token);
        return new ParsedItem(reader.bytes(), 0, reader.fault);
    }

    private ByteString bytes() {
        return fault == null ? writer.toByteString() : ByteString.EMPTY;
    }

    private boolean good() {
        return fault == null;
    }

    private void fault(String message) {
        if (fault == null) {
            fault = message;
        }
    }

    private void invalid(String detail) {
        fault(INVALID + detail);
    }

    private int attributes() {
        int count = 0;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            name(name);
            attributeValue(in.nextValue());
            count++;
        }
        return count;
    }

    private void name(String name) {
        if (!good()) {
            return;
        }
        if (name.isEmpty()) {
            fault("Empty attribute name");
            return;
        }
        if (name.length() > NAME_BYTES_MAX / 3 && dev.henge.item.Utf8.length(name) > NAME_BYTES_MAX) {
            invalid("Attribute name is too large, must be less than 65536 bytes");
            return;
        }
        try {
            writer.name(name);
        } catch (DuplicateEntryException twice) {
            invalid("Duplicate attribute name: " + name);
        }
    }

    private void attributeValue(JsonToken token) {
        if (!in.currentStructure(token, JsonReader.Place.VALUE, JAVA_NAME)) {
            fault(EMPTY);
            return;
        }
        boolean found = false;
        for (String type = in.nextMember(); type != null; type = in.nextMember()) {
            JsonToken value = in.nextValue();
            if (value == JsonToken.VALUE_NULL) {
                continue;
            }
            if (found && isType(type)) {
                fault(SEVERAL_TYPES);
            }
            found |= typed(type, value);
        }
        if (!found) {
            fault(EMPTY);
        }
    }

    private static boolean isType(String name) {
        return switch (name) {
            case "S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS" -> true;
            default -> false;
        };
    }

    /** Reads the value of one member of an attribute value; false when it is no member that means anything. */
    private boolean typed(String type, JsonToken token) {
        switch (type) {
            case "S" -> string(token);
            case "N" -> number(token);
            case "B" -> binary(token);
            case "BOOL" -> bool(token);
            case "NULL" -> nullValue(token);
            case "L" -> list(token);
            case "M" -> map(token);
            case "SS" -> stringSet(token);
            case "NS" -> numberSet(token);
            case "BS" -> binarySet(token);
            default -> {
                in.skipCurrent();
                return false;
            }
        }
        return true;
    }

    private void string(JsonToken token) {
        String text = in.currentString(token);
        if (good() && text != null) {
            writer.string(text);
        }
    }

    private void number(JsonToken token) {
        String text = in.currentString(token);
        if (good() && text != null) {
            try {
                writer.number(text);
            } catch (InvalidNumberException refused) {
                fault(String.valueOf(refused.getMessage()));
            }
        }
    }

    private void binary(JsonToken token) {
        byte[] bytes = in.currentBlob(token);
        if (good() && bytes != null) {
            writer.binary(bytes, 0, bytes.length);
        }
    }

    private void bool(JsonToken token) {
        Boolean value = in.currentBool(token);
        if (good() && value != null) {
            writer.bool(value);
        }
    }

    private void nullValue(JsonToken token) {
        if (!Boolean.TRUE.equals(in.currentBool(token))) {
            invalid("Null attribute value types must have the value of true");
            return;
        }
        if (good()) {
            writer.nullValue();
        }
    }

    private boolean enter() {
        depth++;
        if (depth > NESTING_MAX) {
            fault("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
                    + "supported limit");
        }
        return good();
    }

    private void list(JsonToken token) {
        in.currentList(token);
        if (enter()) {
            writer.beginList();
        }
        for (JsonToken element = in.nextElement(); element != null; element = in.nextElement()) {
            attributeValue(element);
        }
        depth--;
        if (good()) {
            writer.endList();
        }
    }

    private void map(JsonToken token) {
        in.currentMap(token, "com.amazonaws.dynamodb.v20120810.AttributeValue");
        if (enter()) {
            writer.beginMap();
        }
        attributes();
        depth--;
        if (good()) {
            writer.endMap();
        }
    }

    private void stringSet(JsonToken token) {
        List<@Nullable String> elements = strings(token);
        if (elements.isEmpty()) {
            invalid("An string set  may not be empty");
        }
        if (elements.contains(null)) {
            invalid("An string set may not have a null string as a member");
        }
        if (!good()) {
            return;
        }
        writer.beginStringSet();
        try {
            for (String element : elements) {
                writer.string(String.valueOf(element));
            }
            writer.endSet();
        } catch (DuplicateEntryException twice) {
            invalid("Input collection " + elements + " contains duplicates.");
        }
    }

    private void numberSet(JsonToken token) {
        List<@Nullable String> elements = strings(token);
        if (elements.isEmpty()) {
            invalid("An number set  may not be empty");
        }
        if (!good()) {
            return;
        }
        writer.beginNumberSet();
        try {
            for (String element : elements) {
                writer.number(element == null ? "" : element);
            }
            writer.endSet();
        } catch (InvalidNumberException refused) {
            fault(String.valueOf(refused.getMessage()));
        } catch (DuplicateEntryException twice) {
            fault("Input collection contains duplicates");
        }
    }

    private List<@Nullable String> strings(JsonToken token) {
        in.currentList(token);
        List<@Nullable String> elements = new ArrayList<>();
        for (JsonToken element = in.nextElement(); element != null; element = in.nextElement()) {
            elements.add(in.currentString(element));
        }
        return elements;
    }

    private void binarySet(JsonToken token) {
        in.currentList(token);
        List<byte[]> elements = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (JsonToken element = in.nextElement(); element != null; element = in.nextElement()) {
            byte[] bytes = in.currentBlob(element);
            if (bytes == null) {
                invalid("Binary sets may not contain null or empty values");
                continue;
            }
            elements.add(bytes);
            texts.add(in.currentText());
        }
        if (elements.isEmpty()) {
            invalid("Binary sets should not be empty");
        }
        if (!good()) {
            return;
        }
        writer.beginBinarySet();
        try {
            for (byte[] element : elements) {
                writer.binary(element, 0, element.length);
            }
            writer.endSet();
        } catch (DuplicateEntryException twice) {
            invalid("Input collection " + texts + "of type BS contains duplicates.");
        }
    }
}
