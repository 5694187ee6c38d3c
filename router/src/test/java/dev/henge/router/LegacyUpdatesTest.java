package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AttributeUpdates, as DynamoDB Local 2.6.1 answers; names of types as the service's. */
class LegacyUpdatesTest extends RouterTest {

    @BeforeEach
    void createTable() {
        createSimpleTable("Simple");
    }

    private void put(String attributes) {
        client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}%s}}".formatted(attributes));
    }

    private static String update(String updates) {
        return "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'AttributeUpdates': " + updates + "}";
    }

    private Map<String, Object> get() {
        return client.succeed("GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "|{'Value': {'S': 'x'}}|{'S': 'x'}",
                "{'N': '1'}|{'Action': 'PUT', 'Value': {'L': []}}|{'L': []}",
                "{'N': '1'}|{'Action': 'DELETE'}|",
                "|{'Action': 'ADD', 'Value': {'N': '3'}}|{'N': '3'}",
                "{'N': '1'}|{'Action': 'ADD', 'Value': {'N': '-3'}}|{'N': '-2'}",
                "|{'Action': 'ADD', 'Value': {'SS': ['x']}}|{'SS': ['x']}",
                "{'SS': ['x']}|{'Action': 'ADD', 'Value': {'SS': ['y', 'x']}}|{'SS': ['x', 'y']}",
                "|{'Action': 'ADD', 'Value': {'L': [{'N': '1'}]}}|{'L': [{'N': '1'}]}",
                "{'L': [{'S': 'x'}]}|{'Action': 'ADD', 'Value': {'L': [{'N': '1'}, {'S': 'x'}]}}|"
                        + "{'L': [{'S': 'x'}, {'N': '1'}, {'S': 'x'}]}",
                "{'SS': ['x', 'y']}|{'Action': 'DELETE', 'Value': {'SS': ['y', 'z']}}|{'SS': ['x']}",
                "{'NS': ['1']}|{'Action': 'DELETE', 'Value': {'NS': ['1.0']}}|",
            })
    void eachActionDoesWhatItDoesWithTheService(String before, String action, String after) {
        put(before == null ? "" : ", 'v': " + before);

        client.succeed("UpdateItem", update("{'v': " + action + "}"));

        assertThat(get())
                .isEqualTo(json("{'Item': {'pk': {'S': 'a'}" + (after == null ? "" : ", 'v': " + after) + "}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ALL_NEW|{'Attributes': {'pk': {'S': 'a'}, 'b': {'S': 'n'}, 'c': {'N': '4'}}}",
                "ALL_OLD|{'Attributes': {'pk': {'S': 'a'}, 'a': {'S': 'x'}}}",
                "UPDATED_NEW|{'Attributes': {'b': {'S': 'n'}, 'c': {'N': '4'}}}",
                "UPDATED_OLD|{'Attributes': {'a': {'S': 'x'}}}",
                "NONE|{}",
            })
    void severalActionsReturnWhatIsAsked(String returnValues, String answer) {
        put(", 'a': {'S': 'x'}");

        assertThat(client.succeed(
                        "UpdateItem",
                        update("{'a': {'Action': 'DELETE'}, 'b': {'Value': {'S': 'n'}},"
                                + " 'c': {'Action': 'ADD', 'Value': {'N': '4'}}}, 'ReturnValues': '" + returnValues
                                + "'")))
                .isEqualTo(json(answer));
    }

    @Test
    void aNameIsAnAttributeAndNoPath() {
        put(", 'm': {'M': {'k': {'N': '1'}}}");

        client.succeed("UpdateItem", update("{'m.k': {'Value': {'N': '2'}}}"));

        assertThat(get())
                .isEqualTo(json("{'Item': {'pk': {'S': 'a'}, 'm': {'M': {'k': {'N': '1'}}}, 'm.k': {'N': '2'}}}"));
    }

    @Test
    void anUpdateMakesTheItemThatIsNotThereAndCountsAsOneWithExpressions() {
        Map<String, Object> answer =
                client.succeed("UpdateItem", update("{'v': {'Value': {'S': 'x'}}}, 'ReturnConsumedCapacity': 'TOTAL'"));

        assertThat(member(answer, "ConsumedCapacity")).containsEntry("CapacityUnits", new BigDecimal("1.0"));
        assertThat(get()).isEqualTo(json("{'Item': {'pk': {'S': 'a'}, 'v': {'S': 'x'}}}"));
    }

    @Test
    void anUpdateThatIsNullIsPassedOver() {
        client.succeed("UpdateItem", update("{'v': null, 'w': {'Value': {'N': '1'}}}"));

        assertThat(get()).isEqualTo(json("{'Item': {'pk': {'S': 'a'}, 'w': {'N': '1'}}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'S': '1'}|{'N': '2'}",
                "{'N': '1'}|{'L': [{'N': '1'}]}",
                "{'L': [{'N': '1'}]}|{'N': '1'}",
                "{'SS': ['x']}|{'NS': ['1']}",
                "{'M': {}}|{'L': []}",
            })
    void addingToAValueOfAnotherTypeIsRefused(String before, String added) {
        put(", 'v': " + before);

        assertThat(client.invalid("UpdateItem", update("{'v': {'Action': 'ADD', 'Value': " + added + "}}")))
                .isEqualTo("Type mismatch for attribute to update");
    }

    @Test
    void deletingElementsOfAnotherTypeIsRefused() {
        put(", 'v': {'SS': ['1']}");

        assertThat(client.invalid("UpdateItem", update("{'v': {'Action': 'DELETE', 'Value': {'NS': ['1']}}}")))
                .isEqualTo("Type mismatch for attribute to update");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'v': {}}|#Only DELETE action is allowed when no attribute value is specified",
                "{'v': {'Action': 'PUT'}}|#Only DELETE action is allowed when no attribute value is specified",
                "{'v': {'Action': 'ADD'}}|#Only DELETE action is allowed when no attribute value is specified",
                "{'v': {'Action': 'DELETE', 'Value': {'S': 'x'}}}|#DELETE action with value is not supported for the"
                        + " type S",
                "{'v': {'Action': 'DELETE', 'Value': {'L': []}}}|#DELETE action with value is not supported for the"
                        + " type L",
                "{'v': {'Action': 'ADD', 'Value': {'S': 'x'}}}|#ADD action is not supported for the type S",
                "{'v': {'Action': 'ADD', 'Value': {'B': 'AAEC'}}}|#ADD action is not supported for the type B",
                "{'v': {'Action': 'ADD', 'Value': {'BOOL': true}}}|#ADD action is not supported for the type BOOL",
                "{'v': {'Action': 'ADD', 'Value': {'M': {}}}}|#ADD action is not supported for the type M",
                "{'v': {'Value': {}}}|Supplied AttributeValue is empty, must contain exactly one of the supported"
                        + " datatypes",
                "{'pk': {'Value': {'S': 'x'}}}|#Cannot update attribute pk. This attribute is part of the key",
                "{'pk': {'Action': 'DELETE'}}|#Cannot update attribute pk. This attribute is part of the key",
                "{'': {'Value': {'S': 'x'}}}|Empty attribute name",
                "{'v': {'Action': 'SET', 'Value': {'S': 'x'}}}|1 validation error detected: Value 'SET' at"
                        + " 'attributeUpdates.v.member.action' failed to satisfy constraint: Member must satisfy enum"
                        + " value set: [ADD, PUT, DELETE]",
                "{'v': {}}, 'Expected': {'w': {}}|#Only DELETE action is allowed when no attribute value is specified",
                "{}, 'Expected': {}, 'UpdateExpression': 'SET a = b', 'ConditionExpression': 'a = b'|Can not use both"
                        + " expression and non-expression parameters in the same request: Non-expression parameters:"
                        + " {AttributeUpdates, Expected} Expression parameters: {UpdateExpression,"
                        + " ConditionExpression}",
            })
    void updatesAreChecked(String updates, String message) {
        assertThat(client.invalid("UpdateItem", update(updates)))
                .isEqualTo(message.replace("#", "One or more parameter values were invalid: "));
    }
}
