package dev.henge.expression;

import static dev.henge.expression.Expressions.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateParsingTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    whatever                             | whatever | whatever
                    set                                  | <EOF>    | set
                    set b = :one,                        | <EOF>    | ,
                    set b = :one c = :one                | c        | :one c =
                    remove b c                           | c        | b c
                    add b                                | <EOF>    | b
                    add b c                              | c        | b c
                    add b = :one                         | =        | b = :one
                    add b foo(c)                         | foo      | b foo(
                    set b = :one + :one + :one           | +        | :one + :one
                    set b = (:one + :one) + :one         | +        | ) + :one
                    set b = :one + (:one + :one)         | +        | :one + :one
                    set b = if_not_exists(c,:one + :one) | +        | :one + :one
                    set (b) = :one                       | (        | set (b
                    set foo(c) = b                       | (        | foo(c
                    set b = a.b(c)                       | (        | b(c
                    set set = :one                       | set      | set set =
                    set b = and                          | and      | = and
                    set b = :one, delete c :strings      | delete   | , delete c
                    set b = :one delete                  | <EOF>    | delete
                    remove :one                          | :one     | remove :one
                    set b=-:one                          | -        | =-:one
                    set b = :one;                        | ;        | :one;
                    """)
    void aSyntaxErrorQuotesTheTokenAndItsNeighbours(String text, String token, String near) {
        assertThat(refusal(ExpressionKind.UPDATE, text))
                .isEqualTo("Invalid UpdateExpression: Syntax error; token: \"" + token + "\", near: \"" + near + "\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    set b = :one set c = :one                      | The "SET" section can only be used once in an update expression;
                    set b = :q Remove c add d :q remove e          | The "REMOVE" section can only be used once in an update expression;
                    set b = :one set c = foo(d)                    | Invalid function name; function: foo
                    set b = foo(name)                              | Invalid function name; function: foo
                    set b = name, c = foo(d)                       | Attribute name is a reserved keyword; reserved keyword: name
                    set name = :one                                | Attribute name is a reserved keyword; reserved keyword: name
                    set b = size(c)                                | The function is not allowed in an update expression; function: size
                    set b = list_append(list_append(c,d),:list)    | The function is not allowed to be used this way in an expression; function: list_append
                    set b = list_append(c,:list) + :one            | The function is not allowed to be used this way in an expression; function: list_append
                    set b = ((:one + :one))                        | The expression has redundant parentheses;
                    set b = if_not_exists(c,((:one)))              | The expression has redundant parentheses;
                    remove b[2147483648]                           | List index is not within the allowable range; index: [2147483648]
                    set b = :q, c = #q                             | An expression attribute name used in the document path is not defined; attribute name: #q
                    set b = :q, b = :one                           | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [b], path two: [b]
                    set b = :q                                     | An expression attribute value used in expression is not defined; attribute value: :q
                    set b = if_not_exists(:q)                      | An expression attribute value used in expression is not defined; attribute value: :q
                    remove b, b.c                                  | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [b], path two: [b, c]
                    set c.b.#c = :one, c = :one                    | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c, b, c], path two: [c]
                    set b = :one remove #b                         | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [b], path two: [b]
                    remove b.c, b[0]                               | Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [b, c], path two: [b, [0]]
                    remove c[3].#three, #c.#three[3]               | Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [c, [3], [3]], path two: [c, [3], [3]]
                    set d[1] = b, d.b = b, c[1].a = b, #c = b      | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c, [1], a], path two: [c]
                    add b :string                                  | Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND
                    add b :bool                                    | Incorrect operand type for operator or function; operator: ADD, operand type: BOOLEAN, typeSet: ALLOWED_FOR_ADD_OPERAND
                    add b :list                                    | Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND
                    delete b :number                               | Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND
                    delete b :map                                  | Incorrect operand type for operator or function; operator: DELETE, operand type: MAP, typeSet: ALLOWED_FOR_DELETE_OPERAND
                    set b = list_append(:string,c) add c :string   | Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND
                    set b = if_not_exists(c)                       | Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1
                    set b = if_not_exists(:one,c)                  | Operator or function requires a document path; operator or function: if_not_exists
                    set b = if_not_exists(if_not_exists(b,c),c)    | Operator or function requires a document path; operator or function: if_not_exists
                    set b = list_append(c,:one)                    | Incorrect operand type for operator or function; operator or function: list_append, operand type: N
                    set b = :string + :one                         | Incorrect operand type for operator or function; operator or function: +, operand type: S
                    set b = :one - :list                           | Incorrect operand type for operator or function; operator or function: -, operand type: L
                    """)
    void whatTheServiceRefusesIsRefusedInItsWords(String text, String reason) {
        assertThat(refusal(ExpressionKind.UPDATE, text)).isEqualTo("Invalid UpdateExpression: " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET b = :one REMOVE c ADD d :number DELETE e :strings",
                "set b = ((:one)+:one), c = (list_append(:list,:list)), d=:one-:one, e = (c)",
                "set b = if_not_exists(c,if_not_exists(d,:one)) + :one",
                "set b = list_append(if_not_exists(c,:list),:list)",
                "set b_ = b-c",
                "set b[0].c = :null, b[1] = :map",
                "add b :numbers, c :binaries, d :strings",
                "remove b[2], c.d"
            })
    void whatTheServiceTakesIsTaken(String text) {
        assertThat(refusal(ExpressionKind.UPDATE, text)).isNull();
    }
}
