package dev.henge.deploy;

import dev.henge.node.StartupException;
import dev.henge.proto.CredentialRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
final class CredentialsCommand extends CommandGroup {

    /** What the commands have in common. */
    abstract static class Action extends OperatorCommand {

        private static final int TIMEOUT_SECONDS = 10;

        Action() {
            super(TIMEOUT_SECONDS);
        }

        @Override
        final Answer answer(List<String> addresses, Duration timeout) throws StartupException {
            try (CredentialClient client = CredentialClient.connect(addresses, timeout)) {
                return run(client);
            }
        }

        /** Does it. */
        abstract Answer run(CredentialClient client) throws StartupException;
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
        Answer run(CredentialClient client) throws StartupException {
            CredentialClient.NewKey key = client.create(label);
            return Answer.done(
                    "AWS_ACCESS_KEY_ID=" + key.accessKeyId() + "\nAWS_SECRET_ACCESS_KEY=" + key.secretKey()
                            + "\n# The secret is shown this once.\n",
                    json -> {
                        json.writeStringProperty("accessKeyId", key.accessKeyId());
                        json.writeStringProperty("secretAccessKey", key.secretKey());
                        json.writeStringProperty("label", label);
                    });
        }
    }

    @Command(name = "list", description = "List the access keys, without their secrets.", sortOptions = false)
    static final class ListAll extends Action {

        @Override
        Answer run(CredentialClient client) throws StartupException {
            List<CredentialRecord> credentials = client.list();
            return Answer.done(text(credentials), json -> {
                json.writeArrayPropertyStart("credentials");
                for (CredentialRecord credential : credentials) {
                    json.writeStartObject();
                    json.writeStringProperty("accessKeyId", credential.getAccessKeyId());
                    json.writeStringProperty("status", credential.getStatus().name());
                    json.writeStringProperty("created", created(credential));
                    json.writeStringProperty("label", credential.getLabel());
                    json.writeEndObject();
                }
                json.writeEndArray();
            });
        }

        private static String text(List<CredentialRecord> credentials) {
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
        final Answer run(CredentialClient client) throws StartupException {
            change(client, accessKeyId);
            return Answer.done(accessKeyId + " is " + outcome + ".\n", json -> {
                json.writeStringProperty("accessKeyId", accessKeyId);
                json.writeStringProperty("outcome", outcome);
            });
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
