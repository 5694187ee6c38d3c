package dev.henge.deploy;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory as people write it: {@code 134217728}, {@code 128MB}, {@code 1G}. K, M and G are powers of 1024.
 *
 * @param bytes at least 1
 */
record ByteSize(long bytes) {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})([KMG]?)(I?B)?");

    static ByteSize parse(String text) {
        return new ByteSize(parse(text, 1));
    }

    /** As {@link #parse}, in bytes, where 0 has a meaning, too. */
    static long parseOrZero(String text) {
        return parse(text, 0);
    }

    private static long parse(String text, long countMin) {
        Matcher matcher = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size such as 128MB or 1GB");
        }
        int shift =
                switch (matcher.group(2)) {
                    case "K" -> 10;
                    case "M" -> 20;
                    case "G" -> 30;
                    default -> 0;
                };
        long count = Long.parseLong(matcher.group(1));
        if (count < countMin || count > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("'" + text + "' is out of range");
        }
        return count << shift;
    }

    @Override
    public String toString() {
        if (bytes % (1L << 20) == 0) {
            return (bytes >> 20) + "MB";
        }
        return Long.toString(bytes);
    }
}
