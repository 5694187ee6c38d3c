package dev.henge.router.api;

import dev.henge.expression.KeyCondition;
import dev.henge.proto.Condition;
import dev.henge.proto.Projection;
import dev.henge.proto.Update;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters from before there were expressions, as they were sent, and what they mean in terms of expressions. The
 * methods that translate are to be called after the constraints; they throw the service's ValidationException.
 */
final class LegacyParameters {

    private static final int NAME_LENGTH_MAX = 65_535;

    /** Values of ConditionalOperator, in the service's order. */
    enum ConditionalOperator {
        OR,
        AND
    }

    /** False for most requests, which shall not pay for the looks at the others. */
    private boolean anySent;

    private @Nullable List<@Nullable String> attributesToGet;
    private @Nullable Map<String, LegacyUpdate> attributeUpdates;
    private @Nullable Map<String, LegacyCondition> expected;
    private @Nullable Map<String, LegacyCondition> queryFilter;
    private @Nullable Map<String, LegacyCondition> scanFilter;
    private @Nullable String conditionalOperator;
    private @Nullable Map<String, LegacyCondition> keyConditions;

    /** Reads the parameter of this name. */
    void read(String name, JsonReader in) {
        anySent = true;
        switch (name) {
            case "AttributesToGet" -> attributesToGet = in.strings();
            case "AttributeUpdates" ->
                attributeUpdates = in.map(
                        "com.amazonaws.dynamodb.v20120810." + LegacyUpdate.JAVA_NAME, () -> LegacyUpdate.read(in));
            case "Expected" -> expected = conditions(in, LegacyCondition.EXPECTED);
            case "QueryFilter" -> queryFilter = conditions(in, LegacyCondition.FILTER);
            case "ScanFilter" -> scanFilter = conditions(in, LegacyCondition.FILTER);
            case "ConditionalOperator" -> conditionalOperator = in.string();
            case "KeyConditions" -> keyConditions = conditions(in, LegacyCondition.FILTER);
            default -> throw new IllegalArgumentException("no legacy parameter " + name);
        }
    }

    private static @Nullable Map<String, LegacyCondition> conditions(JsonReader in, String javaName) {
        return in.map("com.amazonaws.dynamodb.v20120810." + javaName, () -> LegacyCondition.read(in, javaName));
    }

    /**
     * Notes what violates the service model.
     *
     * @param prefix of the path of the members; empty or with a dot at its end
     */
    void checkConstraints(Constraints constraints, String prefix) {
        if (!anySent) {
            return;
        }
        if (attributesToGet != null) {
            String path = prefix + "attributesToGet";
            constraints.length(attributesToGet, attributesToGet.size(), 1, Integer.MAX_VALUE, path);
            for (int i = 0; i < attributesToGet.size(); i++) {
                String name = attributesToGet.get(i);
                if (name != null) {
                    constraints.length(name, name.length(), 0, NAME_LENGTH_MAX, path + "." + (i + 1) + ".member");
                }
            }
        }
        if (attributeUpdates != null) {
            attributeUpdates.forEach((name, update) -> constraints.oneOfOrNull(
                    update.action(),
                    LegacyUpdate.Action.class,
                    prefix + "attributeUpdates." + name + ".member.action"));
        }
        checkOperators(constraints, expected, prefix + "expected", false);
        checkOperators(constraints, queryFilter, prefix + "queryFilter", true);
        checkOperators(constraints, scanFilter, prefix + "scanFilter", true);
        constraints.oneOfOrNull(conditionalOperator, ConditionalOperator.class, prefix + "conditionalOperator");
        checkOperators(constraints, keyConditions, prefix + "keyConditions", true);
    }

    private static void checkOperators(
            Constraints constraints,
            @Nullable Map<String, LegacyCondition> conditions,
            String path,
            boolean operatorRequired) {
        if (conditions == null) {
            return;
        }
        conditions.forEach((name, condition) -> {
            String operatorPath = path + "." + name + ".member.comparisonOperator";
            if (operatorRequired && condition != LegacyCondition.ABSENT) {
                constraints.notNull(condition.operator(), operatorPath);
            }
            constraints.oneOfOrNull(condition.operator(), LegacyOperator.class, operatorPath);
        });
    }

    /**
     * The names of the parameters that are there, in the service's order.
     *
     * @param withKeyConditions whether KeyConditions counts; it may stand beside expressions other than its successor
     */
    List<String> present(boolean withKeyConditions) {
        if (!anySent) {
            return List.of();
        }
        List<String> present = new ArrayList<>();
        add(present, "AttributesToGet", attributesToGet);
        add(present, "AttributeUpdates", attributeUpdates);
        add(present, "Expected", expected);
        add(present, "QueryFilter", queryFilter);
        add(present, "ScanFilter", scanFilter);
        add(present, "ConditionalOperator", conditionalOperator);
        if (withKeyConditions) {
            add(present, "KeyConditions", keyConditions);
        }
        return present;
    }

    private static void add(List<String> present, String name, @Nullable Object value) {
        if (value != null) {
            present.add(name);
        }
    }

    boolean hasAttributesToGet() {
        return attributesToGet != null;
    }

    boolean hasKeyConditions() {
        return keyConditions != null;
    }

    /** AttributesToGet in the order that they were sent, or null; call after {@link #projection}. */
    @Nullable
    List<String> attributesToGet() {
        return attributesToGet == null
                ? null
                : attributesToGet.stream().map(String::valueOf).toList();
    }

    /** AttributesToGet as a projection, or null. */
    @Nullable
    Projection projection() {
        if (attributesToGet == null) {
            return null;
        }
        checkAttributesToGet();
        Projection.Builder projection = Projection.newBuilder();
        for (String name : attributesToGet) {
            projection.addPaths(LegacyConditions.path(name == null ? "" : name));
        }
        return projection.build();
    }

    /** For operations that look at AttributesToGet before other parameters. */
    void checkAttributesToGet() {
        if (attributesToGet == null) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (String name : attributesToGet) {
            if (name != null && !seen.add(name)) {
                throw ApiException.invalidParameter("Duplicate value in attribute name: " + name);
            }
        }
    }

    /** Expected as a condition, or null. */
    @Nullable
    Condition expected() {
        return LegacyConditions.ofExpected(expected, conditionalOperator);
    }

    /** QueryFilter or ScanFilter as a filter, or null. */
    @Nullable
    Condition filter() {
        return LegacyConditions.ofFilter(queryFilter == null ? scanFilter : queryFilter, conditionalOperator);
    }

    /** AttributeUpdates as an update; one that changes nothing when there is none. */
    Update update() {
        return attributeUpdates == null ? Update.getDefaultInstance() : LegacyUpdate.toUpdate(attributeUpdates);
    }

    /** What can be checked of KeyConditions, which are there, before the table is known. */
    void checkKeyConditions() {
        LegacyKeyConditions.check(Parameters.required(keyConditions));
    }

    /** What KeyConditions, which are there and checked, want of this table. */
    KeyCondition keyCondition(ReadTarget target) {
        return LegacyKeyConditions.resolve(Parameters.required(keyConditions), target);
    }
}
