package dev.henge.chaos.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.henge.chaos.support.Commands;
import dev.henge.chaos.support.Commands.Ran;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The AWS CLI, as people type it. */
final class AwsCliTest {

    private static final Duration COMMAND_MAX = Duration.ofMinutes(1);

    @RegisterExtension
    static final TestCluster CLUSTER = new TestCluster();

    @BeforeAll
    static void needsTheCli() {
        assumeTrue(Commands.works("aws", "--version"), "the AWS CLI is not installed: there is no working `aws`");
    }

    @Test
    void makesATableAndWritesAndReadsAnItem() {
        String created = succeeds("aws dynamodb create-table --table-name Orders"
                + " --attribute-definitions AttributeName=OrderId,AttributeType=S"
                + " --key-schema AttributeName=OrderId,KeyType=HASH --billing-mode PAY_PER_REQUEST");
        succeeds("aws dynamodb wait table-exists --table-name Orders");
        succeeds("aws dynamodb put-item --table-name Orders"
                + " --item '{\"OrderId\":{\"S\":\"o-1\"},\"Total\":{\"N\":\"12.50\"}}'");
        String read = succeeds("aws dynamodb get-item --table-name Orders --key '{\"OrderId\":{\"S\":\"o-1\"}}'"
                + " --consistent-read --query Item --output json");
        String listed = succeeds("aws dynamodb list-tables --query TableNames --output text");

        assertThat(created).contains("\"TableName\": \"Orders\"").contains("\"PAY_PER_REQUEST\"");
        assertThat(read).containsIgnoringWhitespaces("\"OrderId\":{\"S\":\"o-1\"}", "\"Total\":{\"N\":\"12.5\"}");
        assertThat(listed.split("\\s+")).contains("Orders");
    }

    @Test
    void tellsTheServicesErrorWhenThereIsNoTable() {
        Ran ran = run("aws dynamodb describe-table --table-name Nowhere");

        assertThat(ran.code()).isNotZero();
        assertThat(ran.err()).contains("ResourceNotFoundException");
    }

    private static String succeeds(String line) {
        Ran ran = run(line);
        assertThat(ran.code()).as("%s: %s", line, ran).isZero();
        return ran.out();
    }

    private static Ran run(String line) {
        String whole = line + " --endpoint-url " + CLUSTER.endpoint();
        return Commands.run(Commands.AWS_ENVIRONMENT, COMMAND_MAX, List.of("sh", "-c", whole));
    }
}
