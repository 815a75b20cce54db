package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
    void severalRebootsOverVfioUserLeaveNothingBehind() throws Exception {
        int lives = 4;
        try (Daemon daemon = Daemon.serving("nvme.yaml")) {
            Holdings before = Holdings.of(daemon.pid());
            List<Holdings> perLife = new ArrayList<>();
            try (Guest.Running guest = Guest.named("nvme-reboots")
                    .attachRunning(daemon, "zns-512:nvme-zns/vfio-user", "zns-4k:nvme-zns/vfio-user")
                    .timeout(LIMIT)
                    .scenario(
                            "reboots",
                            Integer.toString(lives),
                            "/run/attached/zns-512.nvme",
                            "/run/attached/zns-4k.nvme")
                    .start()) {
                for (int life = 1; life <= lives; life++) {
                    guest.awaitFile("boot." + life);
                    perLife.add(Holdings.of(daemon.pid()));
                    // Linux gives notice (CC.SHN) at each reboot.
                    assertEquals(life - 1, shutdowns(daemon, "zns-4k"));
                    guest.createFile("seen." + life);
                }
                guest.await().expectSuccess();
            }

            assertTrue(perLife.getFirst().mappings() > before.mappings(), "the guest's memory is mapped");
            assertEquals(Collections.nCopies(lives, perLife.getFirst()), perLife);
            assertEquals(before, Holdings.settled(daemon.pid(), before), "after the guest");
            assertEquals(lives, shutdowns(daemon, "zns-4k"), "and when it is powered off");
        }
    }

    /** Of the controller over vfio-user; other carriers do not count them. */
    private static long shutdowns(Daemon daemon, String device) throws IOException, InterruptedException {
        return daemon.stat(device, "shutdowns");
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
