package io.zonewright.frontend.nvme.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Offsets and fields as in linux/nvme.h and the "Controller Properties" figures of the Base specification. */
class ControllerRegistersTest {
    private final Host host = Host.raw(Host.pcie());
    private final ControllerRegisters registers = host.controller.registers();

    @Test
    void capabilities() {
        // MQES 3FFh, CQR, TO 14h (10 s), CSS bits 0 and 6, CRWMS; DSTRD, MPSMIN, MPSMAX 0.
        assertEquals(0x0800_0820_1401_03FFL, registers.cap());
        assertEquals(0x140103FF, registers.read32(0x00));
        assertEquals(0x08000820, registers.read32(0x04));
        assertEquals(0x00020000, registers.read32(0x08));
        assertEquals(20, registers.read32(0x68), "CRTO.CRWMT");
        assertEquals(0, registers.read32(0x20), "NSSR");
    }

    @Test
    void enableAndReset() {
        assertEquals(0, registers.csts());
        registers.writeCc(0x00460061);
        assertEquals(1, registers.csts());
        assertEquals(0x00460061, registers.cc());
        registers.writeCc(0x00460060);
        assertEquals(0, registers.csts());
        registers.writeCc(0x00460061);
        assertEquals(1, registers.csts());
        assertEquals(List.of("enabled", "disabled", "enabled"), host.carrier.calls);
    }

    @ParameterizedTest
    @CsvSource({
        "00460001, 1, NVM Command Set",
        "00460061, 1, all sets",
        "00000061, 1, entry sizes may follow on PCIe",
        "00460011, 2, CSS 001b is reserved",
        "00460071, 2, CSS 111b: CAP.CSS has no bit 7",
        "004600E1, 2, MPS 1 is above MPSMAX",
        "00460861, 2, AMS 1 is not in CAP.AMS",
        "00450061, 2, IOSQES 5",
        "00560061, 2, IOCQES 5",
    })
    void valuesOfCc(String cc, int csts, String why) {
        registers.writeCc((int) Long.parseLong(cc, 16));
        assertEquals(csts, registers.csts(), why);
        // A reset mends it.
        registers.writeCc(0);
        assertEquals(0, registers.csts());
        registers.writeCc(0x00460061);
        assertEquals(1, registers.csts());
    }

    @Test
    void fabricsNeedEntrySizes() {
        ControllerRegisters fabrics = Host.raw(Host.tcp()).controller.registers();
        fabrics.writeCc(0x00000061);
        assertEquals(2, fabrics.csts());
    }

    @Test
    void readyShowsUntilTheCarrierHasLetGo() {
        host.carrier.slowReset = true;
        registers.writeCc(0x00460061);
        registers.writeCc(0x00460060);
        assertEquals(1, registers.csts());
        host.controller.disabledDone();
        assertEquals(0, registers.csts());
    }

    @Test
    void enablingBeforeTheResetIsOverIsFatal() {
        host.carrier.slowReset = true;
        registers.writeCc(0x00460061);
        registers.writeCc(0x00460060);
        registers.writeCc(0x00460061);
        assertEquals(3, registers.csts());
        assertEquals(List.of("enabled", "disabled"), host.carrier.calls);
        // A late end of the reset does not look like readiness to commands.
        host.controller.disabledDone();
        assertFalse(registers.ready());
    }

    @Test
    void shutdown() {
        registers.writeCc(0x00460061);
        registers.writeCc(0x00464061);
        assertEquals(0x9, registers.csts(), "RDY, SHST 10b");
        assertEquals(List.of("enabled", "shutdown"), host.carrier.calls);
        registers.writeCc(0x00464060);
        assertEquals(0, registers.csts(), "a reset ends it");
        registers.writeCc(0x00460061);
        assertEquals(1, registers.csts());
    }

    @Test
    void shutdownWaitsForTheFlush() {
        ScriptedBackend backend = new ScriptedBackend(new MemoryBackend(Host.shape()));
        Host slow = new Host(backend, Host.pcie());
        ControllerRegisters theirs = slow.controller.registers();
        theirs.writeCc(0x00460061);
        theirs.writeCc(0x00468061);
        assertEquals(0x5, theirs.csts(), "RDY, SHST 01b");
        backend.carryOutAll();
        assertEquals(0x9, theirs.csts());
    }

    @Test
    void reservedBitsReadAsZero() {
        registers.writeCc(0xFF00000E);
        assertEquals(0, registers.cc());
        assertEquals(0, registers.csts());
    }

    @Test
    void adminQueueAddresses() {
        registers.write32(0x24, 0xFFFF_FFFF);
        registers.write32(0x28, 0x12345FFF);
        registers.write32(0x2C, 0x9);
        registers.write32(0x30, 0xABCDEFFF);
        registers.write32(0x34, 0x8);
        registers.write32(0x00, 0x55);
        registers.write32(0x1C, 0x55);
        assertEquals(0x0FFF0FFF, registers.aqa());
        assertEquals(0x9_1234_5000L, registers.asq());
        assertEquals(0x8_ABCD_E000L, registers.acq());
        assertEquals(0x140103FF, registers.read32(0x00), "CAP is read-only");
        assertEquals(0, registers.csts(), "CSTS is read-only");
        registers.reset();
        assertEquals(0, registers.asq());
        assertEquals(0, registers.aqa());
    }

    @Test
    void properties() {
        assertTrue(ControllerRegisters.propertyReadable(0x00, 8));
        assertFalse(ControllerRegisters.propertyReadable(0x00, 4));
        assertTrue(ControllerRegisters.propertyReadable(0x1C, 4));
        assertFalse(ControllerRegisters.propertyReadable(0x1C, 8));
        assertFalse(ControllerRegisters.propertyReadable(0x24, 4), "AQA is no property of fabrics");
        assertTrue(ControllerRegisters.propertyWritable(0x14, 4));
        assertFalse(ControllerRegisters.propertyWritable(0x14, 8));
        assertFalse(ControllerRegisters.propertyWritable(0x20, 4), "NSSR: CAP.NSSRS is 0");
        assertEquals(0x0800_0820_1401_03FFL, registers.readProperty(0x00));
        assertEquals(0x00020000, registers.readProperty(0x08));
    }
}
