package io.zonewright.vfiouser.virtio;

import io.zonewright.vfiouser.MsixLayout;
import io.zonewright.vfiouser.PciBar;
import io.zonewright.vfiouser.PciFunction;
import io.zonewright.vfiouser.PciIdentity;
import io.zonewright.vfiouser.VendorCapability;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Where things are in a virtio function: BAR 0 has the four structures, a page each, BAR 2 the MSI-X vectors. The vendor
 * capabilities say so (virtio 1.3, section 4.1.4).
 */
final class VirtioPciLayout {
    static final int BAR = 0;
    static final int MSIX_BAR = 2;

    static final int PAGE = 4096;
    static final int COMMON = 0;
    static final int ISR = PAGE;
    static final int DEVICE = 2 * PAGE;
    static final int NOTIFY = 3 * PAGE;
    static final int BAR_SIZE = 4 * PAGE;

    /** Each queue has a doorbell of its own. */
    static final int NOTIFY_MULTIPLIER = 4;

    /** Doorbells that fit into their page. */
    static final int MAX_QUEUES = PAGE / NOTIFY_MULTIPLIER;

    private static final int VENDOR = 0x1AF4;
    private static final int FIRST_MODERN_ID = 0x1040;
    private static final int REVISION = 1;
    /** "Non-transitional devices SHOULD have a PCI Subsystem Device ID of 0x40 or higher." */
    private static final int SUBSYSTEM = 0x1100;

    private static final int CAP_SIZE = 16;
    private static final int CAP_TYPE = 3;
    private static final int CAP_BAR = 4;
    private static final int CAP_OFFSET = 8;
    private static final int CAP_LENGTH = 12;
    /** After the common part: notify_off_multiplier, or pci_cfg_data. */
    private static final int CAP_EXTRA = 16;

    private static final int TYPE_COMMON = 1;
    private static final int TYPE_NOTIFY = 2;
    private static final int TYPE_ISR = 3;
    private static final int TYPE_DEVICE = 4;
    private static final int TYPE_PCI_CFG = 5;

    private VirtioPciLayout() {}

    /**
     * The shape of a function.
     *
     * @param virtioId type of the device, 2 for a block device (section 5)
     * @param classCode 24 bits
     * @param mapped whether the client may map the doorbells
     * @param window carries out accesses through configuration space
     */
    static PciFunction function(int virtioId, int classCode, int queues, boolean mapped, BarWindow window) {
        int vectors = Math.min(queues + 1, MsixLayout.MAX_VECTORS);
        List<PciBar.MappedArea> areas = mapped ? List.of(new PciBar.MappedArea(NOTIFY, PAGE)) : List.of();
        return new PciFunction(
                new PciIdentity(VENDOR, FIRST_MODERN_ID + virtioId, REVISION, classCode, VENDOR, SUBSYSTEM),
                List.of(new PciBar(BAR, BAR_SIZE, true, areas), PciBar.trapped(MSIX_BAR, MsixLayout.barSize(vectors))),
                MsixLayout.inOwnBar(vectors, MSIX_BAR),
                true,
                List.of(
                        VendorCapability.constant(capability(TYPE_COMMON, COMMON, CommonConfig.SIZE, CAP_SIZE)),
                        notifyCapability(queues),
                        VendorCapability.constant(capability(TYPE_ISR, ISR, 1, CAP_SIZE)),
                        VendorCapability.constant(capability(TYPE_DEVICE, DEVICE, PAGE, CAP_SIZE)),
                        windowCapability(window)));
    }

    private static VendorCapability notifyCapability(int queues) {
        byte[] body = capability(TYPE_NOTIFY, NOTIFY, queues * NOTIFY_MULTIPLIER, CAP_SIZE + 4);
        littleEndian(body).putInt(CAP_EXTRA, NOTIFY_MULTIPLIER);
        return VendorCapability.constant(body);
    }

    /** Access to BARs for firmware that has not placed them yet (section 4.1.4.9): bar, offset, length, data are writable. */
    private static VendorCapability windowCapability(BarWindow window) {
        byte[] body = capability(TYPE_PCI_CFG, 0, 0, CAP_SIZE + 4);
        byte[] writable = new byte[body.length];
        writable[CAP_BAR] = (byte) 0xFF;
        littleEndian(writable).putInt(CAP_OFFSET, -1).putInt(CAP_LENGTH, -1).putInt(CAP_EXTRA, -1);
        return new VendorCapability(body, writable, new VendorCapability.Hook() {
            @Override
            public void reading(ByteBuffer bytes, int offset, int length) {
                if (offset + length > CAP_EXTRA && allowed(bytes)) {
                    bytes.putInt(CAP_EXTRA, 0);
                    window.read(bytes.getInt(CAP_OFFSET), data(bytes));
                }
            }

            @Override
            public void written(ByteBuffer bytes, int offset, int length) {
                if (offset + length > CAP_EXTRA && allowed(bytes)) {
                    window.write(bytes.getInt(CAP_OFFSET), data(bytes));
                }
            }
        });
    }

    /** "The driver MUST NOT ... unless length is 1, 2 or 4 and offset is a multiple of it": anything else does nothing. */
    private static boolean allowed(ByteBuffer bytes) {
        int length = bytes.getInt(CAP_LENGTH);
        int offset = bytes.getInt(CAP_OFFSET);
        return bytes.get(CAP_BAR) == BAR
                && (length == 1 || length == 2 || length == 4)
                && offset >= 0
                && offset % length == 0
                && offset <= BAR_SIZE - length;
    }

    private static ByteBuffer data(ByteBuffer bytes) {
        return bytes.slice(CAP_EXTRA, bytes.getInt(CAP_LENGTH)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] capability(int type, int offset, int length, int size) {
        byte[] body = new byte[size];
        body[CAP_TYPE] = (byte) type;
        body[CAP_BAR] = BAR;
        littleEndian(body).putInt(CAP_OFFSET, offset).putInt(CAP_LENGTH, length);
        return body;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** BAR 0 as a driver reaches it through configuration space; offsets and lengths are checked. */
    interface BarWindow {
        void read(int offset, ByteBuffer target);

        void write(int offset, ByteBuffer source);
    }
}
