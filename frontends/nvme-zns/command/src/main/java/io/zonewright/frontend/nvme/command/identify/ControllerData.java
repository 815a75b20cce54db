package io.zonewright.frontend.nvme.command.identify;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.frontend.nvme.command.CommandSet;
import io.zonewright.frontend.nvme.command.ControllerRegisters;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.OpcodeTable;
import io.zonewright.frontend.nvme.command.Transport;
import io.zonewright.frontend.nvme.command.admin.ControllerState;
import io.zonewright.frontend.nvme.command.event.AsyncEvents;
import io.zonewright.frontend.nvme.command.event.Notice;
import io.zonewright.frontend.nvme.command.feature.Features;
import io.zonewright.frontend.nvme.command.log.ErrorLog;
import io.zonewright.frontend.nvme.command.page.Page;

/** The Identify Controller data structures (Base 2.0; NVM Command Set 1.0; ZNS 1.1). */
final class ControllerData {
    private static final int CRITICAL_TEMPERATURE = 373;
    /** A flush of everything, then nothing is left to do. */
    private static final int SHUTDOWN_MICROS = 10_000_000;

    private static final int RESUME_MICROS = 1_000_000;

    private ControllerData() {}

    /** CNS 01h. */
    static Page page(ControllerState state) {
        NvmeSubsystem subsystem = state.subsystem();
        ControllerTraits traits = state.traits();
        DeviceIdentity identity = subsystem.device().identity();
        boolean pcie = traits.transport() == Transport.PCIE;
        Page page = Page.identify()
                .put16(0, pcie ? ControllerTraits.PCI_VENDOR : 0) // VID
                .put16(2, pcie ? ControllerTraits.PCI_VENDOR : 0) // SSVID
                .putText(4, 20, identity.serial()) // SN
                .putText(24, 40, subsystem.options().model()) // MN
                .putText(64, 8, subsystem.options().firmware()) // FR
                .put8(76, 0x03) // CMIC: several ports, several controllers
                .put8(77, pages(traits)) // MDTS
                .put16(78, state.id()) // CNTLID
                .put32(80, ControllerRegisters.VERSION) // VER
                .put32(84, RESUME_MICROS) // RTD3R
                .put32(88, SHUTDOWN_MICROS) // RTD3E
                .put32(
                        92,
                        Notice.NAMESPACE_CHANGED.configBit()
                                | (subsystem.zoned() ? Notice.ZONE_CHANGED.configBit() : 0)) // OAES
                .put32(96, 1 | (traits.keepAlive() ? 1 << 6 : 0)) // CTRATT: 128-bit host identifier, TBKAS
                .put8(111, 1) // CNTRLTYPE: I/O controller
                .put8(253, 1) // NVMSR: part of an NVMe storage device
                .put16(256, traits.shadowDoorbells() ? 1 << 8 : 0) // OACS: Doorbell Buffer Config
                .put8(258, 3) // ACL: four Abort commands at once, 0's-based
                .put8(259, AsyncEvents.LIMIT - 1) // AERL
                .put8(260, 0x03) // FRMW: one slot, read-only
                .put8(261, 0x26) // LPA: effects, extended Get Log Page, supported pages and effects
                .put8(262, ErrorLog.ENTRIES - 1) // ELPE
                .put16(266, Features.WARNING_TEMPERATURE) // WCTEMP
                .put16(268, CRITICAL_TEMPERATURE) // CCTEMP
                .put16(320, traits.keepAlive() ? 10 : 0) // KAS: steps of a second
                .put8(512, 0x66) // SQES
                .put8(513, 0x44) // CQES
                .put16(514, pcie ? 0 : Math.min(traits.maxQueueEntries(), 0xFFFF)) // MAXCMD
                .put32(516, subsystem.namespaces().size()) // NN
                .put16(520, oncs(subsystem)) // ONCS
                .put8(525, 0x06 | (subsystem.volatileCache() ? 1 : 0)) // VWC: Flush knows NSID FFFFFFFFh
                .put32(536, sgls(traits)) // SGLS
                .put32(540, subsystem.namespaces().size()) // MNAN
                .putUtf8(768, subsystem.options().nqn()); // SUBNQN
        if (!pcie) {
            page.put32(1792, traits.ioccsz16()) // IOCCSZ
                    .put32(1796, traits.iorcsz16()) // IORCSZ
                    .put8(1803, 1); // MSDBD: one data block descriptor
        }
        return page;
    }

    /** CNS 06h, NVM: VSL. Write Zeroes and Dataset Management have no limits but their fields' own. */
    static Page nvm(ControllerState state) {
        int verify = state.subsystem().io().maxVerifyBytes() / ControllerTraits.PAGE;
        return Page.identify().put8(0, Integer.numberOfTrailingZeros(verify));
    }

    /** CNS 06h, ZNS: ZASL. */
    static Page zns(ControllerState state) {
        return Page.identify().put8(0, state.subsystem().zasl(state.traits()));
    }

    private static int pages(ControllerTraits traits) {
        return Integer.numberOfTrailingZeros(traits.dataLimit() / ControllerTraits.PAGE);
    }

    private static int oncs(NvmeSubsystem subsystem) {
        OpcodeTable nvm = subsystem.table(CommandSet.NVM);
        return bit(nvm, NvmeOpcode.COMPARE, 0)
                | bit(nvm, NvmeOpcode.DATASET_MANAGEMENT, 2)
                | bit(nvm, NvmeOpcode.WRITE_ZEROES, 3)
                | (1 << 4) // Save and Select fields
                | (1 << 6) // Timestamp
                | bit(nvm, NvmeOpcode.VERIFY, 7);
    }

    private static int bit(OpcodeTable table, NvmeOpcode opcode, int bit) {
        return table.offers(opcode) ? 1 << bit : 0;
    }

    /** Any alignment, and more room than data; on fabrics also offsets into the capsule and transport data blocks. */
    private static int sgls(ControllerTraits traits) {
        if (!traits.sgl()) {
            return 0;
        }
        int both = 1 | (1 << 18);
        return traits.transport().fabrics() ? both | (1 << 20) | (1 << 21) : both;
    }
}
