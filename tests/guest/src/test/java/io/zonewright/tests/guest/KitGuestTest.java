package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The kit itself: what it reports must be right, or no other guest test means anything. */
class KitGuestTest {
    @Test
    void bringsOutStatusOutputFilesAndKernelLog() throws Exception {
        GuestResult result = Guest.named("kit-results")
                .disk("64M")
                .timeout(Duration.ofMinutes(2))
                .script("echo \"got $1\"; test -b /run/disk/0; echo kept > /out/file; exit 7", "two words")
                .run();

        assertEquals(7, result.status());
        assertTrue(result.output().contains("got two words"), result.output());
        assertEquals("kept\n", result.file("file"));
        assertTrue(result.dmesg().contains("Linux version"));
    }

    @Test
    void startsTheScriptAgainAfterReboot() throws Exception {
        GuestResult result = Guest.named("kit-reboot")
                .timeout(Duration.ofMinutes(2))
                .script("echo \"$BOOT\" >> /out/boots; if [[ $BOOT == 1 ]]; then reboot; sleep 60; fi")
                .run()
                .expectSuccess();

        assertEquals("1\n2\n", result.file("boots"));
    }

    @Test
    void tellsPanicFromFailure() throws Exception {
        GuestResult result = Guest.named("kit-panic")
                .timeout(Duration.ofMinutes(2))
                .script("echo c > /proc/sysrq-trigger; sleep 60")
                .run();

        assertEquals(GuestResult.DIED, result.status());
        assertTrue(result.output().contains("sysrq triggered crash"), result.output());
    }

    /** The script has its result long before: what serves its disks must come to a good end as well. */
    @Test
    void tellsADaemonThatDiedFromSuccess() throws Exception {
        Guest guest = Guest.named("kit-daemon")
                .attach("nvme-hosts.yaml")
                .timeout(Duration.ofMinutes(2))
                .script("touch /out/up; until [[ -e /out/killed ]]; do sleep 0.2; done");
        try (Guest.Running running = guest.start()) {
            running.awaitFile("up");
            running.killDaemon();
            running.createFile("killed");
            GuestResult result = running.await();

            assertEquals(GuestResult.ENDED_BADLY, result.status());
            assertTrue(result.output().contains("the daemon ended with 137"), result.output());
        }
    }

    @Test
    void givesUpInTime() throws Exception {
        GuestResult result = Guest.named("kit-timeout")
                .timeout(Duration.ofSeconds(3))
                .script("sleep 600")
                .run();

        assertEquals(GuestResult.TIMED_OUT, result.status());
    }
}
