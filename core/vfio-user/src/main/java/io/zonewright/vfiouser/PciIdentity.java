package io.zonewright.vfiouser;

/**
 * What a function is, as the header of its configuration space says (PCI Local Bus 3.0, section 6.2.1).
 *
 * @param vendor 16 bits
 * @param device 16 bits
 * @param revision 8 bits
 * @param classCode base class, subclass and programming interface, 24 bits: 0x010802 is an NVMe controller
 * @param subsystemVendor 16 bits
 * @param subsystem 16 bits
 */
public record PciIdentity(int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem) {
    public PciIdentity {
        require("vendor", vendor, 0xFFFF);
        require("device", device, 0xFFFF);
        require("revision", revision, 0xFF);
        require("class code", classCode, 0xFF_FFFF);
        require("subsystem vendor", subsystemVendor, 0xFFFF);
        require("subsystem", subsystem, 0xFFFF);
    }

    private static void require(String what, int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(what + " 0x" + Integer.toHexString(value) + " is too large");
        }
    }
}
