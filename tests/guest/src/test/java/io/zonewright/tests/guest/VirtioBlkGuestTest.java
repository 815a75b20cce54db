package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Zoned virtio-blk over vhost-user, as a stock Linux sees it: letter by letter what its own null_blk says. */
class VirtioBlkGuestTest {
    @Test
    void rulesAndLimitsAreThoseOfNullBlk() throws Exception {
        GuestResult result = Guest.named("rules")
                .attach("rules.yaml")
                .timeout(Duration.ofMinutes(8))
                .scenario(
                        "suite",
                        "zone-actions,write-errors,limits,fio",
                        "/run/attached/rules-512",
                        "/run/attached/rules-4k")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("8 passed, 0 failed"), result.output());
    }

    @Test
    void fileSystemsLiveOnIt() throws Exception {
        GuestResult result = Guest.named("filesystems")
                .attach("filesystems.yaml")
                .disk("1G")
                .disk("1G:4096")
                .memory("2G")
                .timeout(Duration.ofMinutes(10))
                .scenario("suite", "zonefs,btrfs,xfs,f2fs", "/run/attached/plain-512", "/run/attached/mixed-4k")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("8 passed, 0 failed"), result.output());
    }
}
