package dev.henge.chaos.planted;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A change of one source file.
 *
 * @param className the top-level class of the file
 * @param text what to replace: it must stand there once, white space aside
 * @param replacement what to put in its place
 */
record Edit(String className, String text, String replacement) {

    private static final String MARK = "PLANTED";
    private static final String CALL = Reached.class.getName() + ".here()";

    static Edit of(String className, String text, String replacement) {
        return new Edit("dev.henge." + className, text, replacement);
    }

    boolean marksItsPlace() {
        return replacement.contains(MARK);
    }

    /**
     * The changed source.
     *
     * @throws IllegalStateException when the text does not stand there, or more than once
     */
    String applyTo(String source) {
        String pattern =
                Arrays.stream(text.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
        Matcher matcher = Pattern.compile(pattern).matcher(source);
        if (!matcher.find()) {
            throw new IllegalStateException(className + " no longer holds the text: " + text);
        }
        int start = matcher.start();
        int end = matcher.end();
        if (matcher.find()) {
            throw new IllegalStateException(className + " holds the text more than once: " + text);
        }
        return source.substring(0, start) + replacement.replace(MARK, CALL) + source.substring(end);
    }
}
