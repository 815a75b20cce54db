package io.zonewright.vfiouser.message;

/** Numbers of the regions of a PCI device (linux/vfio.h, VFIO_PCI_*_REGION_INDEX); 0 to 5 are the BARs. */
public final class RegionIndex {
    public static final int LAST_BAR = 5;
    public static final int ROM = 6;
    public static final int CONFIG = 7;
    public static final int VGA = 8;
    public static final int COUNT = 9;

    private RegionIndex() {}

    static int require(int index) throws RequestException {
        if (index < 0 || index >= COUNT) {
            throw RequestException.invalid("there is no region " + Integer.toUnsignedString(index));
        }
        return index;
    }
}
