package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Zoned virtio-blk as a virtio-pci device over vfio-user, by QEMU's stock {@code vfio-user-pci}. */
class VirtioPciGuestTest {
    @Test
    void rulesLimitsAndAFileSystemAreThoseOfNullBlk() throws Exception {
        GuestResult result = Guest.named("virtio-pci")
                .attach("virtio-pci.yaml")
                .memory("2G")
                .timeout(Duration.ofMinutes(8))
                .scenario(
                        "suite",
                        "zone-actions,write-errors,limits,fio",
                        "/run/attached/pci-512.pci",
                        "--",
                        "btrfs",
                        "/run/attached/pci-4k-queues.pci")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("5 passed, 0 failed"), result.output());
    }
}
