package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.List;

/** The reviewed list. Each is as narrow as can be; what is not explained by one of them is a fault of ours. */
final class KnownDifferences {

    private KnownDifferences() {}

    private static final List<KnownDifference> OF_THEIR_OWN = List.of(
            new KnownDifference(
                    "a wrong JSON type",
                    "answers InternalFailure with 500, or takes a scalar of another type as text",
                    "answers SerializationException, with a text that names the types",
                    exchange -> exchange.henge().error().equals("SerializationException")
                                    && (exchange.local().status() == 500
                                            || !exchange.request().origin().equals("valid"))
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "constraints of the model",
                    "looks at required members, lengths, ranges and enums by hand, one after the other, with texts of its own",
                    "its request framework looks at all of them first, and says how many were violated",
                    exchange -> exchange.henge().error().equals("ValidationException")
                                    && exchange.henge().message().matches("(?s)\\d+ validation errors? detected: Value .*")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity not asked for",
                    "DeleteItem gives it always",
                    "gives it when asked",
                    exchange -> exchange.local().succeeded()
                                    && !exchange.henge().body().containsKey("ConsumedCapacity")
                                    && !List.of("TOTAL", "INDEXES")
                                            .contains(exchange.parameters().getOrDefault("ReturnConsumedCapacity", ""))
                            ? exchange.local().without("ConsumedCapacity")
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity",
                    "-",
                    "-",
                    exchange -> exchange.local().succeeded()
                                    && exchange.henge().body().get("ConsumedCapacity") instanceof Object capacity
                            ? exchange.local().with("ConsumedCapacity", capacity)
                            : exchange.local()),
            new KnownDifference(
                    "table descriptions",
                    "-",
                    "-",
                    exchange -> exchange.local().succeeded()
                                    && exchange.is("CreateTable", "DeleteTable", "UpdateTable", "DescribeTable")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "an UpdateItem without any update",
                    "fails with 500 when UPDATED_OLD or UPDATED_NEW is asked for",
                    "answers",
                    exchange -> exchange.local().status() == 500
                                    && exchange.is("UpdateItem")
                                    && !exchange.has("UpdateExpression")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "KeyConditions with an operator that they don't have",
                    "fails with 500",
                    "Attempted conditional constraint is not an indexable operation",
                    exchange -> exchange.local().status() == 500
                                    && exchange.henge()
                                            .isValidation(
                                                    "Attempted conditional constraint is not an indexable operation")
                            ? exchange.henge()
                            : exchange.local()));

    static final List<KnownDifference> ALL = all();

    private static List<KnownDifference> all() {
        List<KnownDifference> all = new ArrayList<>(OF_THEIR_OWN);
        for (KnownTexts.Pair pair : KnownTexts.ALL) {
            all.add(new KnownDifference(
                    "text: " + pair.name(),
                    pair.local().pattern(),
                    pair.service().pattern(),
                    exchange ->
                            pair.matches(exchange.local(), exchange.henge()) ? exchange.henge() : exchange.local()));
        }
        return List.copyOf(all);
    }
}
