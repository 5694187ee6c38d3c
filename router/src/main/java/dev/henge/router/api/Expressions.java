package dev.henge.router.api;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.henge.expression.ExpressionException;
import dev.henge.expression.ExpressionKind;
import dev.henge.expression.ExpressionParser;
import dev.henge.expression.UnresolvedCondition;
import dev.henge.expression.UnresolvedProjection;
import dev.henge.expression.UnresolvedUpdate;
import java.util.function.Supplier;

/**
 * Parses expressions, and remembers what texts parsed to, as clients send the same few over and over. Safe for use by
 * many threads.
 */
final class Expressions {

    /** Most characters of text that the parsed forms of a kind are kept for. */
    private static final long CACHED_CHARACTERS_MAX = 2_000_000;

    /** What a short text counts at least, for its parsed form is larger than itself. */
    private static final int CACHED_CHARACTERS_MIN = 100;

    private record ConditionText(ExpressionKind kind, String text) {}

    private final LoadingCache<ConditionText, UnresolvedCondition> conditions = Caffeine.newBuilder()
            .maximumWeight(CACHED_CHARACTERS_MAX)
            .weigher((ConditionText key, UnresolvedCondition parsed) -> weight(key.text))
            .build(key -> ExpressionParser.parseCondition(key.kind, key.text));
    private final LoadingCache<String, UnresolvedUpdate> updates = Caffeine.newBuilder()
            .maximumWeight(CACHED_CHARACTERS_MAX)
            .weigher((String text, UnresolvedUpdate parsed) -> weight(text))
            .build(ExpressionParser::parseUpdate);
    private final LoadingCache<String, UnresolvedProjection> projections = Caffeine.newBuilder()
            .maximumWeight(CACHED_CHARACTERS_MAX)
            .weigher((String text, UnresolvedProjection parsed) -> weight(text))
            .build(ExpressionParser::parseProjection);

    private static int weight(String text) {
        return Math.max(CACHED_CHARACTERS_MIN, text.length());
    }

    UnresolvedCondition condition(ExpressionKind kind, String text) {
        return refusing(() -> conditions.get(new ConditionText(kind, text)));
    }

    UnresolvedUpdate update(String text) {
        return refusing(() -> updates.get(text));
    }

    UnresolvedProjection projection(String text) {
        return refusing(() -> projections.get(text));
    }

    /** The expressions of one request; checks its placeholders. */
    RequestExpressions of(Parameters parameters) {
        return RequestExpressions.of(this, parameters);
    }

    /** Runs what may refuse an expression, and has the refusal answered. */
    static <T> T refusing(Supplier<T> work) {
        try {
            return work.get();
        } catch (ExpressionException refused) {
            throw ApiException.validation(String.valueOf(refused.getMessage()));
        }
    }
}
