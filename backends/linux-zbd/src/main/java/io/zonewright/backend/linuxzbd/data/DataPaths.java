package io.zonewright.backend.linuxzbd.data;

import io.zonewright.backend.linuxzbd.data.DataPathOptions.Mode;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.uring.IoUringUnavailableException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens data paths. */
public final class DataPaths {
    private static final Logger LOG = LoggerFactory.getLogger(DataPaths.class);

    private DataPaths() {}

    /**
     * A data path over {@code fd}, which stays the caller's and is closed after the path.
     *
     * @param outcome told how each request ended
     * @throws IOException if the mode asked for is not to be had here; the message says why and what to do
     */
    public static DataPath open(Posix posix, Fd fd, DataPathOptions options, Outcome outcome) throws IOException {
        if (options.mode() == Mode.THREADS) {
            return new ThreadsDataPath(posix, fd, options, outcome);
        }
        try {
            return UringDataPath.open(posix, fd, options, outcome);
        } catch (IoUringUnavailableException e) {
            if (options.mode() == Mode.IO_URING) {
                throw new IOException("io_uring cannot be used here: " + e.getMessage(), e);
            }
            LOG.info(
                    "{}: {} threads move data, since {}",
                    options.threadNamePrefix(),
                    options.workers(),
                    e.getMessage());
            return new ThreadsDataPath(posix, fd, options, outcome);
        }
    }
}
