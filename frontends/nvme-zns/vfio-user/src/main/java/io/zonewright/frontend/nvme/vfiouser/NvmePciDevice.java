package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.vfiouser.MsixLayout;
import io.zonewright.vfiouser.PciBar;
import io.zonewright.vfiouser.PciDevice;
import io.zonewright.vfiouser.PciFunction;
import io.zonewright.vfiouser.PciHost;
import io.zonewright.vfiouser.PciIdentity;
import io.zonewright.vfiouser.Quiescence;
import java.nio.ByteBuffer;
import java.util.List;

/** An NVMe controller as a PCI function: BAR 0 for the controller, BAR 4 for MSI-X. */
final class NvmePciDevice implements PciDevice {
    /** See docs/decisions/0110-pci-ids-of-the-nvme-controller.md. */
    static final PciIdentity IDENTITY =
            new PciIdentity(ControllerTraits.PCI_VENDOR, 0x4E56, 1, 0x010802, ControllerTraits.PCI_VENDOR, 0x0001);

    private static final int MSIX_BAR = 4;

    private final String name;
    private final PciCarrier carrier;
    private final PciFunction function;

    /** @param mapped whether the driver may map the doorbells */
    NvmePciDevice(String name, PciCarrier carrier, boolean mapped) {
        this.name = name;
        this.carrier = carrier;
        List<PciBar.MappedArea> areas = mapped
                ? List.of(new PciBar.MappedArea(ControllerBar.DOORBELLS, ControllerBar.DOORBELL_BYTES))
                : List.of();
        int vectors = carrier.vectors();
        function = new PciFunction(
                IDENTITY,
                List.of(
                        new PciBar(0, ControllerBar.SIZE, true, areas),
                        PciBar.trapped(MSIX_BAR, MsixLayout.barSize(vectors))),
                MsixLayout.inOwnBar(vectors, MSIX_BAR),
                true,
                List.of());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PciFunction function() {
        return function;
    }

    @Override
    public boolean looksAtReadOnlyMemory() {
        return true;
    }

    @Override
    public void attached(PciHost host) {
        carrier.attach(host);
    }

    @Override
    public void read(int bar, long offset, ByteBuffer target) {
        if (bar == 0) {
            ControllerBar.read(carrier, offset, target);
        }
    }

    @Override
    public void write(int bar, long offset, ByteBuffer source) {
        if (bar == 0) {
            ControllerBar.write(carrier, offset, source);
        }
    }

    @Override
    public void reset(Quiescence done) {
        carrier.reset(done);
    }

    @Override
    public void memoryChanged(GuestMemory memory, Quiescence done) {
        carrier.memoryChanged(memory, done);
    }

    @Override
    public void memoryAdded(GuestMemory memory, Quiescence done) {
        carrier.memoryAdded(memory, done);
    }

    @Override
    public void detached(Quiescence done) {
        carrier.detach(done);
    }
}
