package io.zonewright.frontend.nvme.command.identify;

import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.page.Page;
import java.util.UUID;

/** The Identify Namespace data structures (Base 2.0; NVM Command Set 1.0; ZNS 1.1). */
final class NamespaceData {
    private static final int NO_LIMIT = 0xFFFFFFFF;
    private static final int SHARED = 1;
    private static final int FORMATS_OFFSET = 128;
    private static final int ZONED_FORMATS_OFFSET = 2816;
    private static final int TYPE_NGUID = 2;
    private static final int TYPE_UUID = 3;
    private static final int TYPE_CSI = 4;
    private static final int DESCRIPTOR_HEADER = 4;

    private final NvmeSubsystem subsystem;

    NamespaceData(NvmeSubsystem subsystem) {
        this.subsystem = subsystem;
    }

    /** CNS 00h, which zoned namespaces have too. */
    Page nvm(NvmeNamespace namespace) {
        long capacity = subsystem.capacityLbas(namespace);
        return Page.identify()
                .put64(0, namespace.lbas()) // NSZE
                .put64(8, capacity) // NCAP
                .put64(16, capacity) // NUSE
                .put8(30, SHARED) // NMIC
                // DLFEAT: deallocated blocks read as zeroes, or as it is not said.
                .put8(33, subsystem.device().discardsToZeroes() ? 1 : 0)
                .putUuid(104, subsystem.uuid(namespace)) // NGUID
                .put8(FORMATS_OFFSET + 2, namespace.lbaShift()) // LBAF0: LBADS
                .put8(99, subsystem.writeProtected() ? 1 : 0); // NSATTR
    }

    /** CNS 05h for the NVM Command Set: no protection information. */
    Page nvmExtension() {
        return Page.identify();
    }

    /** CNS 05h for the Zoned Namespace Command Set. */
    Page zns(NvmeNamespace namespace) {
        ZoneLimits limits = subsystem.device().limits();
        ZoneFeatures features = subsystem.device().features();
        boolean areas = features.areas() > 0;
        int crossing = subsystem.io().readsAcrossZones() ? 1 : 0;
        Page page = Page.identify()
                .put16(2, crossing | (areas ? 1 << 1 : 0)) // OZCS: RAZB, ZRWASUP
                .put32(4, zeroBased(limits.maxActive())) // MAR
                .put32(8, zeroBased(limits.maxOpen())) // MOR
                .put64(ZONED_FORMATS_OFFSET, namespace.zoneLbas()) // LBAFE0: ZSZE
                .put8(ZONED_FORMATS_OFFSET + 8, subsystem.io().zoneDescriptorExtensionUnits()); // ZDES
        if (areas) {
            page.put32(44, features.areas()) // NUMZRWA
                    .put16(48, (int) (features.areaFlushBytes() >> namespace.lbaShift())) // ZRWAFG
                    .put16(50, (int) (features.areaBytes() >> namespace.lbaShift())) // ZRWASZ
                    .put8(52, 1); // ZRWACAP: explicit flush
        }
        return page;
    }

    /** CNS 08h: what all command sets have in common. */
    Page common(NvmeNamespace namespace) {
        return Page.identify()
                .put8(1, SHARED) // NMIC
                .put8(8, subsystem.writeProtected() ? 1 : 0) // NSATTR
                .put8(14, 1); // NSTAT: ready
    }

    /** CNS 03h: Namespace Identification Descriptors. */
    Page descriptors(NvmeNamespace namespace) {
        UUID uuid = subsystem.uuid(namespace);
        Page page = Page.identify();
        int at = header(page, 0, TYPE_NGUID, 16);
        page.putUuid(at, uuid);
        at = header(page, at + 16, TYPE_UUID, 16);
        page.putUuid(at, uuid);
        at = header(page, at + 16, TYPE_CSI, 1);
        return page.put8(at, namespace.set().csi());
    }

    private static int header(Page page, int at, int type, int length) {
        page.put8(at, type).put8(at + 1, length);
        return at + DESCRIPTOR_HEADER;
    }

    /** MAR and MOR are 0's-based; FFFFFFFFh is no limit. */
    private static int zeroBased(int limit) {
        return limit == 0 ? NO_LIMIT : limit - 1;
    }
}
