package io.zonewright.tests.guest;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Disks that Linux takes for ordinary ones: host-aware, and without zones. */
class OrdinaryDiskGuestTest {
    @Test
    void hostAwareAndUnzonedDisksAreOrdinaryOnes() throws Exception {
        try (Daemon daemon = Daemon.serving("ordinary.yaml")) {
            Guest.named("ordinary")
                    .attachRunning(daemon, "host-aware", "without-zones")
                    // QEMU's own device for ordinary disks, which init does not know: the scenario finds it.
                    .option("--qemu-arg", "-chardev")
                    .option("--qemu-arg", "socket,id=ordinary,path=" + daemon.socket("by-vhost-user-blk"))
                    .option("--qemu-arg", "-device")
                    .option("--qemu-arg", "vhost-user-blk-pci,chardev=ordinary,num-queues=1,queue-size=256,addr=0x1e")
                    .timeout(Duration.ofMinutes(6))
                    .scenario("ordinary", "/run/attached/host-aware", "/run/attached/without-zones", "0000:00:1e.0")
                    .run()
                    .expectSuccess();
        }
    }
}
