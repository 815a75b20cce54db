package io.zonewright.daemon.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGTERM and SIGINT into an orderly end with status 0. The JVM by itself would end with 143; its hook for
 * signals waits here until the main thread has closed everything, and then halts with the status it is told.
 */
final class StopSignal {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onShutdown, "shutdown");
    private final Duration patience;

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

    /** Waits for a signal. */
    void await() throws InterruptedException {
        requested.await();
    }

    /** Everything is closed. After a signal the process ends now; without one, signals end it again as usual. */
    void finish() {
        finished.countDown();
        if (requested.getCount() != 0) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // a signal came in this moment: the hook finds everything closed
            }
        }
    }

    private void onShutdown() {
        requested.countDown();
        int status = ExitCode.OK;
        try {
            if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                status = ExitCode.FAILURE;
            }
        } catch (InterruptedException e) {
            status = ExitCode.FAILURE;
        }
        Runtime.getRuntime().halt(status);
    }
}
