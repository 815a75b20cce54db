package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.frontend.scsi.vhostuser.device.VirtioScsiDevice;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.vfiouser.VfioUserEndpoint;
import io.zonewright.vfiouser.VfioUserOptions;
import io.zonewright.vfiouser.virtio.VirtioPciDevice;
import io.zonewright.vhostuser.EndpointOptions;
import io.zonewright.vhostuser.VhostUserEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.SequencedMap;

/** What carries an adapter's queues. */
enum Carrier {
    VHOST_USER {
        @Override
        Endpoint open(HbaOptions options, VirtioScsiDevice device, LoopGroup loops, Posix posix) {
            EndpointOptions where = EndpointOptions.at(options.socket().path())
                    .withAccess(options.socket().access());
            VhostUserEndpoint endpoint = new VhostUserEndpoint(device, where, loops, 0, posix);
            return new Endpoint() {
                @Override
                public void start() throws IOException {
                    endpoint.start();
                }

                @Override
                public boolean close(Duration patience) {
                    return endpoint.close(patience);
                }

                @Override
                public SequencedMap<String, Object> stats() {
                    return endpoint.stats();
                }
            };
        }

        // QEMU shows CHANGE to its guest by itself, and never tells who serves the queues (hw/scsi/vhost-user-scsi.c).
        @Override
        boolean hidesChange() {
            return true;
        }
    },
    VFIO_USER {
        @Override
        Endpoint open(HbaOptions options, VirtioScsiDevice device, LoopGroup loops, Posix posix) {
            VirtioPciDevice function = new VirtioPciDevice(
                    device, VirtioScsiDevice.VIRTIO_ID, CLASS_CODE, options.mappedDoorbells(), loops, 0);
            VfioUserOptions where = VfioUserOptions.at(options.socket().path())
                    .withAccess(options.socket().access());
            VfioUserEndpoint endpoint = new VfioUserEndpoint(function, where, posix);
            return new Endpoint() {
                @Override
                public void start() throws IOException {
                    function.start();
                    endpoint.start();
                }

                @Override
                public boolean close(Duration patience) {
                    boolean let = endpoint.close(patience);
                    if (let) {
                        function.stop();
                    }
                    return let;
                }

                @Override
                public SequencedMap<String, Object> stats() {
                    SequencedMap<String, Object> stats = endpoint.stats();
                    stats.putAll(function.stats());
                    return stats;
                }
            };
        }

        @Override
        boolean hidesChange() {
            return false;
        }
    };

    /** Mass storage, SCSI controller. */
    private static final int CLASS_CODE = 0x01_00_00;

    /** One endpoint with its queues on the loops given. */
    interface Endpoint {
        /** Listens. */
        void start() throws IOException;

        /** Lets requests in flight end, at most for {@code patience}; whether all threads have let go of it. */
        boolean close(Duration patience);

        SequencedMap<String, Object> stats();
    }

    /**
     * Makes an endpoint, not yet listening.
     *
     * @throws io.zonewright.posix.PosixException if there are no descriptors left
     */
    abstract Endpoint open(HbaOptions options, VirtioScsiDevice device, LoopGroup loops, Posix posix);

    /** Whether the driver may use CHANGE without the device knowing. */
    abstract boolean hidesChange();
}
