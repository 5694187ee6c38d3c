package dev.henge.expression;

/** The request parameter an expression stands in; the service names it in its errors. */
public enum ExpressionKind {
    CONDITION("ConditionExpression"),
    FILTER("FilterExpression"),
    KEY_CONDITION("KeyConditionExpression"),
    PROJECTION("ProjectionExpression"),
    UPDATE("UpdateExpression");

    private final String parameter;

    ExpressionKind(String parameter) {
        this.parameter = parameter;
    }

    /** The parameter's name in the API. */
    public String parameter() {
        return parameter;
    }

    ExpressionException invalid(String reason) {
        return new ExpressionException("Invalid " + parameter + ": " + reason);
    }
}
