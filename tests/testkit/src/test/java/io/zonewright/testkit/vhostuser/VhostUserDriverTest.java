package io.zonewright.testkit.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.SplitRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Literal bytes of the messages (on a little-endian machine), the test playing the device at the other end. */
class VhostUserDriverTest {
    private final Posix posix = Posix.system();
    private final UnixConnection[] pair = UnixConnection.pair(posix);
    private final VhostUserDriver driver = new VhostUserDriver(posix, pair[0]);
    private final UnixConnection device = pair[1];
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(4096);
    private final FdBatch fds = new FdBatch(posix, 8);

    @AfterEach
    void close() {
        fds.close();
        driver.close();
        device.close();
        arena.close();
    }

    private String sent() {
        long count = device.receive(buffer, 0, 4096, fds);
        return count < 0
                ? ""
                : HexFormat.of().formatHex(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
    }

    private void reply(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        device.sendFully(buffer, 0, bytes.length, 1000);
    }

    @Test
    void getFeaturesIsAnEmptyMessageAnsweredByANumber() {
        reply("01000000" + "05000000" + "08000000" + "0000000001000000");
        assertEquals(1L << 32, driver.getFeatures());
        assertEquals("01000000" + "01000000" + "00000000", sent());
    }

    @Test
    void withReplyAckEveryRequestAsksForAnAnswer() {
        driver.setProtocolFeatures(VhostUser.PF_REPLY_ACK);
        assertEquals("10000000" + "01000000" + "08000000" + "0800000000000000", sent());
        reply("02000000" + "05000000" + "08000000" + "0100000000000000");
        assertEquals(1, driver.setFeatures(0x1_4000_0000L));
        assertEquals("02000000" + "09000000" + "08000000" + "0000004001000000", sent());
    }

    @Test
    void answerToAnotherRequestIsAnError() {
        reply("0f000000" + "05000000" + "08000000" + "0000000000000000");
        assertThrows(IllegalStateException.class, driver::getFeatures);
    }

    @Test
    void hangUpIsTold() {
        assertFalse(driver.awaitHangUp(0));
        device.close();
        assertTrue(driver.awaitHangUp(1000));
        assertThrows(DeviceRefusedException.class, driver::getFeatures);
    }

    @Test
    void memoryTableHasFourNumbersForEachRegionAndADescriptor() {
        try (GuestMemory memory = new GuestMemory(posix, 0x10000, 0x20000)) {
            memory.putU64(0x1_0000_0008L, 0x1122_3344_5566_7788L);
            assertEquals(0, driver.setMemTable(memory.regions()));
            assertEquals(
                    "05000000" + "01000000" + "48000000" //
                            + "02000000" + "00000000" //
                            + "0000000000000000" + "0000010000000000" + "00000000577f0000" + "0010000000000000" //
                            + "0000000001000000" + "0000020000000000" + "00000000567f0000" + "0030000000000000",
                    sent());
            assertEquals(2, fds.size());
            try (Mapping second = Mapping.ofFile(posix, fds.take(1), 0x3000, 0x20000, false)) {
                assertEquals(0x1122_3344_5566_7788L, second.segment().get(ValueLayout.JAVA_LONG, 8));
            }
        }
    }

    @Test
    void memorySlotHasPaddingFirst() {
        try (GuestMemory memory = new GuestMemory(posix, 0x10000)) {
            driver.addMemReg(memory.regions().getFirst());
            assertEquals(
                    "25000000" + "01000000" + "28000000" + "0000000000000000" //
                            + "0000000000000000" + "0000010000000000" + "00000000567f0000" + "0010000000000000",
                    sent());
            assertEquals(1, fds.size());
        }
    }

    @Test
    void queueIsStartedWithUserAddressesAndTwoDescriptors() {
        try (GuestMemory memory = new GuestMemory(posix, 0x10000);
                EventFd kick = EventFd.create(posix);
                EventFd call = EventFd.create(posix)) {
            SplitRing ring = new SplitRing(memory, 0, 4, 7, false);
            driver.startQueue(1, ring, memory, kick, call);
            assertEquals("08000000" + "01000000" + "08000000" + "01000000" + "04000000", read(20), "num");
            assertEquals("0a000000" + "01000000" + "08000000" + "01000000" + "07000000", read(20), "base");
            assertEquals(
                    "09000000" + "01000000" + "28000000" + "01000000" + "00000000" //
                            + "00000000567f0000" + "50000000567f0000" + "40000000567f0000" + "0000000000000000",
                    read(52),
                    "descriptors, used, available");
            assertEquals("0d000000" + "01000000" + "08000000" + "0100000000000000", read(20), "call");
            assertEquals("0c000000" + "01000000" + "08000000" + "0100000000000000", read(20), "kick");
            assertEquals("12000000" + "01000000" + "08000000" + "01000000" + "01000000", read(20), "enable");
            assertEquals(2, fds.size());
        }
    }

    private String read(int bytes) {
        long count = device.receive(buffer, 0, bytes, fds);
        return count < 0
                ? ""
                : HexFormat.of().formatHex(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void configIsOffsetSizeFlagsAndBytes() {
        reply("18000000" + "05000000" + "0e000000" + "48000000" + "02000000" + "00000000" + "aabb");
        assertEquals("aabb", HexFormat.of().formatHex(driver.getConfig(72, 2)));
        assertEquals("18000000" + "01000000" + "0e000000" + "48000000" + "02000000" + "00000000" + "0000", sent());
        driver.setConfig(32, new byte[] {1});
        assertEquals("19000000" + "01000000" + "0d000000" + "20000000" + "01000000" + "00000000" + "01", sent());
    }
}
