package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Guests and daemons come and go. */
class LifeCycleGuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Test
    void twoGuestsUseTwoDevicesOfOneDaemonAtOnce() throws Exception {
        try (Daemon daemon = Daemon.serving("rules.yaml");
                Guest.Running one = pairOf("one", daemon, "rules-512-queues").start();
                Guest.Running two = pairOf("two", daemon, "rules-4k-queues").start()) {
            one.awaitFile("ready");
            two.awaitFile("ready");
            // From here both write for 15 s, so they do it at the same time.
            one.createFile("go");
            two.createFile("go");
            GuestResult first = one.await().expectSuccess();
            GuestResult second = two.await().expectSuccess();

            assertNotEquals(first.file("sum"), second.file("sum"), "each guest has data of its own");
        }
    }

    @Test
    void dataAndWritePointersOutliveAGuestsReboot() throws Exception {
        GuestResult result = Guest.named("reboot")
                .attach("rules.yaml")
                .timeout(LIMIT)
                .checkReports(ZoneComparison::check)
                .scenario("reboot", "/run/attached/rules-4k-queues", "/run/attached/rules-512")
                .run()
                .expectSuccess();

        assertEquals(result.file("rules-4k-queues.before"), result.file("rules-4k-queues.after"));
        assertEquals(result.file("rules-512.before"), result.file("rules-512.after"));
        assertEquals(6, result.reports());
    }

    @Test
    void aGuestAttachesToARestartedDaemonAtTheSameSocketAndFindsNewMemory() throws Exception {
        try (Daemon daemon = Daemon.serving("rules.yaml")) {
            for (int life = 1; life <= 2; life++) {
                Guest.named("restart-" + life)
                        .attachRunning(daemon, "rules-512")
                        .timeout(LIMIT)
                        .scenario("new-disk", "/run/attached/rules-512")
                        .run()
                        .expectSuccess();
                if (life == 1) {
                    daemon.restart();
                }
            }
        }
    }

    @Test
    void aSecondGuestFindsWhatTheFirstOneWrote() throws Exception {
        try (Daemon daemon = Daemon.serving("rules.yaml")) {
            GuestResult first = Guest.named("leaves-data")
                    .attachRunning(daemon, "rules-4k")
                    .timeout(LIMIT)
                    .scenario("new-disk", "/run/attached/rules-4k")
                    .run()
                    .expectSuccess();
            GuestResult second = Guest.named("finds-data")
                    .attachRunning(daemon, "rules-4k")
                    .timeout(LIMIT)
                    .script("source /scenarios/lib.sh; use_device /run/attached/rules-4k; contents >/out/contents")
                    .run()
                    .expectSuccess();

            assertEquals(first.file("contents"), second.file("contents"));
        }
    }

    private static Guest pairOf(String name, Daemon daemon, String device) {
        return Guest.named("pair-" + name)
                .attachRunning(daemon, device)
                .timeout(LIMIT)
                .memory("768M")
                .scenario("beside-another", "/run/attached/" + device, name);
    }
}
