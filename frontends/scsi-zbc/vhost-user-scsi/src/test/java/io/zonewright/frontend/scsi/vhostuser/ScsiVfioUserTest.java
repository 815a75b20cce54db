package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.testkit.config.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same adapter as a PCI function. */
class ScsiVfioUserTest {
    private final ScsiVfioUser extension = new ScsiVfioUser();
    private final PlainDevice device = new PlainDevice();

    private FrontendPlan plan(Path socket) {
        TestSettings settings =
                TestSettings.of(extension.keys(), Map.of("socket", socket.toString(), "lun", "1", "queues", "2"));
        FrontendPlan plan = extension.plan(
                settings, device.identity(), Optional.of(device.geometry()), Optional.of(device.limits()));
        assertEquals(List.of(), settings.problems());
        return plan;
    }

    @Test
    void namesItselfAndSaysHowToAttach() {
        assertEquals("scsi-zbc", extension.type());
        assertEquals("vfio-user", extension.transport());
        assertEquals(
                List.of(
                        "-object memory-backend-memfd,id=mem,share=on,size=1024M -machine q35,memory-backend=mem",
                        "-device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"/run/a.sock\"}}'"),
                plan(Path.of("/run/a.sock")).attach().getFirst().commands());
    }

    @Test
    void listensAndEnds(@TempDir Path directory) throws IOException {
        Path socket = directory.resolve("s");
        Frontend frontend = plan(socket).open(device);
        frontend.start();
        assertTrue(Files.exists(socket));
        assertEquals(1, frontend.stats().get("lun"));
        frontend.stop(Duration.ofSeconds(10));
        assertFalse(Files.exists(socket));
        assertTrue(device.listeners.isEmpty());
    }

    @Test
    void oneSocketHasOneCarrier(@TempDir Path directory) throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of("queues", "2"))) {
            FrontendPlan other = plan(adapter.socket);
            IOException refused = assertThrows(IOException.class, () -> other.open(device));
            assertEquals(
                    "scsi-zbc " + adapter.socket + " is shared by several devices, which must agree on transport",
                    refused.getMessage());
        }
    }
}
