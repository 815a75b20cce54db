package io.zonewright.frontend.nvme.command.log;

import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.CommandSet;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.OpcodeTable;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.admin.ControllerState;
import io.zonewright.frontend.nvme.command.feature.FeatureId;
import io.zonewright.frontend.nvme.command.page.Page;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Get Log Page (Base 2.0, "Get Log Page command"): any length that MDTS allows and any offset; what lies behind the
 * page's end is zero. The order of checks is: log page, offset's form, NSID, offset's size, length.
 */
public final class GetLogPage implements CommandHandler {
    private static final int EFFECTS_SIZE = 4096;
    private static final int IO_EFFECTS_OFFSET = 1024;
    private static final int OPCODES = 256;
    private static final int SCOPE_NAMESPACE = 1 << 20;
    private static final int SCOPE_CONTROLLER = 1 << 21;
    private static final int SUPPORTED = 1;

    private final ControllerState state;

    public GetLogPage(ControllerState state) {
        this.state = state;
    }

    @Override
    public int check(NvmeCommand command) {
        int size = size(logId(command));
        if (size == 0) {
            return fault(command, 40, NvmeStatus.INVALID_LOG_PAGE);
        }
        long offset = offset(command);
        if ((offset & 3) != 0 || ((command.cdw14() >>> 23) & 1) != 0) {
            // Offsets are in bytes, a multiple of four; by index (OT) no page can be read.
            return fault(command, 48, NvmeStatus.INVALID_FIELD);
        }
        int status = checkNamespace(command);
        if (status != NvmeStatus.SUCCESS) {
            return status;
        }
        if (logId(command) == LogId.COMMAND_EFFECTS && effects(command) == null) {
            return fault(command, 59, NvmeStatus.INVALID_FIELD);
        }
        if (Long.compareUnsigned(offset, size) > 0) {
            return fault(command, 48, NvmeStatus.INVALID_FIELD);
        }
        return command.expect(Transfer.TO_HOST, length(command));
    }

    private int checkNamespace(NvmeCommand command) {
        int nsid = command.nsid();
        boolean all = nsid == 0 || nsid == NvmeCommand.ALL_NAMESPACES;
        if (logId(command) != LogId.CHANGED_ZONES) {
            // Pages of the whole controller or subsystem.
            if (all) {
                return NvmeStatus.SUCCESS;
            }
            return fault(
                    command, 4, state.valid(nsid) ? NvmeStatus.INVALID_FIELD : NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
        }
        if (!state.valid(nsid)) {
            return fault(command, 4, NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
        }
        NvmeNamespace namespace = state.attached(nsid);
        if (namespace == null) {
            return fault(command, 4, NvmeStatus.INVALID_FIELD);
        }
        return namespace.zoned() ? NvmeStatus.SUCCESS : fault(command, 40, NvmeStatus.INVALID_LOG_PAGE);
    }

    @Override
    public void execute(NvmeCommand command) {
        boolean clear = ((command.cdw10() >>> 15) & 1) == 0;
        int id = logId(command);
        if (clear) {
            // Before the page is taken: what happens in between is told twice rather than never.
            state.events().pageRead(id);
        }
        Page page = page(id, command, clear);
        page.copyTo(offset(command), command.data());
        command.finish(NvmeStatus.SUCCESS);
    }

    private Page page(int id, NvmeCommand command, boolean clear) {
        return switch (id) {
            case LogId.SUPPORTED_PAGES -> supportedPages();
            case LogId.ERROR -> state.errors().page();
            case LogId.SMART ->
                Health.page(
                        state.subsystem().counters(),
                        state.features(),
                        Duration.ofNanos(state.subsystem().ageNanos()),
                        state.errors().count());
            case LogId.FIRMWARE_SLOT ->
                new Page(size(id))
                        .put8(0, 1)
                        .putText(8, 8, state.subsystem().options().firmware());
            case LogId.CHANGED_NAMESPACES -> state.changedNamespaces().page(clear);
            case LogId.COMMAND_EFFECTS -> commandEffects(effects(command));
            case LogId.FEATURE_EFFECTS -> featureEffects();
            case LogId.CHANGED_ZONES -> state.changedZones().page(clear);
            default -> new Page(size(id));
        };
    }

    /** Bytes of a page; 0 if this controller does not have it. */
    private int size(int id) {
        return switch (id) {
            case LogId.SUPPORTED_PAGES, LogId.FEATURE_EFFECTS -> 1024;
            case LogId.ERROR -> ErrorLog.ENTRIES * ErrorLog.ENTRY_SIZE;
            case LogId.SMART, LogId.FIRMWARE_SLOT -> 512;
            case LogId.CHANGED_NAMESPACES, LogId.COMMAND_EFFECTS, LogId.MANAGEMENT_EFFECTS -> 4096;
            case LogId.CHANGED_ZONES -> state.subsystem().zoned() ? 4096 : 0;
            default -> 0;
        };
    }

    private Page supportedPages() {
        Page page = new Page(size(LogId.SUPPORTED_PAGES));
        for (int id = 0; id < OPCODES; id++) {
            if (size(id) != 0) {
                page.put32(id * Integer.BYTES, SUPPORTED);
            }
        }
        return page;
    }

    private Page commandEffects(@Nullable OpcodeTable io) {
        Page page = new Page(EFFECTS_SIZE);
        OpcodeTable admin = state.adminTable();
        for (int code = 0; code < OPCODES; code++) {
            int effects = admin.effects(code);
            page.put32(code * Integer.BYTES, effects == 0 ? 0 : effects | SCOPE_CONTROLLER);
            if (io != null) {
                // No scope is told, as the specification allows: Linux warns of "unusual effects" where there is one.
                page.put32(IO_EFFECTS_OFFSET + code * Integer.BYTES, io.effects(code));
            }
        }
        return page;
    }

    /** The I/O commands that the effects log is about, chosen by CSI where the host enabled all sets; null: no such set. */
    private @Nullable OpcodeTable effects(NvmeCommand command) {
        int csi = state.registers().allCommandSets() ? command.cdw14() >>> 24 : CommandSet.NVM.csi();
        if (!state.knows(csi)) {
            return null;
        }
        return state.subsystem().table(csi == CommandSet.ZNS.csi() ? CommandSet.ZNS : CommandSet.NVM);
    }

    private Page featureEffects() {
        Page page = new Page(size(LogId.FEATURE_EFFECTS));
        for (FeatureId id : FeatureId.values()) {
            if (id.offered(state.traits(), state.subsystem().volatileCache())) {
                int scope = id.perNamespace() ? SCOPE_NAMESPACE : SCOPE_CONTROLLER;
                page.put32(id.code() * Integer.BYTES, SUPPORTED | scope);
            }
        }
        return page;
    }

    private static int logId(NvmeCommand command) {
        return command.cdw10() & 0xFF;
    }

    /** NUMDU and NUMDL: 0's-based doublewords. */
    private static long length(NvmeCommand command) {
        long dwords = ((long) (command.cdw11() & 0xFFFF) << 16) | (command.cdw10() >>> 16);
        return (dwords + 1) * Integer.BYTES;
    }

    private static long offset(NvmeCommand command) {
        return command.qword(12);
    }

    private static int fault(NvmeCommand command, int sqeByte, int status) {
        command.setErrorLocation(sqeByte, 0);
        return NvmeStatus.dnr(status);
    }
}
