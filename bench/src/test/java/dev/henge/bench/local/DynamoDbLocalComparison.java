package dev.henge.bench.local;

import dev.henge.bench.BenchCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Runs the bench with DynamoDB Local, in memory and on disk, each as a process of its own, beside the endpoints given.
 * Takes the bench's options; {@code --compare NAME=URL;PIDS} adds an endpoint.
 */
public final class DynamoDbLocalComparison {
    private DynamoDbLocalComparison() {}

    /** Starts both, measures, ends both. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("henge-bench-dynamodb-local");
        int exitCode;
        try (DynamoDbLocal memory = DynamoDbLocal.start(null);
                DynamoDbLocal disk = DynamoDbLocal.start(directory)) {
            List<String> options = new ArrayList<>(Arrays.asList(arguments));
            options.add("--compare=" + option("dynamodb-local-memory", memory));
            options.add("--compare=" + option("dynamodb-local-disk", disk));
            exitCode = new CommandLine(new BenchCommand()).execute(options.toArray(String[]::new));
        } finally {
            deleteTree(directory);
        }
        System.exit(exitCode);
    }

    private static String option(String name, DynamoDbLocal server) {
        return name + "=" + server.url() + ";" + server.process().pid();
    }

    private static void deleteTree(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
