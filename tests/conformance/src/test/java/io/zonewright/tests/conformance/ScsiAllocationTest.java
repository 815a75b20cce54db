package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.scsi.Scsi;
import io.zonewright.testkit.scsi.ScsiHost;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.iscsi.IscsiOptions;
import io.zonewright.testkit.scsi.iscsi.IscsiSession;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Writes and reads over both SCSI carriers allocate less than a byte each in the threads of device and front-end, once they
 * are warm: over iSCSI with data within the command, unsolicited, after an R2T, and with digests.
 */
@Timeout(180)
class ScsiAllocationTest {
    private static final int BLOCK = 4096;
    private static final int ZONE_BLOCKS = 16_384;
    private static final int WRITES = 1_000;
    private static final int MOST_ROUNDS = 150;
    private static final Shape SHAPE = new Shape(
            "hm-4096", ZoneModel.HOST_MANAGED, BLOCK, BLOCK, ZONE_BLOCKS, ZONE_BLOCKS, 0, 4, ZONE_BLOCKS, 0, 0, 64);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    enum Way {
        VIRTIO,
        IMMEDIATE,
        UNSOLICITED,
        R2T,
        DIGESTS
    }

    private static ScsiHost attach(TestDevice device, Way way) {
        if (way == Way.VIRTIO) {
            return VirtioScsiDriver.connect(
                    Posix.system(), device.start("scsi-zbc", "vhost-user", Map.of()), VirtioScsiDriver.Options.DEFAULT);
        }
        IscsiOptions options = switch (way) {
            case UNSOLICITED -> IscsiOptions.DEFAULT.withUnasked(0, Integer.MAX_VALUE);
            case R2T -> IscsiOptions.DEFAULT.withUnasked(0, 0);
            case DIGESTS -> IscsiOptions.DEFAULT.withDigests(true, true);
            case VIRTIO, IMMEDIATE -> IscsiOptions.DEFAULT;
        };
        return IscsiSession.connect(
                device.startTcp("scsi-zbc", "iscsi", Map.of("iqn", FrontendUnderTest.IQN)),
                FrontendUnderTest.IQN,
                options);
    }

    /** One round fills a part of zone 0 from its start and reads it; what the reset allocates is among what is counted. */
    private static void round(ScsiHost host, byte[] data) {
        assertEquals(0, host.run(ScsiRequest.zone(Scsi.RESET_WRITE_POINTER, 0)).code());
        int blocks = data.length / BLOCK;
        for (int i = 0; i < WRITES; i++) {
            long lba = (long) i * blocks;
            assertEquals(0, host.run(ScsiRequest.write(lba, BLOCK, data)).code());
            ScsiResult read = host.run(ScsiRequest.read(lba, blocks, BLOCK));
            assertEquals(0, read.code());
            assertEquals(data.length, read.in().length);
        }
    }

    @ParameterizedTest
    @CsvSource({"VIRTIO, 4096", "VIRTIO, 16384", "IMMEDIATE, 4096", "UNSOLICITED, 16384", "R2T, 16384", "DIGESTS, 16384"
    })
    void aCommandAllocatesLessThanAByte(Way way, int bytes) {
        Set<Long> before = threads();
        try (TestDevice device = NullZonedMedium.device(SHAPE);
                ScsiHost host = attach(device, way)) {
            host.clearAttentions(0);
            Set<Long> ours = threads();
            ours.removeAll(before);
            long[] ids = ours.stream().mapToLong(Long::longValue).toArray();
            assertTrue(ids.length > 0, "the front-end has threads of its own");
            byte[] data = new byte[bytes];
            Arrays.fill(data, (byte) 0x5A);
            long[] rounds = new long[MOST_ROUNDS];
            boolean good = false;
            for (int i = 0; i < MOST_ROUNDS && !good; i++) {
                long allocated = allocated(ids);
                round(host, data);
                rounds[i] = allocated(ids) - allocated;
                good = rounds[i] < 2 * WRITES;
            }
            assertTrue(good, () -> "bytes in " + 2 * WRITES + " commands: " + Arrays.toString(rounds));
        }
    }

    private static Set<Long> threads() {
        return Arrays.stream(THREADS.getAllThreadIds()).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    private static long allocated(long[] ids) {
        return Arrays.stream(THREADS.getThreadAllocatedBytes(ids))
                .filter(bytes -> bytes >= 0)
                .sum();
    }
}
