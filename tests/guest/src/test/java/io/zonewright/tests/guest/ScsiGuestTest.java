package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Host-managed SCSI disks over vhost-user and over iSCSI, as a stock Linux, open-iscsi, sg3_utils and QEMU's own
 * {@code iscsi://} driver see them: letter by letter what the kernel's scsi_debug of the same geometry says, for file
 * systems what its null_blk says. The devices are described in {@code devices/scsi.yaml}.
 */
class ScsiGuestTest {
    private static final String TARGET = "iqn.2026-11.io.zonewright:guest";

    @Test
    void overVhostUserItIsAsScsiDebugAndReportsAreThoseOfTheDaemon() throws Exception {
        GuestResult result = guest("scsi-vhost-user")
                .checkReports(ZoneComparison::check)
                .script("""
                        bash /scenarios/suite.sh zone-actions,write-errors /run/attached/gaps-512.scsi \\
                            -- zone-actions,fio /run/attached/mixed-4k.scsi -- zonefs /run/attached/files-512.scsi
                        bash /scenarios/scsi-limits.sh /run/attached/mixed-4k.scsi /run/attached/active.scsi >/out/limits
                        bash /scenarios/ordinary.sh /run/attached/flat.scsi
                        """)
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("5 passed, 0 failed"), result.output());
        assertTrue(result.output().contains("/run/attached/flat.scsi: good"), result.output());
        assertTrue(result.reports() >= 2 * 40, "only " + result.reports() + " reports were compared");
        // The seventh zone: SCSI has one word for too many open and too many active zones.
        assertTrue(result.file("limits").endsWith("""
                > write sector 49152 count 64
                  error writing 'DEV': Too many references: cannot splice
                  cl 2
                  em 26
                  oi 4
                > sg_zone --open --zone=7168 SG
                  Open zone command: Data protect
                  sg_zone failed: Data protect
                  status 7
                > blkzone finish --offset 0 --count 1 DEV
                  cl 2
                  em 26
                  fu 1
                  oi 3
                > write sector 49152 count 64
                  cl 2
                  em 25
                  fu 1
                  oi 4
                  em 32
                """), result.file("limits"));
    }

    @Test
    void sgUtilsSayOfItWhatTheySayOfScsiDebug() throws Exception {
        GuestResult result = guest("scsi-tools")
                .scenario("scsi-compare", "gaps", "/run/attached/gaps-512.scsi")
                .run()
                .expectSuccess();

        assertTrue(
                result.output().contains("commands on gaps-512.scsi: as scsi_debug but for what is known"),
                result.output());
    }

    @Test
    @Tag("full")
    void sgUtilsSayOfItWhatTheySayOfScsiDebugWithConventionalZones() throws Exception {
        GuestResult result = guest("scsi-tools-mixed")
                .scenario("scsi-compare", "mixed", "/run/attached/mixed-4k.scsi")
                .run()
                .expectSuccess();

        assertTrue(
                result.output().contains("commands on mixed-4k.scsi: as scsi_debug but for what is known"),
                result.output());
    }

    @Test
    void overIscsiItIsDiscoveredLoggedInToAndAsScsiDebug() throws Exception {
        GuestResult result = guest("scsi-iscsi")
                .option("--net")
                .checkReports(ZoneComparison::check)
                .scenario(
                        "scsi-iscsi",
                        ("mixed-4k zone-actions,write-errors /run/attached/gaps-512.iscsi"
                                        + " -- zone-actions /run/attached/mixed-4k.iscsi -- btrfs /run/attached/files-512.iscsi")
                                .split(" "))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("4 passed, 0 failed"), result.output());
        assertTrue(result.reports() >= 2 * 40, "only " + result.reports() + " reports were compared");
    }

    @Test
    @Tag("full")
    void fileSystemsLiveOnItOverBothCarriers() throws Exception {
        GuestResult result = guest("scsi-files")
                .option("--net")
                .disk("1G")
                .timeout(Duration.ofMinutes(20))
                .scenario(
                        "scsi-iscsi",
                        ("mixed-4k btrfs,zonefs,xfs,f2fs /run/attached/files-512.iscsi"
                                        + " -- zonefs,xfs,f2fs /run/attached/files-4k.scsi -- fio /run/attached/gaps-512.iscsi"
                                        + " -- fio /run/attached/gaps-512.scsi")
                                .split(" "))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("9 passed, 0 failed"), result.output());
    }

    @Test
    void qemusOwnInitiatorHandsItThrough() throws Exception {
        try (Daemon daemon = Daemon.serving("scsi.yaml");
                Guest.Running guest = Guest.named("scsi-qemu")
                        .option("--qemu-arg", "-device", "--qemu-arg", "virtio-scsi-pci,id=hba")
                        .option("--qemu-arg", "-drive", "--qemu-arg", drive(daemon, "zoned", 1))
                        .option("--qemu-arg", "-device", "--qemu-arg", "scsi-generic,bus=hba.0,lun=0,drive=zoned")
                        .option("--qemu-arg", "-drive", "--qemu-arg", drive(daemon, "flat", 5))
                        .option("--qemu-arg", "-device", "--qemu-arg", "scsi-block,bus=hba.0,lun=1,drive=flat")
                        .timeout(Duration.ofMinutes(5))
                        .scenario("scsi-qemu")
                        .start()) {
            GuestResult result = guest.await().expectSuccess();

            assertTrue(result.output().contains("/run/attached/block.scsi: good"), result.output());
        }
    }

    private static String drive(Daemon daemon, String id, int lun) {
        return "if=none,format=raw,cache=none,id=%s,file=iscsi://127.0.0.1:%d/%s/%d"
                .formatted(id, daemon.port(0), TARGET, lun);
    }

    @Test
    void theSessionOutlivesTheTarget() throws Exception {
        int rounds = 2;
        try (Daemon daemon = Daemon.serving("scsi.yaml");
                Guest.Running guest = Guest.named("scsi-reconnect")
                        .attachRunning(daemon, "mixed-4k:scsi-zbc/iscsi")
                        .option("--net")
                        .timeout(Duration.ofMinutes(5))
                        .scenario("scsi-reconnect", "mixed-4k", Integer.toString(rounds))
                        .start()) {
            for (int round = 1; round <= rounds; round++) {
                guest.awaitFile("under-load." + round);
                daemon.killAndRestart();
                guest.createFile("restarted." + round);
            }
            GuestResult result = guest.await().expectSuccess();

            assertEquals("""
                    == round 1: reads
                    errors 0 read true
                    zones not empty 0
                    errors 0 written true verified true
                    == round 2: verified writes
                    writes ended with an error
                    old data: error 84
                    zones not empty 0
                    errors 0 written true verified true
                    """, result.linesFrom("== round 1"));
        }
    }

    @Test
    @Tag("full")
    void readsOutliveACutConnection() throws Exception {
        assertEquals("reads: errors 0 read true\n", cut("reads", 0).linesFrom("reads:"));
    }

    @Test
    void writesOutliveACutConnectionWhoseAnswersWereLost() throws Exception {
        assertEquals("""
                small: errors 0 read true
                large: errors 0 read true
                """, cut("writes", 2).linesFrom("small:"));
    }

    private static GuestResult cut(String mode, int answersLost) throws Exception {
        int cuts = 2;
        try (Daemon daemon = Daemon.serving("scsi.yaml");
                CuttableProxy proxy = new CuttableProxy(daemon.port(0), CuttableProxy.Wire.ISCSI);
                Guest.Running guest = Guest.named("scsi-cut-" + mode)
                        .attachRunning(daemon, "files-4k:scsi-zbc/iscsi")
                        .option("--net")
                        .timeout(Duration.ofMinutes(5))
                        .scenario("scsi-cut", "files-4k", Integer.toString(proxy.port()), Integer.toString(cuts), mode)
                        .start()) {
            for (int cut = 1; cut <= cuts; cut++) {
                guest.awaitFile("cut." + cut);
                proxy.cut(answersLost);
                guest.createFile("was-cut." + cut);
            }
            return guest.await().expectSuccess();
        }
    }

    private static Guest guest(String name) {
        return Guest.named(name).attach("scsi.yaml").memory("2G").timeout(Duration.ofMinutes(10));
    }
}
