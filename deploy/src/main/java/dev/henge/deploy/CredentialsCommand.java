package dev.henge.deploy;

import dev.henge.node.StartupException;
import dev.henge.proto.CredentialRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code henge credentials}: the access keys that requests may be signed with. */
@Command(
        name = "credentials",
        description = "Make, list and revoke the access keys that requests are signed with.",
        footer = {
            "",
            "It speaks to the nodes, inside the trusted network, and needs no key itself. Any key lets its",
            "holder do everything. Routers learn of a change within a moment."
        },
        subcommands = {
            CredentialsCommand.Create.class,
            CredentialsCommand.ListAll.class,
            CredentialsCommand.Disable.class,
            CredentialsCommand.Enable.class,
            CredentialsCommand.Delete.class
        },
        sortOptions = false)
final class CredentialsCommand extends VerboseCommand implements Runnable {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int TIMEOUT_SECONDS_MAX = 60;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say which command: " + String.join(", ", spec.subcommands().keySet()));
    }

    /** The forms of the answer. */
    enum Output {
        TEXT,
        JSON
    }

    /** What the commands have in common. */
    abstract static class Action extends VerboseCommand implements Callable<Integer> {

        @Option(
                names = "--nodes",
                split = ",",
                paramLabel = "HOST:PORT",
                description =
                        "Addresses of some nodes (default: what the data directory's cluster.properties says, else"
                                + " 127.0.0.1:7001 to 7003).")
        private List<HostPort> nodes = List.of();

        @Option(
                names = "--data",
                paramLabel = "DIR",
                defaultValue = Checks.DATA_DIRECTORY,
                description = "Data directory of henge dev or henge cluster (default: ./${DEFAULT-VALUE}).")
        private Path data = Path.of("");

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORM",
                defaultValue = "text",
                description = "text or json (default: ${DEFAULT-VALUE}).")
        private Output output = Output.TEXT;

        @Option(
                names = "--timeout-seconds",
                paramLabel = "N",
                defaultValue = "10",
                description = "How long the cluster may take to answer (default: ${DEFAULT-VALUE}).")
        private int timeoutSeconds;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Override
        public final Integer call() throws StartupException {
            if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--timeout-seconds must be from 1 to " + TIMEOUT_SECONDS_MAX + ", not " + timeoutSeconds);
            }
            Logging.quiet(verbose());
            try (CredentialClient client =
                    CredentialClient.connect(NodeAddresses.of(nodes, data), Duration.ofSeconds(timeoutSeconds))) {
                PrintWriter out = spec.commandLine().getOut();
                switch (output) {
                    case TEXT -> out.print(text(client));
                    case JSON -> out.print(json(client) + "\n");
                }
                out.flush();
            }
            return 0;
        }

        /** Does it; returns what to tell a person. */
        abstract String text(CredentialClient client) throws StartupException;

        /** Does it; returns what to tell a program. */
        abstract String json(CredentialClient client) throws StartupException;
    }

    @Command(
            name = "create",
            description = "Make a new access key and show its secret, this once.",
            sortOptions = false)
    static final class Create extends Action {

        @Option(
                names = "--label",
                paramLabel = "TEXT",
                defaultValue = "",
                description = "For whom or what the key is, as the list shows it.")
        private String label = "";

        @Override
        String text(CredentialClient client) throws StartupException {
            CredentialClient.NewKey key = client.create(label);
            return "AWS_ACCESS_KEY_ID=" + key.accessKeyId() + "\nAWS_SECRET_ACCESS_KEY=" + key.secretKey()
                    + "\n# The secret is shown this once.\n";
        }

        @Override
        String json(CredentialClient client) throws StartupException {
            CredentialClient.NewKey key = client.create(label);
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
                json.writeStartObject();
                json.writeStringProperty("accessKeyId", key.accessKeyId());
                json.writeStringProperty("secretAccessKey", key.secretKey());
                json.writeStringProperty("label", label);
                json.writeEndObject();
            }
            return text.toString();
        }
    }

    @Command(name = "list", description = "List the access keys, without their secrets.", sortOptions = false)
    static final class ListAll extends Action {

        @Override
        String text(CredentialClient client) throws StartupException {
            List<CredentialRecord> credentials = client.list();
            if (credentials.isEmpty()) {
                return "There are no credentials; make one with henge credentials create.\n";
            }
            StringBuilder text = new StringBuilder();
            for (CredentialRecord credential : credentials) {
                text.append(String.join(
                                "  ",
                                credential.getAccessKeyId(),
                                "%-8s".formatted(credential.getStatus().name()),
                                created(credential),
                                credential.getLabel())
                        .stripTrailing());
                text.append('\n');
            }
            return text.toString();
        }

        @Override
        String json(CredentialClient client) throws StartupException {
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
                json.writeStartObject();
                json.writeArrayPropertyStart("credentials");
                for (CredentialRecord credential : client.list()) {
                    json.writeStartObject();
                    json.writeStringProperty("accessKeyId", credential.getAccessKeyId());
                    json.writeStringProperty("status", credential.getStatus().name());
                    json.writeStringProperty("created", created(credential));
                    json.writeStringProperty("label", credential.getLabel());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            return text.toString();
        }

        private static String created(CredentialRecord credential) {
            return Instant.ofEpochMilli(credential.getCreatedMillis())
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
        }
    }

    /** A command about one key that exists. */
    abstract static class Change extends Action {

        @Parameters(paramLabel = "ACCESS_KEY_ID", description = "The key, as the list shows it.")
        private String accessKeyId = "";

        private final String outcome;

        Change(String outcome) {
            this.outcome = outcome;
        }

        abstract void change(CredentialClient client, String accessKeyId) throws StartupException;

        @Override
        final String text(CredentialClient client) throws StartupException {
            change(client, accessKeyId);
            return accessKeyId + " is " + outcome + ".\n";
        }

        @Override
        final String json(CredentialClient client) throws StartupException {
            change(client, accessKeyId);
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
                json.writeStartObject();
                json.writeStringProperty("accessKeyId", accessKeyId);
                json.writeStringProperty("outcome", outcome);
                json.writeEndObject();
            }
            return text.toString();
        }
    }

    @Command(
            name = "disable",
            description = "Refuse requests signed with a key until it is enabled again.",
            sortOptions = false)
    static final class Disable extends Change {

        Disable() {
            super("disabled");
        }

        @Override
        void change(CredentialClient client, String accessKeyId) throws StartupException {
            client.setStatus(accessKeyId, CredentialRecord.Status.DISABLED);
        }
    }

    @Command(name = "enable", description = "Let a key that was disabled in again.", sortOptions = false)
    static final class Enable extends Change {

        Enable() {
            super("active");
        }

        @Override
        void change(CredentialClient client, String accessKeyId) throws StartupException {
            client.setStatus(accessKeyId, CredentialRecord.Status.ACTIVE);
        }
    }

    @Command(name = "delete", description = "Forget a key for good.", sortOptions = false)
    static final class Delete extends Change {

        Delete() {
            super("deleted");
        }

        @Override
        void change(CredentialClient client, String accessKeyId) throws StartupException {
            client.delete(accessKeyId);
        }
    }
}
