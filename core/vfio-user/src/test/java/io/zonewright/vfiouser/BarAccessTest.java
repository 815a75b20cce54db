package io.zonewright.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Posix;
import io.zonewright.vfiouser.interrupt.Interrupts;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Accesses that lie in one part of a BAR, and that cross from one into the next. */
class BarAccessTest {
    private final RecordingDevice device = new RecordingDevice();
    private final PciFunction function = RecordingDevice.FUNCTION;
    private final Interrupts interrupts = new Interrupts(function.vectors(), function.pin());
    private final SharedBars shared = new SharedBars(Posix.system(), function);
    private final BarAccess access = new BarAccess(device, function, interrupts, shared);

    @AfterEach
    void close() {
        shared.close();
        interrupts.close();
    }

    private PciBar bar(int index) {
        return Objects.requireNonNull(function.bar(index));
    }

    private void write(int bar, long offset, String hex) {
        access.write(bar(bar), offset, Bytes.of(hex));
    }

    private String read(int bar, long offset, int count) {
        ByteBuffer data = Bytes.of("ee".repeat(count + 2));
        access.read(bar(bar), offset, data.slice(1, count));
        String hex = Bytes.hex(data, count + 2);
        assertEquals("ee", hex.substring(0, 2), "what stands before");
        assertEquals("ee", hex.substring(2 + 2 * count), "what stands behind");
        return hex.substring(2, 2 + 2 * count);
    }

    @Test
    void whatCrossesIntoAMappedAreaIsCutAtItsBorder() {
        write(0, 0x0FFD, "0102030405060708");
        assertEquals(List.of("write 0 4093 3", "write 0 4096 5"), device.events);
        assertEquals(0x04, shared.memory(0).get(ValueLayout.JAVA_BYTE, 0x1000));
        assertEquals(0x08, shared.memory(0).get(ValueLayout.JAVA_BYTE, 0x1004));
        assertEquals(0x00, shared.memory(0).get(ValueLayout.JAVA_BYTE, 0x0FFF), "not mapped: the device's own");
        device.events.clear();
        // Its own registers read as one more than was written; mapped memory is read without asking it.
        assertEquals("0203040405060708", read(0, 0x0FFD, 8));
        assertEquals(List.of("read 0 4093 3"), device.events);
    }

    @Test
    void whatCrossesOutOfAMappedAreaIsCutThere() {
        write(0, 0x2FFF, "1122");
        assertEquals(List.of("write 0 12287 1", "write 0 12288 1"), device.events);
        assertEquals("1123", read(0, 0x2FFF, 2));
    }

    @Test
    void aWholeBarIsOneAccess() {
        assertEquals(2 * 0x4000, read(0, 0, 0x4000).length());
        assertEquals(List.of("read 0 0 4096", "read 0 12288 4096"), device.events);
    }

    @Test
    void tableAndPendingBitsAreCutFromWhatLiesBetween() {
        // Four vectors: the table has 64 bytes; its last vector's control is masked after power-on, and stays so.
        write(2, 60, "00000000a1a2a3a4");
        assertEquals(List.of("write 2 64 4"), device.events);
        assertEquals("00000000a2a3a4a5", read(2, 60, 8));
        device.events.clear();
        interrupts.setMsix(true, true);
        interrupts.raise(2);
        write(2, 0x0FFF, "0fffff");
        assertEquals(List.of("write 2 4095 1"), device.events, "pending bits are read-only");
        assertEquals("100400", read(2, 0x0FFF, 3));
        assertEquals("0001", read(2, 0x1007, 2), "behind the pending bits the device's own begins");
    }

    @Test
    void everyLengthAtEveryPlaceOfABorderReadsAsItsBytes() {
        for (int i = 0; i < 32; i++) {
            write(0, 0x0FF0 + i, "%02x".formatted(i));
        }
        for (int length = 1; length <= 8; length++) {
            for (int begin = 0; begin + length <= 32; begin++) {
                StringBuilder expected = new StringBuilder();
                for (int i = begin; i < begin + length; i++) {
                    expected.append("%02x".formatted(i < 16 ? i + 1 : i));
                }
                assertEquals(expected.toString(), read(0, 0x0FF0 + begin, length));
            }
        }
    }

    @Test
    void nothingIsReadOrWrittenWithoutBytes() {
        write(0, 0x4000, "");
        assertEquals("", read(2, 0x2000, 0));
        assertEquals(List.of(), device.events);
    }

    /** The JIT compiler forgot the buffer (decision 0197); it compiles at once here, so each run does the same. */
    @Test
    void anAccessSeenForTheFirstTimeInCompiledCodeIsCarriedOut() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xbatch",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BarAccessHammer.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
            List<String> lines =
                    output.lines().filter(line -> !line.startsWith("SLF4J")).toList();
            assertEquals(List.of("status 00", "status 01", "across 0000000000000000"), lines);
        } finally {
            process.destroyForcibly();
        }
    }
}
