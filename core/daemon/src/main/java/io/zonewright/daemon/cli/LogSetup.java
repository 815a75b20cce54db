package io.zonewright.daemon.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/**
 * Logs one human-readable line per event to standard error. Found by logback as a service; done in code, since reading
 * logback's XML would cost a third of the start-up time.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n";
    private static final String APPENDER = "stderr";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender(context, false));
        setLevel(context, LogLevel.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Sets what is logged, and whether exceptions come with their stack traces. */
    static void apply(LogLevel level, boolean stackTraces) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
            root.detachAppender(APPENDER);
            root.addAppender(appender(context, stackTraces));
            setLevel(context, level);
        }
    }

    private static void setLevel(LoggerContext context, LogLevel level) {
        context.getLogger(Logger.ROOT_LOGGER_NAME)
                .setLevel(Level.valueOf(level.name().toUpperCase(Locale.ROOT)));
        // What goes wrong with a plugin is told by the plugin host, once and in one line; pf4j would tell it again.
        context.getLogger("org.pf4j").setLevel(level.compareTo(LogLevel.DEBUG) <= 0 ? Level.DEBUG : Level.OFF);
    }

    private static ConsoleAppender<ILoggingEvent> appender(LoggerContext context, boolean stackTraces) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN + (stackTraces ? "" : "%nopex"));
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName(APPENDER);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
