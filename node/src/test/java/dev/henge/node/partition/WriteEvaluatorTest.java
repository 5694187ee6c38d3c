package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.expression.ExpressionParser;
import dev.henge.expression.Placeholders;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.node.partition.WriteEvaluator.Evaluation;
import dev.henge.proto.Refusal;
import dev.henge.proto.WriteItem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the service does with updates of an item that is not there. */
final class WriteEvaluatorTest {

    private static Evaluation updateOfNothing(String expression) {
        WriteItem write = WriteItem.newBuilder()
                .setUpdate(ExpressionParser.parseUpdate(expression).resolve(new Placeholders(Map.of(), Map.of())))
                .setKeyAttributes(ItemCodec.encodeToByteString(Map.of("pk", new StringValue("a"))))
                .build();
        return WriteEvaluator.evaluate(write, null, List.of());
    }

    @Test
    void anUpdateThatOnlyTakesAwayMakesNoItem() {
        assertThat(updateOfNothing("REMOVE a, b")).isInstanceOf(Evaluation.Unchanged.class);
    }

    @Test
    void anUpdateThatOnlyTakesAwayNeedsPathsThatLeadSomewhere() {
        assertThat(updateOfNothing("REMOVE a.b")).isInstanceOfSatisfying(Evaluation.Refused.class, refused -> {
            assertThat(refused.refusal().getCode()).isEqualTo(Refusal.Code.INVALID);
            assertThat(refused.refusal().getMessage())
                    .isEqualTo("The document path provided in the update expression is invalid for update");
        });
    }
}
