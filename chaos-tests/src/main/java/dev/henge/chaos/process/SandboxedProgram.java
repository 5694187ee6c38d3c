package dev.henge.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the harness's main classes share: options, the way into the sandbox, and a directory that is deleted when all went
 * well. Exit codes: 0 when it did, 1 when not, 2 for options that are none, 3 where there can be no sandbox.
 */
final class SandboxedProgram {

    static final int CODE_FAILED = 1;
    private static final int CODE_USAGE = 2;
    private static final int CODE_UNAVAILABLE = 3;
    private static final String DIRECTORY = "--directory";

    /** The program itself, run in a sandbox. */
    interface Body {
        /** @return whether all went well */
        boolean run(Options options, Path directory) throws IOException;
    }

    /** Options as {@code --name value}. */
    record Options(Map<String, String> values) {
        String text(String name, String otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        int number(String name, int otherwise) {
            return Integer.parseInt(text(name, Integer.toString(otherwise)));
        }
    }

    private SandboxedProgram() {}

    /** Ends this process. @param names options that there are, besides {@code --directory} */
    @SuppressWarnings("SystemOut")
    static void main(Class<?> main, List<String> names, String[] arguments, Body body)
            throws IOException, InterruptedException {
        Options options = options(names, arguments);
        if (options == null) {
            System.err.println("usage: " + main.getSimpleName() + " [" + DIRECTORY + " NEW_DIRECTORY] "
                    + String.join(
                            " ",
                            names.stream().map(name -> "[" + name + " ...]").toList()));
            System.exit(CODE_USAGE);
            return;
        }
        if (!Sandbox.isInside()) {
            System.exit(start(main, new ArrayList<>(List.of(arguments))));
        }
        Sandbox.endWithParent();
        Path directory = Files.createDirectories(Path.of(options.text(DIRECTORY, "chaos")));
        int code = CODE_FAILED;
        try {
            code = body.run(options, directory) ? 0 : CODE_FAILED;
        } catch (IOException | RuntimeException | Error e) {
            e.printStackTrace();
        }
        System.exit(code);
    }

    private static @Nullable Options options(List<String> names, String[] arguments) {
        Map<String, String> values = new HashMap<>();
        for (int place = 0; place < arguments.length; place += 2) {
            String name = arguments[place];
            if (place + 1 == arguments.length || !(names.contains(name) || name.equals(DIRECTORY))) {
                return null;
            }
            values.put(name, arguments[place + 1]);
        }
        return new Options(values);
    }

    @SuppressWarnings("SystemOut")
    private static int start(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
        String why = Sandbox.unavailable();
        if (why != null) {
            System.err.println("can't run here: " + why);
            return CODE_UNAVAILABLE;
        }
        if (arguments.contains(DIRECTORY)) {
            return Sandbox.run(main, arguments);
        }
        Path directory = Files.createTempDirectory("henge-chaos-");
        arguments.addAll(List.of(DIRECTORY, directory.toString()));
        int code = Sandbox.run(main, arguments);
        if (code == 0) {
            delete(directory);
        } else {
            System.out.println("outputs of the processes and histories: " + directory);
        }
        return code;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
