package dev.henge.chaos.oracle;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came of a run. */
final class Tally {

    private int requests;
    private int equal;
    private int explained;
    private int unexplained;
    private final Map<String, Integer> perOperation = new TreeMap<>();
    private final Map<String, Integer> errors = new TreeMap<>();
    private final Map<String, Integer> perRule = new TreeMap<>();
    private final Map<String, Integer> perSignature = new LinkedHashMap<>();
    private final Map<String, String> reproductions = new HashMap<>();

    void count(Exchange exchange) {
        requests++;
        perOperation.merge(exchange.request().operation(), 1, Integer::sum);
        errors.merge(
                exchange.local().succeeded() ? "(success)" : exchange.local().error(), 1, Integer::sum);
    }

    void equal() {
        equal++;
    }

    void explained(List<String> rules) {
        explained++;
        rules.forEach(rule -> perRule.merge(rule, 1, Integer::sum));
    }

    /** Counts; true when it is the first of its signature. */
    boolean unexplained(String signature) {
        unexplained++;
        return perSignature.merge(signature, 1, Integer::sum) == 1;
    }

    void reproduction(String signature, String text) {
        reproductions.put(signature, text);
    }

    int requests() {
        return requests;
    }

    int unexplained() {
        return unexplained;
    }

    int explained() {
        return explained;
    }

    int equalCount() {
        return equal;
    }

    String report() {
        StringBuilder report = new StringBuilder();
        report.append("requests ").append(requests);
        report.append(", equal ").append(equal);
        report.append(", explained ").append(explained);
        report.append(", unexplained ").append(unexplained).append('\n');
        report.append("operations ").append(perOperation).append('\n');
        report.append("answers of DynamoDB Local ").append(errors).append('\n');
        report.append("explained by\n");
        perRule.forEach((rule, count) -> report.append(String.format("%7d  %s%n", count, rule)));
        if (!perSignature.isEmpty()) {
            report.append("unexplained, by kind, each with its smallest reproduction\n\n");
            perSignature.entrySet().stream()
                    .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                    .forEach(entry -> report.append(String.format("%7d  %s%n", entry.getValue(), entry.getKey()))
                            .append(reproductions.getOrDefault(entry.getKey(), ""))
                            .append("\n\n"));
        }
        return report.toString();
    }
}
