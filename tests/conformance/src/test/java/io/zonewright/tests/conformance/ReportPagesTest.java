package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.backend.linuxzbd.LinuxZbdExtension;
import io.zonewright.backend.linuxzbd.open.Host;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.blk.ZoneReport;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.kernel.FakeDisk;
import io.zonewright.testkit.kernel.FakeKernel;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.NvmeZoneReport;
import io.zonewright.testkit.nvme.tcp.NvmeTcpHost;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host reads many zones page by page: the kernel is asked for each of them once, and not for all that follow each time. */
@Timeout(60)
class ReportPagesTest {
    private static final int ZONES = 20_000;
    private static final int ZONE_SECTORS = 128;
    /** Of NVMe's namespace, whose blocks are of the write granularity, 4 KiB. */
    private static final int ZONE_LBAS = 16;

    /** Entries in 4 KiB behind a header of 64 bytes. */
    private static final int PAGE = 63;

    private static final String PREFIX = "BLKREPORTZONE ";

    @TempDir
    private Path directory;

    private record Opened(FakeKernel kernel, FakeDisk disk, TestDevice device) implements AutoCloseable {
        /** Zones that the kernel was asked for since the device was opened. */
        int asked() {
            return disk.log().stream()
                    .filter(call -> call.startsWith(PREFIX))
                    .mapToInt(call -> Integer.parseInt(call.substring(call.lastIndexOf(' ') + 1)))
                    .sum();
        }

        @Override
        public void close() {
            device.close();
            kernel.close();
        }
    }

    private Opened open() throws IOException {
        FakeKernel kernel = new FakeKernel(directory);
        FakeDisk disk = kernel.zoned("/dev/fake", ZONES, ZONE_SECTORS * 512L, ZONE_SECTORS * 512L, 0);
        LinuxZbdExtension extension =
                new LinuxZbdExtension(() -> new Host(kernel.posix(), kernel.sys(), kernel.proc(), kernel.groups()));
        Map<String, String> settings = Map.of("path", "/dev/fake", "io", "threads");
        TestDevice device = TestDevice.over(
                extension
                        .plan(TestSettings.of(extension.keys(), settings), DeviceIdentity.of("test"))
                        .open(),
                ZoneRules.ZBC);
        disk.clearLog();
        return new Opened(kernel, disk, device);
    }

    @Test
    void ofVirtioBlk() throws IOException {
        try (Opened opened = open();
                VirtioBlkDriver driver = VirtioBlkDriver.connect(
                        Posix.system(), FrontendUnderTest.VIRTIO_BLK.start(opened.device), DriverOptions.DEFAULT)) {
            long sector = 0;
            int zones = 0;
            while (zones < ZONES) {
                BlkResult result = driver.run(BlkRequest.report(sector, PAGE));
                assertEquals(0, result.status());
                List<ZoneReport.Zone> found = result.report().zones();
                assertEquals(Math.min(PAGE, ZONES - zones), found.size());
                assertEquals(sector, found.getFirst().start());
                zones += found.size();
                sector = found.getLast().start() + ZONE_SECTORS;
            }
            assertEquals(ZONES, opened.asked());
        }
    }

    @Test
    void ofNvmeWhetherOfAllZonesOrOfSome() throws IOException {
        try (Opened opened = open();
                NvmeTcpHost host = NvmeTcpHost.connect(
                        opened.device.startTcp("nvme-zns", "tcp", Map.of("nqn", FrontendUnderTest.NQN)),
                        FrontendUnderTest.NQN,
                        TcpOptions.DEFAULT)) {
            assertEquals(ZONES, zonesByPages(host, 0));
            assertEquals(ZONES, opened.asked());
            opened.disk.clearLog();

            for (int zone = 0; zone < ZONES; zone += 2) {
                opened.disk.movePointer(zone, ZONE_SECTORS * 512L);
            }
            assertEquals(ZONES / 2, zonesByPages(host, 5), "full ones"); // half of the zones: two to an entry
            int asked = opened.asked();
            assertTrue(asked >= ZONES && asked < 3 * ZONES, () -> asked + " zones asked for");
        }
    }

    /** Partial reports, each from behind the last zone of the one before, until one is not full. */
    private static int zonesByPages(NvmeTcpHost host, int option) {
        int zones = 0;
        long lba = 0;
        while (lba < (long) ZONES * ZONE_LBAS) {
            NvmeResult page = host.run(NvmeRequest.report(1, lba, 4096, false, option, true));
            assertEquals(0, page.status());
            List<NvmeZoneReport.Zone> found = NvmeZoneReport.parse(page.in(), 0).zones();
            zones += found.size();
            if (found.size() < PAGE) {
                return zones;
            }
            lba = found.getLast().start() + ZONE_LBAS;
        }
        return zones;
    }
}
