package dev.henge.router.api;

import dev.henge.router.http.HttpCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The AWS Signature Version 4 that a request carries, in its Authorization header or its query: there, well-formed, and not
 * looked into any further. Texts and order of the checks as the service gives them.
 *
 * @param algorithm what it says it was made with
 * @param credential access key id and scope: {@code id/date/region/service/aws4_request}
 * @param signedHeaders names of the headers that it covers, with semicolons between
 * @param signature the signature, in hexadecimal digits
 * @param date when it was made, as the client spells it
 * @param dateHeader whether {@code date} comes from the Date header, which may have the form of HTTP
 * @param expires how many seconds after its date it ends, as the client spells it; null when it doesn't say
 * @param securityToken the session token that came with it; null for none
 * @param inQuery whether it stands in the query
 * @param query the parameters of the request's query
 */
record ClaimedSignature(
        String algorithm,
        String credential,
        String signedHeaders,
        String signature,
        String date,
        boolean dateHeader,
        @Nullable String expires,
        @Nullable String securityToken,
        boolean inQuery,
        QueryParameters query) {

    private static final List<String> QUERY_PARAMETERS =
            List.of("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date");

    /** Reads a request's signature; it has none, or a malformed one, when this throws. */
    static ClaimedSignature of(HttpCall call) {
        String authorization = call.header("authorization");
        QueryParameters query = QueryParameters.of(call.uri());
        boolean inQuery = query.contains("X-Amz-Algorithm");
        if (authorization != null && inQuery) {
            throw new ApiException(
                    ErrorType.INVALID_SIGNATURE,
                    "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
        }
        if (inQuery) {
            return inQuery(query);
        }
        if (authorization == null || !authorization.strip().startsWith("AWS4-")) {
            throw new ApiException(ErrorType.MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token");
        }
        return inHeader(call, authorization, query);
    }

    private static ClaimedSignature inHeader(HttpCall call, String authorization, QueryParameters query) {
        String stripped = authorization.strip();
        String algorithm = null;
        String credential = "";
        String signature = "";
        String signedHeaders = "";
        int from = 0;
        while (from < stripped.length()) {
            int to = from;
            while (to < stripped.length() && stripped.charAt(to) != ',' && stripped.charAt(to) != ' ') {
                to++;
            }
            if (algorithm == null) {
                algorithm = stripped.substring(from, to);
            } else if (to > from) {
                int equals = stripped.indexOf('=', from);
                if (equals < 0 || equals >= to) {
                    throw notAPair(stripped.substring(from, to), authorization);
                }
                String value = stripped.substring(equals + 1, to);
                switch (stripped.substring(from, equals)) {
                    case "Credential" -> credential = value;
                    case "Signature" -> signature = value;
                    case "SignedHeaders" -> signedHeaders = value;
                    default -> {
                        // The service overlooks others as well.
                    }
                }
            }
            from = to + 1;
        }
        String amzDate = call.header("x-amz-date");
        String date = amzDate != null ? amzDate : call.header("date");
        if (credential.isEmpty() || signature.isEmpty() || signedHeaders.isEmpty() || date == null) {
            throw incomplete(
                    authorization, credential.isEmpty(), signature.isEmpty(), signedHeaders.isEmpty(), date == null);
        }
        return new ClaimedSignature(
                algorithm == null ? "" : algorithm,
                credential,
                signedHeaders,
                signature,
                date,
                amzDate == null,
                null,
                call.header("x-amz-security-token"),
                false,
                query);
    }

    private static ApiException notAPair(String part, String authorization) {
        return new ApiException(
                ErrorType.INCOMPLETE_SIGNATURE,
                "'" + part + "' not a valid key=value pair (missing equal-sign) in Authorization header: '"
                        + authorization + "'.");
    }

    private static ApiException incomplete(
            String authorization, boolean credential, boolean signature, boolean signedHeaders, boolean date) {
        StringBuilder missing = new StringBuilder();
        if (credential) {
            missing.append("Authorization header requires 'Credential' parameter. ");
        }
        if (signature) {
            missing.append("Authorization header requires 'Signature' parameter. ");
        }
        if (signedHeaders) {
            missing.append("Authorization header requires 'SignedHeaders' parameter. ");
        }
        if (date) {
            missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
        }
        return new ApiException(ErrorType.INCOMPLETE_SIGNATURE, missing + "Authorization=" + authorization);
    }

    private static ClaimedSignature inQuery(QueryParameters query) {
        List<String> missing = new ArrayList<>();
        for (String parameter : QUERY_PARAMETERS) {
            if (query.value(parameter, "").isEmpty()) {
                missing.add("AWS query-string parameters must include '" + parameter + "'. ");
            }
        }
        if (!missing.isEmpty()) {
            throw new ApiException(
                    ErrorType.INCOMPLETE_SIGNATURE,
                    String.join("", missing) + "Re-examine the query-string parameters.");
        }
        return new ClaimedSignature(
                query.value("X-Amz-Algorithm", ""),
                query.value("X-Amz-Credential", ""),
                query.value("X-Amz-SignedHeaders", ""),
                query.value("X-Amz-Signature", ""),
                query.value("X-Amz-Date", ""),
                false,
                query.contains("X-Amz-Expires") ? query.value("X-Amz-Expires", "") : null,
                query.contains("X-Amz-Security-Token") ? query.value("X-Amz-Security-Token", "") : null,
                true,
                query);
    }
}
