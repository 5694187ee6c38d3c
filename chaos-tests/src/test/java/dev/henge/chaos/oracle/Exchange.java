package dev.henge.chaos.oracle;

import java.util.Map;

/**
 * A request and both answers, already in their normal form.
 *
 * @param request what was asked
 * @param local what DynamoDB Local answered
 * @param henge what Henge answered
 */
record Exchange(Request request, Answer local, Answer henge) {

    boolean isEqual() {
        return local.canonical().equals(henge.canonical());
    }

    boolean is(String... operations) {
        for (String operation : operations) {
            if (request.operation().equals(operation)) {
                return true;
            }
        }
        return false;
    }

    /** The request's members; empty when it is malformed. */
    Map<String, Object> parameters() {
        try {
            return Json.parse(request.body()) instanceof Map<?, ?> map ? Json.asObject(map) : Map.of();
        } catch (RuntimeException malformed) {
            return Map.of();
        }
    }

    boolean has(String parameter) {
        return parameters().containsKey(parameter);
    }

    Exchange withLocal(Answer corrected) {
        return new Exchange(request, corrected, henge);
    }

    /** What this difference has in common with others of its kind: names and values left out. */
    String signature() {
        return request.operation() + " | " + kind(local) + " | " + kind(henge)
                + (local.succeeded() && henge.succeeded() ? " | " + differing() : "");
    }

    private static String kind(Answer answer) {
        if (answer.succeeded()) {
            return "200";
        }
        return answer.status() + " " + answer.error() + " " + abstracted(answer.message());
    }

    private static String abstracted(String message) {
        String text = message.replaceAll("'[^']*'", "'_'")
                .replaceAll("\\[[^\\]]*\\]", "[_]")
                .replaceAll("\\{[^}]*\\}", "{_}")
                .replaceAll("\"[^\"]*\"", "\"_\"")
                .replaceAll("[:#][a-zA-Z0-9_]+", "_")
                .replaceAll("(attribute|name|key|value): ?\\S+", "$1: _")
                .replaceAll("[0-9]+", "0");
        return text.length() > 160 ? text.substring(0, 160) : text;
    }

    private String differing() {
        StringBuilder members = new StringBuilder();
        java.util.Set<String> names = new java.util.TreeSet<>(local.body().keySet());
        names.addAll(henge.body().keySet());
        for (String name : names) {
            Object one = local.body().get(name);
            Object other = henge.body().get(name);
            if (one == null || other == null) {
                members.append(name).append(one == null ? " (ours alone) " : " (theirs alone) ");
            } else if (!Json.canonical(one).equals(Json.canonical(other))) {
                members.append(name).append(' ');
            }
        }
        return members.toString();
    }
}
