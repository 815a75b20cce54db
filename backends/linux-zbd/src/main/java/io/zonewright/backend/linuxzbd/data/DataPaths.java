package io.zonewright.backend.linuxzbd.data;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import java.io.IOException;

/** Opens data paths. */
public final class DataPaths {
    private DataPaths() {}

    /**
     * A data path over {@code fd}, which stays the caller's and is closed after the path.
     *
     * @param outcome told how each request ended
     * @throws IOException if the mode asked for is not to be had here; the message says why and what to do
     */
    public static DataPath open(Posix posix, Fd fd, DataPathOptions options, Outcome outcome) throws IOException {
        if (options.mode() == DataPathOptions.Mode.IO_URING) {
            throw new IOException("io_uring is not built in yet");
        }
        return new ThreadsDataPath(posix, fd, options, outcome);
    }
}
