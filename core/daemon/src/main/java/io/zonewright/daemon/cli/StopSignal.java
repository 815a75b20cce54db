package io.zonewright.daemon.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns SIGTERM and SIGINT into an orderly end with a status of our own: 0 after an orderly stop, but still 1 or 3 if
 * the daemon was failing to start when it was told. The JVM by itself would end with 143; its hook for signals waits
 * here until the main thread has closed everything and said what it had to say, and then halts with the status it is
 * told.
 */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger("zonewright");

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "shutdown");
    private final Duration patience;

    /** Written before {@link #finished} counts down. */
    private int status = ExitCode.FAILURE;

    private StopSignal(Duration patience) {
        this.patience = patience;
    }

    /**
     * From now on, a signal asks to stop instead of ending the process.
     *
     * @param patience how long a signal waits for {@link #finish}
     */
    static StopSignal install(Duration patience) {
        StopSignal signal = new StopSignal(patience);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** Whether a signal came. */
    boolean requested() {
        return requested.getCount() == 0;
    }

    /** Waits for a signal. */
    void await() throws InterruptedException {
        requested.await();
    }

    /**
     * Everything is closed. After a signal the process ends now; without one, signals end it again as usual.
     *
     * @param exitCode what a process ends with that was told to stop
     */
    void finish(int exitCode) {
        status = exitCode;
        finished.countDown();
        if (!requested()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // a signal came in this moment: the hook finds everything closed
            }
        }
    }

    private void onShutdown() {
        LOG.info("told to stop");
        requested.countDown();
        int exitCode = ExitCode.FAILURE;
        try {
            if (finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                exitCode = status;
            } else {
                LOG.error("could not stop within {} s", patience.toSeconds());
            }
        } catch (InterruptedException e) {
            LOG.error("interrupted while stopping");
        }
        Runtime.getRuntime().halt(exitCode);
    }
}
