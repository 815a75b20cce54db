package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
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
                        bash /scenarios/scsi-compare.sh gaps /run/attached/gaps-512.scsi
                        bash /scenarios/suite.sh zone-actions,write-errors /run/attached/gaps-512.scsi \\
                            /run/attached/mixed-4k.scsi -- fio /run/attached/mixed-4k.scsi -- zonefs /run/attached/files-512.scsi
                        bash /scenarios/scsi-limits.sh /run/attached/mixed-4k.scsi /run/attached/active.scsi
                        bash /scenarios/ordinary.sh /run/attached/flat.scsi
                        """)
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("6 passed, 0 failed"), result.output());
        assertTrue(result.output().contains("/run/attached/flat.scsi: good"), result.output());
        assertTrue(result.reports() >= 2 * 40, "only " + result.reports() + " reports were compared");
    }

    @Test
    void overIscsiItIsDiscoveredLoggedInToAndAsScsiDebug() throws Exception {
        GuestResult result = guest("scsi-iscsi")
                .option("--net")
                .disk("1G")
                .disk("1G:4096")
                .environment("TOOLS", "mixed /run/attached/mixed-4k.iscsi")
                .checkReports(ZoneComparison::check)
                .scenario(
                        "scsi-iscsi",
                        "mixed-4k zone-actions,write-errors /run/attached/gaps-512.iscsi -- zone-actions /run/attached/mixed-4k.iscsi"
                                .split(" "))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("3 passed, 0 failed"), result.output());
        assertTrue(result.reports() >= 2 * 40, "only " + result.reports() + " reports were compared");
    }

    private static Guest guest(String name) {
        return Guest.named(name).attach("scsi.yaml").memory("2G").timeout(Duration.ofMinutes(10));
    }
}
