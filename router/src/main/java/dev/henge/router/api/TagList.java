package dev.henge.router.api;

import dev.henge.catalog.TableChanges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The tags, or the keys of tags, of a request. Whatever is wrong with one of them refuses the request whole. */
final class TagList {

    private static final int KEY_LENGTH_MAX = 128;
    private static final int VALUE_LENGTH_MAX = 256;

    /** Letters, spaces and numbers of any script, and a few signs. */
    private static final Pattern TEXT = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    private record Tag(@Nullable String key, @Nullable String value) {}

    private final List<Tag> tags;

    private TagList(List<Tag> tags) {
        this.tags = tags;
    }

    static @Nullable TagList read(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<Tag> tags = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (!in.currentStructure(token, JsonReader.Place.VALUE, "Tag")) {
                continue;
            }
            String key = null;
            String value = null;
            for (String name = in.nextMember(); name != null; name = in.nextMember()) {
                switch (name) {
                    case "Key" -> key = in.string();
                    case "Value" -> value = in.string();
                    default -> in.skip();
                }
            }
            tags.add(new Tag(key, value));
        }
        return new TagList(tags);
    }

    boolean isEmpty() {
        return tags.isEmpty();
    }

    /** The tags by key, in the order they were sent, once each of them is found to be valid. */
    Map<String, String> checked() {
        Map<String, String> checked = new LinkedHashMap<>();
        for (Tag tag : tags) {
            String key = checkedKey(tag.key);
            checkNotReserved(key);
            if (tag.value == null || !isText(tag.value, VALUE_LENGTH_MAX)) {
                throw ApiException.validation("The Tag Value provided is invalid, Value: " + tag.value);
            }
            if (checked.put(key, tag.value) != null) {
                throw ApiException.validation("Duplicate Tag Keys provided as input: Duplicate Tag Key found " + key);
            }
        }
        checkCount(tags.size());
        return checked;
    }

    /** Checks the keys of an UntagResource. */
    static List<String> checkedKeys(List<@Nullable String> keys) {
        List<String> checked = new ArrayList<>(keys.size());
        for (String key : keys) {
            checked.add(checkedKey(key));
        }
        checked.forEach(TagList::checkNotReserved);
        checkCount(keys.size());
        return checked;
    }

    private static String checkedKey(@Nullable String key) {
        if (key == null || key.isEmpty() || !isText(key, KEY_LENGTH_MAX)) {
            throw ApiException.validation("The Tag Key provided is invalid, Key: " + key);
        }
        return Objects.requireNonNull(key);
    }

    private static void checkNotReserved(String key) {
        if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
            throw ApiException.validation("Tag Key cannot be prefixed with aws:, Key: " + key);
        }
    }

    private static void checkCount(int count) {
        if (count > TableChanges.TAGS_MAX) {
            throw ApiException.validation("Number of Tags exceed the current limit for the provided ResourceArn");
        }
    }

    private static boolean isText(String text, int lengthMax) {
        return text.length() <= lengthMax && TEXT.matcher(text).matches();
    }
}
