package dev.henge.router.api;

import java.util.Locale;

/** What a router asks of a request's signature. */
public enum Signatures {
    /** It must be that of an active credential in the catalog. */
    VERIFY,
    /** It must be well-formed; any key and secret will do. */
    ACCEPT_ANY;

    /**
     * Reads {@link #toString}'s form.
     *
     * @throws IllegalArgumentException whose message is fit for the person who wrote it
     */
    public static Signatures parse(String text) {
        for (Signatures value : values()) {
            if (value.toString().equalsIgnoreCase(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is neither verify nor accept-any");
    }

    /** As on the command line: {@code verify} or {@code accept-any}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
