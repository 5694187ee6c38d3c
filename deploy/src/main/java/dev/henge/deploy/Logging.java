package dev.henge.deploy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.nio.file.Path;
import java.util.logging.Handler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is logged and where: our own INFO, everyone's WARN, one line each. Set up in code: reading XML costs start time. */
final class Logging {

    private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %logger{0} [%thread] %msg%n";

    private Logging() {}

    /** Warnings alone to stderr, unless verbose. */
    static void warningsToStandardError(boolean verbose) {
        LoggerContext context = reset(verbose);
        attach(context, console(), verbose ? Level.TRACE : Level.WARN);
    }

    /** Everything to the file when there is one, else to stderr. */
    static void set(@Nullable Path file, boolean verbose) {
        if (file == null) {
            toStandardError(verbose);
        } else {
            toFile(file, verbose);
        }
    }

    /** Everything to stderr. */
    static void toStandardError(boolean verbose) {
        LoggerContext context = reset(verbose);
        attach(context, console(), Level.TRACE);
    }

    /** Everything to the file, warnings to stderr as well, so that a terminal stays readable. */
    static void toFile(Path file, boolean verbose) {
        LoggerContext context = reset(verbose);
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setFile(file.toString());
        attach(context, appender, Level.TRACE);
        attach(context, console(), verbose ? Level.TRACE : Level.WARN);
    }

    /** Errors alone, to stderr: for commands that ask and end. */
    static void quiet(boolean verbose) {
        LoggerContext context = reset(verbose);
        attach(context, console(), verbose ? Level.TRACE : Level.ERROR);
        // gRPC logs there, also stack traces of what the command's answer tells in one line: a host that is unknown.
        for (Handler handler : java.util.logging.Logger.getLogger("").getHandlers()) {
            handler.setLevel(verbose ? java.util.logging.Level.ALL : java.util.logging.Level.SEVERE);
        }
    }

    private static LoggerContext reset(boolean verbose) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        context.getLogger("dev.henge").setLevel(verbose ? Level.DEBUG : Level.INFO);
        return context;
    }

    private static ConsoleAppender<ILoggingEvent> console() {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        return appender;
    }

    private static void attach(LoggerContext context, OutputStreamAppender<ILoggingEvent> appender, Level threshold) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ThresholdFilter filter = new ThresholdFilter();
        filter.setLevel(threshold.toString());
        filter.start();
        appender.addFilter(filter);
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }
}
