package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.vhostuser.device.VirtioScsiDevice;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.LoopGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One host bus adapter: a socket, its threads, the disks behind it. Changed under the lock of {@link Hbas}. */
final class Hba {
    /** NAA 3h, locally assigned, in the highest four bits. */
    private static final long LOCALLY_ASSIGNED = 3L << 60;

    private static final long NAA_VALUE = -1L >>> 4;

    private final HbaOptions options;
    private final Carrier carrier;
    private final Posix posix;
    private final String name;
    private final ScsiTarget target;
    private final VirtioScsiDevice device;
    private final Map<Integer, LogicalUnit> units = new HashMap<>();
    private int joined;
    private int started;
    private boolean ended;
    private volatile Carrier.@Nullable Endpoint endpoint;
    private volatile @Nullable LoopGroup loops;

    Hba(HbaOptions options, Carrier carrier, Posix posix) {
        this.options = options;
        this.carrier = carrier;
        this.posix = posix;
        String socket = options.socket().path().toString();
        name = "scsi-zbc " + socket;
        target = new ScsiTarget(TargetPort.sas(address("target", socket)));
        device = new VirtioScsiDevice(
                name,
                target,
                InitiatorPort.sas(address("initiator", socket)),
                options.queues(),
                options.queueSize(),
                LogicalUnitOptions.DEFAULT.maxTransferBytes(),
                options.packed(),
                carrier.hidesChange());
    }

    /** Ports are known by what stays the same over restarts: the role, and the socket. */
    private static long address(String role, String socket) {
        UUID hash = UUID.nameUUIDFromBytes(("io.zonewright:" + role + ":" + socket).getBytes(StandardCharsets.UTF_8));
        return LOCALLY_ASSIGNED
                | ((hash.getMostSignificantBits() ^ Long.rotateLeft(hash.getLeastSignificantBits(), 1)) & NAA_VALUE);
    }

    HbaOptions options() {
        return options;
    }

    Carrier carrier() {
        return carrier;
    }

    boolean ended() {
        return ended;
    }

    void join() {
        joined++;
    }

    void start(int lun, LogicalUnit unit) throws IOException {
        if (ended) {
            throw new IOException(name + " was closed by another of its devices");
        }
        if (units.containsKey(lun)) {
            throw new IOException(name + " has a LUN " + lun + " already");
        }
        device.addUnit(unit.device());
        try {
            target.attach(lun, unit);
        } catch (IllegalArgumentException e) {
            device.removeUnit(unit.device());
            throw new IOException(name + ": " + e.getMessage(), e);
        }
        units.put(lun, unit);
        started++;
        if (started == joined && endpoint == null) {
            listen();
        }
    }

    private void listen() throws IOException {
        long spinNanos = options.spin().toNanos();
        Carrier.Endpoint made;
        try {
            LoopGroup threads = LoopGroup.start(
                    name, options.threads(), () -> new AdaptiveIdle(spinNanos, System::nanoTime), posix);
            loops = threads;
            made = carrier.open(options, device, threads, posix);
        } catch (PosixException e) {
            throw new IOException(name + " cannot start: " + e.getMessage(), e);
        }
        endpoint = made;
        made.start();
    }

    /** Whether that was the last one. */
    boolean leave(int lun, LogicalUnit unit, Duration patience) {
        joined--;
        if (units.remove(lun, unit)) {
            started--;
            end(patience);
            target.detach(lun);
            device.removeUnit(unit.device());
        }
        return joined == 0;
    }

    private void end(Duration patience) {
        if (ended) {
            return;
        }
        Carrier.Endpoint running = endpoint;
        ended = running != null;
        boolean let = running == null || running.close(patience);
        LoopGroup threads = loops;
        if (threads != null && let) {
            threads.close();
            loops = null;
        }
    }

    SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        Carrier.Endpoint running = endpoint;
        if (running != null) {
            stats.putAll(running.stats());
        }
        stats.putAll(device.stats());
        LoopGroup threads = loops;
        if (threads != null) {
            for (int i = 0; i < threads.size(); i++) {
                stats.put("thread-" + i + "-allocated-bytes", threads.loop(i).allocatedBytes());
            }
        }
        return stats;
    }
}
