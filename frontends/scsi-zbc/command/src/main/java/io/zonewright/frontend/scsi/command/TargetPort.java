package io.zonewright.frontend.scsi.command;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * Who a target port is, for VPD page 83h and persistent reservations.
 *
 * @param protocol PROTOCOL IDENTIFIER (SPC-5, "Protocol identifier"): 5h iSCSI, 6h SAS
 * @param deviceName SCSI name string of the target device, {@code iqn…} or {@code naa.…}
 * @param portName SCSI name string of the port
 * @param relativeId relative target port identifier, 1 to FFFFh, the same after every restart
 */
public record TargetPort(int protocol, String deviceName, String portName, int relativeId) {
    /** PROTOCOL IDENTIFIER of iSCSI. */
    public static final int ISCSI = 0x5;
    /** PROTOCOL IDENTIFIER of SAS. */
    public static final int SAS = 0x6;

    private static final int MAX_NAME_BYTES = 250;
    private static final int IDS = 0xFFFF;

    public TargetPort {
        if (relativeId < 1 || relativeId > IDS) {
            throw new IllegalArgumentException("relative target port identifier " + relativeId);
        }
        if (deviceName.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES
                || portName.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("a name has at most " + MAX_NAME_BYTES + " bytes: " + portName);
        }
    }

    /** The port of an iSCSI target (RFC 7143, "SCSI to iSCSI concepts mapping model"): its name and portal group. */
    public static TargetPort iscsi(String targetName, int portalGroup) {
        String port = targetName + String.format(Locale.ROOT, ",t,0x%04x", portalGroup);
        return new TargetPort(ISCSI, targetName, port, idOf(port));
    }

    /**
     * A port known by a 64-bit address.
     *
     * @param address an NAA identifier; a locally assigned one (3h in its highest four bits) will do
     */
    public static TargetPort sas(long address) {
        String name = String.format(Locale.ROOT, "naa.%016X", address);
        return new TargetPort(SAS, name, name, idOf(name));
    }

    /** Ports of one device on several carriers need different numbers, which stay what they are. */
    private static int idOf(String name) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % IDS) + 1;
    }
}
