package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Real zoned block devices behind the front-ends: the daemon runs in the guest, on devices of the guest's own kernel
 * (null_blk, scsi_debug, tcmu-runner, QEMU's NVMe ZNS), which the same kernel uses over NVMe/TCP and the testkit's driver over
 * vhost-user. The devices are named in {@code scenarios/host-devices.sh}.
 */
class LinuxZbdGuestTest {
    private static final String LIMITS = ",max_open=4,max_active=6";

    @Test
    void exportedDevicesAreAsTheyAreThemselves() throws Exception {
        GuestResult result = inside("zbd-rules")
                .option("--qemu-zns", "zns-4k,4096,size=128M,zone_size=4M" + LIMITS)
                .scenario("exported", "zone-actions,write-errors null-512 zns-4k -- zone-actions scsi-512".split(" "))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("5 passed, 0 failed"), result.output());
    }

    @Test
    void fileSystemsLiveOnAnExportedDevice() throws Exception {
        GuestResult result = inside("zbd-files")
                .scenario("exported", "btrfs,zonefs,xfs,f2fs,fio", "null-files")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("5 passed, 0 failed"), result.output());
    }

    @Test
    void whatHappensToADeviceIsSaidInEachProtocolsWords() throws Exception {
        GuestResult result =
                inside("zbd-faults").scenario("exported-faults").run().expectSuccess();

        for (String part : List.of(
                "zones", "late zones", "behind the back", "bad blocks", "time-outs", "scsi errors", "removal")) {
            assertTrue(result.output().lines().anyMatch((part + ": good")::equals), result.output());
        }
    }

    @Test
    void theKernelsHostNoticesNothingOfAKilledDaemon() throws Exception {
        // One path: with native multipath Linux 7.3 itself hangs when a write to a zone has to be sent again.
        GuestResult result = inside("zbd-kill")
                .option("--append", "nvme_core.multipath=0")
                .scenario("exported-kill", "null-slow", "scsi-4k")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("4 kills, "), result.output());
        assertFalse(result.output().contains("4 kills, 0 writes"), result.output());
    }

    @Test
    @Tag("full")
    void rulesOnEveryDevice() throws Exception {
        GuestResult result = inside("zbd-rules-full")
                .option("--qemu-zns", "zns-512,512,size=128M,zone_size=4M,zone_capacity=3M" + LIMITS)
                .option("--qemu-zns", "zns-4k,4096,size=128M,zone_size=4M" + LIMITS)
                .timeout(Duration.ofMinutes(40))
                .scenario(
                        "exported",
                        ("zone-actions,write-errors,limits,fio null-512 null-4k null-conv zns-512 zns-4k"
                                        + " -- zone-actions,write-errors,fio null-last scsi-512")
                                .split(" "))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("26 passed, 0 failed"), result.output());
    }

    /** Another implementation of ZBC behind the kernel's SCSI driver: tcmu-runner's, over a file. */
    @Test
    @Tag("full")
    void rulesOnADiskOfTcmuRunner() throws Exception {
        GuestResult result = inside("zbd-tcmu")
                .scenario("exported", "zone-actions,write-errors,fio", "tcmu-512")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("3 passed, 0 failed"), result.output());
    }

    @Test
    @Tag("full")
    void fileSystemsOnEveryKindOfDevice() throws Exception {
        GuestResult result = inside("zbd-files-full")
                .option("--qemu-zns", "zns-files,4096,size=1G,zone_size=16M,max_open=14,max_active=28")
                .disk("1G:4096")
                .timeout(Duration.ofMinutes(40))
                .scenario("exported", "btrfs,zonefs,fio", "scsi-4k", "zns-files", "--", "xfs,f2fs", "zns-files")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("8 passed, 0 failed"), result.output());
    }

    @Test
    @Tag("full")
    void speedBesideTheBareDeviceAndReportsOfManyZones() throws Exception {
        GuestResult result =
                inside("zbd-speed").scenario("exported-speed").run().expectSuccess();

        assertTrue(result.output().contains("100000 zones"), result.output());
    }

    private static Guest inside(String name) {
        return Guest.named(name).option("--inside").memory("3G").timeout(Duration.ofMinutes(15));
    }
}
