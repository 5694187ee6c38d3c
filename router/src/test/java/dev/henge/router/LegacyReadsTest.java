package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.ClusterException;
import dev.henge.proto.ReadItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AttributesToGet, KeyConditions and QueryFilter. */
class LegacyReadsTest extends RouterTest {

    private static final String INVALID = "One or more parameter values were invalid: ";
    private static final String A = "'pk': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'S': 'a'}]}";

    @BeforeEach
    void createTables() {
        createSimpleTable("Simple");
        createSortedTable("Sorted", "N");
        createSortedTable("Words", "S");
        for (int i = 0; i < 5; i++) {
            client.succeed(
                    "PutItem",
                    "{'TableName': 'Sorted', 'Item': {'pk': {'S': 'a'}, 'sk': {'N': '%d'}, 'v': {'N': '%d'}}}"
                            .formatted(i, 10 * i));
        }
        client.succeed(
                "PutItem",
                "{'TableName': 'Simple', 'Item': {'pk': {'S': 'a'}, 'v': {'N': '1'}, 'm': {'M': {'k': {'N': '2'}}},"
                        + " 'm.k': {'N': '3'}}}");
    }

    private List<String> query(String parameters) {
        List<String> keys = new ArrayList<>();
        for (Map<String, Object> item :
                list(client.succeed("Query", "{'TableName': 'Sorted', " + parameters + "}"), "Items")) {
            keys.add(String.valueOf(member(item, "sk").get("N")));
        }
        return keys;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'EQ', 'AttributeValueList': [{'N': '2.0'}]|2",
                "'LE', 'AttributeValueList': [{'N': '2'}]|0 1 2",
                "'LT', 'AttributeValueList': [{'N': '2'}]|0 1",
                "'GE', 'AttributeValueList': [{'N': '2'}]|2 3 4",
                "'GT', 'AttributeValueList': [{'N': '2'}]|3 4",
                "'BETWEEN', 'AttributeValueList': [{'N': '1'}, {'N': '3'}]|1 2 3",
            })
    void keyConditionsSelectFromAnItemCollection(String condition, String keys) {
        assertThat(query("'KeyConditions': {'sk': {'ComparisonOperator': " + condition + "}, " + A + "}"))
                .containsExactly(keys.split(" "));
    }

    @Test
    void theKeyConditionBeginsWithSelectsStrings() {
        for (String word : List.of("ab", "abc", "b")) {
            client.succeed(
                    "PutItem", "{'TableName': 'Words', 'Item': {'pk': {'S': 'a'}, 'sk': {'S': '%s'}}}".formatted(word));
        }

        Map<String, Object> page = client.succeed(
                "Query",
                "{'TableName': 'Words', 'KeyConditions': {" + A + ", 'sk': {'ComparisonOperator': 'BEGINS_WITH',"
                        + " 'AttributeValueList': [{'S': 'ab'}]}}, 'Select': 'COUNT'}");

        assertThat(page).isEqualTo(json("{'Count': 2, 'ScannedCount': 2}"));
    }

    @Test
    void theWholeItemCollectionIsReadPageByPageEitherWay() {
        assertThat(query("'KeyConditions': {" + A + "}")).containsExactly("0", "1", "2", "3", "4");
        assertThat(query("'KeyConditions': {" + A + "}, 'ScanIndexForward': false, 'Limit': 2,"
                        + " 'ExclusiveStartKey': {'pk': {'S': 'a'}, 'sk': {'N': '3'}}"))
                .containsExactly("2", "1");
    }

    @Test
    void aQueryFilterDropsItemsAfterTheyAreCounted() {
        Map<String, Object> page = client.succeed(
                "Query",
                "{'TableName': 'Sorted', 'KeyConditions': {" + A + "}, 'Select': 'COUNT', 'QueryFilter': {'v':"
                        + " {'ComparisonOperator': 'GT', 'AttributeValueList': [{'N': '10'}]}, 'w':"
                        + " {'ComparisonOperator': 'NULL'}}}");

        assertThat(page).isEqualTo(json("{'Count': 3, 'ScannedCount': 5}"));
        assertThat(query("'KeyConditions': {" + A + "}, 'ConditionalOperator': 'OR', 'QueryFilter': {'v':"
                        + " {'ComparisonOperator': 'IN', 'AttributeValueList': [{'N': '10'}, {'N': '30'}]}, 'w':"
                        + " {'ComparisonOperator': 'NOT_NULL'}}"))
                .containsExactly("1", "3");
    }

    @Test
    void keyConditionsStandBesideOtherExpressions() {
        assertThat(query("'KeyConditions': {" + A + "}, 'FilterExpression': 'v > :v', 'ProjectionExpression': 'sk',"
                        + " 'ExpressionAttributeValues': {':v': {'N': '25'}}"))
                .containsExactly("3", "4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'KeyConditions': {}|Conditions can be of length 1 or 2 only",
                "'KeyConditions': {@, 'b': {'ComparisonOperator': 'NULL'}, 'c': {'ComparisonOperator': 'NULL'}}|"
                        + "Conditions can be of length 1 or 2 only",
                "'KeyConditions': {'pk': null}|The filter condition for an attribute cannot be null: pk",
                "'KeyConditions': {'pk': {}}|1 validation error detected: Value null at"
                        + " 'keyConditions.pk.member.comparisonOperator' failed to satisfy constraint: Member must not"
                        + " be null",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'EQ'}}|#Invalid number of argument(s) for the EQ"
                        + " ComparisonOperator",
                "'KeyConditions': {'sk': {'ComparisonOperator': 'NULL'}}|Query condition missed key schema element: pk",
                "'KeyConditions': {@, 'v': {'ComparisonOperator': 'NULL'}}|Query condition missed key schema element:"
                        + " sk",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'LE', 'AttributeValueList': [{'S': 'a'}]}}|Query key"
                        + " condition not supported",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'BETWEEN', 'AttributeValueList': [{'S': 'a'},"
                        + " {'S': 'b'}]}}|Query key condition not supported",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'NE', 'AttributeValueList': [{'S': 'a'}]}}|%",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'NULL'}}|%",
                "'KeyConditions': {@, 'sk': {'ComparisonOperator': 'NOT_NULL'}}|%",
                "'KeyConditions': {@, 'sk': {'ComparisonOperator': 'IN', 'AttributeValueList': [{'N': '1'}]}}|%",
                "'KeyConditions': {@, 'sk': {'ComparisonOperator': 'CONTAINS', 'AttributeValueList': [{'N': '1'}]}}|%",
                "'KeyConditions': {@, 'sk': {'ComparisonOperator': 'NOT_CONTAINS', 'AttributeValueList':"
                        + " [{'N': '1'}]}}|%",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'N': '1'}]}}|#Condition"
                        + " parameter type does not match schema type",
                "'KeyConditions': {@, 'sk': {'ComparisonOperator': 'BEGINS_WITH', 'AttributeValueList':"
                        + " [{'S': '1'}]}}|#Condition parameter type does not match schema type",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'S': ''}]}}|One or more"
                        + " parameter values are not valid. The AttributeValue for a key attribute cannot contain an"
                        + " empty string value. Key: pk",
                "'KeyConditions': {@, 'sk': {'ComparisonOperator': 'BETWEEN', 'AttributeValueList': [{'N': '3'},"
                        + " {'N': '1'}]}}|The BETWEEN condition was provided a range where the lower bound is greater"
                        + " than the upper bound",
                "'KeyConditions': {@}, 'QueryFilter': {'pk': {'ComparisonOperator': 'NULL'}}|QueryFilter can only"
                        + " contain non-primary key attributes: Primary key attribute: pk",
                "'KeyConditions': {@}, 'QueryFilter': {'sk': {'ComparisonOperator': 'NULL'}}|QueryFilter can only"
                        + " contain non-primary key attributes: Primary key attribute: sk",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'EQ'}}, 'QueryFilter': {'v': {'ComparisonOperator':"
                        + " 'LT'}}|#Invalid number of argument(s) for the LT ComparisonOperator",
                "'KeyConditions': {@}, 'ConditionalOperator': 'OR'|ConditionalOperator cannot be used without Filter or"
                        + " Expected",
                "'KeyConditions': {'pk': {'ComparisonOperator': 'NULL'}}, 'ExclusiveStartKey': {}|The provided starting"
                        + " key is invalid",
                "'QueryFilter': {'v': {'ComparisonOperator': 'NULL'}}|Either the KeyConditions or"
                        + " KeyConditionExpression parameter must be specified in the request.",
                "'KeyConditions': {@}, 'KeyConditionExpression': 'pk = a'|Can not use both expression and"
                        + " non-expression parameters in the same request: Non-expression parameters: {KeyConditions}"
                        + " Expression parameters: {KeyConditionExpression}",
                "'KeyConditions': {@}, 'AttributesToGet': ['a'], 'QueryFilter': {}, 'ConditionalOperator': 'OR',"
                        + " 'FilterExpression': 'a = b'|Can not use both expression and non-expression parameters in"
                        + " the same request: Non-expression parameters: {AttributesToGet, QueryFilter,"
                        + " ConditionalOperator} Expression parameters: {FilterExpression}",
                "'KeyConditions': {@}, 'AttributesToGet': ['a', 'a']|#Duplicate value in attribute name: a",
                "'KeyConditions': {@}, 'AttributesToGet': ['a'], 'Select': 'COUNT'|1 validation error detected: Cannot"
                        + " specify the AttributesToGet when choosing to get only the Count",
                "'KeyConditions': {@}, 'AttributesToGet': ['a'], 'Select': 'ALL_ATTRIBUTES'|1 validation error"
                        + " detected: Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES",
                "'KeyConditions': {@}, 'AttributesToGet': ['a'], 'Select': 'ALL_PROJECTED_ATTRIBUTES'|1 validation"
                        + " error detected: Cannot specify the AttributesToGet when choosing to get"
                        + " ALL_PROJECTED_ATTRIBUTES",
                "'KeyConditions': {@}, 'Select': 'SPECIFIC_ATTRIBUTES'|1 validation error detected: Must specify the"
                        + " AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
            })
    void queriesAreChecked(String parameters, String message) {
        String text = message.replace("#", INVALID)
                .replace("%", "Attempted conditional constraint is not an indexable operation");

        assertThat(client.invalid("Query", "{'TableName': 'Sorted', " + parameters.replace("@", A) + "}"))
                .isEqualTo(text);
    }

    @Test
    void aTableWithoutASortKeyTakesOneKeyCondition() {
        assertThat(client.invalid(
                        "Query",
                        "{'TableName': 'Simple', 'KeyConditions': {" + A + ", 'v': {'ComparisonOperator': 'NULL'}}}"))
                .isEqualTo("Query key condition not supported");
    }

    @Test
    void attributesToGetAreWholeAttributesByName() {
        assertThat(client.succeed(
                        "GetItem",
                        "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'AttributesToGet': ['m.k', 'v', 'none']}"))
                .isEqualTo(json("{'Item': {'m.k': {'N': '3'}, 'v': {'N': '1'}}}"));
        assertThat(client.succeed(
                        "GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, 'AttributesToGet': ['none']}"))
                .isEqualTo(json("{'Item': {}}"));
        assertThat(client.succeed(
                        "Scan", "{'TableName': 'Simple', 'AttributesToGet': ['v'], 'Select': 'SPECIFIC_ATTRIBUTES'}"))
                .isEqualTo(json("{'Items': [{'v': {'N': '1'}}], 'Count': 1, 'ScannedCount': 1}"));
        assertThat(query("'KeyConditions': {" + A + "}, 'AttributesToGet': ['sk'], 'Limit': 2"))
                .containsExactly("0", "1");
    }

    @Test
    void aBatchHasAttributesToGetPerTableAndGivesThemBackWithUnprocessedKeys() {
        String request = "{'RequestItems': {'Simple': {'Keys': [{'pk': {'S': 'a'}}], 'AttributesToGet': ['v', 'm.k']},"
                + " 'Sorted': {'Keys': [{'pk': {'S': 'a'}, 'sk': {'N': '1'}}], 'AttributesToGet': ['v']}}}";
        assertThat(client.succeed("BatchGetItem", request))
                .isEqualTo(json("{'Responses': {'Simple': [{'v': {'N': '1'}, 'm.k': {'N': '3'}}],"
                        + " 'Sorted': [{'v': {'N': '10'}}]}, 'UnprocessedKeys': {}}"));

        AtomicInteger reads = new AtomicInteger();
        cluster.plant(read ->
                read instanceof ReadItem && reads.incrementAndGet() == 1 ? ClusterException.Code.OVERLOADED : null);

        assertThat(member(client.succeed("BatchGetItem", request), "UnprocessedKeys"))
                .isEqualTo(json("{'Simple': {'Keys': [{'pk': {'S': 'a'}}], 'AttributesToGet': ['v', 'm.k']}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|1 validation error detected: Value '[]' at '~attributesToGet' failed to satisfy constraint: Member"
                        + " must have length greater than or equal to 1",
                "['v', 'w', 'v']|#Duplicate value in attribute name: v",
                "['']|Empty attribute name",
                "[null]|Empty attribute name",
                "['v'], 'ProjectionExpression': 'v'|Can not use both expression and non-expression parameters in the"
                        + " same request: Non-expression parameters: {AttributesToGet} Expression parameters:"
                        + " {ProjectionExpression}",
                "['v'], 'ExpressionAttributeNames': {'%a': 'a'}|ExpressionAttributeNames can only be specified when"
                        + " using expressions",
            })
    void attributesToGetAreChecked(String names, String message) {
        String parameters = "'AttributesToGet': " + names.replace("%", "#");
        String text = message.replace("#", INVALID);

        assertThat(client.invalid("GetItem", "{'TableName': 'Simple', 'Key': {'pk': {'S': 'a'}}, " + parameters + "}"))
                .isEqualTo(text.replace("~", ""));
        assertThat(client.invalid("Scan", "{'TableName': 'Simple', " + parameters + "}"))
                .isEqualTo(text.replace("~", ""));
        assertThat(client.invalid(
                        "BatchGetItem",
                        "{'RequestItems': {'Simple': {'Keys': [{'pk': {'S': 'a'}}], " + parameters + "}}}"))
                .isEqualTo(text.replace("~", "requestItems.Simple.member."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'ScanFilter': {'v': {'ComparisonOperator': 'LT'}}, 'AttributesToGet': ['a', 'a'], 'Segment': 1|"
                        + "#Duplicate value in attribute name: a",
                "'ScanFilter': {'v': {'ComparisonOperator': 'LT'}}, 'Segment': 1, 'ExclusiveStartKey': {'a': {}}|"
                        + "#Invalid number of argument(s) for the LT ComparisonOperator",
                "'AttributesToGet': ['a'], 'Select': 'COUNT'|Cannot specify the AttributesToGet when choosing to get"
                        + " only the Count",
                "'ScanFilter': {}, 'AttributesToGet': ['a'], 'ConditionalOperator': 'OR', 'FilterExpression': 'a = b',"
                        + " 'ProjectionExpression': 'a'|Can not use both expression and non-expression parameters in"
                        + " the same request: Non-expression parameters: {AttributesToGet, ScanFilter,"
                        + " ConditionalOperator} Expression parameters: {ProjectionExpression, FilterExpression}",
            })
    void scansAreChecked(String parameters, String message) {
        assertThat(client.invalid("Scan", "{'TableName': 'Simple', " + parameters + "}"))
                .isEqualTo(message.replace("#", INVALID));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Scan|'AttributesToGet': 'a'|Unexpected field type",
                "Scan|'AttributesToGet': [1]|NUMBER_VALUE cannot be converted to String",
                "Scan|'ScanFilter': []|Unrecognized collection type java.util.Map<java.lang.String,"
                        + " com.amazonaws.dynamodb.v20120810.Condition>",
                "Scan|'ScanFilter': {'v': 1}|Unexpected value type in payload",
                "Scan|'ScanFilter': {'v': {'AttributeValueList': 'x'}}|Unexpected field type",
                "PutItem|'Expected': {'v': []}|Unrecognized collection type class"
                        + " com.amazonaws.dynamodb.v20120810.ExpectedAttributeValue",
                "PutItem|'Expected': {'v': {'Exists': 1}}|NUMBER_VALUE cannot be converted to Boolean",
                "UpdateItem|'AttributeUpdates': {'v': {'Action': []}}|Unrecognized collection type class"
                        + " java.lang.String",
            })
    void wrongJsonTypesAreSerializationExceptions(String operation, String parameters, String message) {
        RouterClient.Reply reply = client.fail(operation, "{'TableName': 'Simple', " + parameters + "}");

        assertThat(reply.error()).isEqualTo("SerializationException");
        assertThat(reply.message()).isEqualTo(message);
    }
}
