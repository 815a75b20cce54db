package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Zoned virtio-blk over vhost-user, as a stock Linux sees it: letter by letter what its own null_blk says. The devices
 * and how their properties pair are described in {@code devices/*.yaml}.
 */
class VirtioBlkGuestTest {
    private static final String[] RULES = {
        "/run/attached/rules-512",
        "/run/attached/rules-4k",
        "/run/attached/rules-512-queues",
        "/run/attached/rules-4k-queues"
    };

    @Test
    void rulesAndLimitsAreThoseOfNullBlkAndReportsThoseOfTheDaemon() throws Exception {
        GuestResult result = Guest.named("rules")
                .attach("rules.yaml")
                .checkReports(ZoneComparison::check)
                .timeout(Duration.ofMinutes(8))
                .scenario("suite", with("zone-actions,write-errors,limits", RULES))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("12 passed, 0 failed"), result.output());
        assertTrue(result.reports() >= 4 * 50, "only " + result.reports() + " reports were compared");
    }

    @Test
    void fioVerifiesWhatItWrote() throws Exception {
        Guest.named("fio")
                .attach("rules.yaml")
                .timeout(Duration.ofMinutes(8))
                .scenario("suite", "fio", RULES[0], RULES[2], RULES[3])
                .run()
                .expectSuccess();
    }

    @Test
    void eachFileSystemLivesOnOneDevice() throws Exception {
        GuestResult result = fileSystems("filesystems")
                .scenario(
                        "suite",
                        "btrfs /run/attached/plain-512 -- zonefs /run/attached/plain-4k-queues -- xfs /run/attached/mixed-512-queues -- f2fs /run/attached/mixed-4k"
                                .split(" "))
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("4 passed, 0 failed"), result.output());
    }

    @Test
    @Tag("full")
    void everyFileSystemLivesOnEveryDevice() throws Exception {
        GuestResult result = fileSystems("filesystems-full")
                .timeout(Duration.ofMinutes(30))
                .scenario(
                        "suite",
                        "zonefs,btrfs,xfs,f2fs",
                        "/run/attached/plain-512",
                        "/run/attached/plain-4k-queues",
                        "/run/attached/mixed-512-queues",
                        "/run/attached/mixed-4k")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("16 passed, 0 failed"), result.output());
    }

    @Test
    @Tag("full")
    void fioVerifiesWhatItWroteOnEveryDevice() throws Exception {
        Guest.named("fio-full")
                .attach("rules.yaml")
                .timeout(Duration.ofMinutes(20))
                .scenario("suite", with("fio", RULES))
                .run()
                .expectSuccess();
    }

    @Test
    void aReadOnlyDeviceIsReadAndReportedAndTakesNoWrites() throws Exception {
        Guest.named("read-only-device")
                .attach("failing.yaml")
                .timeout(Duration.ofMinutes(3))
                .scenario("read-only", "/run/attached/read-only")
                .run()
                .expectSuccess();
    }

    @Test
    void zonesThatFailWhileTheGuestRunsAreReportedAsSuch() throws Exception {
        try (Daemon daemon = Daemon.serving("failing.yaml");
                Guest.Running guest = Guest.named("failing-zones")
                        .attachRunning(daemon, "failing")
                        .timeout(Duration.ofMinutes(3))
                        .scenario("failing-zones", "/run/attached/failing")
                        .start()) {
            guest.awaitFile("written");
            daemon.command("set-zone", "failing", "read-only", "4");
            daemon.command("set-zone", "failing", "offline", "5", "9-10");
            guest.createFile("failed");
            guest.await().expectSuccess();
        }
    }

    private static Guest fileSystems(String name) {
        return Guest.named(name)
                .attach("filesystems.yaml")
                .disk("1G")
                .disk("1G:4096")
                .memory("2G")
                .timeout(Duration.ofMinutes(10));
    }

    private static String[] with(String scenarios, String... devices) {
        String[] all = new String[devices.length + 1];
        all[0] = scenarios;
        System.arraycopy(devices, 0, all, 1, devices.length);
        return all;
    }
}
