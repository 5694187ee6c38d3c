package dev.henge.deploy;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does nothing itself but has others under it. */
abstract class CommandGroup extends VerboseCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public final void run() {
        throw sayWhich(spec);
    }

    /** What someone is told who names none of the commands. */
    static ParameterException sayWhich(CommandSpec spec) {
        return new ParameterException(
                spec.commandLine(),
                "say which command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
