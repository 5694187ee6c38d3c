package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Expected, ScanFilter and ConditionalOperator. What matches is what DynamoDB Local 2.6.1 matches; the texts are its
 * own too, those of the model's constraints the service's.
 */
class LegacyConditionsTest extends RouterTest {

    private static final String INVALID = "One or more parameter values were invalid: ";
    private static final String OPERATORS =
            "[IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]";

    private static final List<String> VALUES = List.of(
            "{'S': 'hello'}",
            "{'N': '5'}",
            "{'B': 'AAEC'}",
            "{'BOOL': true}",
            "{'NULL': true}",
            "{'SS': ['x', 'hello']}",
            "{'NS': ['1', '5']}",
            "{'BS': ['AAEC', 'AAAA']}",
            "{'M': {'k': {'S': 'v'}}}",
            "{'L': [{'S': 'hello'}, {'N': '5'}, {'BOOL': true}]}");

    @BeforeEach
    void createTable() {
        createSimpleTable("Simple");
    }

    /** An item for each type, with the type's name as its key, and one without a value. */
    private void putOneOfEachType() {
        for (String value : VALUES) {
            String type = value.substring(2, value.indexOf('\'', 2));
            put("'pk': {'S': '%s'}, 'v': %s".formatted(type, value));
        }
        put("'pk': {'S': 'none'}");
    }

    private void put(String attributes) {
        client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {%s}}".formatted(attributes));
    }

    private List<String> scan(String parameters) {
        List<String> keys = new ArrayList<>();
        for (Map<String, Object> item :
                list(client.succeed("Scan", "{'TableName': 'Simple', " + parameters + "}"), "Items")) {
            keys.add(String.valueOf(member(item, "pk").get("S")));
        }
        return keys;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NULL||none",
                "NOT_NULL||S N B BOOL NULL SS NS BS M L",
                "EQ|{'S': 'hello'}|S",
                "EQ|{'N': '5.0'}|N",
                "EQ|{'BOOL': true}|BOOL",
                "EQ|{'NULL': true}|NULL",
                "EQ|{'NS': ['5', '1.0']}|NS",
                "EQ|{'M': {'k': {'S': 'v'}}}|M",
                "EQ|{'L': [{'S': 'hello'}, {'N': '5'}, {'BOOL': true}]}|L",
                "NE|{'S': 'hello'}|N B BOOL NULL SS NS BS M L none",
                "NE|{'SS': ['hello', 'x']}|S N B BOOL NULL NS BS M L none",
                "NE|{'L': []}|S N B BOOL NULL SS NS BS M L none",
                "LT|{'N': '6'}|N",
                "LE|{'S': 'hello'}|S",
                "GT|{'B': 'AAAA'}|B",
                "GE|{'N': '5'}|N",
                "GT|{'N': '5'}|",
                "BEGINS_WITH|{'S': 'he'}|S",
                "BEGINS_WITH|{'B': 'AAE='}|B",
                "CONTAINS|{'S': 'hello'}|S SS L",
                "CONTAINS|{'S': 'ell'}|S",
                "CONTAINS|{'N': '5'}|NS L",
                "CONTAINS|{'B': 'AAEC'}|B BS",
                "CONTAINS|{'BOOL': true}|L",
                "NOT_CONTAINS|{'S': 'hello'}|N B BOOL NULL NS BS M",
                "NOT_CONTAINS|{'N': '5'}|S N B BOOL NULL SS BS M",
                "IN|{'S': 'x'}, {'S': 'hello'}|S",
                "IN|{'N': '5'}|N",
                "BETWEEN|{'N': '5'}, {'N': '5'}|N",
                "BETWEEN|{'S': 'a'}, {'S': 'b'}|",
            })
    void eachOperatorMatchesWhatTheServiceMatches(String operator, String values, String matching) {
        putOneOfEachType();

        List<String> found = scan("'ScanFilter': {'v': {'ComparisonOperator': '%s', 'AttributeValueList': [%s]}}"
                .formatted(operator, values == null ? "" : values));

        assertThat(found).containsExactlyInAnyOrder(matching == null ? new String[0] : matching.split(" "));
    }

    @Test
    void aNameIsAnAttributeAndNoPath() {
        put("'pk': {'S': 'dotted'}, 'a.b': {'N': '1'}, 'l[0]': {'N': '1'}");
        put("'pk': {'S': 'nested'}, 'a': {'M': {'b': {'N': '1'}}}, 'l': {'L': [{'N': '1'}]}");

        assertThat(scan("'ScanFilter': {'a.b': {'ComparisonOperator': 'NOT_NULL'}}"))
                .containsExactly("dotted");
        assertThat(scan("'ScanFilter': {'l[0]': {'ComparisonOperator': 'NOT_NULL'}}"))
                .containsExactly("dotted");
    }

    @Test
    void severalConditionsHoldTogetherUnlessOneIsEnough() {
        putOneOfEachType();
        String filter = "'ScanFilter': {'v': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'N': '5'}]},"
                + " 'pk': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'S': 'L'}]}}";

        assertThat(scan(filter)).isEmpty();
        assertThat(scan(filter + ", 'ConditionalOperator': 'AND'")).isEmpty();
        assertThat(scan(filter + ", 'ConditionalOperator': 'OR'")).containsExactlyInAnyOrder("N", "L");
        assertThat(scan("'ScanFilter': {}")).hasSize(VALUES.size() + 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'v': {'Value': {'N': '1'}}|true",
                "'v': {'Value': {'N': '2'}}|false",
                "'v': {'Exists': true, 'Value': {'N': '1.0'}}|true",
                "'v': {'Exists': false}|false",
                "'w': {'Exists': false}|true",
                "'w': {'Value': {'N': '1'}}|false",
                "'v': {'ComparisonOperator': 'GT', 'Value': {'N': '0'}}|true",
                "'v': {'ComparisonOperator': 'GT', 'AttributeValueList': [{'N': '1'}]}|false",
                "'v': {'ComparisonOperator': 'NOT_NULL'}|true",
                "'v': {'ComparisonOperator': 'NULL', 'AttributeValueList': []}|false",
                "'pk': {'Value': {'S': 'a'}}, 'v': {'Value': {'N': '2'}}|false",
                "|true",
            })
    void writesHappenWhenWhatIsExpectedHolds(String expected, boolean happens) {
        put("'pk': {'S': 'a'}, 'v': {'N': '1'}");
        String parameters = "{'TableName': 'Simple', %s, 'Expected': {" + (expected == null ? "" : expected)
                + "}, 'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'}";

        for (String operation : List.of("UpdateItem", "PutItem", "DeleteItem")) {
            String what = operation.equals("PutItem")
                    ? "'Item': {'pk': {'S': 'a'}, 'v': {'N': '1'}}"
                    : "'Key': {'pk': {'S': 'a'}}";
            if (happens) {
                client.succeed(operation, parameters.formatted(what));
                continue;
            }
            Reply refused = client.fail(operation, parameters.formatted(what));
            assertThat(refused.error()).isEqualTo("ConditionalCheckFailedException");
            assertThat(refused.message()).isEqualTo("The conditional request failed");
            assertThat(refused.body()).containsEntry("Item", json("{'pk': {'S': 'a'}, 'v': {'N': '1'}}"));
        }
        assertThat(scan("'Limit': 10").isEmpty()).isEqualTo(happens);
    }

    @Test
    void oneExpectationOfSeveralIsEnoughWithOr() {
        put("'pk': {'S': 'a'}, 'v': {'N': '1'}");
        String delete = "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'Expected': {'v': {'Value': {'N': '2'}},"
                + " 'w': {'Exists': false}}, 'ConditionalOperator': '%s'}";

        assertThat(client.fail("DeleteItem", delete.formatted("AND")).error())
                .isEqualTo("ConditionalCheckFailedException");
        client.succeed("DeleteItem", delete.formatted("OR"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': null}|#ExpectedAttributeValue must not be null for Attribute: a",
                "{'a': {}}|#Value must be provided when Exists is null for Attribute: a",
                "{'a': {'Exists': true}}|#Value must be provided when Exists is true for Attribute: a",
                "{'a': {'Exists': false, 'Value': {'S': 'a'}}}|#Value cannot be used when Exists is false for"
                        + " Attribute: a",
                "{'a': {'Value': {}}}|Supplied AttributeValue is empty, must contain exactly one of the supported"
                        + " datatypes",
                "{'a': {'ComparisonOperator': 'LT'}}|#Value or AttributeValueList must be used with"
                        + " ComparisonOperator: LT for Attribute: a",
                "{'a': {'ComparisonOperator': 'LT', 'Exists': true}}|#Exists and ComparisonOperator cannot be used"
                        + " together for Attribute: a",
                "{'a': {'AttributeValueList': []}}|#AttributeValueList can only be used with a ComparisonOperator for"
                        + " Attribute: a",
                "{'a': {'AttributeValueList': [], 'Value': {'S': 'a'}}}|#Value and AttributeValueList cannot be used"
                        + " together for Attribute: a",
                "{'a': {'ComparisonOperator': 'BETWEEN', 'Value': {'S': 'a'}}}|#Invalid number of argument(s) for the"
                        + " BETWEEN ComparisonOperator",
                "{'a': {'ComparisonOperator': 'NULL', 'Value': {'S': 'a'}}}|#Invalid number of argument(s) for the NULL"
                        + " ComparisonOperator",
                "{'a': {'ComparisonOperator': 'BEGINS_WITH', 'Value': {'N': '1'}}}|#ComparisonOperator BEGINS_WITH is"
                        + " not valid for N AttributeValue type",
                "{'': {'Exists': false}}|Empty attribute name",
                "{'a': {'ComparisonOperator': 'LIKE'}}|1 validation error detected: Value 'LIKE' at"
                        + " 'expected.a.member.comparisonOperator' failed to satisfy constraint: Member must satisfy"
                        + " enum value set: @",
                "{}, 'ConditionalOperator': 'OR'|ConditionalOperator cannot be used without Filter or Expected",
                "{'a': {'Exists': false}}, 'ConditionalOperator': 'OR'|ConditionalOperator can only be used when"
                        + " Filter or Expected has two or more elements",
                "{}, 'ConditionalOperator': 'XOR'|1 validation error detected: Value 'XOR' at 'conditionalOperator'"
                        + " failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]",
                "{}, 'ConditionalOperator': 'OR', 'ConditionExpression': 'a = b'|Can not use both expression and"
                        + " non-expression parameters in the same request: Non-expression parameters: {Expected,"
                        + " ConditionalOperator} Expression parameters: {ConditionExpression}",
            })
    void expectationsAreChecked(String expected, String message) {
        String parameters = "'TableName': 'Simple', 'Expected': " + expected;
        String text = message.replace("#", INVALID).replace("@", OPERATORS);

        assertThat(client.invalid("DeleteItem", "{" + parameters + ", 'Key': {'pk': {'S': 'a'}}}"))
                .isEqualTo(text);
        assertThat(client.invalid("UpdateItem", "{" + parameters + ", 'Key': {'pk': {'S': 'a'}}}"))
                .isEqualTo(text);
        assertThat(client.invalid("PutItem", "{" + parameters + ", 'Item': {'pk': {'S': 'a'}}}"))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "null|The filter condition for an attribute cannot be null: v",
                "{}|1 validation error detected: Value null at 'scanFilter.v.member.comparisonOperator' failed to"
                        + " satisfy constraint: Member must not be null",
                "{'ComparisonOperator': ''}|1 validation error detected: Value '' at"
                        + " 'scanFilter.v.member.comparisonOperator' failed to satisfy constraint: Member must satisfy"
                        + " enum value set: @",
                "{'ComparisonOperator': 'EQ', 'AttributeValueList': [null]}|Supplied AttributeValue is empty, must"
                        + " contain exactly one of the supported datatypes",
                "{'ComparisonOperator': 'EQ', 'AttributeValueList': [{'N': 'x'}, {'S': 'a'}]}|The parameter cannot be"
                        + " converted to a numeric value: x",
                "{'ComparisonOperator': 'IN', 'AttributeValueList': [{'S': 'a'}, {'N': '1'}]}|#AttributeValues inside"
                        + " AttributeValueList must be of same type",
                "{'ComparisonOperator': 'IN', 'AttributeValueList': [{'S': 'a'}, {'N': '1'}, {'L': []}]}|#"
                        + "AttributeValues inside AttributeValueList must be of same type",
                "{'ComparisonOperator': 'IN', 'AttributeValueList': [{'S': 'a'}, {'L': []}]}|#ComparisonOperator IN is"
                        + " not valid for L AttributeValue type",
                "{'ComparisonOperator': 'BETWEEN', 'AttributeValueList': [{'N': '10'}, {'N': '9'}]}|The BETWEEN"
                        + " condition was provided a range where the lower bound is greater than the upper bound",
            })
    void filtersAreChecked(String condition, String message) {
        assertThat(client.invalid("Scan", "{'TableName': 'Simple', 'ScanFilter': {'v': " + condition + "}}"))
                .isEqualTo(message.replace("#", INVALID).replace("@", OPERATORS));
    }

    @ParameterizedTest
    @CsvSource({
        "EQ, 1, 1",
        "NE, 1, 1",
        "LE, 1, 1",
        "LT, 1, 1",
        "GE, 1, 1",
        "GT, 1, 1",
        "CONTAINS, 1, 1",
        "NOT_CONTAINS, 1, 1",
        "BEGINS_WITH, 1, 1",
        "BETWEEN, 2, 2",
        "IN, 1, 150",
        "NULL, 0, 0",
        "NOT_NULL, 0, 0",
    })
    void anOperatorTakesSoManyValues(String operator, int fewest, int most) {
        for (int count : List.of(fewest - 1, fewest, most, most + 1)) {
            if (count < 0 || (count > most && operator.equals("IN"))) {
                continue;
            }
            String values = String.join(", ", java.util.Collections.nCopies(count, "{'S': 'a'}"));
            Reply reply = client.call(
                    "Scan",
                    "{'TableName': 'Simple', 'ScanFilter': {'v': {'ComparisonOperator': '%s', 'AttributeValueList': [%s]}}}"
                            .formatted(operator, values));
            if (count >= fewest && count <= most) {
                assertThat(reply.status()).as("%s", reply.body()).isEqualTo(200);
                continue;
            }
            assertThat(reply.message())
                    .isEqualTo(INVALID + "Invalid number of argument(s) for the " + operator + " ComparisonOperator");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EQ, S N B BOOL NULL SS NS BS M L",
        "NE, S N B BOOL NULL SS NS BS M L",
        "LE, S N B",
        "LT, S N B",
        "GE, S N B",
        "GT, S N B",
        "IN, S N B",
        "BETWEEN, S N B",
        "BEGINS_WITH, S B",
        "CONTAINS, S N B BOOL NULL",
        "NOT_CONTAINS, S N B BOOL NULL",
    })
    void anOperatorTakesValuesOfSomeTypes(String operator, String types) {
        List<String> allowed = List.of(types.split(" "));
        for (String value : VALUES) {
            String type = value.substring(2, value.indexOf('\'', 2));
            String values = operator.equals("BETWEEN") ? value + ", " + value : value;
            Reply reply = client.call(
                    "Scan",
                    "{'TableName': 'Simple', 'ScanFilter': {'v': {'ComparisonOperator': '%s', 'AttributeValueList': [%s]}}}"
                            .formatted(operator, values));
            if (allowed.contains(type)) {
                assertThat(reply.status()).as("%s", reply.body()).isEqualTo(200);
                continue;
            }
            assertThat(reply.message())
                    .isEqualTo(INVALID + "ComparisonOperator " + operator + " is not valid for " + type
                            + " AttributeValue type");
        }
    }
}
