package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.ClusterStatus;
import dev.henge.deploy.status.NodeAnswer;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.deploy.status.StatusJson;
import dev.henge.deploy.status.StatusText;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.Credentials;
import dev.henge.proto.Catalog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code henge debug}: what someone needs who is to find out what is wrong with a cluster. */
@Command(
        name = "debug",
        description = "Gather what helps to find out what is wrong with a cluster.",
        subcommands = DebugCommand.Bundle.class,
        sortOptions = false)
final class DebugCommand extends CommandGroup {

    @Command(
            name = "bundle",
            description = "Write how the cluster stands to a zip file, without secrets and without items.",
            footer = {
                "",
                "  henge debug bundle --to henge.zip --metrics http://127.0.0.1:9101/metrics --log n1.log",
                "The file README.txt in it says what is in it. Names of tables, attributes, nodes and their addresses are;",
                "items, access keys and secrets are not.",
                "Exits with 1 when no node answered; the file is written all the same."
            },
            sortOptions = false)
    static final class Bundle extends OperatorCommand {

        private static final int TIMEOUT_SECONDS = 5;
        private static final int LOG_BYTES_MAX = 1 << 20;

        /** What may let someone in, or name who was let in, wherever it stands. */
        private static final Pattern SECRETS = Pattern.compile(
                "(?i)(AKIA|ASIA|HNGE)[A-Z0-9]{12,}|(signature|secret[a-z_-]*|authorization|credential|session-token)"
                        + "[\"']?\\s*[:=]\\s*\\S+(\\s+\\S+=\\S+)*");

        @Option(names = "--to", paramLabel = "FILE", required = true, description = "The zip file; must not exist.")
        private Path file = Path.of("");

        @Option(
                names = "--metrics",
                split = ",",
                paramLabel = "URL",
                description = "Where processes answer with their metrics.")
        private List<URI> metrics = List.of();

        @Option(
                names = "--log",
                split = ",",
                paramLabel = "FILE",
                description = "Files that processes log to; the last megabyte of each goes in.")
        private List<Path> logs = List.of();

        Bundle() {
            super(TIMEOUT_SECONDS);
        }

        @Override
        Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
            ClusterLook look = new StatusCollector(timeout).look(addresses);
            Map<String, String> contents = new LinkedHashMap<>();
            ClusterStatus status = ClusterStatus.of(look.answers(), look.catalog());
            contents.put("status.txt", StatusText.render(status));
            contents.put("status.json", StatusJson.render(status));
            contents.put("catalog.txt", withoutKeys(look.catalog()).toString());
            for (NodeAnswer answer : look.answers()) {
                switch (answer) {
                    case NodeAnswer.Up up ->
                        contents.put(
                                "nodes/" + up.reply().getNode() + ".txt",
                                up.reply().toString());
                    case NodeAnswer.Down down ->
                        contents.put(
                                "nodes/" + down.address().replace(':', '_') + ".txt",
                                "does not answer: " + down.reason() + "\n");
                }
            }
            for (URI address : metrics) {
                String name = address.getAuthority().replace(':', '_') + ".txt";
                contents.put(unused(contents, "metrics/", name), metrics(address, timeout));
            }
            for (Path log : logs) {
                contents.put(unused(contents, "logs/", String.valueOf(log.getFileName())), tail(log));
            }
            List<String> names = new ArrayList<>(contents.keySet());
            write(contents);
            int answered = look.replies().size();
            String text = "Wrote " + file + ": " + String.join(", ", names) + ".\n"
                    + (answered == 0 ? "! no node answered, so it does not tell how the cluster stands\n" : "");
            return Answer.of(
                    text,
                    json -> {
                        json.writeStringProperty("file", file.toString());
                        json.writeArrayPropertyStart("contents");
                        names.forEach(json::writeString);
                        json.writeEndArray();
                        json.writeNumberProperty("nodesThatAnswered", answered);
                    },
                    answered > 0);
        }

        /** An entry's name that is not taken: logs of two machines may be named alike. */
        private static String unused(Map<String, String> contents, String folder, String name) {
            String entry = folder + name;
            for (int i = 2; contents.containsKey(entry); i++) {
                entry = folder + i + "-" + name;
            }
            return entry;
        }

        /** Nor who may sign, nor what for. */
        private static Catalog withoutKeys(Catalog catalog) {
            return Credentials.withoutSecrets(catalog).toBuilder()
                    .clearCredentials()
                    .build();
        }

        static String redacted(String text) {
            return SECRETS.matcher(text).replaceAll("[redacted]");
        }

        private static String metrics(URI address, Duration timeout) throws InterruptedException {
            try (HttpClient http = HttpClient.newHttpClient()) {
                return http.send(
                                HttpRequest.newBuilder(address).timeout(timeout).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
            } catch (IOException | IllegalArgumentException e) {
                return "no answer: " + e + "\n";
            }
        }

        private static String tail(Path log) {
            try (RandomAccessFile opened = new RandomAccessFile(log.toFile(), "r")) {
                long from = Math.max(0, opened.length() - LOG_BYTES_MAX);
                byte[] bytes = new byte[(int) (opened.length() - from)];
                opened.seek(from);
                opened.readFully(bytes);
                return new String(bytes, StandardCharsets.UTF_8);
            } catch (IOException e) {
                return "can't be read: " + e + "\n";
            }
        }

        private void write(Map<String, String> contents) throws StartupException {
            if (Files.exists(file)) {
                throw new StartupException(file + " exists already; choose another file with --to");
            }
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                add(zip, "README.txt", readme(contents));
                for (Map.Entry<String, String> content : contents.entrySet()) {
                    add(zip, content.getKey(), redacted(content.getValue()));
                }
            } catch (IOException e) {
                throw new StartupException(file + " can't be written: " + e.getMessage(), e);
            }
        }

        private static void add(ZipOutputStream zip, String name, String text) throws IOException {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(text.getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }

        private static String readme(Map<String, String> contents) {
            return "How a Henge cluster stood, written by henge debug bundle.\n\n"
                    + "In it: names of tables, attributes, indexes, nodes and zones, addresses, sizes, states of replicas,\n"
                    + "tasks, metrics and ends of logs, as far as they were given.\n"
                    + "Not in it: items, access keys, secrets; what looks like one in logs is replaced by [redacted].\n\n"
                    + String.join("\n", contents.keySet()) + "\n";
        }
    }
}
