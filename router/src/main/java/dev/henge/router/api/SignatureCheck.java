package dev.henge.router.api;

import dev.henge.router.http.HttpCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks whether a request carries a well-formed AWS Signature Version 4, in the header or in the query. The signature
 * itself is not verified, and neither access key nor region mean anything yet. Texts as the service gives them.
 */
final class SignatureCheck {

    private static final List<String> HEADER_PARAMETERS = List.of("Credential", "Signature", "SignedHeaders");
    private static final List<String> QUERY_PARAMETERS =
            List.of("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date");

    private SignatureCheck() {}

    static void check(HttpCall call) {
        String authorization = call.header("authorization");
        Map<String, String> query = queryParameters(call.uri());
        boolean inQuery = query.containsKey("X-Amz-Algorithm");
        if (authorization != null && inQuery) {
            throw new ApiException(
                    ErrorType.INVALID_SIGNATURE,
                    "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
        }
        if (inQuery) {
            checkQuery(query);
            return;
        }
        if (authorization == null || !authorization.strip().startsWith("AWS4-")) {
            throw new ApiException(ErrorType.MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token");
        }
        checkHeader(authorization, call.header("x-amz-date") != null || call.header("date") != null);
    }

    private static void checkHeader(String authorization, boolean dated) {
        StringBuilder missing = new StringBuilder();
        for (String parameter : HEADER_PARAMETERS) {
            if (!hasParameter(authorization, parameter)) {
                missing.append("Authorization header requires '")
                        .append(parameter)
                        .append("' parameter. ");
            }
        }
        if (!dated) {
            missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
        }
        if (!missing.isEmpty()) {
            throw new ApiException(ErrorType.INCOMPLETE_SIGNATURE, missing + "Authorization=" + authorization);
        }
    }

    /** Whether {@code parameter=value} stands in the header, set off by commas or spaces, with a value. */
    private static boolean hasParameter(String authorization, String parameter) {
        for (int at = authorization.indexOf(parameter);
                at >= 0;
                at = authorization.indexOf(parameter, at + parameter.length())) {
            int end = at + parameter.length();
            boolean begins = at > 0 && (authorization.charAt(at - 1) == ' ' || authorization.charAt(at - 1) == ',');
            boolean hasValue = end + 1 < authorization.length()
                    && authorization.charAt(end) == '='
                    && authorization.charAt(end + 1) != ','
                    && authorization.charAt(end + 1) != ' ';
            if (begins && hasValue) {
                return true;
            }
        }
        return false;
    }

    private static void checkQuery(Map<String, String> query) {
        List<String> missing = new ArrayList<>();
        for (String parameter : QUERY_PARAMETERS) {
            if (query.getOrDefault(parameter, "").isEmpty()) {
                missing.add("AWS query-string parameters must include '" + parameter + "'. ");
            }
        }
        if (!missing.isEmpty()) {
            throw new ApiException(
                    ErrorType.INCOMPLETE_SIGNATURE,
                    String.join("", missing) + "Re-examine the query-string parameters.");
        }
    }

    /** Only whether parameters are there and not empty matters, so nothing is decoded. */
    private static Map<String, String> queryParameters(String uri) {
        int question = uri.indexOf('?');
        if (question < 0) {
            return Map.of();
        }
        Map<String, String> parameters = new HashMap<>();
        int from = question + 1;
        while (from <= uri.length()) {
            int ampersand = uri.indexOf('&', from);
            int to = ampersand < 0 ? uri.length() : ampersand;
            String parameter = uri.substring(from, to);
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                parameters.put(parameter, "");
            } else {
                parameters.put(parameter.substring(0, equals), parameter.substring(equals + 1));
            }
            from = to + 1;
        }
        return parameters;
    }
}
