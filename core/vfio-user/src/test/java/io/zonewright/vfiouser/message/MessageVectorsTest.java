package io.zonewright.vfiouser.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.vfiouser.Bytes;
import io.zonewright.vfiouser.PciBar;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Literal bytes against QEMU's docs/interop/vfio-user.rst, and errno numbers of errno-base.h. */
class MessageVectorsTest {
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;
    private static final int EOPNOTSUPP = 95;

    private static void refused(int errno, Executable request) {
        assertEquals(errno, assertThrows(RequestException.class, request).errno());
    }

    @Test
    void aHeaderIsIdCommandSizeFlagsErrno() {
        MessageHeader header = MessageHeader.read(Bytes.of("3412 0900 20000000 10000000 00000000"));
        assertEquals(new MessageHeader(0x1234, 9, 32, 0x10), header);
        assertNull(header.problem());
        assertEquals(16, header.payloadBytes());
        ByteBuffer reply = Bytes.zeroed(16);
        header.writeReply(reply, 24, 0);
        assertEquals("34120900280000000100000000000000", Bytes.hex(reply, 16));
        header.writeReply(reply, 0, 17);
        assertEquals("34120900100000002100000011000000", Bytes.hex(reply, 16));
    }

    @ParameterizedTest
    @CsvSource({
        "15, 0, 'a message claims 15 bytes, not 16 to 65568'",
        "65569, 0, 'a message claims 65569 bytes, not 16 to 65568'",
        "-1, 0, 'a message claims 4294967295 bytes, not 16 to 65568'",
        "16, 1, 'a message of type 1 came, and nothing but commands is due'",
        "16, 2, 'a message of type 2 came, and nothing but commands is due'",
        "16, 32, 'a command has flags 0x20'",
        "16, -2147483648, 'a command has flags 0x80000000'"
    })
    void aBadHeaderEndsTheConnection(int size, int flags, String problem) {
        assertEquals(problem, new MessageHeader(1, 4, size, flags).problem());
    }

    private static VersionMessage version(String json) throws RequestException {
        byte[] data = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = Bytes.zeroed(4 + data.length + 1);
        payload.put(4, data);
        return VersionMessage.read(payload, payload.capacity());
    }

    private static String answer(VersionMessage version) {
        ByteBuffer reply = Bytes.zeroed(512);
        int size = version.writeReply(reply);
        assertEquals(0, reply.get(size - 1));
        byte[] text = new byte[size - 5];
        reply.get(4, text);
        return new String(text, StandardCharsets.US_ASCII);
    }

    /** What QEMU 11.1 sends; the answer must not be longer, since QEMU has no more room for it. */
    @Test
    void qemusCapabilitiesAreAnsweredWithASubset() throws RequestException {
        String qemu =
                "{\"capabilities\": {\"max_msg_fds\": 16, \"migration\": {\"max_bitmap_size\": 4294967296, \"pgsize\": 4096},"
                        + " \"max_data_xfer_size\": 1048576, \"max_dma_maps\": 65535, \"pgsizes\": 4096, \"write_multiple\": true}}";
        String answer = answer(version(qemu));
        assertEquals(
                "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":65536,\"max_dma_maps\":65535,"
                        + "\"pgsizes\":4096,\"write_multiple\":true}}",
                answer);
        assertTrue(answer.length() <= qemu.length());
    }

    @Test
    void onlyWhatWasProposedIsAnswered() throws RequestException {
        assertEquals("{\"capabilities\":{}}", answer(version("{}")));
        assertEquals(
                "{\"capabilities\":{\"max_msg_fds\":16}}",
                answer(version("{\"capabilities\":{\"max_msg_fds\":1,\"twin_socket\":{\"supported\":true}}}")));
        assertEquals(1, version("{}").maxDescriptors());
        assertEquals(0, version("{\"capabilities\":{\"max_msg_fds\":0}}").maxDescriptors());
    }

    @Test
    void versionsAreMajor0AndTheSmallerMinor() throws RequestException {
        ByteBuffer reply = Bytes.zeroed(16);
        assertEquals(4, VersionMessage.read(Bytes.of("0000 0000"), 4).writeReply(reply));
        assertEquals("00000000", Bytes.hex(reply, 4));
        assertEquals(4, VersionMessage.read(Bytes.of("0000 0700"), 4).writeReply(reply));
        assertEquals("00000100", Bytes.hex(reply, 4));
        refused(EINVAL, () -> VersionMessage.read(Bytes.of("0100 0000"), 4));
        refused(EINVAL, () -> VersionMessage.read(Bytes.of("0000 0000 7b7d"), 6)); // no zero byte at the end
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "\"",
                "{} x",
                "[]",
                "{\"capabilities\":\"23\"}",
                "{\"capabilities\":{\"max_msg_fds\":\"foo\"}}",
                "{\"capabilities\":{\"max_msg_fds\":-1}}",
                "{\"capabilities\":{\"max_msg_fds\":1.5}}",
                "{\"capabilities\":{\"pgsizes\":99999999999999999999}}",
                "{\"capabilities\":{\"write_multiple\":1}}",
                "{\"capabilities\":{\"a\":\"\\u12\"}}",
                "{\"a\":[[[[[[[[[[1]]]]]]]]]]}"
            })
    void badVersionDataIsRefused(String json) {
        refused(EINVAL, () -> version(json));
    }

    @Test
    void jsonMayHaveWhatOthersPut() throws RequestException {
        VersionMessage message = version(
                " { \"capabilities\" : { \"x\\u0041\\n\" : [ 1 , -2.5e3 , null , true, {} ] , \"pgsizes\" : 4096 } } ");
        assertEquals(List.of("xA\n", "pgsizes"), message.proposed());
    }

    @Test
    void dmaMapIsArgszFlagsOffsetAddressSize() throws RequestException {
        assertEquals(
                new DmaMapMessage(3, 0x1000, 0x1_0000_0000L, 0x2000),
                DmaMapMessage.read(Bytes.of("20000000 03000000 0010000000000000 0000000001000000 0020000000000000")));
    }

    @ParameterizedTest
    @CsvSource({
        "31, 3, 0, 0, 0x1000", // argsz
        "32, 0, 0, 0, 0x1000", // neither readable nor writable
        "32, 4, 0, 0, 0x1000",
        "32, 3, 0x800, 0, 0x1000", // not on a page of the file
        "32, 3, -4096, 0, 0x1000",
        "32, 3, 0, 0x800, 0x1000",
        "32, 3, 0, 0, 0",
        "32, 3, 0, 0, 0x1001",
        "32, 3, 0, 0x4000000000000000, 0x1000", // beyond 2^62
        "32, 3, 0, 0x3ffffffffffff000, 0x2000",
        "32, 3, 0, -4096, 0x1000",
        "32, 3, 0, 0, -4096"
    })
    void badDmaMapsAreRefused(int argSize, int flags, String offset, String address, String size) {
        ByteBuffer payload = Bytes.zeroed(32)
                .putInt(0, argSize)
                .putInt(4, flags)
                .putLong(8, Long.decode(offset))
                .putLong(16, Long.decode(address))
                .putLong(24, Long.decode(size));
        refused(EINVAL, () -> DmaMapMessage.read(payload));
    }

    @Test
    void dmaUnmapNamesPagesUpToTheLastOf64BitsOrAll() throws RequestException {
        assertEquals(
                new DmaUnmapMessage(false, 0x1000, 0x2FFF),
                DmaUnmapMessage.read(Bytes.of("18000000 00000000 0010000000000000 0020000000000000")));
        assertEquals(
                new DmaUnmapMessage(false, 0xFEF0_0000L, -1),
                DmaUnmapMessage.read(Bytes.of("18000000 00000000 0000f0fe00000000 000010 01ffffffff")));
        assertEquals(
                new DmaUnmapMessage(true, 0, -1),
                DmaUnmapMessage.read(Bytes.of("18000000 02000000 0000000000000000 0000000000000000")));
        refused(
                EOPNOTSUPP,
                () -> DmaUnmapMessage.read(Bytes.of("18000000 01000000 0010000000000000 0020000000000000")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("18000000 00000000 0010000000000000 0000000000000000")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("18000000 00000000 0010000000000000 0018000000000000")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("18000000 00000000 0018000000000000 0010000000000000")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("18000000 00000000 0020000000000000 00f0ffffffffffff")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("18000000 03000000 0000000000000000 0000000000000000")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("18000000 02000000 0010000000000000 0020000000000000")));
        refused(EINVAL, () -> DmaUnmapMessage.read(Bytes.of("17000000 00000000 0010000000000000 0020000000000000")));
    }

    @Test
    void deviceInfoTellsNineRegionsAndFiveKindsOfInterrupts() throws RequestException {
        DeviceInfo.check(Bytes.of("10000000 00000000 00000000 00000000"));
        ByteBuffer reply = Bytes.zeroed(16);
        assertEquals(16, DeviceInfo.write(reply));
        assertEquals("10000000" + "03000000" + "09000000" + "05000000", Bytes.hex(reply, 16));
        refused(EINVAL, () -> DeviceInfo.check(Bytes.of("0f000000 00000000 00000000 00000000")));
    }

    @Test
    void regionInfoHasASparseCapabilityWhereThereIsRoom() throws RequestException {
        List<PciBar.MappedArea> areas = List.of(new PciBar.MappedArea(0x1000, 0x2000));
        ByteBuffer request = Bytes.zeroed(32).putInt(0, 64).putInt(8, 0);
        ByteBuffer reply = Bytes.zeroed(64);
        assertEquals(64, RegionInfo.read(request).write(reply, 0x4000, areas));
        assertEquals(
                "40000000" + "0f000000" + "00000000" + "20000000" + "0040000000000000" + "0000000000000000"
                        + "0100" + "0100" + "00000000" + "01000000" + "00000000"
                        + "0010000000000000" + "0020000000000000",
                Bytes.hex(reply, 64));
        request.putInt(0, 63);
        assertEquals(32, RegionInfo.read(request).write(reply, 0x4000, areas));
        assertEquals(
                "40000000" + "07000000" + "00000000" + "00000000" + "0040000000000000" + "0000000000000000",
                Bytes.hex(reply, 32));
        request.putInt(0, 32).putInt(8, 8);
        assertEquals(32, RegionInfo.read(request).write(reply, 0, List.of()));
        assertEquals(
                "20000000" + "00000000" + "08000000" + "00000000" + "0000000000000000" + "0000000000000000",
                Bytes.hex(reply, 32));
        refused(EINVAL, () -> RegionInfo.read(Bytes.zeroed(32).putInt(0, 31)));
        refused(EINVAL, () -> RegionInfo.read(Bytes.zeroed(32).putInt(0, 32).putInt(8, 9)));
        refused(EINVAL, () -> RegionInfo.read(Bytes.zeroed(32).putInt(0, 32).putInt(8, -1)));
    }

    @Test
    void interruptInfoSaysWhatMaskingDoes() throws RequestException {
        ByteBuffer reply = Bytes.zeroed(16);
        assertEquals(2, IrqInfo.read(Bytes.of("10000000 00000000 02000000 00000000")));
        IrqInfo.write(reply, IrqInfo.MSIX, 5);
        assertEquals("10000000" + "03000000" + "02000000" + "05000000", Bytes.hex(reply, 16));
        IrqInfo.write(reply, IrqInfo.INTX, 1);
        assertEquals("10000000" + "07000000" + "00000000" + "01000000", Bytes.hex(reply, 16));
        refused(EINVAL, () -> IrqInfo.read(Bytes.of("10000000 00000000 05000000 00000000")));
    }

    private static IrqSet irqs(int flags, int index, int start, int count, int data, int descriptors)
            throws RequestException {
        ByteBuffer payload = Bytes.zeroed(20 + data)
                .putInt(0, 20 + data)
                .putInt(4, flags)
                .putInt(8, index)
                .putInt(12, start)
                .putInt(16, count);
        return IrqSet.read(
                payload, 20 + data, descriptors, kind -> kind == IrqInfo.MSIX ? 2048 : kind == IrqInfo.ERR ? 1 : 0);
    }

    @Test
    void interruptsAreSetByDataAndAction() throws RequestException {
        IrqSet disable = irqs(0x21, 2, 0, 0, 0, 0);
        assertEquals(IrqSet.Data.NONE, disable.data());
        assertEquals(IrqSet.Action.TRIGGER, disable.action());
        assertEquals(0, disable.count());
        IrqSet eventFds = irqs(0x24, 2, 2040, 8, 0, 8);
        assertEquals(IrqSet.Data.EVENTFD, eventFds.data());
        assertEquals(2040, eventFds.start());
        assertEquals(IrqSet.Action.MASK, irqs(0x09, 2, 0, 1, 0, 0).action());
        assertEquals(IrqSet.Action.UNMASK, irqs(0x12, 2, 0, 3, 3, 0).action());
        assertEquals(0, irqs(0x24, 2, 0, 5, 0, 0).start()); // no descriptors: nobody listens any more
    }

    /** The cases of libvfio-user's test/py/test_device_set_irqs.py, which answers EINVAL to each. */
    @ParameterizedTest
    @CsvSource({
        "0x21, 5, 0, 0, 0, 0", // no such kind
        "0x19, 2, 0, 1, 0, 0", // mask and unmask
        "0x0b, 2, 0, 1, 0, 0", // no data and booleans
        "0x01, 2, 0, 1, 0, 0", // no action
        "0x20, 2, 0, 1, 0, 0", // no kind of data
        "0x41, 2, 0, 1, 0, 0",
        "0x09, 2, 2047, 2, 0, 0",
        "0x09, 2, 2049, 1, 0, 0",
        "0x09, 2, -1, 1, 0, 0",
        "0x09, 2, 0, -1, 0, 0",
        "0x09, 3, 0, 1, 0, 0", // errors cannot be masked
        "0x21, 3, 0, 2, 0, 0", // and there is one
        "0x21, 4, 0, 1, 0, 0", // a kind without interrupts
        "0x09, 2, 1, 0, 0, 0",
        "0x09, 2, 0, 0, 0, 0", // count 0 only switches off
        "0x22, 2, 0, 0, 0, 0",
        "0x22, 2, 0, 1, 1, 1", // booleans and a descriptor
        "0x21, 2, 0, 1, 0, 1",
        "0x24, 2, 0, 2, 0, 1", // two interrupts, one descriptor
        "0x22, 2, 0, 2, 1, 0", // two interrupts, one boolean
        "0x22, 2, 0, 2, 3, 0"
    })
    void badInterruptSetsAreRefused(String flags, int index, int start, int count, int data, int descriptors) {
        refused(EINVAL, () -> irqs(Integer.decode(flags), index, start, count, data, descriptors));
    }

    @Test
    void regionAccessIsOffsetRegionCount() throws RequestException {
        RegionAccess access = RegionAccess.read(Bytes.of("0800000000000000 07000000 04000000"));
        assertEquals(new RegionAccess(8, 7, 4), access);
        assertTrue(access.inside(12));
        assertEquals(false, access.inside(11));
        assertEquals(false, new RegionAccess(-1, 0, 4).inside(4096));
        assertEquals(false, new RegionAccess(Long.MAX_VALUE, 0, 4).inside(4096));
        refused(EINVAL, () -> RegionAccess.read(Bytes.of("0800000000000000 07000000 01000100"))); // 65537
        refused(EINVAL, () -> RegionAccess.read(Bytes.of("0800000000000000 07000000 ffffffff")));
        refused(EINVAL, () -> RegionAccess.write(Bytes.of("0800000000000000 07000000 04000000 0102"), 18));
    }

    @Test
    void manyWritesInOneMessage() throws RequestException {
        ByteBuffer two = Bytes.of("0200000000000000"
                + "1000000000000000 00000000 02000000 aabb000000000000"
                + "1800000000000000 00000000 08000000 0102030405060708");
        assertEquals(2, MultiWrite.count(two, 56));
        assertEquals(new RegionAccess(0x10, 0, 2), MultiWrite.write(two, 0));
        assertEquals(new RegionAccess(0x18, 0, 8), MultiWrite.write(two, 1));
        assertEquals(24, MultiWrite.dataOffset(0));
        assertEquals(48, MultiWrite.dataOffset(1));
        refused(EINVAL, () -> MultiWrite.count(two, 55));
        refused(EINVAL, () -> MultiWrite.count(Bytes.of("ffffffffffffffff"), 8));
        refused(EINVAL, () -> MultiWrite.write(Bytes.zeroed(32).putInt(20, 9), 0));
    }

    @Test
    void noDeviceFeatureIsOffered() {
        assertEquals(ENOTTY, DeviceFeature.refusal(Bytes.u32(8, 1 | 1 << 16)).errno());
        assertEquals(ENOTTY, DeviceFeature.refusal(Bytes.u32(8, 2 | 1 << 17)).errno());
        assertEquals(ENOTTY, DeviceFeature.refusal(Bytes.u32(8, 1 | 7 << 16)).errno());
        assertEquals(EINVAL, DeviceFeature.refusal(Bytes.u32(8, 1 | 3 << 16)).errno()); // get and set at once
        assertEquals(EINVAL, DeviceFeature.refusal(Bytes.u32(8, 1)).errno());
        assertEquals(EINVAL, DeviceFeature.refusal(Bytes.u32(7, 1 | 1 << 16)).errno());
        assertEquals(EINVAL, DeviceFeature.refusal(Bytes.u32(8, 1 | 1 << 19)).errno());
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "19, 0, 0", "65535, 0, 0", "1, 3, 0", "2, 31, 1", "2, 32, 2", "8, 20, 17", "13, 1, 0"})
    void commandsAreCheckedBeforeTheirPayload(int id, int bytes, int descriptors) {
        refused(EINVAL, () -> Command.of(id, bytes, descriptors));
    }
}
