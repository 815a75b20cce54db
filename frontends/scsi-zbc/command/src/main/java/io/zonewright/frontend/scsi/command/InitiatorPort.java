package io.zonewright.frontend.scsi.command;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * An initiator port by its TransportID (SPC-5, "TransportID identifiers"), which is what persistent reservations know it
 * by across connections. Two with equal bytes are the same. Immutable.
 */
public final class InitiatorPort {
    private static final int ISCSI = 0x45;
    private static final int SAS = 0x06;
    private static final int SAS_SIZE = 24;
    private static final int SAS_ADDRESS_OFFSET = 4;
    private static final int ISCSI_HEADER = 4;
    private static final int MIN_ISCSI_NAME = 20;
    private static final int MAX_ISCSI_NAME = 223;

    private final byte[] transportId;
    private final String name;

    private InitiatorPort(byte[] transportId, String name) {
        this.transportId = transportId;
        this.name = name;
    }

    /**
     * An iSCSI initiator port, format 01b: name, {@code ,i,0x} and the ISID.
     *
     * @param initiatorName as negotiated, 1 to 223 bytes of UTF-8
     * @param isid 48 bits
     */
    public static InitiatorPort iscsi(String initiatorName, long isid) {
        byte[] text = initiatorName.getBytes(StandardCharsets.UTF_8);
        if (text.length == 0 || text.length > MAX_ISCSI_NAME) {
            throw new IllegalArgumentException("an iSCSI name has 1 to " + MAX_ISCSI_NAME + " bytes");
        }
        String whole = initiatorName + String.format(Locale.ROOT, ",i,0x%012x", isid & 0xFFFF_FFFF_FFFFL);
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        int length = Math.max(MIN_ISCSI_NAME, (bytes.length + 1 + 3) & ~3);
        byte[] id = ByteBuffer.allocate(ISCSI_HEADER + length)
                .put((byte) ISCSI)
                .put((byte) 0)
                .putShort((short) length)
                .put(bytes)
                .array();
        return new InitiatorPort(id, whole);
    }

    /**
     * A port known by a 64-bit address, shown as a SAS one, as Linux's vhost-scsi does: there is no TransportID for
     * virtio.
     *
     * @param address an NAA identifier; a locally assigned one (3h in its highest four bits) will do
     */
    public static InitiatorPort sas(long address) {
        byte[] id = ByteBuffer.allocate(SAS_SIZE)
                .put(0, (byte) SAS)
                .putLong(SAS_ADDRESS_OFFSET, address)
                .array();
        return new InitiatorPort(id, String.format(Locale.ROOT, "naa.%016x", address));
    }

    /** A copy of the TransportID. */
    public byte[] transportId() {
        return transportId.clone();
    }

    /** Whether a TransportID, as an initiator sends it in a parameter list, names this port. */
    public boolean matches(byte[] list, int from, int length) {
        return Arrays.equals(transportId, 0, transportId.length, list, from, from + length);
    }

    /** For messages. */
    public String name() {
        return name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InitiatorPort port && Arrays.equals(transportId, port.transportId);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(transportId);
    }

    @Override
    public String toString() {
        return name;
    }
}
