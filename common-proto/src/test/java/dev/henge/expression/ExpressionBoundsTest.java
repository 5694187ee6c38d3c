package dev.henge.expression;

import static dev.henge.expression.Expressions.ITEM;
import static dev.henge.expression.Expressions.placeholders;
import static dev.henge.expression.Expressions.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.proto.Condition;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataRequests;
import dev.henge.proto.Update;
import dev.henge.proto.WriteItem;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExpressionBoundsTest {

    @Test
    void anExpressionHasAtMost4096Bytes() {
        assertThat(condition("b" + "x".repeat(4085) + " = :number".substring(0, 10)))
                .isNull();
        assertThat(condition("é".repeat(2049)))
                .isEqualTo("Invalid ConditionExpression: Expression size has exceeded the maximum allowed size;"
                        + " expression size: 4098");
    }

    @Test
    void anExpressionHasAtMost300OperatorsAndFunctions() {
        String tooMany = "Invalid ConditionExpression: The expression contains too many operators; operator count: 301";

        assertThat(condition(repeat("b=:one", " or ", 150))).isNull();
        assertThat(condition(repeat("b=:one", " or ", 151))).isEqualTo(tooMany);
        assertThat(condition(repeat("attribute_exists(b)", " or ", 150))).isNull();
        assertThat(condition(repeat("attribute_exists(b)", " or ", 151))).isEqualTo(tooMany);
        assertThat(condition(repeat("size(b)>:one", " or ", 100))).isNull();
        assertThat(condition(repeat("size(b)>:one", " or ", 101))).isEqualTo(tooMany);
        assertThat(condition("not ".repeat(299) + "b=:one")).isNull();
        assertThat(condition("not ".repeat(300) + "b=:one")).isEqualTo(tooMany);
    }

    @Test
    void theActionsOfAnUpdateAreNoOperators() {
        StringBuilder text = new StringBuilder("set b=:one");
        for (int index = 0; index < 400; index++) {
            text.append(",b").append(index).append("=c");
        }

        assertThat(refusal(ExpressionKind.UPDATE, text.toString())).isNull();
    }

    @Test
    void inTakesAtMost100Candidates() {
        assertThat(condition("b in (" + repeat(":one", ",", 100) + ")")).isNull();
        assertThat(condition("b in (" + repeat(":one", ",", 101) + ")"))
                .isEqualTo("Invalid ConditionExpression: The IN operator is provided with too many operands;"
                        + " number of operands: 101");
    }

    @Test
    void aPathHasAtMost32Elements() {
        assertThat(condition("b" + ".c".repeat(31) + " = :one")).isNull();
        assertThat(condition("b" + "[1]".repeat(32) + " = :one"))
                .isEqualTo("Invalid ConditionExpression: The document path has too many nesting levels;"
                        + " nesting levels: 33");
    }

    @Test
    void nestingNeverOverflowsTheStack() {
        for (int depth : new int[] {10, 100, 200, 201, 1000, 4000}) {
            refusal(ExpressionKind.CONDITION, "(".repeat(depth));
            refusal(ExpressionKind.CONDITION, "(".repeat(depth) + "b" + ")".repeat(depth) + " = :one");
            refusal(ExpressionKind.CONDITION, "not ".repeat(depth) + "b = :one");
            refusal(ExpressionKind.CONDITION, "size(".repeat(depth) + "b" + ")".repeat(depth) + " = :one");
            refusal(ExpressionKind.UPDATE, "set b = " + "(".repeat(depth));
            refusal(ExpressionKind.UPDATE, nestedCalls(depth));
        }
        assertThat(condition("(".repeat(201)))
                .isEqualTo("Invalid ConditionExpression: The expression has too many nesting levels;"
                        + " nesting levels: 201");
    }

    @Test
    void theDeepestConditionTakenTravelsToANode() throws InvalidProtocolBufferException {
        int depth = deepestTaken();
        Condition condition = ExpressionParser.parseCondition(ExpressionKind.CONDITION, alternating(depth))
                .resolve(placeholders());

        WriteItem travelled = travel(WriteItem.newBuilder().setCondition(condition));

        assertThat(depth).isGreaterThanOrEqualTo(20);
        assertThat(travelled.getCondition()).isEqualTo(condition);
        assertThat(ConditionEvaluator.matches(travelled.getCondition(), ITEM))
                .isEqualTo(ConditionEvaluator.matches(condition, ITEM));
        assertThat(condition(alternating(depth + 1)))
                .startsWith("Invalid ConditionExpression: The expression has too many nesting levels;");
    }

    private static int deepestTaken() {
        int depth = 1;
        while (condition(alternating(depth + 1)) == null) {
            depth++;
        }
        return depth;
    }

    @Test
    void theDeepestUpdateTakenTravelsToANode() throws InvalidProtocolBufferException {
        Update update = ExpressionParser.parseUpdate(nestedCalls(ExpressionParser.CALL_DEPTH_MAX))
                .resolve(placeholders());

        assertThat(travel(WriteItem.newBuilder().setUpdate(update)).getUpdate()).isEqualTo(update);
        assertThat(refusal(ExpressionKind.UPDATE, nestedCalls(ExpressionParser.CALL_DEPTH_MAX + 1)))
                .startsWith("Invalid UpdateExpression: The expression has too many nesting levels;");
    }

    private static WriteItem travel(WriteItem.Builder item) throws InvalidProtocolBufferException {
        DataRequests requests = DataRequests.newBuilder()
                .addRequests(DataRequest.newBuilder().setWriteItem(item))
                .build();
        return DataRequests.parseFrom(requests.toByteArray()).getRequests(0).getWriteItem();
    }

    /** NOT (b AND NOT (b OR NOT (b AND ...))): as deep as parentheses make messages. */
    private static String alternating(int depth) {
        StringBuilder text = new StringBuilder();
        for (int level = 0; level < depth; level++) {
            text.append("b=:one ").append(level % 2 == 0 ? "and" : "or").append(" not (");
        }
        return text.append("b=:one").append(")".repeat(depth)).toString();
    }

    private static String nestedCalls(int depth) {
        return "set b = " + "if_not_exists(c,".repeat(depth) + ":one" + ")".repeat(depth);
    }

    private static String repeat(String piece, String separator, int times) {
        return String.join(separator, Collections.nCopies(times, piece));
    }

    private static @Nullable String condition(String text) {
        return refusal(ExpressionKind.CONDITION, text);
    }
}
