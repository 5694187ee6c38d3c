package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagOperationsTest extends RouterTest {

    private static final String ARN = "arn:aws:dynamodb:eu-north-1:000000000000:table/Music";

    @BeforeEach
    void createTable() {
        createSimpleTable("Music");
    }

    @Test
    void tagsAreSetReplacedAndRemoved() {
        Reply tagged = client.call("TagResource", tags("{'Key': 'team', 'Value': 'a'}, {'Key': 'b', 'Value': ''}"));
        client.succeed("TagResource", tags("{'Key': 'team', 'Value': 'c'}, {'Key': 'ключ 表', 'Value': 'x+-=._:/@'}"));

        assertThat(tagged.status()).isEqualTo(200);
        assertThat(tagged.raw().body()).isEmpty();
        assertThat(listed()).isEqualTo("[{Key=b, Value=}, {Key=team, Value=c}, {Key=ключ 表, Value=x+-=._:/@}]");
        Reply untagged = client.call("UntagResource", keys("'b', 'never there'"));
        assertThat(untagged.status()).isEqualTo(200);
        assertThat(untagged.raw().body()).isEmpty();
        assertThat(listed()).isEqualTo("[{Key=team, Value=c}, {Key=ключ 表, Value=x+-=._:/@}]");
    }

    @Test
    void aTableIsMadeWithTags() {
        client.succeed("CreateTable", create("'Tags': [{'Key': 'a', 'Value': 'b'}]"));

        assertThat(client.succeed("ListTagsOfResource", "{'ResourceArn': '%s'}".formatted(ARN.replace("Music", "New"))))
                .isEqualTo(json("{'Tags': [{'Key': 'a', 'Value': 'b'}]}"));
        assertThat(client.invalid("CreateTable", create("'Tags': [{'Key': 'a', 'Value': 'b'}, {'Key': 'a'}]")))
                .isEqualTo("The Tag Value provided is invalid, Value: null");
        assertThat(client.invalid("CreateTable", create("'Tags': [" + manyTags(51, 0) + "]")))
                .isEqualTo("Number of Tags exceed the current limit for the provided ResourceArn");
    }

    @Test
    void fiftyTagsAreTheLimitOfATableNotOfARequest() {
        String tooMany = "Number of Tags exceed the current limit for the provided ResourceArn";
        client.succeed("TagResource", tags(manyTags(50, 0)));

        assertThat(client.invalid("TagResource", tags(manyTags(1, 50)))).isEqualTo(tooMany);
        assertThat(client.invalid("TagResource", tags(manyTags(2, 49)))).isEqualTo(tooMany);
        assertThat(client.invalid("TagResource", tags(manyTags(51, 0)))).isEqualTo(tooMany);
        client.succeed("TagResource", tags(manyTags(50, 0)));
        client.succeed("UntagResource", keys("'key7'"));
        client.succeed("TagResource", tags(manyTags(1, 50)));
        assertThat(list(client.succeed("ListTagsOfResource", "{'ResourceArn': '%s'}".formatted(ARN)), "Tags"))
                .hasSize(50);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'Key': '', 'Value': 'v'}|The Tag Key provided is invalid, Key: ",
                "{'Value': 'v'}|The Tag Key provided is invalid, Key: null",
                "{'Key': 'k'}|The Tag Value provided is invalid, Value: null",
                "{'Key': 'a,b', 'Value': 'v'}|The Tag Key provided is invalid, Key: a,b",
                "{'Key': 'k', 'Value': '100%'}|The Tag Value provided is invalid, Value: 100%",
                "{'Key': 'aws:x', 'Value': 'v'}|Tag Key cannot be prefixed with aws:, Key: aws:x",
                "{'Key': 'k', 'Value': '1'}, {'Key': 'k', 'Value': '2'}|Duplicate Tag Keys provided as input: Duplicate"
                        + " Tag Key found k",
            })
    void aTagThatCanNotBeRefusesTheWholeRequest(String tag, String message) {
        assertThat(client.invalid("TagResource", tags("{'Key': 'good', 'Value': 'v'}, " + tag)))
                .isEqualTo(message.endsWith("Key:") ? message + " " : message);
        assertThat(listed()).isEqualTo("[]");
    }

    @Test
    void keysAndValuesAreOfLimitedLength() {
        String longest = "{'Key': '%s', 'Value': '%s'}".formatted("k".repeat(128), "v".repeat(256));

        client.succeed("TagResource", tags(longest));
        assertThat(client.invalid("TagResource", tags("{'Key': '%s', 'Value': ''}".formatted("k".repeat(129)))))
                .isEqualTo("The Tag Key provided is invalid, Key: " + "k".repeat(129));
        assertThat(client.invalid("TagResource", tags("{'Key': 'k', 'Value': '%s'}".formatted("v".repeat(257)))))
                .isEqualTo("The Tag Value provided is invalid, Value: " + "v".repeat(257));
        assertThat(client.invalid("UntagResource", keys("'" + "k".repeat(129) + "'")))
                .isEqualTo("The Tag Key provided is invalid, Key: " + "k".repeat(129));
    }

    @Test
    void emptyAndMissingListsAreRefused() {
        assertThat(client.invalid("TagResource", tags(""))).isEqualTo("Atleast one Tag needs to be provided as Input.");
        assertThat(client.invalid("UntagResource", keys("")))
                .isEqualTo("Atleast one Tag Key needs to be provided as Input.");
        assertThat(client.invalid("TagResource", "{'ResourceArn': '%s'}".formatted(ARN)))
                .isEqualTo("1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must"
                        + " not be null");
        assertThat(client.invalid("UntagResource", "{'ResourceArn': '%s'}".formatted(ARN)))
                .isEqualTo("1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member"
                        + " must not be null");
        String many = IntStream.range(0, 51).mapToObj(i -> "'k" + i + "'").collect(Collectors.joining(","));
        assertThat(client.invalid("UntagResource", keys(many)))
                .isEqualTo("Number of Tags exceed the current limit for the provided ResourceArn");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Music|One or more parameter values were invalid: ARNs must start with 'arn:': Music",
                "arn:aws:s3:::bucket|One or more parameter values were invalid: Provided Arn is not a DynamoDB resource"
                        + " arn: arn:aws:s3:::bucket",
                "arn:aws:dynamodb:a:1:table/ab|Invalid TableArn: Invalid ResourceArn provided as input"
                        + " arn:aws:dynamodb:a:1:table/ab",
                "arn:aws:dynamodb:a:1:table/Music/index/i|One or more parameter values were invalid: Invalid resource"
                        + " arn provided, only table or stream is accepted. Provided resource arn:"
                        + " arn:aws:dynamodb:a:1:table/Music/index/i",
            })
    void whatIsNoArnOfATableIsRefused(String arn, String message) {
        assertThat(client.invalid("ListTagsOfResource", "{'ResourceArn': \"" + arn + "\"}"))
                .isEqualTo(message);
        assertThat(client.invalid("TagResource", "{'ResourceArn': \"" + arn + "\", 'Tags': []}"))
                .isEqualTo(message);
        assertThat(client.invalid("UntagResource", "{'ResourceArn': \"" + arn + "\", 'TagKeys': []}"))
                .isEqualTo(message);
    }

    @Test
    void anArnIsRequiredAndOfLimitedLength() {
        assertThat(client.invalid("ListTagsOfResource", "{}")).isEqualTo("Invalid TableArn");
        assertThat(client.invalid("ListTagsOfResource", "{'ResourceArn': '" + "a".repeat(1284) + "'}"))
                .endsWith("at 'resourceArn' failed to satisfy constraint: Member must have length less than or equal to"
                        + " 1283");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ListTagsOfResource", "TagResource", "UntagResource"})
    void aTableThatIsMissingIsNotFound(String operation) {
        String arn = ARN.replace("Music", "Missing");

        Reply reply = client.fail(
                operation,
                "{'ResourceArn': '%s', 'Tags': [{'Key': 'k', 'Value': 'v'}], 'TagKeys': ['k']}".formatted(arn));

        assertThat(reply.error()).isEqualTo("ResourceNotFoundException");
        assertThat(reply.message()).isEqualTo("Requested resource not found: ResourceArn: " + arn + " not found");
    }

    @Test
    void aTableBeingDeletedKeepsItsTags() {
        client.succeed("TagResource", tags("{'Key': 'k', 'Value': 'v'}"));
        cluster.keepDeletedTables();
        client.succeed("DeleteTable", "{'TableName': 'Music'}");

        Reply reply = client.fail("TagResource", tags("{'Key': 'k', 'Value': 'w'}"));

        assertThat(reply.error()).isEqualTo("ResourceInUseException");
        assertThat(reply.message())
                .isEqualTo("Attempt to change a resource which is still in use: Table is being deleted: Music");
        assertThat(listed()).isEqualTo("[{Key=k, Value=v}]");
    }

    @Test
    void aTokenThatWasNeverGivenIsRefused() {
        assertThat(client.invalid("ListTagsOfResource", "{'ResourceArn': '%s', 'NextToken': 'x'}".formatted(ARN)))
                .isEqualTo("Provided nextToken is invalid: x");
    }

    private String listed() {
        return list(client.succeed("ListTagsOfResource", "{'ResourceArn': '%s'}".formatted(ARN)), "Tags")
                .toString();
    }

    private static String manyTags(int count, int from) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> "{'Key': 'key%d', 'Value': 'v'}".formatted(i))
                .collect(Collectors.joining(","));
    }

    private static String tags(String tags) {
        return "{'ResourceArn': '%s', 'Tags': [%s]}".formatted(ARN, tags);
    }

    private static String keys(String keys) {
        return "{'ResourceArn': '%s', 'TagKeys': [%s]}".formatted(ARN, keys);
    }

    private static String create(String member) {
        return """
                {'TableName': 'New', 'BillingMode': 'PAY_PER_REQUEST', %s,
                 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
                 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}""".formatted(member);
    }
}
