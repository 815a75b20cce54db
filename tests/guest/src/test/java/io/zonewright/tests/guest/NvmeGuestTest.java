package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * NVMe ZNS over vfio-user and over TCP, as a stock Linux and nvme-cli see it: letter by letter what QEMU's own ZNS
 * controller of the same geometry says. The devices are described in {@code devices/nvme.yaml}.
 */
class NvmeGuestTest {
    private static final String LIMITS = "max_open=4,max_active=6,descr_ext_size=64,numzrwa=2,cross_read=on";
    private static final String REFERENCE_512 =
            "zns-512,512,size=256M,zone_size=4M,zone_capacity=3M,zrwas=32K,zrwafg=4K," + LIMITS;
    private static final String REFERENCE_4K = "zns-4k,4096,size=256M,zone_size=4M,zrwas=256K,zrwafg=32K," + LIMITS;
    /**
     * With native multipath, Linux 7.3 gives a write to a zone that has to be sent again back to the zone's write plug, which
     * has counted it already: the write fails with EIO without reaching the device, and writers may hang
     * ("percpu_ref underflow"). So guests whose connections and controllers fail do without.
     */
    private static final String ONE_PATH = "nvme_core.multipath=0";

    private static final String RULES = "nvme-zns,zone-actions,write-errors,limits,nvme-passthrough";

    @Test
    void overVfioUserItIsAsQemusOwnController() throws Exception {
        GuestResult result = Guest.named("nvme-vfio-user")
                .attach("nvme.yaml")
                .option("--qemu-zns", REFERENCE_512)
                .option("--qemu-zns", REFERENCE_4K)
                .timeout(Duration.ofMinutes(10))
                .scenario("suite", RULES, "/run/attached/zns-512.nvme", "/run/attached/zns-4k.nvme")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("10 passed, 0 failed"), result.output());
    }

    @Test
    void overTcpItIsDiscoveredConnectedAndAsQemusOwnController() throws Exception {
        GuestResult result = Guest.named("nvme-tcp")
                .attach("nvme.yaml")
                .option("--net")
                .option("--qemu-zns", REFERENCE_512)
                .option("--qemu-zns", REFERENCE_4K)
                .timeout(Duration.ofMinutes(10))
                .scenario(
                        "nvme-tcp",
                        "zns-512,zns-4k",
                        RULES,
                        "/run/attached/zns-512.tcp",
                        "--",
                        "nvme-zns",
                        "/run/attached/zns-4k.tcp")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("6 passed, 0 failed"), result.output());
    }

    @Test
    void fileSystemsLiveOnItOverVfioUser() throws Exception {
        GuestResult result = fileSystems("nvme-vfio-user-files")
                .scenario("suite", "btrfs,zonefs,xfs,f2fs,fio", "/run/attached/zns-files.nvme")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("5 passed, 0 failed"), result.output());
    }

    @Test
    void verifiedWritesOutliveControllerResets() throws Exception {
        GuestResult result = Guest.named("nvme-pci")
                .attach("nvme-pci.yaml")
                .option("--append", ONE_PATH)
                .timeout(Duration.ofMinutes(5))
                .script("""
                        bash /scenarios/nvme-pci.sh /run/attached/mapped.nvme resets btrfs
                        bash /scenarios/nvme-pci.sh /run/attached/late.nvme resets coalescing
                        """)
                .run()
                .expectSuccess();

        String resets = """
                == verified writes while the controller is reset
                errors 0 written true verified true
                resets 5
                """;
        assertEquals(resets + "== btrfs\nbtrfs: good\n" + resets + """
                == interrupt coalescing
                errors 0 written true
                value:0x0000140f
                errors 0 written true
                """, result.linesFrom("=="));
    }

    @Test
    @Tag("full")
    void verifiedWritesBehindAVirtualIommu() throws Exception {
        behindAnIommu("DMA", "intel_iommu=on");
    }

    @Test
    @Tag("full")
    void verifiedWritesBehindAVirtualIommuThatPassesThrough() throws Exception {
        behindAnIommu("identity", "intel_iommu=on iommu=pt");
    }

    private static void behindAnIommu(String domain, String kernel) throws Exception {
        GuestResult result = Guest.named("nvme-iommu-" + domain)
                .attach("nvme-pci.yaml")
                .option("--qemu-arg", "-device", "--qemu-arg", "intel-iommu,caching-mode=on")
                .option("--append", kernel)
                .timeout(Duration.ofMinutes(5))
                .script("bash /scenarios/nvme-iommu.sh /run/attached/mapped.nvme " + domain + "\n"
                        + "bash /scenarios/nvme-iommu.sh /run/attached/late.nvme " + domain + "\n")
                .run()
                .expectSuccess();

        String each = "== " + domain + "\n" + """
                large: errors 0 written true verified true
                small: errors 0 written true verified true
                again: errors 0 written true verified true
                """;
        assertEquals(each + each, result.linesFrom("=="));
        String log = Files.readString(result.directory().resolve("daemon.log"));
        assertFalse(log.contains("refused: "), log);
    }

    @Test
    @Tag("full")
    void fileSystemsLiveOnItOverTcp() throws Exception {
        GuestResult result = fileSystems("nvme-tcp-files")
                .option("--net")
                .scenario("nvme-tcp", "zns-files", "btrfs,zonefs,xfs,f2fs,fio", "/run/attached/zns-files.tcp")
                .run()
                .expectSuccess();

        assertTrue(result.output().contains("5 passed, 0 failed"), result.output());
    }

    @Test
    void zonesThatFailWhileTheGuestRunsAreLoggedAndRefusedAsSuch() throws Exception {
        try (Daemon daemon = Daemon.serving("nvme.yaml");
                Guest.Running guest = Guest.named("nvme-failing")
                        .attachRunning(daemon, "zns-512")
                        .timeout(Duration.ofMinutes(3))
                        .scenario("nvme-failing", "/run/attached/zns-512.nvme")
                        .start()) {
            guest.awaitFile("written");
            daemon.command("set-zone", "zns-512", "read-only", "4");
            daemon.command("set-zone", "zns-512", "offline", "5", "9-10");
            guest.createFile("failed");
            guest.await().expectSuccess();
        }
    }

    @Test
    void theSessionOutlivesTheTarget() throws Exception {
        int rounds = 3;
        try (Daemon daemon = Daemon.serving("nvme.yaml");
                Guest.Running guest = Guest.named("nvme-reconnect")
                        .attachRunning(daemon, "zns-4k:nvme-zns/tcp")
                        .option("--net")
                        .option("--append", ONE_PATH)
                        .timeout(Duration.ofMinutes(5))
                        .scenario("nvme-reconnect", "zns-4k", Integer.toString(rounds))
                        .start()) {
            for (int round = 1; round <= rounds; round++) {
                guest.awaitFile("under-load." + round);
                daemon.killAndRestart();
                guest.createFile("restarted." + round);
            }
            GuestResult result = guest.await().expectSuccess();

            String writes = """
                    writes ended with an error
                    old data: error 84
                    empty zones 64
                    errors 0 written true verified true
                    """;
            assertEquals("""
                    == round 1: reads
                    errors 0 read true
                    empty zones 64
                    errors 0 written true verified true
                    == round 2: verified writes
                    """ + writes + "== round 3: verified writes\n" + writes, result.linesFrom("== round 1"));
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
        int cuts = 3;
        try (Daemon daemon = Daemon.serving("nvme.yaml");
                CuttableProxy proxy = new CuttableProxy(daemon.port(0), CuttableProxy.Wire.NVME_TCP);
                Guest.Running guest = Guest.named("nvme-cut-" + mode)
                        .attachRunning(daemon, "zns-4k:nvme-zns/tcp")
                        .option("--net")
                        .option("--append", ONE_PATH)
                        .timeout(Duration.ofMinutes(5))
                        .scenario("nvme-cut", "zns-4k", Integer.toString(proxy.port()), Integer.toString(cuts), mode)
                        .start()) {
            for (int cut = 1; cut <= cuts; cut++) {
                guest.awaitFile("cut." + cut);
                proxy.cut(answersLost);
                guest.createFile("was-cut." + cut);
            }
            return guest.await().expectSuccess();
        }
    }

    @Test
    void hostsOnTheListShareASubsystemAndOthersAreRefused() throws Exception {
        try (Daemon daemon = Daemon.serving("nvme-hosts.yaml");
                Guest.Running one = host(daemon, "one").start();
                Guest.Running two = host(daemon, "two").start()) {
            one.awaitFile("written");
            two.awaitFile("connected");
            two.createFile("written");
            two.awaitFile("changed");
            one.createFile("changed");
            one.awaitFile("gone");
            two.createFile("gone");
            GuestResult first = one.await().expectSuccess();
            GuestResult second = two.await().expectSuccess();

            assertEquals(first.file("zones"), second.file("zones"));
            assertTrue(first.output().contains("""
                            == a host that is not on the list
                              could not add new controller: failed to write to nvme-fabrics device
                              status 1
                              kernel: Connect for subsystem nqn.2026-11.io.zonewright:named is not allowed
                              discovered: 0
                            """), first.output());
            assertTrue(second.output().contains("""
                            errors 0 written true verified true
                            == IPv6
                            tcp ipv6 fec0:0:0:0:0:0:0:2
                            """), second.output());
        }
    }

    private static Guest host(Daemon daemon, String name) {
        return Guest.named("nvme-host-" + name)
                .attachRunning(daemon, "named", "six")
                .option("--net")
                .timeout(Duration.ofMinutes(5))
                .memory("768M")
                .scenario("nvme-hosts", name);
    }

    @Test
    void hostsProveWhoTheyAre() throws Exception {
        GuestResult result = Guest.named("nvme-auth")
                .attach("nvme-auth.yaml")
                .option("--net")
                .timeout(Duration.ofMinutes(5))
                .scenario("nvme-auth", "guarded")
                .run()
                .expectSuccess();

        for (String line : List.of(
                "refused: no secret",
                "refused: another secret",
                "refused: another secret of the controller",
                "connected: one way",
                "connected: both ways",
                "authenticated again after a reset under load")) {
            assertTrue(result.output().lines().anyMatch(line::equals), result.output());
        }
    }

    @Test
    void oneGuestOverVirtioAndOneOverTcpSeeOneDevice() throws Exception {
        try (Daemon daemon = Daemon.serving("nvme.yaml");
                Guest.Running writer = Guest.named("shared-writer")
                        .attachRunning(daemon, "zns-files:virtio-blk/vhost-user")
                        .timeout(Duration.ofMinutes(5))
                        .memory("768M")
                        .scenario("shared", "write", "zns-files")
                        .start();
                Guest.Running reader = Guest.named("shared-reader")
                        .attachRunning(daemon, "zns-files:nvme-zns/tcp")
                        .option("--net")
                        .timeout(Duration.ofMinutes(5))
                        .memory("768M")
                        .scenario("shared", "read", "zns-files")
                        .start()) {
            writer.awaitFile("written");
            reader.awaitFile("connected");
            reader.createFile("written");
            reader.awaitFile("changed");
            writer.createFile("changed");
            GuestResult written = writer.await().expectSuccess();
            GuestResult read = reader.await().expectSuccess();

            assertEquals(written.file("zones"), read.file("zones"));
            assertEquals(written.file("data"), read.file("data"));
        }
    }

    private static Guest fileSystems(String name) {
        return Guest.named(name).attach("nvme.yaml").memory("2G").timeout(Duration.ofMinutes(10));
    }
}
