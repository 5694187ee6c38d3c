package dev.henge.expression;

import static dev.henge.expression.Expressions.ITEM;
import static dev.henge.expression.Expressions.list;
import static dev.henge.expression.Expressions.map;
import static dev.henge.expression.Expressions.number;
import static dev.henge.expression.Expressions.numberSet;
import static dev.henge.expression.Expressions.string;
import static dev.henge.expression.Expressions.stringSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Projection;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Semantics as DynamoDB Local 2.6.1 shows them; UPDATED_OLD and UPDATED_NEW of nested paths as the service's own, which
 * returns the nested values alone.
 */
class UpdateEvaluatorTest {

    private static final AttributeValue ELEMENTS = list(number("0"), number("1"), number("2"), number("3"));

    @Test
    void setReplacesAndAdds() {
        Map<String, AttributeValue> item =
                update("set num = :string, q = :one, mp.fresh = :one").newItem();

        assertThat(item).containsEntry("num", string("x")).containsEntry("q", number("1"));
        assertThat(ProjectionEvaluator.project(projection("mp.fresh", Map.of()), item))
                .isEqualTo(Map.of("mp", map("fresh", number("1"))));
        assertThat(item).containsEntry("pk", string("p"));
    }

    @Test
    void allValuesAreReadFromTheOldItem() {
        Map<String, AttributeValue> item = update("set num = :one, q = num, lst[0] = lst[1], lst[1] = lst[0]")
                .newItem();

        assertThat(item).containsEntry("q", number("5"));
        assertThat(item).containsEntry("lst", list(string("x"), number("1"), list(number("2")), number("3")));
    }

    @Test
    void arithmeticIsExact() {
        assertThat(update("set num = num + :one").newItem()).containsEntry("num", number("6"));
        assertThat(update("set num = :one - num").newItem()).containsEntry("num", number("-4"));
        assertThat(update("set q = if_not_exists(q, :one) + :number").newItem()).containsEntry("q", number("6"));
    }

    @Test
    void ifNotExistsKeepsWhatIsThere() {
        assertThat(update("set num = if_not_exists(num, :one)").newItem()).containsEntry("num", number("5"));
        assertThat(update("set q = if_not_exists(q, :one)").newItem()).containsEntry("q", number("1"));
    }

    @Test
    void listAppendJoinsInTheGivenOrder() {
        assertThat(update("set lst[2] = list_append(lst[2], :list)").newItem().get("lst"))
                .isEqualTo(list(number("1"), string("x"), list(number("2"), number("1")), number("3")));
        assertThat(update("set q = list_append(:list, if_not_exists(q, :list))").newItem())
                .containsEntry("q", list(number("1"), number("1")));
    }

    @Test
    void settingBeyondTheEndAppendsInTheOrderOfTheIndexes() {
        assertThat(updateElements("set l[10] = :number, l[7] = :one"))
                .isEqualTo(list(number("0"), number("1"), number("2"), number("3"), number("1"), number("5")));
    }

    @Test
    void indexesAreThoseOfTheOldList() {
        assertThat(updateElements("remove l[1], l[2]")).isEqualTo(list(number("0"), number("3")));
        assertThat(updateElements("remove l[0] set l[2] = :number"))
                .isEqualTo(list(number("1"), number("5"), number("3")));
        assertThat(updateElements("remove l[0] set l[9] = :number"))
                .isEqualTo(list(number("1"), number("2"), number("3"), number("5")));
        assertThat(updateElements("remove l[9]")).isEqualTo(ELEMENTS);
    }

    @Test
    void removingEverythingLeavesAnEmptyListOrMap() {
        assertThat(updateElements("remove l[0], l[1], l[2], l[3]")).isEqualTo(list());
        assertThat(update("remove mp.d.e").updatedOld()).isEqualTo(Map.of("mp", map("d", map("e", number("7")))));
    }

    @Test
    void removingWhatIsNotThereChangesNothing() {
        assertThat(update("remove gone, mp.gone").newItem()).isEqualTo(ITEM);
    }

    @Test
    void addCountsAndStartsFromNothing() {
        Map<String, AttributeValue> item =
                update("add num :one, q :number, mp.x :one, mp.y :one").newItem();

        assertThat(item).containsEntry("num", number("6")).containsEntry("q", number("5"));
        assertThat(Paths.read(path("mp.x"), item)).isEqualTo(number("2"));
        assertThat(Paths.read(path("mp.y"), item)).isEqualTo(number("1"));
    }

    @Test
    void addAndDeleteChangeSets() {
        assertThat(update("add strings :x", Map.of(":x", stringSet("b", "c"))).newItem())
                .containsEntry("strings", stringSet("a", "b", "c"));
        assertThat(update("add q :numbers").newItem()).containsEntry("q", numberSet("1"));
        assertThat(update("delete strings :strings").newItem()).containsEntry("strings", stringSet("b"));
        assertThat(update("delete numbers :x", Map.of(":x", numberSet("2.0", "9")))
                        .newItem())
                .containsEntry("numbers", numberSet("1"));
    }

    @Test
    void anEmptiedSetGoes() {
        assertThat(update("delete strings :x", Map.of(":x", stringSet("a", "b")))
                        .newItem())
                .doesNotContainKey("strings");
        assertThat(update("delete gone :strings").newItem()).isEqualTo(ITEM);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    set gone.a = :one                 | The document path provided in the update expression is invalid for update
                    set gone[0] = :one                | The document path provided in the update expression is invalid for update
                    set str.a = :one                  | The document path provided in the update expression is invalid for update
                    set lst.a = :one                    | The document path provided in the update expression is invalid for update
                    set mp[0] = :one                    | The document path provided in the update expression is invalid for update
                    set lst[9].a = :one                 | The document path provided in the update expression is invalid for update
                    remove gone.a                     | The document path provided in the update expression is invalid for update
                    remove mp.k.z                       | The document path provided in the update expression is invalid for update
                    add gone.a :one                   | The document path provided in the update expression is invalid for update
                    delete gone.a :strings            | The document path provided in the update expression is invalid for update
                    set gone[0] = lost                | The document path provided in the update expression is invalid for update
                    set str.a = str + :one            | The document path provided in the update expression is invalid for update
                    set q = gone                      | The provided expression refers to an attribute that does not exist in the item
                    set q = lst[9]                      | The provided expression refers to an attribute that does not exist in the item
                    set q = gone + :one               | The provided expression refers to an attribute that does not exist in the item
                    set q = list_append(gone, lst)   | The provided expression refers to an attribute that does not exist in the item
                    set q = if_not_exists(num, lost)| The provided expression refers to an attribute that does not exist in the item
                    set q = num + str              | An operand in the update expression has an incorrect data type
                    set q = list_append(str, lst)    | An operand in the update expression has an incorrect data type
                    set q = if_not_exists(q, :string) + :one | An operand in the update expression has an incorrect data type
                    add num :strings                  | An operand in the update expression has an incorrect data type
                    add strings :one                     | An operand in the update expression has an incorrect data type
                    delete strings :numbers              | An operand in the update expression has an incorrect data type
                    delete num :strings               | An operand in the update expression has an incorrect data type
                    """)
    void whatDoesNotFitTheItemIsRefusedInTheServicesWords(String text, String message) {
        assertThatThrownBy(() -> update(text))
                .isInstanceOf(ExpressionException.class)
                .hasMessage(message);
    }

    @Test
    void aSumOutOfRangeIsRefused() {
        Map<String, AttributeValue> item = Map.of("n", number("9.9E+125"));

        assertThatThrownBy(() -> update("set n = n + :x", Map.of(":x", number("9.9E+125")), item))
                .isInstanceOf(ExpressionException.class)
                .hasMessage("Number overflow. Attempting to store a number with magnitude larger than supported range");
    }

    @Test
    void nestingIsBounded() {
        AttributeValue deep = string("x");
        for (int level = 0; level < 31; level++) {
            deep = list(deep);
        }
        AttributeValue deepest = deep;

        assertThat(update("set q = :x", Map.of(":x", deepest)).newItem()).containsEntry("q", deepest);
        assertThatThrownBy(() -> update("set mp.q = :x", Map.of(":x", deepest)))
                .hasMessage("Nesting Levels have exceeded supported limits");
    }

    @Test
    void updatedOldAndUpdatedNewReturnTheTouchedPathsAlone() {
        UpdateResult result = update("set mp.x = :number, lst[1] = :one add num :one remove bool");

        assertThat(result.updatedOld())
                .containsOnlyKeys("mp", "lst", "num", "bool")
                .containsEntry("mp", map("x", number("1")))
                .containsEntry("lst", list(string("x")))
                .containsEntry("num", number("5"));
        assertThat(result.updatedNew())
                .isEqualTo(Map.of("mp", map("x", number("5")), "lst", list(number("1")), "num", number("6")));
    }

    @Test
    void anAppendedElementIsInNeitherAndARemovedOnesSuccessorIsInUpdatedNew() {
        Map<String, AttributeValue> item = Map.of("l", ELEMENTS);

        UpdateResult appended = update("set l[100] = :one", Map.of(), item);
        UpdateResult removed = update("remove l[1], l[9]", Map.of(), item);

        assertThat(appended.updatedOld()).isEmpty();
        assertThat(appended.updatedNew()).isEmpty();
        assertThat(removed.updatedOld()).isEqualTo(Map.of("l", list(number("1"))));
        assertThat(removed.updatedNew()).isEqualTo(Map.of("l", list(number("2"))));
    }

    @Test
    void theOldItemStaysAsItWas() {
        Map<String, AttributeValue> item = new LinkedHashMap<>(ITEM);

        update("set mp.d.e = :one, lst[0] = :one remove strings", Map.of(), item);

        assertThat(item).isEqualTo(ITEM);
    }

    @Test
    void theAttributesAnUpdateChangesAreTold() {
        assertThat(ExpressionAttributes.changedBy(ExpressionParser.parseUpdate("set b.c = d remove e[0] add f :one")
                        .resolve(Expressions.placeholders())))
                .containsExactly("b", "e", "f");
        assertThat(ExpressionAttributes.readBy(ExpressionParser.parseCondition(
                                ExpressionKind.FILTER, "size(b) > :one and not (contains(c.d, e) or f in (:one, g))")
                        .resolve(Expressions.placeholders())))
                .containsExactly("b", "c", "e", "f", "g");
    }

    @Test
    void ofAttributeUpdatesAddAppendsListsAndRefusesOtherTypesWithATextOfItsOwn() {
        AttributeValue added = list(string("x"));
        Update add = Update.newBuilder()
                .setFromAttributeUpdates(true)
                .addActions(UpdateAction.newBuilder()
                        .setAdd(UpdateAction.WithLiteral.newBuilder()
                                .setPath(path("q"))
                                .setLiteral(ItemCodec.encodeValueToByteString(added))))
                .build();

        assertThat(UpdateEvaluator.apply(add, Map.of()).newItem()).isEqualTo(Map.of("q", added));
        assertThat(UpdateEvaluator.apply(add, Map.of("q", list(string("w")))).newItem())
                .isEqualTo(Map.of("q", list(string("w"), string("x"))));
        assertThatThrownBy(() -> UpdateEvaluator.apply(add, Map.of("q", string("x"))))
                .isInstanceOf(ExpressionException.class)
                .hasMessage("Type mismatch for attribute to update");
    }

    private static UpdateResult update(String text) {
        return update(text, Map.of());
    }

    private static UpdateResult update(String text, Map<String, AttributeValue> moreValues) {
        return update(text, moreValues, ITEM);
    }

    private static UpdateResult update(
            String text, Map<String, AttributeValue> moreValues, Map<String, AttributeValue> item) {
        Map<String, AttributeValue> values = new LinkedHashMap<>(Expressions.VALUES);
        values.putAll(moreValues);
        return UpdateEvaluator.apply(
                ExpressionParser.parseUpdate(text).resolve(new Placeholders(Expressions.NAMES, values)), item);
    }

    private static AttributeValue updateElements(String text) {
        return Objects.requireNonNull(
                update(text, Map.of(), Map.of("l", ELEMENTS)).newItem().get("l"));
    }

    private static Projection projection(String text, Map<String, String> names) {
        return ExpressionParser.parseProjection(text).resolve(new Placeholders(names, Map.of()));
    }

    private static DocumentPath path(String text) {
        return projection(text, Map.of()).getPaths(0);
    }
}
