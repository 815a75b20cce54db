package io.zonewright.frontend.nvme.command;

/** What carries commands; decides which of the commands and properties of NVM Express Base 2.0 exist. */
public enum Transport {
    /** Queues in host memory, properties in a BAR. */
    PCIE,
    /** NVMe over Fabrics by TCP: capsules, properties by Property Get and Set. */
    TCP;

    /** Whether the Fabrics chapter of the Base specification applies. */
    public boolean fabrics() {
        return this != PCIE;
    }
}
