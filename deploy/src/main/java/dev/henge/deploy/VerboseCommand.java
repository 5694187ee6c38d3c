package dev.henge.deploy;

import picocli.CommandLine.Option;

/** The options that every command has. */
abstract class VerboseCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    @Option(
            names = {"-v", "--verbose"},
            description = "Log more, and show where a failure arose.")
    private boolean verbose;

    final boolean verbose() {
        return verbose;
    }
}
