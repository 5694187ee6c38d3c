package dev.henge.deploy;

import java.io.PrintWriter;

/** The line with which a process tells a person, and the supervisor above it, that its endpoint is open. */
final class ReadyLine {

    private static final String PREFIX = "Ready: ";

    private ReadyLine() {}

    static void print(PrintWriter out, String what) {
        out.println(PREFIX + what + " (pid " + ProcessHandle.current().pid() + ")");
        out.flush();
    }

    static boolean is(String line) {
        return line.startsWith(PREFIX);
    }
}
