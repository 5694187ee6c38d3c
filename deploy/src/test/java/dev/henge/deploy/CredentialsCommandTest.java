package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.Channels;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.CredentialRecord;
import dev.henge.proto.WatchCatalogRequest;
import dev.henge.router.RouterConfig;
import dev.henge.router.RouterServer;
import dev.henge.router.api.Signatures;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** The commands on a cluster, before which stands a router that verifies signatures. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CredentialsCommandTest {

    private static final Pattern CREATED = Pattern.compile(
            "AWS_ACCESS_KEY_ID=(HNGE[A-Z2-7]{16})\nAWS_SECRET_ACCESS_KEY=([A-Za-z0-9]{40})\n# The secret is shown this"
                    + " once\\.\n");
    private static final long CHANGE_SECONDS_MAX = 20;

    private EmbeddedCluster cluster;
    private RouterServer router;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    void start() throws Exception {
        cluster = EmbeddedCluster.start(EmbeddedCluster.Options.ephemeral());
        router = RouterServer.start(new RouterConfig(
                new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0),
                cluster.nodes().addressTexts(),
                RouterDefaults.REGION,
                RouterDefaults.ACCOUNT_ID,
                Duration.ofSeconds(RouterDefaults.TIMEOUT_SECONDS),
                Signatures.VERIFY));
    }

    @AfterAll
    void stop() {
        router.close();
        cluster.close();
        http.close();
    }

    @Test
    void aKeyOpensUntilItIsDisabledOrDeleted() throws Exception {
        AwsCredentialsIdentity key = create("--label", "for the test");
        String id = key.accessKeyId();
        awaitAnswer(key, 200, "{\"TableNames\":[]}");
        assertThat(run("list").out()).contains(id + "  ACTIVE    20").contains("Z  for the test\n");

        assertThat(run("disable", id)).isEqualTo(new CommandLineRun(0, id + " is disabled.\n", ""));
        awaitAnswer(key, 400, "UnrecognizedClientException");
        assertThat(run("list").out()).contains(id + "  DISABLED  20");

        assertThat(run("enable", id)).isEqualTo(new CommandLineRun(0, id + " is active.\n", ""));
        awaitAnswer(key, 200, "{\"TableNames\":[]}");

        assertThat(run("delete", id)).isEqualTo(new CommandLineRun(0, id + " is deleted.\n", ""));
        awaitAnswer(key, 400, "The security token included in the request is invalid.");
        assertThat(run("list").out()).doesNotContain(id);
    }

    @Test
    void theSecretIsShownByCreateAlone() throws Exception {
        AwsCredentialsIdentity key = create();

        for (CommandLineRun run : List.of(
                run("list"),
                run("list", "-o", "json"),
                run("disable", key.accessKeyId()),
                run("enable", "-o", "json", key.accessKeyId()),
                status())) {
            assertThat(run.code()).isZero();
            assertThat(run.out() + run.err()).doesNotContain(key.secretAccessKey());
        }
    }

    @Test
    void theSecretIsInCopiesForNodesAndRoutersAlone() throws Exception {
        AwsCredentialsIdentity key = create();

        assertThat(secretIn(catalog(true), key.accessKeyId())).isEqualTo(key.secretAccessKey());
        assertThat(secretIn(catalog(false), key.accessKeyId())).isEmpty();
    }

    @Test
    void programsGetJson() {
        CommandLineRun created = run("create", "--label", "a \"label\"", "-o", "json");

        assertThat(created.code()).isZero();
        Matcher matcher = Pattern.compile(
                        "\\{\"accessKeyId\":\"(HNGE[A-Z2-7]{16})\",\"secretAccessKey\":\"[A-Za-z0-9]{40}\","
                                + "\"label\":\"a \\\\\"label\\\\\"\"}\n")
                .matcher(created.out());
        assertThat(matcher.matches()).as(created.out()).isTrue();
        assertThat(run("list", "-o", "json").out())
                .containsPattern("\\{\"accessKeyId\":\"" + matcher.group(1)
                        + "\",\"status\":\"ACTIVE\",\"created\":\"20[^\"]+Z\",\"label\":\"a \\\\\"label\\\\\"\"}");
        assertThat(run("delete", "-o", "json", matcher.group(1)).out())
                .isEqualTo("{\"accessKeyId\":\"" + matcher.group(1) + "\",\"outcome\":\"deleted\"}\n");
    }

    @Test
    void aKeyThatIsNotThereIsOneSentence() {
        for (String command : List.of("disable", "enable", "delete")) {
            assertThat(run(command, "HNGENONE"))
                    .isEqualTo(new CommandLineRun(1, "", "henge: there is no credential HNGENONE\n"));
        }
    }

    @Test
    void theFirstKeyIsMadeOnce() throws Exception {
        try (EmbeddedCluster fresh = EmbeddedCluster.start(EmbeddedCluster.Options.ephemeral());
                CredentialClient client =
                        CredentialClient.connect(fresh.nodes().addressTexts(), Duration.ofSeconds(30))) {
            Optional<CredentialClient.NewKey> first = client.createFirst("root");
            assertThat(first).isPresent();
            assertThat(client.list())
                    .extracting(CredentialRecord::getAccessKeyId, CredentialRecord::getLabel)
                    .containsExactly(org.assertj.core.api.Assertions.tuple(
                            first.orElseThrow().accessKeyId(), "root"));

            assertThat(client.createFirst("root")).isEmpty();
            client.delete(first.orElseThrow().accessKeyId());
            assertThat(client.createFirst("root")).isEmpty();
        }
    }

    @Test
    void aClusterThatIsNotThereIsOneSentence() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            free = socket.getLocalPort();
        }
        String address = "127.0.0.1:" + free;

        CommandLineRun list = CommandLineRun.of("credentials", "list", "--nodes", address, "--timeout-seconds", "1");
        CommandLineRun create =
                CommandLineRun.of("credentials", "create", "--nodes", address, "--timeout-seconds", "1");

        assertThat(list)
                .isEqualTo(new CommandLineRun(
                        1, "", "henge: the node at " + address + " does not answer (UNAVAILABLE)\n"));
        assertThat(create)
                .isEqualTo(
                        new CommandLineRun(
                                1,
                                "",
                                "henge: the cluster does not answer: gave up in time: no node of the cluster was reached yet\n"));
    }

    private AwsCredentialsIdentity create(String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "create";
        System.arraycopy(options, 0, arguments, 1, options.length);
        CommandLineRun run = run(arguments);
        Matcher created = CREATED.matcher(run.out());
        assertThat(created.matches()).as("%s", run).isTrue();
        assertThat(run.code()).isZero();
        return AwsCredentialsIdentity.create(created.group(1), created.group(2));
    }

    private CommandLineRun run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "credentials";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--nodes";
        all[all.length - 1] = String.join(",", cluster.nodes().addressTexts());
        return CommandLineRun.of(all);
    }

    private CommandLineRun status() {
        CommandLineRun run = CommandLineRun.of(
                "status",
                "-o",
                "json",
                "--nodes",
                String.join(",", cluster.nodes().addressTexts()));
        assertThat(run.out().toLowerCase(Locale.ROOT)).contains("\"health\"");
        return new CommandLineRun(0, run.out(), run.err());
    }

    private Catalog catalog(boolean withSecrets) {
        ManagedChannel channel = Channels.open(cluster.nodes().addressTexts().getFirst());
        try {
            return AdminGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .watchCatalog(WatchCatalogRequest.newBuilder()
                            .setWithSecrets(withSecrets)
                            .build())
                    .next();
        } finally {
            channel.shutdownNow();
        }
    }

    private static String secretIn(Catalog catalog, String id) {
        return catalog.getCredentialsList().stream()
                .filter(credential -> credential.getAccessKeyId().equals(id))
                .findFirst()
                .orElseThrow()
                .getSecretKey();
    }

    /** A router learns of a change a moment after the command ends. */
    private void awaitAnswer(AwsCredentialsIdentity key, int status, String text) throws Exception {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(CHANGE_SECONDS_MAX);
        HttpResponse<String> answer = listTables(key);
        while (answer.statusCode() != status && System.nanoTime() < endNanos) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            answer = listTables(key);
        }
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(text);
    }

    private HttpResponse<String> listTables(AwsCredentialsIdentity key) throws IOException, InterruptedException {
        byte[] body = {'{', '}'};
        SignedRequest signed = AwsV4HttpSigner.create().sign(sign -> sign.identity(key)
                .request(SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .protocol("http")
                        .host("127.0.0.1")
                        .port(router.port())
                        .encodedPath("/")
                        .putHeader("Content-Type", "application/x-amz-json-1.0")
                        .putHeader("X-Amz-Target", "DynamoDB_20120810.ListTables")
                        .build())
                .payload(ContentStreamProvider.fromByteArray(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "dynamodb")
                .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1"));
        HttpRequest.Builder request = HttpRequest.newBuilder(signed.request().getUri())
                .version(HttpClient.Version.HTTP_1_1)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        signed.request().headers().forEach((name, values) -> {
            // The client sets the host itself, to the same.
            if (!name.equalsIgnoreCase("host")) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
