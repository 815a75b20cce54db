package io.zonewright.vhostuser.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Literal bytes, as a little-endian machine sends them; offsets from QEMU's docs/interop/vhost-user.rst. */
class MessageVectorsTest {
    private static ByteBuffer hex(String... parts) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(String.join("", parts).replace(" ", "")))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void refused(String reason, Executable reading) {
        assertEquals(reason, assertThrows(MessageException.class, reading).getMessage());
    }

    @Test
    void header() throws MessageException {
        ByteBuffer bytes = hex(
                "05 00 00 00", // request: SET_MEM_TABLE
                "09 00 00 00", // flags: version 1, need_reply
                "28 00 00 00"); // size: 40
        MessageHeader header = MessageHeader.read(bytes);
        assertEquals(new MessageHeader(5, 9, 40), header);
        assertTrue(header.needReply());
        assertFalse(MessageHeader.read(hex("01000000 01000000 00000000")).needReply());

        ByteBuffer reply = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        MessageHeader.writeReply(reply, 11, 8);
        assertArrayEquals(hex("0b000000 05000000 08000000").array(), reply.array());
    }

    @Test
    void wrongHeaders() throws MessageException {
        refused("a message has version 0, not 1", () -> MessageHeader.read(hex("01000000 00000000 00000000")));
        refused("a message has version 2, not 1", () -> MessageHeader.read(hex("01000000 02000000 00000000")));
        refused("a message has flags 0x5", () -> MessageHeader.read(hex("01000000 05000000 00000000")));
        refused("a message has flags 0x11", () -> MessageHeader.read(hex("01000000 11000000 00000000")));
        refused(
                "a message has a payload of 4097 bytes; the longest that exists is far below 4096",
                () -> MessageHeader.read(hex("01000000 01000000 01100000")));
        refused(
                "a message has a payload of 4294967295 bytes; the longest that exists is far below 4096",
                () -> MessageHeader.read(hex("01000000 01000000 ffffffff")));
        assertEquals(4096, MessageHeader.read(hex("01000000 01000000 00100000")).payloadBytes());
    }

    @Test
    void vringState() throws MessageException {
        VringState state = VringState.read(hex("03000000", "00010000"), 4);
        assertEquals(new VringState(3, 256), state);
        assertEquals(256, state.queueSize(RingFormat.SPLIT, 1024));
        assertEquals(256, state.base(RingFormat.SPLIT));
        ByteBuffer answer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        state.write(answer, 0);
        assertArrayEquals(hex("03000000 00010000").array(), answer.array());
    }

    @Test
    void vringStatesOfPackedRings() throws MessageException {
        assertEquals(100, new VringState(0, 100).queueSize(RingFormat.PACKED, 1024), "no power of two");
        refused(
                "queue 0 is to have 1025 entries, not 1 to 1024",
                () -> new VringState(0, 1025).queueSize(RingFormat.PACKED, 1024));
        VringState base = VringState.read(hex("01000000", "05800480"), 4);
        assertEquals(0x8004_8005, base.base(RingFormat.PACKED));
    }

    @Test
    void addressesOfPackedRings() throws MessageException {
        ByteBuffer bytes = hex(
                "0100000000000000",
                "0010000000 7f0000",
                "0430000000 7f0000", // the device's event suppression structure
                "0830000000 7f0000", // the driver's
                "0000000000000000");
        VringAddress address = VringAddress.read(bytes, 2, RingFormat.PACKED);
        assertEquals(new RingAddresses(0x7f_0000_001000L, 0x7f_0000_003008L, 0x7f_0000_003004L), address.rings());
        refused(
                "queue 0: the driver's event suppression structure is not aligned to 4 bytes",
                () -> VringAddress.read(
                        hex("0000000000000000", "00".repeat(16), "0200000000000000", "00".repeat(8)),
                        1,
                        RingFormat.PACKED));
    }

    @Test
    void wrongVringStates() {
        refused("queue 4 does not exist, there are 4", () -> VringState.read(hex("04000000 00000000"), 4));
        refused("queue 4294967295 does not exist, there are 4", () -> VringState.read(hex("ffffffff 00000000"), 4));
        refused(
                "queue 0 is to have 0 entries, not a power of two up to 1024",
                () -> new VringState(0, 0).queueSize(RingFormat.SPLIT, 1024));
        refused(
                "queue 0 is to have 100 entries, not a power of two up to 1024",
                () -> new VringState(0, 100).queueSize(RingFormat.SPLIT, 1024));
        refused(
                "queue 0 is to have 2048 entries, not a power of two up to 1024",
                () -> new VringState(0, 2048).queueSize(RingFormat.SPLIT, 1024));
        refused(
                "queue 0 is to have 2147483648 entries, not a power of two up to 32768",
                () -> new VringState(0, 0x8000_0000).queueSize(RingFormat.SPLIT, 32768));
        refused("queue 1 starts at 65536, beyond 16 bits", () -> new VringState(1, 65536).base(RingFormat.SPLIT));
        refused("queue 1 is to be enabled by 2, not 0 or 1", () -> new VringState(1, 2).enabled());
    }

    @Test
    void vringAddress() throws MessageException {
        ByteBuffer bytes = hex(
                "01000000", // index
                "00000000", // flags
                "0010000000 7f0000", // descriptor
                "0030000000 7f0000", // used comes second
                "0020000000 7f0000", // available comes third
                "8877665544332211"); // log
        VringAddress address = VringAddress.read(bytes, 2, RingFormat.SPLIT);
        assertEquals(1, address.index());
        assertEquals(new RingAddresses(0x7f_0000_001000L, 0x7f_0000_002000L, 0x7f_0000_003000L), address.rings());
        assertEquals(0x1122334455667788L, address.log());
    }

    @Test
    void wrongVringAddresses() {
        refused(
                "queue 0: the descriptor table is not aligned to 16 bytes",
                () -> VringAddress.read(
                        hex("0000000000000000", "0800000000000000", "00".repeat(24)), 1, RingFormat.SPLIT));
        refused(
                "queue 0: the used ring is not aligned to 4 bytes",
                () -> VringAddress.read(
                        hex("0000000000000000", "00".repeat(8), "0200000000000000", "00".repeat(16)),
                        1,
                        RingFormat.SPLIT));
        refused(
                "queue 0: the available ring is not aligned to 2 bytes",
                () -> VringAddress.read(
                        hex("0000000000000000", "00".repeat(16), "0100000000000000", "00".repeat(8)),
                        1,
                        RingFormat.SPLIT));
        refused(
                "queue 0 has ring flags 0x1; logging was not offered",
                () -> VringAddress.read(hex("0000000001000000", "00".repeat(32)), 1, RingFormat.SPLIT));
    }

    @Test
    void vringDescriptor() throws MessageException {
        assertEquals(new VringDescriptor(7, true), VringDescriptor.read(hex("0700000000000000"), 1, 8));
        assertEquals(new VringDescriptor(7, false), VringDescriptor.read(hex("0701000000000000"), 0, 8));
        refused("queue 7: 0 descriptors came, not 1", () -> VringDescriptor.read(hex("0700000000000000"), 0, 8));
        refused("queue 7: 1 descriptors came, not 0", () -> VringDescriptor.read(hex("0701000000000000"), 1, 8));
        refused("queue 8 does not exist, there are 8", () -> VringDescriptor.read(hex("0800000000000000"), 1, 8));
        refused("a ring descriptor is for 0x200", () -> VringDescriptor.read(hex("0002000000000000"), 1, 8));
    }

    @Test
    void memoryTable() throws MessageException {
        ByteBuffer bytes = hex(
                "02000000", // regions
                "00000000", // padding
                "0000000000000000", // guest address
                "00000a0000000000", // size
                "0000001034 7f0000", // user address
                "0000000000000000", // offset
                "0000100000000000",
                "0000f03f00000000",
                "0000101034 7f0000",
                "0000100000000000");
        assertEquals(
                List.of(
                        new RegionDescription(0, 0xa0000, 0x7f34_1000_0000L, 0),
                        new RegionDescription(0x100000, 0x3ff00000, 0x7f34_1010_0000L, 0x100000)),
                MemoryTable.read(bytes, 72, 2));
    }

    @Test
    void wrongMemoryTables() {
        refused("a memory table has 33 regions, not up to 32", () -> MemoryTable.read(hex("2100000000000000"), 8, 0));
        refused(
                "a memory table has 4294967295 regions, not up to 32",
                () -> MemoryTable.read(hex("ffffffff00000000"), 8, 0));
        refused(
                "a memory table of 1 regions has a payload of only 39 bytes",
                () -> MemoryTable.read(hex("0100000000000000"), 39, 1));
        refused(
                "a memory table of 0 regions carries 1 descriptors",
                () -> MemoryTable.read(hex("0000000000000000"), 8, 1));
        refused(
                "a memory region has guest address 0x1000 and size 0x0: empty, or beyond 2^62",
                () -> MemoryTable.read(hex("0100000000000000", "0010000000000000", "00".repeat(24)), 40, 1));
    }

    @Test
    void singleRegion() throws MessageException {
        ByteBuffer bytes = hex(
                "0000000000000000", // padding
                "0000000001000000",
                "0000008000000000",
                "0000002034 7f0000",
                "0010000000000000");
        assertEquals(
                new RegionDescription(0x1_0000_0000L, 0x8000_0000L, 0x7f34_2000_0000L, 0x1000),
                SingleRegion.read(bytes));
    }

    @Test
    void configSpace() throws MessageException {
        assertEquals(new ConfigSpace(32, 1, 0), ConfigSpace.read(hex("20000000", "01000000", "00000000", "00"), 13));
        assertEquals(new ConfigSpace(256, 0, 1), ConfigSpace.read(hex("00010000 00000000 01000000"), 12));
        refused(
                "configuration bytes 1 from 256 on lie beyond 256",
                () -> ConfigSpace.read(hex("00010000 01000000 00000000 00"), 13));
        refused(
                "configuration bytes 4294967295 from 1 on lie beyond 256",
                () -> ConfigSpace.read(hex("01000000 ffffffff 00000000"), 12));
        refused(
                "a payload of 12 bytes for 1 bytes of configuration",
                () -> ConfigSpace.read(hex("00000000 01000000 00000000"), 12));
        refused("configuration access with flags 0x2", () -> ConfigSpace.read(hex("00000000 00000000 02000000"), 12));
    }

    @Test
    void requestsHaveTheNumbersOfTheDocument() {
        int[] numbers = {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 24, 25, 31, 32, 34, 36, 37, 38, 39, 40
        };
        DriverRequest[] requests = DriverRequest.values();
        assertEquals(numbers.length, requests.length);
        for (int i = 0; i < numbers.length; i++) {
            assertEquals(numbers[i], requests[i].id(), requests[i].name());
            assertEquals(requests[i], DriverRequest.of(numbers[i]));
        }
        assertEquals(DriverRequest.GET_CONFIG, DriverRequest.of(24));
        assertEquals(DriverRequest.SET_STATUS, DriverRequest.of(39));
        assertNull(DriverRequest.of(0));
        assertNull(DriverRequest.of(22));
        assertNull(DriverRequest.of(41));
        assertNull(DriverRequest.of(-1));
    }

    @Test
    void eachRequestChecksItsSizeAndDescriptors() throws MessageException {
        DriverRequest.SET_FEATURES.check(8, 0);
        refused("SET_FEATURES has a payload of 7 bytes, not 8", () -> DriverRequest.SET_FEATURES.check(7, 0));
        refused("SET_FEATURES carries 1 descriptors, not at most 0", () -> DriverRequest.SET_FEATURES.check(8, 1));
        refused("GET_CONFIG has a payload of 269 bytes, not 12 to 268", () -> DriverRequest.GET_CONFIG.check(269, 0));
        refused("SET_MEM_TABLE has a payload of 7 bytes, not 8 to 1032", () -> DriverRequest.SET_MEM_TABLE.check(7, 0));
        DriverRequest.REM_MEM_REG.check(40, 1);
        refused(
                "SET_LOG_BASE belongs to a protocol feature that this device does not offer",
                () -> DriverRequest.SET_LOG_BASE.check(16, 1));
        DriverRequest.SET_BACKEND_REQ_FD.check(0, 1);
        refused(
                "SET_BACKEND_REQ_FD has a payload of 8 bytes, not 0",
                () -> DriverRequest.SET_BACKEND_REQ_FD.check(8, 1));
    }
}
