package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service's texts for what requests get wrong. */
class ValidationTest extends RouterTest {

    @BeforeEach
    void createTables() {
        createSimpleTable("Simple");
        createSortedTable("Sorted", "N");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'TableName': 'ab', #|1 validation error detected: Value 'ab' at 'tableName' failed to satisfy"
                        + " constraint: Member must have length greater than or equal to 3",
                "'TableName': 'a b', #|1 validation error detected: Value 'a b' at 'tableName' failed to satisfy"
                        + " constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
                "'ReturnConsumedCapacity': 'ALL'|3 validation errors detected: Value 'ALL' at 'returnConsumedCapacity'"
                        + " failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE];"
                        + " Value null at 'tableName' failed to satisfy constraint: Member must not be null; Value"
                        + " null at 'key' failed to satisfy constraint: Member must not be null",
                "@, 'Key': {}|The provided key element does not match the schema",
                "@, 'Key': {'pk': {'N': '1'}}|The provided key element does not match the schema",
                "@, 'Key': {'x': {'S': 'a'}}|The provided key element does not match the schema",
                "@, 'Key': {'pk': {'S': 'a'}, 'x': {'S': 'a'}}|The provided key element does not match the schema",
                "@, 'Key': {'pk': {}}|Supplied AttributeValue is empty, must contain exactly one of the supported"
                        + " datatypes",
                "@, 'Key': {'pk': {'S': 'a', 'N': '1'}}|Supplied AttributeValue has more than one datatypes set, must"
                        + " contain exactly one of the supported datatypes",
                "@, 'Key': {'pk': {'S': ''}}|One or more parameter values are not valid. The AttributeValue for a key"
                        + " attribute cannot contain an empty string value. Key: pk",
                "@, #, 'ExpressionAttributeNames': {'#a': 'a'}|ExpressionAttributeNames can only be specified when"
                        + " using expressions",
                "@, #, 'ProjectionExpression': 'a', 'ExpressionAttributeNames': {}|ExpressionAttributeNames must not be"
                        + " empty",
                "@, #, 'ProjectionExpression': 'a', 'ExpressionAttributeNames': {'b': 'a'}|ExpressionAttributeNames"
                        + " contains invalid key: Syntax error; key: \"b\"",
                "@, #, 'ProjectionExpression': 'a', 'ExpressionAttributeNames': {'#b': 'b'}|Value provided in"
                        + " ExpressionAttributeNames unused in expressions: keys: {#b}",
                "@, #, 'ProjectionExpression': '#b', 'ExpressionAttributeNames': {'#b': ''}|ExpressionAttributeNames"
                        + " contains invalid value: Empty attribute name for key #b",
                "@, #, 'ProjectionExpression': '#b', 'ExpressionAttributeNames': {'#b': null}|ExpressionAttributeNames"
                        + " contains invalid value: null for key #b",
                "@, #, 'ProjectionExpression': 'pk.a'|Key attributes must be scalars; list random access '[]' and map"
                        + " lookup '.' are not allowed: Key: pk",
                "@, 'Key': {'': {'S': 'a'}}|Empty attribute name",
                "@, #, 'ProjectionExpression': ''|Invalid ProjectionExpression: The expression can not be empty;",
                "@, #, 'ProjectionExpression': 'a', 'AttributesToGet': ['a']|Can not use both expression and"
                        + " non-expression parameters in the same request: Non-expression parameters: {AttributesToGet}"
                        + " Expression parameters: {ProjectionExpression}",
            })
    void getItemRefuses(String parameters, String message) {
        String json = "{"
                + parameters.replace("@", "'TableName': 'Simple'").replaceAll("#(?!\\w)", "'Key': {'pk': {'S': 'a'}}")
                + "}";

        assertThat(client.invalid("GetItem", json)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'x': {'S': 'a'}}|One or more parameter values were invalid: Missing the key pk in the item",
                "{'pk': {'N': '1'}}|One or more parameter values were invalid: Type mismatch for key pk expected: S"
                        + " actual: N",
                "{'pk': {'S': 'a'}, 'n': {'N': ''}}|The parameter cannot be converted to a numeric value",
                "{'pk': {'S': 'a'}, 'n': {'N': 'x'}}|The parameter cannot be converted to a numeric value: x",
                "{'pk': {'S': 'a'}, 'n': {'N': '123456789012345678901234567890123456789'}}|Attempting to store more"
                        + " than 38 significant digits in a Number",
                "{'pk': {'S': 'a'}, 'n': {'N': '1e126'}}|Number overflow. Attempting to store a number with magnitude"
                        + " larger than supported range",
                "{'pk': {'S': 'a'}, 'n': {'N': '1e-131'}}|Number underflow. Attempting to store a number with magnitude"
                        + " smaller than supported range",
                "{'pk': {'S': 'a'}, 'n': {'NULL': false}}|One or more parameter values were invalid: Null attribute"
                        + " value types must have the value of true",
                "{'pk': {'S': 'a'}, 'n': {'SS': []}}|One or more parameter values were invalid: An string set  may not"
                        + " be empty",
                "{'pk': {'S': 'a'}, 'n': {'NS': []}}|One or more parameter values were invalid: An number set  may not"
                        + " be empty",
                "{'pk': {'S': 'a'}, 'n': {'BS': []}}|One or more parameter values were invalid: Binary sets should not"
                        + " be empty",
                "{'pk': {'S': 'a'}, 'n': {'SS': ['a', 'a']}}|One or more parameter values were invalid: Input"
                        + " collection [a, a] contains duplicates.",
                "{'pk': {'S': 'a'}, 'n': {'NS': ['1', '1.0']}}|Input collection contains duplicates",
                "{'pk': {'S': 'a'}, 'n': {'BS': ['Yg==', 'Yg==']}}|One or more parameter values were invalid: Input"
                        + " collection [Yg==, Yg==]of type BS contains duplicates.",
                "{'pk': {'S': 'a'}, 'n': {'SS': ['', '']}}|One or more parameter values were invalid: Input collection"
                        + " [, ] contains duplicates.",
                "{'pk': {'S': 'a'}, 'n': {'SS': [null]}}|One or more parameter values were invalid: An string set may"
                        + " not have a null string as a member",
                "{'pk': {'S': 'a'}, 'n': {'NS': ['']}}|The parameter cannot be converted to a numeric value",
                "{'pk': {'S': 'a'}, '': {'S': 'a'}}|Empty attribute name",
                "{'pk': {'S': 'a'}, 'n': {'M': {'': {'S': 'a'}}}}|Empty attribute name",
                "{'pk': {'S': 'a'}, 'n': {'M': {'k': {'L': [{'N': 'x'}]}}}}|The parameter cannot be converted to a"
                        + " numeric value: x",
                "{'pk': {'S': 'a'}, 'n': null}|Supplied AttributeValue is empty, must contain exactly one of the"
                        + " supported datatypes",
            })
    void putItemRefuses(String item, String message) {
        assertThat(client.invalid("PutItem", "{'TableName': 'Simple', 'Item': " + item + "}"))
                .isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'TableName': 5}|NUMBER_VALUE cannot be converted to String",
                "{'TableName': 5.5}|DECIMAL_VALUE cannot be converted to String",
                "{'TableName': true}|TRUE_VALUE cannot be converted to String",
                "{'TableName': {}}|Start of structure or map found where not expected",
                "{'TableName': []}|Unrecognized collection type class java.lang.String",
                "{'Item': 'x'}|Unexpected field type",
                "{'Item': {'pk': 'x'}}|Unexpected value type in payload",
                "{'Item': {'pk': {'S': 1}}}|NUMBER_VALUE cannot be converted to String",
                "{'Item': {'pk': {'N': 1}}}|NUMBER_VALUE cannot be converted to String",
                "{'Item': {'pk': {'BOOL': 'x'}}}|Unexpected token received from parser",
                "{'Item': {'pk': {'B': 'x'}}}|Base64 encoded length is expected a multiple of 4 bytes but found: 1",
                "{'Item': {'pk': {'B': '****'}}}|Invalid Base64 character: '*'",
                "{'Item': {'pk': {'B': 5}}}|only base-64-encoded strings are convertible to bytes",
                "{'Item': {'pk': {'SS': 'x'}}}|Unexpected field type",
                "{'Item': {'pk': {'L': {}}}}|Start of structure or map found where not expected",
                "{'Item': {'a': {'N': 'x'}, 'pk': {'S': 1}}}|NUMBER_VALUE cannot be converted to String",
            })
    void wrongJsonTypesAreSerializationExceptions(String request, String message) {
        RouterClient.Reply reply = client.fail("PutItem", request);

        assertThat(reply.error()).isEqualTo("SerializationException");
        assertThat(reply.body()).containsEntry("Message", message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PutItem|'Item': {'pk': {'S': 'a'}}, 'ReturnValues': 'ALL_NEW'|ReturnValues can only be ALL_OLD or NONE",
                "PutItem|'Item': {'pk': {'S': 'a'}}, 'ReturnValues': 'ALL'|1 validation error detected: Value 'ALL' at"
                        + " 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW,"
                        + " UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
                "PutItem|'Item': {'pk': {'S': 'a'}}, 'ExpressionAttributeValues': {':a': {'S': 'a'}}|"
                        + "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression"
                        + " is null",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'ExpressionAttributeValues': {':a': {'S': 'a'}}|"
                        + "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and"
                        + " ConditionExpression are null",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'SET pk = :a', 'ExpressionAttributeValues':"
                        + " {':a': {'S': 'a'}}|One or more parameter values were invalid: Cannot update attribute pk."
                        + " This attribute is part of the key",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'SET x = y'|The provided expression refers"
                        + " to an attribute that does not exist in the item",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'SET x = :a', 'ExpressionAttributeValues':"
                        + " {':a': {'N': 'q'}}|ExpressionAttributeValues contains invalid value: The parameter cannot"
                        + " be converted to a numeric value: q for key :a",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'SET x = :b', 'ExpressionAttributeValues':"
                        + " {':a': {'N': '1'}}|Invalid UpdateExpression: An expression attribute value used in"
                        + " expression is not defined; attribute value: :b",
                "DeleteItem|'Key': {'pk': {'S': 'a'}}, 'ReturnValues': 'UPDATED_NEW'|ReturnValues can only be ALL_OLD"
                        + " or NONE",
                "Scan|'Limit': 0|1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member"
                        + " must have value greater than or equal to 1",
                "Scan|'Segment': 0|The TotalSegments parameter is required but was not present in the request when"
                        + " Segment parameter is present",
                "Scan|'TotalSegments': 1|The Segment parameter is required but was not present in the request when"
                        + " parameter TotalSegments is present",
                "Scan|'TotalSegments': 1, 'Segment': 1|The Segment parameter is zero-based and must be less than"
                        + " parameter TotalSegments: Segment: 1 is not less than TotalSegments: 1",
                "Scan|'IndexName': 'idx'|The table does not have the specified index: idx",
                "Scan|'ExclusiveStartKey': {}|The provided starting key is invalid: The provided key element does not"
                        + " match the schema",
                "Scan|'ExclusiveStartKey': {'pk': {'N': 'x'}}|The provided starting key is invalid: The parameter"
                        + " cannot be converted to a numeric value: x",
                "Scan|'Select': 'COUNT', 'ProjectionExpression': 'a'|Cannot specify the ProjectionExpression when"
                        + " choosing to get only the Count",
                "Scan|'Select': 'ALL_PROJECTED_ATTRIBUTES'|"
                        + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
                "Query|'Limit': 5|Either the KeyConditions or KeyConditionExpression parameter must be specified in the"
                        + " request.",
                "Query|'KeyConditionExpression': 'pk > :a', 'ExpressionAttributeValues': {':a': {'S': 'a'}}|Query key"
                        + " condition not supported",
                "Query|'KeyConditionExpression': 'pk = :a', 'ExpressionAttributeValues': {':a': {'N': '1'}}|One or more"
                        + " parameter values were invalid: Condition parameter type does not match schema type",
                "Query|'KeyConditionExpression': 'x = :a', 'ExpressionAttributeValues': {':a': {'N': '1'}}|Query"
                        + " condition missed key schema element: pk",
                "Query|'KeyConditionExpression': 'pk = :a', 'FilterExpression': 'pk = :a', 'ExpressionAttributeValues':"
                        + " {':a': {'S': 'a'}}|Filter Expression can only contain non-primary key attributes: Primary"
                        + " key attribute: pk",
                "Query|'KeyConditionExpression': 'pk = :a', 'ExpressionAttributeValues': {':a': {'S': 'a'}},"
                        + " 'ExclusiveStartKey': {'pk': {'S': 'b'}}|The provided starting key is outside query"
                        + " boundaries based on provided conditions",
            })
    void otherOperationsRefuse(String operation, String parameters, String message) {
        assertThat(client.invalid(operation, "{'TableName': 'Simple', " + parameters + "}"))
                .isEqualTo(message);
    }

    @Test
    void startKeysMustLieInTheRange() {
        assertThat(client.invalid(
                        "Query",
                        "{'TableName': 'Sorted', 'KeyConditionExpression': 'pk = :p AND sk > :s',"
                                + " 'ExpressionAttributeValues': {':p': {'S': 'a'}, ':s': {'N': '5'}},"
                                + " 'ExclusiveStartKey': {'pk': {'S': 'a'}, 'sk': {'N': '5'}}}"))
                .isEqualTo("The provided starting key does not match the range key predicate");
    }

    @Test
    void keysHaveTheirLargestSizes() {
        client.succeed("PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': '%s'}}}".formatted("k".repeat(2048)));
        assertThat(client.invalid(
                        "PutItem", "{'TableName': 'Simple', 'Item': {'pk': {'S': '%s'}}}".formatted("k".repeat(2049))))
                .isEqualTo("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size"
                        + " limit of2048 bytes");
        createSortedTable("Words", "S");
        assertThat(client.invalid(
                        "GetItem",
                        "{'TableName': 'Words', 'Key': {'pk': {'S': 'a'}, 'sk': {'S': '%s'}}}"
                                .formatted("k".repeat(1025))))
                .isEqualTo("One or more parameter values were invalid: Aggregated size of all range keys has exceeded"
                        + " the size limit of 1024 bytes");
    }

    @Test
    void itemsHaveTheirLargestSize() {
        String put = "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}, 'v': {'S': '%s'}}}";
        // 400 KB with the names "pk" and "v" and the key's one byte.
        client.succeed("PutItem", put.formatted("x".repeat(400 * 1024 - 4)));

        assertThat(client.invalid("PutItem", put.formatted("x".repeat(400 * 1024 - 3))))
                .isEqualTo("Item size has exceeded the maximum allowed size");
    }

    @Test
    void valuesNestThirtyTwoDeep() {
        client.succeed("PutItem", nested(31));

        String tooDeep =
                "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
                        + "supported limit";
        assertThat(client.invalid("PutItem", nested(32))).isEqualTo(tooDeep);
        assertThat(client.invalid("PutItem", nested(150))).isEqualTo(tooDeep);
        assertThat(client.fail("PutItem", nested(5000)).error()).isEqualTo("SerializationException");
    }

    private static String nested(int depth) {
        return "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}, 'v': " + "{'L': [".repeat(depth) + "{'S': 'x'}"
                + "]}".repeat(depth) + "}}";
    }

    @Test
    void unknownMembersAndNullsAreIgnored() {
        client.succeed(
                "PutItem",
                "{'Whatever': {'a': [1, {}]}, 'TableName': 'Simple', 'Item': {'pk': {'S': 'a', 'N': null, 'X': 5}},"
                        + " 'ConditionExpression': null, 'FilterExpression': 'not ours', 'ReturnValues': null}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PutItem|'Item': {'pk': {'S': 'a'}}, 'ConditionExpression': 'attribute_exists(pk[0])'",
                "DeleteItem|'Key': {'pk': {'S': 'a'}}, 'ConditionExpression': 'size(x) > size(pk.a)'",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'SET x = if_not_exists(pk.a, y)'",
                "UpdateItem|'Key': {'pk': {'S': 'a'}}, 'UpdateExpression': 'REMOVE pk[1]'",
                "Scan|'FilterExpression': 'contains(pk.a, x)'",
                "Scan|'ProjectionExpression': 'x, pk[7]'",
            })
    void pathsDoNotLeadIntoKeys(String operation, String parameters) {
        assertThat(client.invalid(operation, "{'TableName': 'Simple', " + parameters + "}"))
                .isEqualTo("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed:"
                        + " Key: pk");
    }
}
