package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where a command's options come from when they are not on the command line: the environment, then a properties file.
 *
 * <p>The option {@code --data} of {@code henge node} is {@code HENGE_NODE_DATA} in the environment and {@code data} in
 * the file. A name in the file that is no option of the command is an error, so that a misspelt setting never passes
 * unnoticed. It says nothing of the commands below: {@code henge node drain} has a {@code --nodes} of its own.
 */
final class SettingsSource implements IDefaultValueProvider {

    /** The option that names the file; not a setting itself. */
    static final String FILE_OPTION = "--config";

    private final Map<String, String> environment;
    private final Map<String, String> file;

    /** Whose options the file sets; null while there is none. */
    private final @Nullable CommandSpec fileCommand;

    private SettingsSource(
            Map<String, String> environment, Map<String, String> file, @Nullable CommandSpec fileCommand) {
        this.environment = environment;
        this.file = file;
        this.fileCommand = fileCommand;
    }

    /** The environment alone. */
    static SettingsSource of(Map<String, String> environment) {
        return new SettingsSource(environment, Map.of(), null);
    }

    /**
     * The environment, and below it the file that the arguments or the environment name, if any.
     *
     * @param command the command that the arguments are for
     * @throws StartupException when the file can't be read or holds a name that is no option of the command
     */
    static SettingsSource of(Map<String, String> environment, CommandSpec command, String... arguments)
            throws StartupException {
        if (command.findOption(FILE_OPTION) == null) {
            return of(environment);
        }
        String path = fileIn(arguments);
        if (path == null) {
            path = environment.get(environmentName(command, FILE_OPTION));
        }
        return path == null ? of(environment) : new SettingsSource(environment, read(Path.of(path), command), command);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || !isSetting(option)) {
            return null;
        }
        String fromEnvironment = environment.get(environmentName(argument.command(), option.longestName()));
        if (fromEnvironment != null) {
            return fromEnvironment;
        }
        return option.command() == fileCommand ? file.get(settingName(option)) : null;
    }

    /** {@code --data} of {@code henge node}: {@code HENGE_NODE_DATA}; of a command below: {@code HENGE_CREDENTIALS_LIST_DATA}. */
    static String environmentName(CommandSpec command, String option) {
        return (command.qualifiedName("_") + "_" + option.substring(2))
                .toUpperCase(Locale.ROOT)
                .replace('-', '_');
    }

    private static boolean isSetting(OptionSpec option) {
        return !option.usageHelp()
                && !option.versionHelp()
                && !option.hidden()
                && !option.longestName().equals(FILE_OPTION);
    }

    private static String settingName(OptionSpec option) {
        return option.longestName().substring(2);
    }

    private static @Nullable String fileIn(String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals(FILE_OPTION) && i + 1 < arguments.length) {
                return arguments[i + 1];
            }
            if (arguments[i].startsWith(FILE_OPTION + "=")) {
                return arguments[i].substring(FILE_OPTION.length() + 1);
            }
        }
        return null;
    }

    private static Map<String, String> read(Path path, CommandSpec command) throws StartupException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new StartupException("there is no config file " + path, e);
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException("can't read the config file " + path + ": " + e.getMessage(), e);
        }
        SortedSet<String> known = new TreeSet<>();
        for (OptionSpec option : command.options()) {
            if (isSetting(option)) {
                known.add(settingName(option));
            }
        }
        Map<String, String> settings = new LinkedHashMap<>();
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            if (!known.contains(name)) {
                throw new StartupException("the config file " + path + " sets '" + name + "', which henge "
                        + command.name() + " doesn't know; it knows " + String.join(", ", known));
            }
            settings.put(name, properties.getProperty(name));
        }
        return settings;
    }
}
