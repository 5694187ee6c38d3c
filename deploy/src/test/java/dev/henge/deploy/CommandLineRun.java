package dev.henge.deploy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** One run of the command line in this JVM, and what it came to. */
record CommandLineRun(int code, String out, String err) {

    static CommandLineRun of(String... arguments) {
        return of(Map.of(), arguments);
    }

    static CommandLineRun of(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Henge.run(new PrintWriter(out, true), new PrintWriter(err, true), environment, arguments);
        return new CommandLineRun(code, out.toString(), err.toString());
    }
}
