package io.zonewright.vfiouser.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.runtime.LoopGroup;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.vfiouser.Bytes;
import io.zonewright.vfiouser.PciBar;
import io.zonewright.vfiouser.Quiescence;
import io.zonewright.vfiouser.VendorCapability;
import io.zonewright.virtio.TestDevice;
import io.zonewright.virtio.queue.DriverRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers as virtio 1.3, section 4.1.4, has them; the loop is turned by hand. */
class VirtioPciDeviceTest {
    private static final int ISR = 0x1000;
    private static final int DEVICE = 0x2000;
    private static final int NOTIFY = 0x3000;
    private static final long GUEST = 0x10_0000;
    private static final String VERSION_1 = "01000000"; // bit 32, in the window of bits 32 to 63

    private final TestDevice device = new TestDevice(2);
    private final PollLoop loop = PollLoop.byHand("loop");
    private final VirtioPciDevice function = new VirtioPciDevice(device, 2, 0x018000, false, LoopGroup.of(loop), 0);
    private final FakeHost host = new FakeHost(loop::step);
    private final MemorySegment memory = Arena.ofAuto().allocate(0x10000, 4096);
    private final GuestMemory guest = new GuestMemory(List.of(new GuestRegion(GUEST, GUEST, memory)));
    private final Answer rest = new Answer();
    private final DriverRing ring = new DriverRing(memory, 0, 8);

    private static final class Answer implements Quiescence {
        int reached;
        int abandoned;

        @Override
        public void reached() {
            reached++;
        }

        @Override
        public void abandoned() {
            abandoned++;
        }
    }

    @BeforeEach
    void attach() {
        function.start();
        function.attached(host);
        function.memoryChanged(guest, rest);
    }

    @AfterEach
    void detach() {
        function.detached(rest);
        function.stop();
    }

    private String read(int offset, int length) {
        ByteBuffer target = Bytes.zeroed(length);
        function.read(0, offset, target);
        return Bytes.hex(target, length);
    }

    private void write(int offset, String hex) {
        function.write(0, offset, Bytes.of(hex));
    }

    private void accept(String low, String high) {
        write(20, "01");
        write(20, "03");
        write(8, "00000000");
        write(12, low);
        write(8, "01000000");
        write(12, high);
        write(20, "0b");
    }

    private void setUpQueue(int index, int size) {
        write(22, HexFormat.of().toHexDigits((byte) index) + "00");
        write(24, HexFormat.of().toHexDigits((byte) size) + "00");
        write(26, "0" + (index + 1) + "00");
        writeAddress(32, ring.descriptorsAt());
        writeAddress(40, ring.availableAt());
        writeAddress(48, ring.usedAt());
        write(28, "0100");
    }

    /** In halves, as Linux writes them. */
    private void writeAddress(int at, long offset) {
        ByteBuffer bytes = Bytes.zeroed(8).putLong(0, GUEST + offset);
        write(at, Bytes.hex(bytes, 4));
        write(at + 4, Bytes.hex(bytes.slice(4, 4), 4));
    }

    private void run() {
        accept("00000200", VERSION_1);
        setUpQueue(0, 8);
        write(20, "0f");
        ring.descriptor(0, GUEST + 0x8000, 4, DriverRing.WRITE, 0);
    }

    private byte answer() {
        return memory.get(ValueLayout.JAVA_BYTE, 0x8003);
    }

    @Test
    void capabilitiesSayWhereThingsAre() {
        List<VendorCapability> all = function.function().capabilities();
        assertEquals(
                List.of(
                        "00000001" + "00000000" + "00000000" + "38000000",
                        "00000002" + "00000000" + "00300000" + "08000000" + "04000000",
                        "00000003" + "00000000" + "00100000" + "01000000",
                        "00000004" + "00000000" + "00200000" + "00100000",
                        "00000005" + "00000000" + "00000000" + "00000000" + "00000000"),
                all.stream().map(c -> HexFormat.of().formatHex(c.body())).toList());
        assertEquals(0x1AF4, function.function().identity().vendor());
        assertEquals(0x1042, function.function().identity().device());
        assertEquals(1, function.function().identity().revision());
        assertEquals(3, function.function().vectors());
        assertEquals(List.of(), function.function().bars().getFirst().mapped());
    }

    @Test
    void doorbellsCanBeMapped() {
        VirtioPciDevice mapped = new VirtioPciDevice(device, 2, 0x018000, true, LoopGroup.of(loop), 0);
        assertEquals(
                List.of(new PciBar.MappedArea(NOTIFY, 0x1000)),
                mapped.function().bars().getFirst().mapped());
    }

    @Test
    void featuresShowInWindowsOf32Bits() {
        assertEquals("00000230", read(4, 4)); // bits 17, 28, 29
        write(0, "01000000");
        assertEquals("07000000", read(4, 4)); // bits 32, 33, 34
        write(0, "02000000");
        assertEquals("00000000", read(4, 4));
        write(0, "ffffffff");
        assertEquals("00000000", read(4, 4));
        write(8, "01000000");
        write(12, "03000000");
        assertEquals("03000000", read(12, 4));
        write(8, "00000000");
        assertEquals("00000000", read(12, 4));
    }

    @Test
    void featuresOkStaysWhereTheDeviceAgrees() {
        accept("00000200", VERSION_1);
        assertEquals("0b", read(20, 1));
        assertEquals(List.of(1L << 32 | 1L << 17), device.chosen);
        write(8, "00000000");
        write(12, "ffffffff");
        assertEquals("00000200", read(12, 4)); // no longer to be changed
    }

    @ParameterizedTest
    @CsvSource({
        "00000000, 01000000, true", // without the feature that the device needs
        "00000200, 00000000, false", // a legacy driver
        "01000200, 01000000, false", // bit 0 was not offered
        "00000200, 01000080, false" // nor bit 63
    })
    void featuresOkIsWithheldWhereItDoesNot(String low, String high, boolean require) {
        device.requireFeature = require;
        accept(low, high);
        assertEquals("03", read(20, 1));
        assertEquals(List.of(), device.chosen);
        write(20, "07");
        setUpQueue(0, 8);
        ring.descriptor(0, GUEST + 0x8000, 4, DriverRing.WRITE, 0);
        ring.offer(0);
        loop.step();
        assertEquals(0, ring.usedIndex());
    }

    @Test
    void queuesHaveSizesVectorsAndDoorbells() {
        assertEquals("0200", read(18, 2));
        write(22, "0100");
        assertEquals("0004" + "ffff" + "0000" + "0100", read(24, 2) + read(26, 2) + read(28, 2) + read(30, 2));
        write(24, "0300");
        assertEquals("0004", read(24, 2)); // not a power of two
        write(24, "0008");
        assertEquals("0004", read(24, 2)); // more than was offered
        write(24, "1000");
        assertEquals("1000", read(24, 2));
        write(26, "0200");
        assertEquals("0200", read(26, 2));
        write(26, "0300");
        assertEquals("ffff", read(26, 2)); // there are three vectors
        write(16, "0000");
        assertEquals("0000", read(16, 2));
        write(16, "ff7f");
        assertEquals("ffff", read(16, 2));
        write(32, "1020304050607080");
        assertEquals("1020304050607080", read(32, 8));
        assertEquals("50607080", read(36, 4));
        assertEquals("0000", read(32, 2)); // not a width for this field
        write(22, "0200");
        assertEquals("0000", read(24, 2)); // no such queue
        write(28, "0100");
        assertEquals("0000", read(28, 2));
    }

    @Test
    void anEnabledQueueDoesNotChange() {
        accept("00000200", VERSION_1);
        setUpQueue(0, 8);
        write(24, "0400");
        write(32, "00000000");
        write(28, "0000");
        assertEquals("0800" + "00001000" + "0100", read(24, 2) + read(32, 4) + read(28, 2));
    }

    @Test
    void aRequestIsServedAndInterruptsThroughItsVector() {
        run();
        ring.offer(0);
        write(NOTIFY, "0000");
        loop.step();
        assertEquals(1, ring.usedIndex());
        assertEquals(TestDevice.ANSWER, answer());
        assertEquals(List.of(1), host.interrupts);
        assertFalse(host.pin);
    }

    /** Ring at 0, five places; the driver's event suppression structure at 100h, the device's at 104h. */
    private void setUpPackedQueue() {
        write(22, "0000");
        write(24, "0500");
        write(26, "0100");
        writeAddress(32, 0);
        writeAddress(40, 0x100);
        writeAddress(48, 0x104);
        write(28, "0100");
    }

    private void put(long at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, at, bytes.length);
    }

    @Test
    void aPackedRingOfAnySizeIsServed() {
        accept("00000200", "05000000"); // bits 32 and 34
        assertEquals("0b", read(20, 1));
        setUpPackedQueue();
        assertEquals("0500" + "0100", read(24, 2) + read(28, 2));
        write(20, "0f");
        // Four bytes at GUEST + 8000h, id 12h, AVAIL and WRITE.
        put(0, HexFormat.of().toHexDigits(Long.reverseBytes(GUEST + 0x8000)) + "04000000" + "1200" + "8200");
        write(NOTIFY, "0000");
        loop.step();
        assertEquals(TestDevice.ANSWER, answer());
        String used = HexFormat.of().formatHex(memory.asSlice(8, 8).toArray(ValueLayout.JAVA_BYTE));
        assertEquals("04000000" + "1200" + "8280", used);
        assertEquals(List.of(1), host.interrupts);
    }

    @Test
    void featuresThatChangeBehindAnEnabledQueueDoNotMakeARingOfTheWrongKind() {
        write(20, "03");
        write(8, "01000000");
        write(12, "05000000");
        setUpPackedQueue();
        accept("00000200", VERSION_1);
        write(20, "0f");
        loop.step();
        assertEquals("4f", read(20, 1), "NEEDS_RESET: no split ring has five entries");
        assertEquals(
                "test queue 0: the ring: has 5 entries, not a power of two up to 32768",
                function.stats().get("stopped-because"));
    }

    @Test
    void nothingIsTakenBeforeDriverOk() {
        accept("00000200", VERSION_1);
        setUpQueue(0, 8);
        ring.descriptor(0, GUEST + 0x8000, 4, DriverRing.WRITE, 0);
        ring.offer(0);
        loop.step();
        assertEquals(0, ring.usedIndex());
        write(20, "0f");
        loop.step();
        assertEquals(1, ring.usedIndex());
    }

    @Test
    void withoutMsixThePinAndTheIsrStatusTell() {
        host.msix = false;
        run();
        ring.offer(0);
        loop.step();
        assertTrue(host.pin);
        assertEquals("01", read(ISR, 1));
        assertFalse(host.pin);
        assertEquals("00", read(ISR, 1));
        function.configurationChanged();
        assertTrue(host.pin);
        assertEquals("02", read(ISR, 1));
        assertEquals(List.of(), host.interrupts);
    }

    @Test
    void aChangedConfigurationHasANewGenerationAndInterrupts() {
        String before = read(21, 1);
        function.configurationChanged();
        assertEquals(List.of(), host.interrupts); // no driver is there yet
        run();
        write(16, "0000");
        function.configurationChanged();
        assertEquals(List.of(0), host.interrupts);
        assertEquals("00", before);
        assertEquals("02", read(21, 1));
    }

    @Test
    void deviceConfigurationIsReadAndWritten() {
        assertEquals("01020304", read(DEVICE, 4));
        assertEquals("3b3c0000", read(DEVICE + 58, 4)); // past its end there is nothing
        write(DEVICE + 32, "77");
        assertEquals("77", read(DEVICE + 32, 1));
        write(DEVICE, "55");
        assertEquals("01", read(DEVICE, 1));
        assertEquals("00000000", read(DEVICE + 0xFFC, 4));
    }

    @Test
    void aResetWaitsForRequestsInFlightWithoutKeepingTheGuestWaiting() {
        run();
        device.hold = true;
        ring.offer(0);
        loop.step();
        write(20, "00");
        assertEquals("0f", read(20, 1));
        assertEquals(0, host.waits);
        write(20, "01"); // too early: ignored
        assertTrue(device.releaseOne());
        loop.step();
        assertEquals("00", read(20, 1));
        assertEquals("0000", read(28, 2));
        assertEquals("0004", read(24, 2));
        accept("00000200", VERSION_1);
        assertEquals("0b", read(20, 1));
    }

    @Test
    void memoryGoesOnlyWhenNothingIsInFlightAndComesBack() {
        run();
        device.hold = true;
        ring.offer(0);
        loop.step();
        host.turnedBy(device::releaseOne);
        rest.reached = 0;
        function.memoryChanged(GuestMemory.EMPTY, rest);
        assertEquals(1, rest.reached);
        assertEquals(1, ring.usedIndex());
        device.hold = false;
        ring.offer(0);
        loop.step();
        assertEquals(1, ring.usedIndex()); // there is no memory
        function.memoryChanged(guest, rest);
        loop.step();
        assertEquals(2, ring.usedIndex());
    }

    @Test
    void aQueueStartsWhenItsMemoryComes() {
        function.memoryChanged(GuestMemory.EMPTY, rest);
        run();
        ring.offer(0);
        loop.step();
        assertEquals(0, ring.usedIndex());
        function.memoryChanged(guest, rest);
        loop.step();
        assertEquals(1, ring.usedIndex());
    }

    @Test
    void aBrokenRingAsksForAResetAndInterrupts() {
        run();
        write(16, "0000");
        ring.descriptor(0, 0xDEAD_0000L, 4, DriverRing.WRITE, 0);
        ring.offer(0);
        loop.step();
        assertEquals("4f", read(20, 1));
        assertEquals(List.of(0), host.interrupts);
        assertEquals(
                "test queue 0: descriptor 0 names 4 bytes at 0xdead0000, outside of the memory",
                function.stats().get("stopped-because"));
        write(20, "00");
        assertEquals("00", read(20, 1));
        assertEquals("", function.stats().get("stopped-because"));
    }

    @Test
    void aRingThatIsNotAlignedAsksForAReset() {
        accept("00000200", VERSION_1);
        write(22, "0000");
        writeAddress(32, 8);
        write(28, "0100");
        assertEquals("0000", read(28, 2));
        assertEquals("4b", read(20, 1));
    }

    @Test
    void aFunctionResetForgetsEverything() {
        run();
        function.reset(rest);
        assertEquals("00", read(20, 1));
        assertEquals("0000", read(28, 2));
        assertEquals(0, rest.abandoned);
        ring.offer(0);
        loop.step();
        assertEquals(0, ring.usedIndex());
    }

    /** Section 4.1.4.9: what firmware uses before BARs are placed. */
    @Test
    void theWindowInConfigurationSpaceReachesTheRegisters() {
        VendorCapability window = function.function().capabilities().getLast();
        ByteBuffer body = Bytes.zeroed(20);
        body.putInt(8, 18).putInt(12, 2);
        window.hook().reading(body, 16, 4);
        assertEquals("02000000", Bytes.hex(body.slice(16, 4), 4));
        body.putInt(8, 20).putInt(12, 1).putInt(16, 0x01);
        window.hook().written(body, 16, 1);
        assertEquals("01", read(20, 1));
        body.putInt(12, 3).putInt(16, 0x55);
        window.hook().written(body, 16, 4);
        assertEquals("01", read(20, 1));
        body.put(4, (byte) 2).putInt(12, 1);
        window.hook().written(body, 16, 1);
        assertEquals("01", read(20, 1));
        body.put(4, (byte) 0).putInt(8, 0x4000);
        window.hook().reading(body, 16, 4);
        assertEquals("55000000", Bytes.hex(body.slice(16, 4), 4));
    }
}
