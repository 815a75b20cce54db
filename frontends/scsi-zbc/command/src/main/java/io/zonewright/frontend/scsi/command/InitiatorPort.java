package io.zonewright.frontend.scsi.command;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
    private static final String ISID_SEPARATOR = ",i,0x";
    private static final Pattern ISID = Pattern.compile("[0-9a-fA-F]{12}");

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

    /**
     * How long the TransportID is that begins here.
     *
     * @param room bytes that there are from {@code at} on
     * @return bytes; -1 if it does not fit, or is of a protocol that no port here has
     */
    public static int transportIdLength(byte[] list, int at, int room) {
        if (room < SAS_SIZE) {
            return -1;
        }
        int length = switch (list[at] & 0xFF) {
            case SAS -> SAS_SIZE;
            case ISCSI -> ISCSI_HEADER + ((list[at + 2] & 0xFF) << Byte.SIZE | (list[at + 3] & 0xFF));
            default -> -1;
        };
        return length <= room ? length : -1;
    }

    /**
     * The port that a TransportID in a parameter list names; it need not have come by yet. An iSCSI one must name a port and
     * not a device alone (format 01b).
     *
     * @param length as {@link #transportIdLength} says
     * @return null if it is malformed
     */
    public static @Nullable InitiatorPort ofTransportId(byte[] list, int at, int length) {
        if ((list[at] & 0xFF) == SAS) {
            byte[] exact = Arrays.copyOfRange(list, at, at + SAS_SIZE);
            InitiatorPort port = sas(ByteBuffer.wrap(exact).getLong(SAS_ADDRESS_OFFSET));
            return Arrays.equals(port.transportId, exact) ? port : null;
        }
        int end = at + ISCSI_HEADER;
        while (end < at + length && list[end] != 0) {
            end++;
        }
        String whole = new String(list, at + ISCSI_HEADER, end - at - ISCSI_HEADER, StandardCharsets.UTF_8);
        int separator = whole.lastIndexOf(ISID_SEPARATOR);
        String isid = separator < 0 ? "" : whole.substring(separator + ISID_SEPARATOR.length());
        if (separator < 1 || !ISID.matcher(isid).matches()) {
            return null;
        }
        try {
            return iscsi(whole.substring(0, separator), Long.parseLong(isid, 16));
        } catch (IllegalArgumentException e) {
            return null;
        }
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
