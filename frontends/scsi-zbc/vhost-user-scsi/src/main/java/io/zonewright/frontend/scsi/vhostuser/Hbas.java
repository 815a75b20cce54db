package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The host bus adapters of this process by their sockets: made for the first entry that names one, given up after the last.
 * An adapter listens once every entry that was opened has started, so that a guest finds all its disks at once; an entry
 * opened later is plugged in. It ends with the first of its disks that stops: disks stop together, at the end of the
 * daemon, and a guest that waits for the next one is not to see them unplugged. Any thread.
 */
final class Hbas {
    static final Hbas SHARED = new Hbas();

    private final Map<Path, Hba> open = new HashMap<>();

    /**
     * Says that an entry will {@link #start}, or {@link #leave}.
     *
     * @throws IOException if it does not agree with the others, with a message for the user
     */
    synchronized Hba join(HbaOptions options, Carrier carrier, Posix posix) throws IOException {
        Path socket = options.socket().path();
        Hba hba = open.get(socket);
        if (hba == null) {
            hba = new Hba(options, carrier, posix);
            open.put(socket, hba);
        } else if (hba.carrier() != carrier) {
            throw new IOException(
                    "scsi-zbc " + socket + " is shared by several devices, which must agree on transport");
        } else if (!hba.options().equals(options)) {
            throw new IOException("scsi-zbc " + socket
                    + " is shared by several devices, which must agree on queues, queue-size, threads, spin, packed,"
                    + " socket-mode and socket-group");
        } else if (hba.ended()) {
            throw new IOException("scsi-zbc " + socket + " is just being closed");
        }
        hba.join();
        return hba;
    }

    /**
     * Puts a disk behind the adapter, which listens when this was the last that it waited for.
     *
     * @throws IOException with a message for the user
     */
    synchronized void start(Hba hba, int lun, LogicalUnit unit) throws IOException {
        hba.start(lun, unit);
    }

    /** Ends {@link #join}, and the adapter if it was listening. */
    synchronized void leave(Hba hba, int lun, LogicalUnit unit, Duration patience) {
        if (hba.leave(lun, unit, patience)) {
            open.remove(hba.options().socket().path(), hba);
        }
    }
}
