package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.testkit.config.TestSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NvmeTcpSettingsTest {
    private static final String HOST = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SECRET = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";

    private static TestSettings settings(Map<String, String> values) {
        return TestSettings.of(new NvmeTcp().keys(), values);
    }

    private static FrontendPlan plan(TestSettings settings) {
        return new NvmeTcp().plan(settings, DeviceIdentity.of("archive"), Optional.empty(), Optional.empty());
    }

    @Test
    void defaultsAreLoopbackAndADerivedName() {
        TestSettings settings = settings(Map.of());
        FrontendPlan plan = plan(settings);
        assertEquals(List.of(), settings.problems());
        assertEquals("tcp:127.0.0.1:4420 nqn.2026-11.io.zonewright:archive", plan.endpoint());
        AttachHint hint = plan.attach().getFirst();
        assertEquals(
                List.of("nvme connect -t tcp -a 127.0.0.1 -s 4420 -n nqn.2026-11.io.zonewright:archive"),
                hint.commands());
        assertEquals(
                "/dev/disk/by-id/nvme-uuid." + DeviceIdentity.of("archive").uuid(),
                hint.properties().get("by-id"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        listen          | 192.0.2.1:4420   | -
        listen          | 0.0.0.0:4420     | -
        listen          | [::]:4420        | -
        listen          | archive:4420     | -
        listen          | ::1:4420         | -
        advertise       | 300.1.1.1:1      | -
        nqn             | iqn.2026-11.x:y  | -
        nqn             | nqn.2014-08.org.nvmexpress.discovery | -
        hosts           | [somebody]       | -
        dhchap.secret   | DHHC-1:00:AAAA:  | secret
        dhchap.file     | /nonexistent/x   | file
        queues          | 0                | -
        queues          | 129              | -
        queue-size      | 1025             | -
        threads         | 65               | -
        spin            | 11ms             | -
        max-connections | 0                | -
        """)
    void whatIsWrongIsTold(String key, String value, String told) {
        TestSettings settings = settings(Map.of(key, value));
        plan(settings);
        assertEquals(1, settings.problems().size(), () -> settings.problems().toString());
        String problem = settings.problems().getFirst();
        assertEquals(true, problem.startsWith((told == null ? key : told) + ": "), problem);
    }

    @Test
    void otherMachinesNeedAccessControlOrAWord() {
        for (Map<String, String> more : List.of(
                Map.of("insecure", "true"), Map.of("hosts", "[" + HOST + "]"), Map.of("dhchap.secret", SECRET))) {
            Map<String, String> all = new java.util.HashMap<>(more);
            all.put("listen", "192.0.2.1:4420");
            TestSettings settings = settings(all);
            plan(settings);
            assertEquals(List.of(), settings.problems());
        }
    }

    @Test
    void secretsComeFromAFileThatOnlyItsOwnerReads(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("secrets");
        Files.writeString(file, "# who may\n" + HOST + " " + SECRET + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        TestSettings good = settings(Map.of("dhchap.file", file.toString()));
        plan(good);
        assertEquals(List.of(), good.problems());
        assertEquals(1, HostSecretsFile.read(file).size());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        TestSettings open = settings(Map.of("dhchap.file", file.toString()));
        plan(open);
        assertEquals(1, open.problems().size());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(file, HOST + " " + SECRET.replace("AAEC", "BAEC") + "\n");
        TestSettings broken = settings(Map.of("dhchap.file", file.toString()));
        plan(broken);
        assertEquals(1, broken.problems().size());
        assertEquals(
                false,
                broken.problems().getFirst().contains("BAEC"),
                broken.problems().getFirst());
    }
}
