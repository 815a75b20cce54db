package io.zonewright.tests.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What nobody should ever see, whatever a driver does: an exception that ends a thread, or one that the device side
 * logs as an error because it did not expect it.
 */
final class Surprises implements AutoCloseable {
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Thread.@Nullable UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final java.util.logging.Logger oldRoot = java.util.logging.Logger.getLogger("");

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            IThrowableProxy thrown = event.getThrowableProxy();
            if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                seen.add(event.getFormattedMessage()
                        + (thrown == null
                                ? ""
                                : ": " + thrown.getClassName() + ": " + thrown.getMessage() + " " + top(thrown)));
            }
        }
    };

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue()) {
                seen.add(entry.getMessage() + ": " + entry.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private Surprises() {}

    private static String top(IThrowableProxy thrown) {
        var frames = thrown.getStackTraceElementProxyArray();
        return frames.length == 0 ? "" : frames[0].getSTEAsString();
    }

    /** Watches from now on; the ordinary log is silenced, since hostile drivers fill it. */
    static Surprises watch() {
        Surprises surprises = new Surprises();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> surprises.seen.add("thread " + thread.getName() + " ended by " + e));
        surprises.root.detachAndStopAllAppenders();
        surprises.root.setLevel(Level.WARN);
        surprises.appender.setContext(surprises.root.getLoggerContext());
        surprises.appender.start();
        surprises.root.addAppender(surprises.appender);
        surprises.oldRoot.addHandler(surprises.handler);
        return surprises;
    }

    /** Fails if there was one. */
    void check() {
        if (!seen.isEmpty()) {
            String all = String.join("\n", seen);
            seen.clear();
            throw new AssertionError("surprises on the device side:\n" + all);
        }
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        oldRoot.removeHandler(handler);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }
}
