package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.command.UnitLimits;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.Page;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Vital product data (SPC-5 for 00h, 80h, 83h, 86h, 87h and 88h; SBC-4 for B0h, B1h and B2h; ZBC-2 for B6h). Each page begins with
 * the device type, its code and a be16 length.
 */
final class VitalProductData {
    private static final int SUPPORTED_PAGES = 0x00;
    private static final int SERIAL_NUMBER = 0x80;
    private static final int IDENTIFICATION = 0x83;
    private static final int EXTENDED_INQUIRY = 0x86;
    private static final int MODE_PAGE_POLICY = 0x87;
    private static final int SCSI_PORTS = 0x88;
    private static final int BLOCK_LIMITS = 0xB0;
    private static final int BLOCK_CHARACTERISTICS = 0xB1;
    private static final int PROVISIONING = 0xB2;
    private static final int ZONED_CHARACTERISTICS = 0xB6;

    private static final int HEADER = 4;
    private static final int LONG_PAGE = 0x3C;
    private static final int PORT_HEADER = 12;
    /** Target ports that are listed; a device has one for each carrier and target that it is behind. */
    private static final int MAX_PORTS = 24;

    /** Most bytes of a page: {@link #MAX_PORTS} with names as long as names get. */
    static final int MAX_SIZE = 8192;

    private static final int FUAB = 0x02;
    private static final int HOST_AWARE = 0x10;
    private static final long NOT_REPORTED = 0xFFFF_FFFFL;

    private static final int ASCII = 0x2;
    private static final int BINARY = 0x1;
    private static final int UTF_8 = 0x3;
    private static final int PIV = 0x80;
    private static final int UNIT = 0x00;
    private static final int PORT = 0x10;
    private static final int DEVICE = 0x20;
    private static final int T10_VENDOR_ID = 0x1;
    private static final int NAA = 0x3;
    private static final int RELATIVE_PORT = 0x4;
    private static final int SCSI_NAME = 0x8;
    /** Locally assigned. */
    private static final long NAA_LOCAL = 0x3L << 60;

    private static final int LOCAL_BITS = 60;

    private VitalProductData() {}

    static boolean known(int code, LogicalUnit unit) {
        for (int each : codes(unit.shape())) {
            if (each == code) {
                return true;
            }
        }
        return false;
    }

    private static int[] codes(UnitShape shape) {
        return shape.zoned()
                ? new int[] {
                    SUPPORTED_PAGES,
                    SERIAL_NUMBER,
                    IDENTIFICATION,
                    EXTENDED_INQUIRY,
                    MODE_PAGE_POLICY,
                    SCSI_PORTS,
                    BLOCK_LIMITS,
                    BLOCK_CHARACTERISTICS,
                    PROVISIONING,
                    ZONED_CHARACTERISTICS
                }
                : new int[] {
                    SUPPORTED_PAGES,
                    SERIAL_NUMBER,
                    IDENTIFICATION,
                    EXTENDED_INQUIRY,
                    MODE_PAGE_POLICY,
                    SCSI_PORTS,
                    BLOCK_LIMITS,
                    BLOCK_CHARACTERISTICS,
                    PROVISIONING
                };
    }

    /** A page that is {@link #known}. */
    static Page page(int code, LogicalUnit unit, TargetPort port) {
        UnitShape shape = unit.shape();
        Page page = switch (code) {
            case SUPPORTED_PAGES -> supported(shape);
            case SERIAL_NUMBER -> serialNumber(unit);
            case IDENTIFICATION -> identification(unit, port);
            case EXTENDED_INQUIRY -> extendedInquiry(shape);
            case MODE_PAGE_POLICY -> modePagePolicy();
            case SCSI_PORTS -> ports(unit);
            case BLOCK_LIMITS -> blockLimits(unit, shape);
            case BLOCK_CHARACTERISTICS -> characteristics(shape);
            case PROVISIONING -> provisioning(shape);
            default -> zoned(unit, shape);
        };
        return page.put8(0, shape.deviceType()).put8(1, code).put16(2, page.size() - HEADER);
    }

    private static Page supported(UnitShape shape) {
        int[] codes = codes(shape);
        Page page = new Page(HEADER + codes.length);
        for (int i = 0; i < codes.length; i++) {
            page.put8(HEADER + i, codes[i]);
        }
        return page;
    }

    private static Page serialNumber(LogicalUnit unit) {
        String serial = unit.device().identity().serial();
        return new Page(HEADER + serial.length()).putText(HEADER, serial.length(), serial);
    }

    /** Unit: NAA, and vendor with serial number. Port: relative identifier, name. Device: name. */
    private static Page identification(LogicalUnit unit, TargetPort port) {
        DeviceIdentity identity = unit.device().identity();
        long naa = NAA_LOCAL | (identity.uuid().getMostSignificantBits() >>> (Long.SIZE - LOCAL_BITS));
        String vendor = String.format("%-8s", unit.options().vendor()) + identity.serial();
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        designator(list, BINARY, UNIT | NAA, longBytes(naa));
        designator(list, ASCII, UNIT | T10_VENDOR_ID, vendor.getBytes(StandardCharsets.US_ASCII));
        byte[] relative = {0, 0, (byte) (port.relativeId() >>> Byte.SIZE), (byte) port.relativeId()};
        designator(list, port.protocol() << 4 | BINARY, PIV | PORT | RELATIVE_PORT, relative);
        portName(list, port);
        designator(list, port.protocol() << 4 | UTF_8, PIV | DEVICE | SCSI_NAME, name(port.deviceName()));
        return new Page(HEADER + list.size()).put(HEADER, list.toByteArray());
    }

    private static void portName(ByteArrayOutputStream list, TargetPort port) {
        designator(list, port.protocol() << 4 | UTF_8, PIV | PORT | SCSI_NAME, name(port.portName()));
    }

    /** All pages and subpages are shared by all initiators. */
    private static Page modePagePolicy() {
        return new Page(HEADER + 4).put8(4, 0x3F).put8(5, 0xFF);
    }

    /** For each target port: be16 relative identifier at 2, no initiator port, be16 at 10 length of its name, the name. */
    private static Page ports(LogicalUnit unit) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (TargetPort port : unit.ports().stream().limit(MAX_PORTS).toList()) {
            ByteArrayOutputStream name = new ByteArrayOutputStream();
            portName(name, port);
            list.writeBytes(new Page(PORT_HEADER)
                    .put16(2, port.relativeId())
                    .put16(10, name.size())
                    .array());
            list.writeBytes(name.toByteArray());
        }
        return new Page(HEADER + list.size()).put(HEADER, list.toByteArray());
    }

    private static void designator(ByteArrayOutputStream list, int codes, int kind, byte[] value) {
        list.write(codes);
        list.write(kind);
        list.write(0);
        list.write(value.length);
        list.writeBytes(value);
    }

    private static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /** A SCSI name string ends with a zero byte and has a multiple of four bytes. */
    private static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Math.min(252, (utf8.length + 4) & ~3))
                .put(utf8)
                .array();
    }

    /** SIMPSUP, ORDSUP and HEADSUP; V_SUP where there is a volatile cache; LUICLR, since resets tell every nexus. */
    private static Page extendedInquiry(UnitShape shape) {
        return new Page(HEADER + LONG_PAGE)
                .put8(5, 0x07)
                .put8(6, shape.cached() ? 0x01 : 0x00)
                .put8(7, 0x01);
    }

    private static Page blockLimits(LogicalUnit unit, UnitShape shape) {
        long transfer = shape.toBlocks(unit.options().maxTransferBytes());
        return new Page(HEADER + LONG_PAGE)
                .put8(4, UnitLimits.WRITE_SAME_NON_ZERO)
                .put8(5, UnitLimits.compareAndWriteBlocks(shape))
                .put16(6, 1 << shape.physicalExponent())
                .put32(8, transfer)
                .put32(12, Math.min(transfer, shape.toBlocks(UnitLimits.OPTIMAL_TRANSFER_BYTES)))
                .put32(16, transfer)
                .put32(20, shape.unmaps() ? UnitLimits.unmapBlocks(shape) : 0)
                .put32(24, shape.unmaps() ? UnitLimits.UNMAP_DESCRIPTORS : 0)
                .put32(28, shape.unmaps() ? 1 : 0)
                .put64(36, UnitLimits.writeSameBlocks(unit));
    }

    /** Not rotating; FUAB, since SYNCHRONIZE CACHE reaches the medium; ZONED says host-aware. */
    private static Page characteristics(UnitShape shape) {
        return new Page(HEADER + LONG_PAGE)
                .put16(4, 1)
                .put8(8, FUAB | (shape.model() == ZoneModel.HOST_AWARE ? HOST_AWARE : 0));
    }

    /** LBPU, LBPWS, LBPWS10 and LBPRZ 001b; thin provisioned. */
    private static Page provisioning(UnitShape shape) {
        return shape.unmaps() ? new Page(HEADER + 4).put8(5, 0xE4).put8(6, 0x02) : new Page(HEADER + 4);
    }

    /** URSWRZ; how many zones may be open; where zones start if some have gaps. */
    private static Page zoned(LogicalUnit unit, UnitShape shape) {
        ZoneLimits limits = unit.device().limits();
        int open = UnitLimits.maxOpen(limits);
        boolean managed = shape.hostManaged();
        boolean gaps = unit.zones().hasGaps();
        return new Page(HEADER + LONG_PAGE)
                .put8(4, managed && unit.options().unrestrictedReads() ? 1 : 0)
                .put32(8, NOT_REPORTED)
                .put32(12, NOT_REPORTED)
                .put32(16, managed && open != 0 ? open : NOT_REPORTED)
                .put8(23, gaps ? 0x08 : 0x01)
                .put64(24, shape.zoneBlocks());
    }
}
