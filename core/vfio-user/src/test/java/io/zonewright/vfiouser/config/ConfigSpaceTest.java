package io.zonewright.vfiouser.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.vfiouser.Bytes;
import io.zonewright.vfiouser.MsixLayout;
import io.zonewright.vfiouser.PciBar;
import io.zonewright.vfiouser.PciFunction;
import io.zonewright.vfiouser.PciIdentity;
import io.zonewright.vfiouser.VendorCapability;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes as a driver reads them (PCI Local Bus 3.0, chapter 6), and what its writes set off. */
class ConfigSpaceTest {
    private final List<String> events = new ArrayList<>();
    private final List<String> hooks = new ArrayList<>();

    private final ConfigListener listener = new ConfigListener() {
        @Override
        public void busMasterChanged(boolean enabled) {
            events.add("bus master " + enabled);
        }

        @Override
        public void pinDisabledChanged(boolean disabled) {
            events.add("pin disabled " + disabled);
        }

        @Override
        public void msixChanged(boolean enabled, boolean masked) {
            events.add("msix " + enabled + " " + masked);
        }

        @Override
        public void functionReset() {
            events.add("reset");
        }
    };

    private final VendorCapability vendor = new VendorCapability(
            new byte[] {0, 0, 0, 5, 1, 2, 3, 4},
            new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0, 0x0F, 0, 0, (byte) 0xFF},
            new VendorCapability.Hook() {
                @Override
                public void reading(ByteBuffer body, int offset, int length) {
                    body.put(6, (byte) 0x77);
                    hooks.add("reading " + offset + " " + length);
                }

                @Override
                public void written(ByteBuffer body, int offset, int length) {
                    hooks.add("written " + offset + " " + length);
                }
            });

    private final PciFunction function = new PciFunction(
            new PciIdentity(0x1AF4, 0x1042, 1, 0x018000, 0x1AF4, 0x1100),
            List.of(PciBar.trapped(0, 0x4000), PciBar.trapped(2, 0x2000), new PciBar(5, 0x1000, false, List.of())),
            MsixLayout.inOwnBar(3, 2),
            true,
            List.of(vendor));

    private final ConfigSpace config = new ConfigSpace(function, listener);

    private String read(int offset, int length) {
        ByteBuffer target = Bytes.zeroed(length);
        config.read(offset, target);
        return Bytes.hex(target, length);
    }

    private void write(int offset, String hex) {
        config.write(offset, Bytes.of(hex));
    }

    @Test
    void theHeaderAtPowerOn() {
        assertEquals(
                "f41a4210" + "00001000" + "01008001" + "00000000" // ids, command, status, revision and class
                        + "04000000" + "00000000" + "04000000" + "00000000" // two BARs of 64 bits
                        + "00000000" + "00000000" + "00000000" + "f41a0011"
                        + "00000000" + "40000000" + "00000000" + "00010000", // capabilities, no ROM, pin A
                read(0, 64));
        assertEquals("00".repeat(64), read(256, 64));
    }

    @Test
    void theListOfCapabilities() {
        assertEquals("0148030008000000", read(0x40, 8)); // power management, D0, state kept
        assertEquals("1154" + "0200" + "02000000" + "02100000", read(0x48, 12)); // 3 vectors, table at 0, PBA at 0x1000
        assertEquals(
                "1090" + "0200" + "00800010" + "1028" + "0000" + "11000000" + "0000" + "1100",
                read(0x54, 20)); // an endpoint with function-level reset
        assertEquals("0900" + "08" + "05" + "01027704", read(0x90, 8));
        assertEquals(List.of("reading 0 8"), hooks);
    }

    /** Section 6.2.5.1: all ones written, address bits below the size read as zero. */
    @Test
    void barsTellTheirSizes() {
        write(0x10, "ffffffff");
        write(0x14, "ffffffff");
        assertEquals("04c0ffff" + "ffffffff", read(0x10, 8));
        write(0x10, "f4ff12fe 08000000");
        assertEquals("04c012fe" + "08000000", read(0x10, 8));
        write(0x18, "ffffffff");
        assertEquals("04e0ffff", read(0x18, 4));
        write(0x24, "ffffffff");
        assertEquals("00f0ffff", read(0x24, 4)); // 32 bits
        write(0x20, "ffffffff");
        assertEquals("00000000", read(0x20, 4)); // none
        write(0x30, "ffffffff");
        assertEquals("00000000", read(0x30, 4)); // no ROM
    }

    @Test
    void whatIsNotWritableStays() {
        String before = read(0, 4);
        write(0, "ffffffff");
        assertEquals(before, read(0, 4));
        write(4, "ffffffff");
        assertEquals("06041000", read(4, 4)); // memory, bus master, interrupt disable; the status is read-only
        write(0x3C, "0b02");
        assertEquals("0b01", read(0x3C, 2)); // line yes, pin no
        write(0x90, "ffffffffffffffff");
        assertEquals("0900" + "08" + "05" + "0f0277ff", read(0x90, 8));
        assertEquals("written 0 8", hooks.getFirst());
    }

    @Test
    void theCommandRegisterTellsWhatChanged() {
        write(4, "0600");
        assertEquals(true, config.memoryEnabled());
        assertEquals(true, config.busMaster());
        write(4, "0604");
        write(4, "0204");
        assertEquals(List.of("bus master true", "pin disabled true", "bus master false"), events);
    }

    @Test
    void msixIsSwitchedAndMasked() {
        write(0x4A, "02c0");
        write(0x4A, "0280");
        write(0x4A, "0000");
        assertEquals(List.of("msix true true", "msix true false", "msix false false"), events);
        assertEquals("0200", read(0x4A, 2)); // the number of vectors is read-only
    }

    @Test
    void functionLevelResetIsAskedForOnceAndForgotten() {
        write(4, "0600");
        write(0x10, "00000010");
        events.clear();
        write(0x5C, "10a8");
        assertEquals(List.of("reset"), events);
        assertEquals("1028", read(0x5C, 2));
        events.clear();
        config.reset();
        assertEquals(List.of("msix false false", "pin disabled false", "bus master false"), events);
        assertEquals("00001000", read(4, 4));
        assertEquals("04000000", read(0x10, 4));
    }

    @Test
    void theStatusShowsThePin() {
        config.showPin(true);
        assertEquals("1800", read(6, 2));
        config.showPin(false);
        assertEquals("1000", read(6, 2));
    }
}
