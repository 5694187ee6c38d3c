package dev.henge.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.router.RouterClient.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolTest extends RouterTest {

    @Test
    void answersAHealthLine() {
        HttpResponse<byte[]> response = client.raw(client.bareRequest("/").GET().build());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(new String(response.body(), UTF_8)).isEqualTo("healthy: 127.0.0.1:" + router.port() + " ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"})
    void knowsNoOtherMethod(String method) {
        HttpResponse<byte[]> response = client.raw(client.bareRequest("/")
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build());

        assertThat(response.statusCode()).isEqualTo(404);
    }

    @Test
    void repliesCarryAUniqueIdTheChecksumAndTheType() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            HttpResponse<byte[]> response = client.raw(
                    client.request("ListTables", "{}".getBytes(UTF_8)).build());
            String id = response.headers().firstValue("x-amzn-RequestId").orElseThrow();
            assertThat(id).matches("[A-Z0-9]{52}");
            assertThat(ids.add(id)).isTrue();
            CRC32 crc = new CRC32();
            crc.update(response.body());
            assertThat(response.headers().firstValue("x-amz-crc32")).hasValue(Long.toString(crc.getValue()));
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/x-amz-json-1.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "hi", "{\"TableName\": }", "{} {", "[1,", "{\"a\": \"\\q\"}"})
    void whatIsNotJsonIsASerializationExceptionWithoutAMessage(String body) {
        Reply reply =
                client.exchange(client.request("GetItem", body.getBytes(UTF_8)).build());

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEqualTo(json("{'__type': 'com.amazon.coral.service#SerializationException'}"));
    }

    @Test
    void anEmptyBodyIsASerializationException() {
        Reply reply = client.exchange(client.request("ListTables", new byte[0]).build());

        assertThat(reply.error()).isEqualTo("SerializationException");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DynamoDB_20120810.ListTable", "whatever", "DynamoDB_20111205.ListTables", "ListTables."})
    void operationsThatAreNotOfTheModelAreUnknown(String target) {
        Reply reply = client.fail(target.contains(".") ? target : "." + target, "{}");

        assertThat(reply.body()).isEqualTo(json("{'__type': 'com.amazon.coral.service#UnknownOperationException'}"));
    }

    @Test
    void aRequestWithoutTargetIsUnknown() {
        Reply reply = client.exchange(client.bareRequest("/")
                .header("Content-Type", "application/x-amz-json-1.0")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());

        assertThat(reply.error()).isEqualTo("UnknownOperationException");
    }

    @Test
    void anotherContentTypeIsNotFound() {
        HttpResponse<byte[]> response = client.raw(client.bareRequest("/")
                .header("Content-Type", "application/x-amz-json-1.1")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(new String(response.body(), UTF_8)).isEqualTo("<UnknownOperationException/>\n");
        assertThat(response.headers().firstValue("x-amz-crc32")).hasValue("3552371480");
    }

    @Test
    void plainJsonIsAnsweredInKind() {
        HttpResponse<byte[]> response = client.raw(client.bareRequest("/")
                .header("Content-Type", "application/json; charset=utf-8")
                .header("X-Amz-Target", "DynamoDB_20120810.ListTables")
                .header("X-Amz-Date", "20260101T000000Z")
                .header("Authorization", RouterClient.AUTHORIZATION)
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @Test
    void aRequestWithoutSignatureLacksItsToken() {
        Reply reply = unsigned("/", null, null);

        assertThat(reply.body())
                .isEqualTo(json("{'__type': 'com.amazon.coral.service#MissingAuthenticationTokenException',"
                        + " 'message': 'Request is missing Authentication Token'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "AWS4-|Authorization header requires 'Credential' parameter. Authorization header requires 'Signature'"
                        + " parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header"
                        + " requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-",
                "AWS4-HMAC-SHA256 Credential=a, Signature=b|Authorization header requires 'SignedHeaders' parameter."
                        + " Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                        + " Authorization=AWS4-HMAC-SHA256 Credential=a, Signature=b",
                "AWS4-HMAC-SHA256 Credential=a,Signature=,SignedHeaders=c|Authorization header requires 'Signature'"
                        + " parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date'"
                        + " header. Authorization=AWS4-HMAC-SHA256 Credential=a,Signature=,SignedHeaders=c",
            })
    void aMalformedSignatureIsIncomplete(String authorization, String message) {
        Reply reply = unsigned("/", "Authorization", authorization);

        assertThat(reply.error()).isEqualTo("IncompleteSignatureException");
        assertThat(reply.message()).isEqualTo(message);
    }

    @Test
    void aSignatureMayStandInTheQuery() {
        String query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b"
                + "&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z";

        assertThat(unsigned(query, null, null).status()).isEqualTo(200);
        assertThat(unsigned("/?X-Amz-Algorithm&X-Amz-Date=d", null, null).message())
                .isEqualTo("AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters"
                        + " must include 'X-Amz-Credential'. AWS query-string parameters must include"
                        + " 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'."
                        + " Re-examine the query-string parameters.");
        assertThat(unsigned(query, "Authorization", RouterClient.AUTHORIZATION).error())
                .isEqualTo("InvalidSignatureException");
    }

    private Reply unsigned(String pathAndQuery, @Nullable String header, @Nullable String value) {
        HttpRequest.Builder request = client.bareRequest(pathAndQuery)
                .header("Content-Type", "application/x-amz-json-1.0")
                .header("X-Amz-Target", "DynamoDB_20120810.ListTables")
                .POST(HttpRequest.BodyPublishers.ofString("{}"));
        if (header != null && value != null) {
            request.header(header, value);
        }
        return client.exchange(request.build());
    }

    @Test
    void takesGzippedBodies() throws IOException {
        Reply reply = client.exchange(client.request("ListTables", gzip("{\"Limit\": 1}".getBytes(UTF_8)))
                .header("Content-Encoding", "gzip")
                .build());
        Reply bad = client.exchange(client.request("ListTables", "{}".getBytes(UTF_8))
                .header("Content-Encoding", "gzip")
                .build());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(bad.error()).isEqualTo("SerializationException");
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void refusesABodyThatUnpacksPastTheLimit() throws IOException {
        byte[] bomb = gzip(new byte[17 * 1024 * 1024]);

        Reply reply = client.exchange(client.request("ListTables", bomb)
                .header("Content-Encoding", "gzip")
                .build());

        assertThat(reply.status()).isEqualTo(413);
    }

    @Test
    void refusesABodyPastTheLimit() {
        Reply reply = client.exchange(
                client.request("PutItem", new byte[17 * 1024 * 1024]).build());

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.error()).isEqualTo("RequestEntityTooLargeException");
    }

    @Test
    void letsBrowsersOfAnyOriginIn() {
        HttpResponse<byte[]> preflight = client.raw(client.bareRequest("/")
                .header("Origin", "https://example.com")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "x-amz-target")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .build());
        HttpResponse<byte[]> post = client.raw(client.request("ListTables", "{}".getBytes(UTF_8))
                .header("Origin", "https://example.com")
                .build());

        assertThat(preflight.statusCode()).isEqualTo(200);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
                .hasValue("POST");
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
                .hasValue("x-amz-target");
        assertThat(post.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BatchExecuteStatement",
                "CreateBackup",
                "CreateGlobalTable",
                "DeleteResourcePolicy",
                "DisableKinesisStreamingDestination",
                "EnableKinesisStreamingDestination",
                "ExecuteStatement",
                "ExecuteTransaction",
                "ExportTableToPointInTime",
                "ImportTable",
                "PutResourcePolicy",
                "RestoreTableFromBackup",
                "RestoreTableToPointInTime",
                "TransactGetItems",
                "TransactWriteItems",
                "UpdateContinuousBackups",
                "UpdateContributorInsights",
                "UpdateGlobalTable",
                "UpdateGlobalTableSettings",
                "UpdateKinesisStreamingDestination",
                "UpdateTableReplicaAutoScaling",
                "UpdateTimeToLive"
            })
    void operationsThatAreNotBuiltSaySo(String operation) {
        assertThat(client.invalid(operation, "{'Anything': [1, {}]}"))
                .isEqualTo(operation + " is not supported by Henge yet");
    }

    @Test
    void whatThereIsNothingOfIsAnsweredTruthfully() {
        createSimpleTable("Music");
        String music = "{'TableName': 'Music'}";

        assertThat(client.succeed("DescribeTimeToLive", music))
                .isEqualTo(json("{'TimeToLiveDescription': {'TimeToLiveStatus': 'DISABLED'}}"));
        assertThat(client.succeed("DescribeContinuousBackups", music))
                .isEqualTo(json("{'ContinuousBackupsDescription': {'ContinuousBackupsStatus': 'DISABLED',"
                        + " 'PointInTimeRecoveryDescription': {'PointInTimeRecoveryStatus': 'DISABLED'}}}"));
        assertThat(client.succeed("DescribeContributorInsights", music))
                .isEqualTo(json("{'TableName': 'Music', 'ContributorInsightsStatus': 'DISABLED'}"));
        assertThat(client.succeed("DescribeKinesisStreamingDestination", music))
                .isEqualTo(json("{'TableName': 'Music', 'KinesisDataStreamDestinations': []}"));
        assertThat(client.succeed("ListBackups", "{}")).isEqualTo(json("{'BackupSummaries': []}"));
        assertThat(client.succeed("ListExports", "{}")).isEqualTo(json("{'ExportSummaries': []}"));
        assertThat(client.succeed("ListImports", "{}")).isEqualTo(json("{'ImportSummaryList': []}"));
        assertThat(client.succeed("ListGlobalTables", "{}")).isEqualTo(json("{'GlobalTables': []}"));
        assertThat(client.succeed("ListContributorInsights", "{}"))
                .isEqualTo(json("{'ContributorInsightsSummaries': []}"));
        assertThat(client.succeed("DescribeLimits", "{}")).containsKey("TableMaxReadCapacityUnits");
        assertThat(client.succeed("DescribeEndpoints", "{}").toString()).contains("127.0.0.1:" + router.port());
        assertThat(client.succeed("DynamoDBStreams_20120810.ListStreams", "{}")).isEqualTo(json("{'Streams': []}"));
    }

    @ParameterizedTest
    @CsvSource({
        "DescribeBackup, BackupArn, BackupNotFoundException",
        "DeleteBackup, BackupArn, BackupNotFoundException",
        "DescribeExport, ExportArn, ExportNotFoundException",
        "DescribeImport, ImportArn, ImportNotFoundException",
        "DescribeGlobalTable, GlobalTableName, GlobalTableNotFoundException",
        "DescribeGlobalTableSettings, GlobalTableName, GlobalTableNotFoundException",
        "DescribeTableReplicaAutoScaling, TableName, ResourceNotFoundException",
        "DescribeContributorInsights, TableName, ResourceNotFoundException",
        "ListContributorInsights, TableName, ResourceNotFoundException",
        "DescribeKinesisStreamingDestination, TableName, ResourceNotFoundException",
        "DescribeTimeToLive, TableName, ResourceNotFoundException",
        "DescribeContinuousBackups, TableName, TableNotFoundException",
        "DynamoDBStreams_20120810.DescribeStream, StreamArn, ResourceNotFoundException",
        "DynamoDBStreams_20120810.GetShardIterator, StreamArn, ResourceNotFoundException",
        "DynamoDBStreams_20120810.GetRecords, ShardIterator, ResourceNotFoundException",
    })
    void whatDoesNotExistIsNotFound(String operation, String parameter, String exception) {
        assertThat(client.fail(operation, "{'%s': 'missing'}".formatted(parameter))
                        .error())
                .isEqualTo(exception);
    }

    @Test
    void aTableHasNoPolicyNoIndexesAndNoTimeToLiveOnceItIsDeleted() {
        String arn = "arn:aws:dynamodb:eu-north-1:000000000000:table/Music";
        String policy = "{'ResourceArn': '%s'}".formatted(arn);
        assertThat(client.fail("GetResourcePolicy", policy).error()).isEqualTo("ResourceNotFoundException");
        createSimpleTable("Music");

        RouterClient.Reply none = client.fail("GetResourcePolicy", policy);
        RouterClient.Reply noIndex =
                client.fail("DescribeContributorInsights", "{'TableName': 'Music', 'IndexName': 'byYear'}");
        cluster.keepDeletedTables();
        client.succeed("DeleteTable", "{'TableName': 'Music'}");

        assertThat(none.error()).isEqualTo("PolicyNotFoundException");
        assertThat(none.message()).isEqualTo("Resource-based policy not found for the provided ResourceArn: " + arn);
        assertThat(noIndex.message()).isEqualTo("Requested resource not found: Index byYear for table Music");
        assertThat(client.invalid("DescribeTimeToLive", "{'TableName': 'Music'}"))
                .isEqualTo("Cannot describe time to live while table is in DELETING state: Current table state is"
                        + " DELETING");
    }

    @ParameterizedTest
    @CsvSource({
        "ListBackups, Limit, 101",
        "ListExports, MaxResults, 26",
        "ListImports, PageSize, 26",
        "ListGlobalTables, Limit, 0",
        "ListContributorInsights, MaxResults, 101",
    })
    void pagesAreBounded(String operation, String parameter, int value) {
        assertThat(client.invalid(operation, "{'%s': %d}".formatted(parameter, value)))
                .startsWith("1 validation error detected: Value '" + value + "' at '");
    }
}
