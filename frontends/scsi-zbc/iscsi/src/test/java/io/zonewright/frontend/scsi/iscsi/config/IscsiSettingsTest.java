package io.zonewright.frontend.scsi.iscsi.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUser;
import io.zonewright.frontend.scsi.iscsi.login.DigestPolicy;
import io.zonewright.frontend.scsi.iscsi.login.InitiatorAccess;
import io.zonewright.net.ConnectionLimits;
import io.zonewright.net.NetAddress;
import io.zonewright.testkit.config.TestSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IscsiSettingsTest {
    private static TestSettings settings(Map<String, String> values) {
        return TestSettings.of(IscsiKeys.ALL, values);
    }

    private static IscsiSettings read(TestSettings settings) {
        return IscsiSettings.read(settings, DeviceIdentity.of("archive"));
    }

    private static IscsiSettings good(Map<String, String> values) {
        TestSettings settings = settings(values);
        IscsiSettings read = read(settings);
        assertEquals(List.of(), settings.problems());
        return read;
    }

    @Test
    void defaultsAreLoopbackAndADerivedName() {
        IscsiSettings read = good(Map.of());
        assertEquals(
                new PortalOptions(
                        NetAddress.parse("127.0.0.1:3260"),
                        1,
                        Duration.ofNanos(20_000),
                        new ConnectionLimits(1024, 256)),
                read.portal());
        assertEquals("iqn.2026-11.io.zonewright:archive", read.target().name());
        assertEquals("", read.target().alias());
        assertEquals(InitiatorAccess.ANY, read.target().access());
        assertEquals(NetAddress.parse("0.0.0.0:0"), read.target().advertised());
        assertEquals(DigestPolicy.ALLOW, read.target().digests());
        assertEquals(0, read.lun());
        assertEquals(128, read.queueDepth());
        assertEquals(LogicalUnitOptions.DEFAULT, read.unit());
    }

    @Test
    void everythingCanBeSaid() {
        IscsiSettings read = good(Map.ofEntries(
                Map.entry("listen", "[::1]:3261"),
                Map.entry("iqn", "IQN.2026-11.com.example:Disk"),
                Map.entry("lun", "255"),
                Map.entry("alias", "Archive, rack 4"),
                Map.entry("advertise", "198.51.100.7:3262"),
                Map.entry("initiators", "[iqn.1993-08.org.debian:01:ABC]"),
                Map.entry("digests", "require"),
                Map.entry("queue-depth", "1024"),
                Map.entry("max-connections", "7"),
                Map.entry("max-connections-per-host", "5"),
                Map.entry("threads", "2"),
                Map.entry("spin", "0us"),
                Map.entry("urswrz", "false"),
                Map.entry("max-transfer", "64KiB")));
        assertEquals("iqn.2026-11.com.example:disk", read.target().name());
        assertEquals("Archive, rack 4", read.target().alias());
        assertEquals(
                Set.of("iqn.1993-08.org.debian:01:abc"), read.target().access().initiators());
        assertEquals(NetAddress.parse("198.51.100.7:3262"), read.target().advertised());
        assertEquals(DigestPolicy.REQUIRE, read.target().digests());
        assertEquals(255, read.lun());
        assertEquals(1024, read.queueDepth());
        assertEquals(
                new PortalOptions(NetAddress.parse("[::1]:3261"), 2, Duration.ZERO, new ConnectionLimits(7, 5)),
                read.portal());
        assertEquals(false, read.unit().unrestrictedReads());
        assertEquals(65_536, read.unit().maxTransferBytes());
    }

    @Test
    void aDerivedNameHasOnlyWhatNamesHave() {
        TestSettings settings = settings(Map.of());
        assertEquals(
                "iqn.2026-11.io.zonewright:my-archive.2",
                IscsiSettings.read(settings, DeviceIdentity.of("My_Archive.2"))
                        .target()
                        .name());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        listen          | 192.0.2.1:3260   | -
        listen          | 0.0.0.0:3260     | -
        listen          | [::]:3260        | -
        listen          | archive:3260     | -
        listen          | ::1:3260         | -
        advertise       | 300.1.1.1:1      | -
        iqn             | nqn.2014-08.org.nvmexpress:x | -
        iqn             | iqn.2026-11.com.example:a_b  | -
        iqn             | archive          | -
        lun             | 256              | -
        initiators      | [somebody]       | -
        chap.file       | /nonexistent/x   | file
        chap.user       | backup           | secret
        chap.secret     | secret-of-host-1 | user
        chap.target-user   | archive       | target-user
        chap.target-secret | secret-of-target | target-secret
        queue-depth     | 0                | -
        queue-depth     | 1025             | -
        threads         | 65               | -
        spin            | 11ms             | -
        max-connections | 0                | -
        max-connections-per-host | 65537   | -
        max-transfer    | 65535            | -
        max-transfer    | 129MiB           | -
        """)
    void whatIsWrongIsTold(String key, String value, String told) {
        TestSettings settings = settings(Map.of(key, value));
        read(settings);
        assertEquals(1, settings.problems().size(), () -> settings.problems().toString());
        String problem = settings.problems().getFirst();
        assertEquals(true, problem.startsWith((told == null ? key : told) + ": "), problem);
    }

    @Test
    void messagesSayWhatWouldBeRight() {
        TestSettings settings =
                settings(Map.of("iqn", "archive", "lun", "256", "chap.user", "a", "chap.secret", "short-secre"));
        read(settings);
        assertEquals(3, settings.problems().size(), () -> settings.problems().toString());
        String all = String.join("\n", settings.problems());
        assertEquals(true, all.contains("such as iqn.2026-11.io.zonewright:archive"), all);
        assertEquals(true, all.contains("the nearest is 255"), all);
        assertEquals(true, all.contains("the secret has 11 bytes, not 12 to 255"), all);
        assertEquals(false, all.contains("short-secre"), all);
    }

    @Test
    void otherMachinesNeedAccessControlOrAWord() {
        for (Map<String, String> more : List.of(
                Map.of("insecure", "true"),
                Map.of("initiators", "[iqn.1993-08.org.debian:01:abc]"),
                Map.of("chap.user", "backup", "chap.secret", "secret-of-host-1"))) {
            Map<String, String> all = new HashMap<>(more);
            all.put("listen", "192.0.2.1:3260");
            good(all);
        }
    }

    @Test
    void aUserOfTheYaml() {
        IscsiSettings read = good(Map.of(
                "chap.user", "backup",
                "chap.secret", "secret-of-host-1",
                "chap.target-user", "archive",
                "chap.target-secret", "secret-of-target"));
        ChapUser user = Objects.requireNonNull(read.target().access().users().find("backup"));
        assertEquals("archive", user.targetName());
        assertNotNull(user.targetSecret());
        assertEquals(true, read.target().access().authenticates());
        assertEquals(false, read.toString().contains("secret-of"), read.toString());
    }

    /** A secret for both directions would let an initiator answer with our own proof. */
    @Test
    void bothSidesNeedSecretsOfTheirOwn() {
        TestSettings settings = settings(Map.of(
                "chap.user", "backup",
                "chap.secret", "secret-of-host-1",
                "chap.target-secret", "secret-of-host-1"));
        read(settings);
        assertEquals(1, settings.problems().size());
        assertEquals(true, settings.problems().getFirst().startsWith("target-secret: "));
    }

    @Test
    void usersComeFromAFileThatOnlyItsOwnerReads(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("secrets");
        Files.writeString(file, """
                # who may
                backup secret-of-host-1 secret-of-target archive
                  iqn.1993-08.org.debian:01:abc secret-of-host-2

                """);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        IscsiSettings read = good(Map.of("chap.file", file.toString()));
        assertEquals(2, read.target().access().users().size());
        assertEquals(
                "archive",
                Objects.requireNonNull(read.target().access().users().find("backup"))
                        .targetName());
        assertNull(read.target().access().users().find("nobody"));
        assertEquals(read.target(), good(Map.of("chap.file", file.toString())).target());
        Files.writeString(file, "backup secret-of-host-9\n");
        assertNotEquals(
                read.target(), good(Map.of("chap.file", file.toString())).target());
        for (String wrong : List.of(
                "backup\n",
                "backup a b c d\n",
                "backup secret-shor\n",
                "# nobody\n",
                "backup secret-of-host-1 secret-of-host-1\n",
                "backup secret-of-host-1\nbackup secret-of-host-2\n")) {
            Files.writeString(file, wrong);
            TestSettings broken = settings(Map.of("chap.file", file.toString()));
            read(broken);
            assertEquals(1, broken.problems().size(), wrong);
            String problem = broken.problems().getFirst();
            assertEquals(true, problem.startsWith("file: "), problem);
            assertEquals(false, problem.contains("secret-of") || problem.contains("secret-shor"), problem);
        }
        Files.writeString(file, "backup secret-of-host-1\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        TestSettings open = settings(Map.of("chap.file", file.toString()));
        read(open);
        assertEquals(1, open.problems().size());
    }
}
