package dev.henge.router.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameters of a request's query, in the canonical form and order of Signature Version 4. */
final class QueryParameters {

    private static final QueryParameters NONE = new QueryParameters(List.of());
    private static final Comparator<Parameter> ORDER =
            Comparator.comparing(Parameter::name).thenComparing(Parameter::value);

    /** Name and value, each encoded as it is signed. */
    private record Parameter(String name, String value) {}

    private final List<Parameter> parameters;

    private QueryParameters(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    /** @param uri the request target, not decoded */
    static QueryParameters of(String uri) {
        int question = uri.indexOf('?');
        if (question < 0) {
            return NONE;
        }
        List<Parameter> parameters = new ArrayList<>();
        int from = question + 1;
        while (from <= uri.length()) {
            int ampersand = uri.indexOf('&', from);
            int to = ampersand < 0 ? uri.length() : ampersand;
            if (to > from) {
                parameters.add(parameter(uri.substring(from, to)));
            }
            from = to + 1;
        }
        parameters.sort(ORDER);
        return new QueryParameters(parameters);
    }

    private static Parameter parameter(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        String value = equals < 0 ? "" : text.substring(equals + 1);
        return new Parameter(UriCoding.canonicalQueryPart(name), UriCoding.canonicalQueryPart(value));
    }

    /** @param name of characters that need no encoding */
    boolean contains(String name) {
        return parameters.stream().anyMatch(parameter -> parameter.name().equals(name));
    }

    /**
     * The decoded value of a parameter.
     *
     * @param name of characters that need no encoding
     * @param absent given when there is no such parameter
     */
    String value(String name, String absent) {
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                return UriCoding.decode(parameter.value());
            }
        }
        return absent;
    }

    /** Appends the canonical query: sorted, and without the parameter {@code left} unless that is null. */
    void appendCanonical(StringBuilder out, @Nullable String left) {
        boolean first = true;
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(left)) {
                continue;
            }
            if (!first) {
                out.append('&');
            }
            first = false;
            out.append(parameter.name()).append('=').append(parameter.value());
        }
    }
}
