package io.zonewright.vfiouser.interrupt;

/**
 * What a physical function reports uncorrectable errors with. The kernel's vfio has it for each PCI Express function, and
 * QEMU warns where it is missing; an emulated function has no such errors, so it is never raised.
 */
final class ErrorLine extends Line {
    @Override
    protected boolean ready() {
        return false;
    }

    @Override
    protected void delivered() {}
}
