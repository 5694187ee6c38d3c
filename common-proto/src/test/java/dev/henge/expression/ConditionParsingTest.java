package dev.henge.expression;

import static dev.henge.expression.Expressions.placeholders;
import static dev.henge.expression.Expressions.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Condition;
import dev.henge.proto.Condition.KindCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts as DynamoDB Local 2.6.1 gives them, but where ConditionResolver says otherwise. */
class ConditionParsingTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    b =                    | <EOF>   | =
                    b = :number and        | <EOF>   | and
                    = b                    | =       | = b
                    b == :number           | =       | == :number
                    b = 5                  | 5       | = 5
                    b = "x"                | "       | = "x
                    (b = :number           | <EOF>   | :number
                    b = :number)           | )       | :number)
                    b $ c                  | $       | b $ c
                    b                      | <EOF>   | b
                    b and c                | and     | b and c
                    not b                  | <EOF>   | b
                    (b) and c = :number    | and     | ) and c
                    (b)                    | <EOF>   | )
                    a..c = :number         | .       | ..c
                    b[0 = :number          | =       | 0 = :number
                    b[-1] = :number        | -       | [-1
                    b[01] = :number        | 1       | 01]
                    attribute_exists()     | )       | ()
                    b in :number           | :number | in :number
                    BETWEEN = :number      | BETWEEN | BETWEEN =
                    set = :number          | set     | set =
                    b = :                  | :       | = :
                    # = b                  | #       | # =
                    _b = :number           | _       | _b
                    1b = :number           | 1       | 1b
                    b = :number c = :one   | c       | :number c =
                    (b.c)[0] = :number     | [       | )[0
                    b >< :number           | <       | >< :number
                    é = :number            | é       | é =
                    b = (c = :number)      | =       | c = :number
                    (b = :number) = c      | =       | ) = c
                    b = (not c)            | not     | (not c
                    b = (c and d)          | and     | c and d
                    a.b(c)                 | (       | b(c
                    #c(b)                  | (       | #c(b
                    foo(b = :number)       | =       | b = :number
                    """)
    void aSyntaxErrorQuotesTheTokenAndItsNeighbours(String text, String token, String near) {
        assertThat(refusal(ExpressionKind.CONDITION, text))
                .isEqualTo(
                        "Invalid ConditionExpression: Syntax error; token: \"" + token + "\", near: \"" + near + "\"");
    }

    @Test
    void whiteSpaceAroundASyntaxErrorIsQuotedAsItStands() {
        assertThat(refusal(ExpressionKind.CONDITION, " ")).endsWith("token: \"<EOF>\", near: \" \"");
        assertThat(refusal(ExpressionKind.CONDITION, " = b")).endsWith("token: \"=\", near: \" = b\"");
        assertThat(refusal(ExpressionKind.CONDITION, "b    ")).endsWith("token: \"<EOF>\", near: \"b    \"");
        assertThat(refusal(ExpressionKind.CONDITION, "b  =  5  6")).endsWith("token: \"5\", near: \"=  5  6\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ((b = :number))                  | The expression has redundant parentheses;
                    ((b)) = :number                  | The expression has redundant parentheses;
                    contains((b),((c)))              | The expression has redundant parentheses;
                    foo(c) and ((b = :number))       | The expression has redundant parentheses;
                    foo(b)                           | Invalid function name; function: foo
                    ATTRIBUTE_EXISTS(b)              | Invalid function name; function: ATTRIBUTE_EXISTS
                    if_not_exists(b,:number)         | The function is not allowed in a condition expression; function: if_not_exists
                    attribute_exists(b) = :number    | The function is not allowed to be used this way in an expression; function: attribute_exists
                    size(b)                          | The function is not allowed to be used this way in an expression; function: size
                    (size(b))                        | The function is not allowed to be used this way in an expression; function: size
                    contains(attribute_exists(b),c)  | The function is not allowed to be used this way in an expression; function: attribute_exists
                    name = :number                   | Attribute name is a reserved keyword; reserved keyword: name
                    b.Abort = :number                | Attribute name is a reserved keyword; reserved keyword: Abort
                    name = :x and foo(c)             | Attribute name is a reserved keyword; reserved keyword: name
                    foo(c) and name = :x             | Invalid function name; function: foo
                    #q = :q and name = :number       | Attribute name is a reserved keyword; reserved keyword: name
                    b[99999999999] = :number         | List index is not within the allowable range; index: [99999999999]
                    b[2147483648] = :number          | List index is not within the allowable range; index: [2147483648]
                    b = :q                           | An expression attribute value used in expression is not defined; attribute value: :q
                    b.#q = :number                   | An expression attribute name used in the document path is not defined; attribute name: #q
                    #q = :q                          | An expression attribute name used in the document path is not defined; attribute name: #q
                    attribute_exists(:number)        | Operator or function requires a document path; operator or function: attribute_exists
                    attribute_exists(b,c)            | Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2
                    begins_with(b)                   | Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1
                    size(b,c) = :number              | Incorrect number of operands for operator or function; operator or function: size, number of operands: 2
                    b = b                            | The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [b]
                    b[0].c <> #b[0].c                | The first operand must be distinct from the remaining operands for this operator or function; operator: <>, first operand: [b, [0], c]
                    b in (c, b)                      | The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [b]
                    b between :number and b          | The first operand must be distinct from the remaining operands for this operator or function; operator: BETWEEN, first operand: [b]
                    contains(b,b)                    | The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [b]
                    begins_with(b,:number)           | Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
                    begins_with(:strings,b)          | Incorrect operand type for operator or function; operator or function: begins_with, operand type: SS
                    begins_with(b,size(c))           | Incorrect operand type for operator or function; operator or function: begins_with, operand type: N
                    b < :bool                        | Incorrect operand type for operator or function; operator or function: <, operand type: BOOL
                    :list >= b                       | Incorrect operand type for operator or function; operator or function: >=, operand type: L
                    b between :map and :map          | Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: M
                    size(:null) = :number            | Incorrect operand type for operator or function; operator or function: size, operand type: NULL
                    size(size(b)) = :number          | Incorrect operand type for operator or function; operator or function: size, operand type: N
                    attribute_type(b,:number)        | Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N
                    attribute_type(b,c)              | Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}
                    attribute_type(b,:string)        | Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}
                    b between :number and :one       | The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:1}
                    b between :number and :string    | The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:x}
                    b = b and #q = :q                | The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [b]
                    """)
    void whatTheServiceRefusesIsRefusedInItsWords(String text, String reason) {
        assertThat(refusal(ExpressionKind.CONDITION, text)).isEqualTo("Invalid ConditionExpression: " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not b = :number",
                "not not b = :number",
                "NOT (b = :number) Or c BeTween :one aNd :number aNd d iN (:one)",
                "((b = :number) and c = :number)",
                "(b) = (:number)",
                "((b) = :number)",
                "b in ((c))",
                "contains((b),(c))",
                "attribute_exists (b)",
                "b\n=\t:number",
                "b_1 = :number",
                "b[2147483647].#three[0] = :number",
                "size(b) between :one and size(c)",
                "size(b) = size(b)",
                "contains(b, size(c))",
                "begins_with(:string, b)",
                "attribute_type(:number, :typeS)",
                "b between c and c",
                "b = :map and c <> :null and d in (:strings, :bool)",
                "#name = :number"
            })
    void whatTheServiceTakesIsTaken(String text) {
        assertThat(refusal(ExpressionKind.CONDITION, text)).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void anErrorNamesTheParameterOfTheExpression(ExpressionKind kind) {
        assertThat(refusal(kind, "")).isEqualTo("Invalid " + kind.parameter() + ": The expression can not be empty;");
    }

    @Test
    void andBindsTighterThanOrAndNotTighterThanBoth() {
        Condition condition = parse("b = :one or not c = :one and d = :one");

        assertThat(condition.getAnyOf().getTermsList())
                .extracting(Condition::getKindCase)
                .containsExactly(KindCase.COMPARISON, KindCase.ALL_OF);
        assertThat(condition.getAnyOf().getTerms(1).getAllOf().getTermsList())
                .extracting(Condition::getKindCase)
                .containsExactly(KindCase.NOT, KindCase.COMPARISON);
    }

    @Test
    void parenthesesOverridePrecedence() {
        Condition condition = parse("(b = :one or c = :one) and d = :one");

        assertThat(condition.getAllOf().getTermsList())
                .extracting(Condition::getKindCase)
                .containsExactly(KindCase.ANY_OF, KindCase.COMPARISON);
    }

    @Test
    void theSizeOfALiteralIsALiteral() {
        Condition condition = parse("size(:map) = b");

        assertThat(condition.getComparison().getLeft().hasLiteral()).isTrue();
    }

    private static Condition parse(String text) {
        return ExpressionParser.parseCondition(ExpressionKind.CONDITION, text).resolve(placeholders());
    }
}
