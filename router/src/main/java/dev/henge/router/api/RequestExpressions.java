package dev.henge.router.api;

import dev.henge.expression.ExpressionKind;
import dev.henge.expression.Placeholders;
import dev.henge.expression.UnresolvedCondition;
import dev.henge.expression.UnresolvedProjection;
import dev.henge.expression.UnresolvedUpdate;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.Condition;
import dev.henge.proto.Projection;
import dev.henge.proto.Update;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The expressions of one request, resolved with its names and values, or what stands for them among the legacy
 * parameters. For one thread.
 */
final class RequestExpressions {

    private static final Placeholders NO_PLACEHOLDERS = new Placeholders(Map.of(), Map.of());

    private final Expressions parser;
    private final Parameters parameters;
    private final Placeholders placeholders;

    private RequestExpressions(Expressions parser, Parameters parameters, Placeholders placeholders) {
        this.parser = parser;
        this.parameters = parameters;
        this.placeholders = placeholders;
    }

    static RequestExpressions of(Expressions parser, Parameters parameters) {
        Map<String, @Nullable String> names = parameters.attributeNames;
        Map<String, ParsedItem> values = parameters.attributeValues;
        if (names == null && values == null) {
            return new RequestExpressions(parser, parameters, NO_PLACEHOLDERS);
        }
        if (names != null && names.isEmpty()) {
            throw ApiException.validation("ExpressionAttributeNames must not be empty");
        }
        if (values != null && values.isEmpty()) {
            throw ApiException.validation("ExpressionAttributeValues must not be empty");
        }
        Map<String, String> checkedNames = Expressions.refusing(() -> {
            Map<String, String> checked = Placeholders.checkedNames(names == null ? Map.of() : names);
            Placeholders.checkValueKeys(values == null ? Set.of() : values.keySet());
            return checked;
        });
        Map<String, AttributeValue> decoded = values == null ? Map.of() : decode(values);
        return new RequestExpressions(parser, parameters, new Placeholders(checkedNames, decoded));
    }

    private static Map<String, AttributeValue> decode(Map<String, ParsedItem> values) {
        Map<String, AttributeValue> decoded = LinkedHashMap.newLinkedHashMap(values.size());
        values.forEach((key, value) -> {
            if (value.fault() != null) {
                throw ApiException.validation(
                        "ExpressionAttributeValues contains invalid value: " + value.fault() + " for key " + key);
            }
            decoded.put(key, ItemCodec.decodeValue(value.bytes()));
        });
        return decoded;
    }

    /** The ConditionExpression or Expected, or null. */
    @Nullable
    Condition condition() {
        Condition condition = condition(ExpressionKind.CONDITION);
        return condition == null ? parameters.legacy.expected() : condition;
    }

    /** The FilterExpression, or null. Legacy filters are looked at before expressions, so they are not given here. */
    @Nullable
    Condition filter() {
        return condition(ExpressionKind.FILTER);
    }

    /** The KeyConditionExpression, or null. KeyConditions need no resolving. */
    @Nullable
    Condition keyCondition() {
        return condition(ExpressionKind.KEY_CONDITION);
    }

    private @Nullable Condition condition(ExpressionKind kind) {
        String text = parameters.expression(kind.parameter());
        if (text == null) {
            return null;
        }
        UnresolvedCondition parsed = parser.condition(kind, text);
        return Expressions.refusing(() -> parsed.resolve(placeholders));
    }

    /** The UpdateExpression or AttributeUpdates; one that changes nothing when there is neither. */
    Update update() {
        String text = parameters.expression(ExpressionKind.UPDATE.parameter());
        if (text == null) {
            return parameters.legacy.update();
        }
        UnresolvedUpdate parsed = parser.update(text);
        return Expressions.refusing(() -> parsed.resolve(placeholders));
    }

    /** The ProjectionExpression or AttributesToGet, or null. */
    @Nullable
    Projection projection() {
        String text = parameters.expression(ExpressionKind.PROJECTION.parameter());
        if (text == null) {
            return parameters.legacy.projection();
        }
        UnresolvedProjection parsed = parser.projection(text);
        return Expressions.refusing(() -> parsed.resolve(placeholders));
    }

    /** To be called once every expression was asked for. */
    void checkAllUsed() {
        Expressions.refusing(() -> {
            placeholders.requireAllUsed();
            return true;
        });
    }
}
