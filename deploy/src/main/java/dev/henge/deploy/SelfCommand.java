package dev.henge.deploy;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How to run another {@code henge} command as a process of its own: by the launcher, else by this JVM's java. */
final class SelfCommand {

    /** Set by ./henge to its own path. */
    private static final String LAUNCHER_PROPERTY = "henge.launcher";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=,@%+-]+");

    private SelfCommand() {}

    /** The command as a list, for a {@link ProcessBuilder}. */
    static List<String> of(List<String> arguments) {
        List<String> command = new ArrayList<>();
        String launcher = System.getProperty(LAUNCHER_PROPERTY);
        if (launcher != null) {
            command.add(launcher);
        } else {
            command.addAll(List.of(
                    System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-XX:+UseSerialGC",
                    "-Xmx512m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Henge.class.getName()));
        }
        command.addAll(arguments);
        return command;
    }

    /** The command as a person types it in a shell. */
    static String typed(List<String> arguments) {
        List<String> command = of(arguments);
        String launcher = System.getProperty(LAUNCHER_PROPERTY);
        if (launcher != null && isInWorkingDirectory(launcher)) {
            command.set(0, "./" + Path.of(launcher).getFileName());
        }
        return command.stream().map(SelfCommand::quoted).collect(Collectors.joining(" "));
    }

    private static boolean isInWorkingDirectory(String launcher) {
        @Nullable Path parent = Path.of(launcher).getParent();
        return Path.of("").toAbsolutePath().equals(parent);
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
