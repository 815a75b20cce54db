package io.zonewright.frontend.nvme.command.identify;

import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.CommandSet;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.admin.ControllerState;
import io.zonewright.frontend.nvme.command.page.Page;
import java.util.function.Predicate;

/**
 * Identify (Base 2.0, "Identify command"): CNS in CDW10 bits 7:0, controller identifier in 31:16, command set
 * identifier in CDW11 bits 31:24. The answer is always 4096 bytes.
 */
public final class Identify implements CommandHandler {
    private static final int CNS_NAMESPACE = 0x00;
    private static final int CNS_CONTROLLER = 0x01;
    private static final int CNS_ACTIVE_LIST = 0x02;
    private static final int CNS_DESCRIPTORS = 0x03;
    private static final int CNS_SET_NAMESPACE = 0x05;
    private static final int CNS_SET_CONTROLLER = 0x06;
    private static final int CNS_SET_ACTIVE_LIST = 0x07;
    private static final int CNS_COMMON_NAMESPACE = 0x08;
    private static final int CNS_ALLOCATED_LIST = 0x10;
    private static final int CNS_ALLOCATED_NAMESPACE = 0x11;
    private static final int CNS_ATTACHED_CONTROLLERS = 0x12;
    private static final int CNS_CONTROLLERS = 0x13;
    private static final int CNS_SET_ALLOCATED_LIST = 0x1A;
    private static final int CNS_SET_ALLOCATED_NAMESPACE = 0x1B;
    private static final int CNS_COMMAND_SETS = 0x1C;

    private static final int LIST_ENTRIES = 1024;
    private static final int CONTROLLER_ENTRIES = 2047;
    private static final int THIS_CONTROLLER = 0xFFFF;
    /** NSIDs from here on cannot start a list: FFFFFFFEh and FFFFFFFFh. */
    private static final int LAST_LIST_START = 0xFFFFFFFD;

    private final ControllerState state;
    private final NamespaceData namespaces;

    public Identify(ControllerState state) {
        this.state = state;
        namespaces = new NamespaceData(state.subsystem());
    }

    @Override
    public int check(NvmeCommand command) {
        int status = checkArguments(command);
        return status == NvmeStatus.SUCCESS ? command.expect(Transfer.TO_HOST, Page.IDENTIFY_SIZE) : status;
    }

    private int checkArguments(NvmeCommand command) {
        return switch (cns(command)) {
            case CNS_NAMESPACE, CNS_COMMON_NAMESPACE, CNS_ALLOCATED_NAMESPACE -> checkValid(command);
            case CNS_SET_NAMESPACE, CNS_SET_ALLOCATED_NAMESPACE -> {
                int status = checkValid(command);
                yield status == NvmeStatus.SUCCESS ? checkSetOfNamespace(command) : status;
            }
            case CNS_DESCRIPTORS, CNS_ATTACHED_CONTROLLERS -> {
                int status = checkValid(command);
                yield status == NvmeStatus.SUCCESS && !state.attached(command.namespace())
                        ? fault(command, 4, NvmeStatus.INVALID_FIELD)
                        : status;
            }
            case CNS_ACTIVE_LIST, CNS_ALLOCATED_LIST -> checkListStart(command);
            case CNS_SET_ACTIVE_LIST, CNS_SET_ALLOCATED_LIST -> {
                int status = checkListStart(command);
                yield status == NvmeStatus.SUCCESS ? checkSet(command) : status;
            }
            // These do not use NSID. Hosts should clear it, but fio does not, and Linux's and QEMU's controllers
            // do not look.
            case CNS_CONTROLLER, CNS_CONTROLLERS -> NvmeStatus.SUCCESS;
            case CNS_SET_CONTROLLER -> checkSet(command);
            case CNS_COMMAND_SETS -> checkController(command);
            default -> fault(command, 40, NvmeStatus.INVALID_FIELD);
        };
    }

    /** An allocated namespace, attached or not; kept for {@link #execute}, whatever happens to the device meanwhile. */
    private int checkValid(NvmeCommand command) {
        NvmeNamespace namespace = state.subsystem().namespace(command.nsid());
        if (namespace == null) {
            return fault(command, 4, NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
        }
        command.setNamespace(namespace);
        return NvmeStatus.SUCCESS;
    }

    private int checkListStart(NvmeCommand command) {
        return Integer.compareUnsigned(command.nsid(), LAST_LIST_START) <= 0
                ? NvmeStatus.SUCCESS
                : fault(command, 4, NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
    }

    private int checkSet(NvmeCommand command) {
        return state.knows(csi(command)) ? NvmeStatus.SUCCESS : fault(command, 47, NvmeStatus.INVALID_IO_COMMAND_SET);
    }

    /** A zoned namespace has data of the NVM Command Set as well as of its own. */
    private int checkSetOfNamespace(NvmeCommand command) {
        NvmeNamespace namespace = command.namespace();
        int csi = csi(command);
        return csi == CommandSet.NVM.csi() || csi == namespace.set().csi()
                ? NvmeStatus.SUCCESS
                : fault(command, 47, NvmeStatus.INVALID_IO_COMMAND_SET);
    }

    private int checkController(NvmeCommand command) {
        int id = controllerId(command);
        return id == THIS_CONTROLLER || state.subsystem().hasController(id)
                ? NvmeStatus.SUCCESS
                : fault(command, 42, NvmeStatus.INVALID_CONTROLLER_IDENTIFIER);
    }

    @Override
    public void execute(NvmeCommand command) {
        page(command).copyTo(0, command.data());
        command.finish(NvmeStatus.SUCCESS);
    }

    private Page page(NvmeCommand command) {
        return switch (cns(command)) {
            case CNS_NAMESPACE -> seen(command) ? namespaces.nvm(command.namespace()) : Page.identify();
            case CNS_ALLOCATED_NAMESPACE -> namespaces.nvm(command.namespace());
            case CNS_COMMON_NAMESPACE -> seen(command) ? namespaces.common(command.namespace()) : Page.identify();
            case CNS_SET_NAMESPACE -> seen(command) ? ofSet(command) : Page.identify();
            case CNS_SET_ALLOCATED_NAMESPACE -> ofSet(command);
            case CNS_DESCRIPTORS -> namespaces.descriptors(command.namespace());
            case CNS_CONTROLLER -> ControllerData.page(state);
            case CNS_SET_CONTROLLER ->
                csi(command) == CommandSet.ZNS.csi() ? ControllerData.zns(state) : ControllerData.nvm(state);
            case CNS_ACTIVE_LIST -> list(command.nsid(), state::attached);
            case CNS_SET_ACTIVE_LIST ->
                list(command.nsid(), n -> state.attached(n) && n.set().csi() == csi(command));
            case CNS_ALLOCATED_LIST -> list(command.nsid(), n -> true);
            case CNS_SET_ALLOCATED_LIST -> list(command.nsid(), n -> n.set().csi() == csi(command));
            case CNS_ATTACHED_CONTROLLERS, CNS_CONTROLLERS -> controllers(controllerId(command));
            case CNS_COMMAND_SETS -> commandSets();
            default -> throw new IllegalStateException("checked before: " + command);
        };
    }

    private Page ofSet(NvmeCommand command) {
        return csi(command) == CommandSet.ZNS.csi() ? namespaces.zns(command.namespace()) : namespaces.nvmExtension();
    }

    private Page list(int after, Predicate<NvmeNamespace> wanted) {
        Page page = Page.identify();
        int count = 0;
        for (NvmeNamespace namespace : state.namespaces()) {
            if (count < LIST_ENTRIES
                    && Integer.compareUnsigned(namespace.nsid(), after) > 0
                    && wanted.test(namespace)) {
                page.put32(count * Integer.BYTES, namespace.nsid());
                count++;
            }
        }
        return page;
    }

    /** A Controller List: how many, then their identifiers, ascending. */
    private Page controllers(int from) {
        Page page = Page.identify();
        int count = 0;
        for (int id : state.subsystem().controllerIds()) {
            if (id >= from && count < CONTROLLER_ENTRIES) {
                count++;
                page.put16(count * Short.BYTES, id);
            }
        }
        return page.put16(0, count);
    }

    /** One combination of command sets, so index 0 is always the one in use. */
    private Page commandSets() {
        long sets = 0;
        for (CommandSet set : CommandSet.values()) {
            if (set != CommandSet.ADMIN && state.knows(set.csi())) {
                sets |= 1L << set.csi();
            }
        }
        return Page.identify().put64(0, sets);
    }

    /** An allocated namespace that is not attached is shown by the ordinary structures as zeroes. */
    private boolean seen(NvmeCommand command) {
        return state.attached(command.namespace());
    }

    private static int cns(NvmeCommand command) {
        return command.cdw10() & 0xFF;
    }

    private static int controllerId(NvmeCommand command) {
        return command.cdw10() >>> 16;
    }

    private static int csi(NvmeCommand command) {
        return command.cdw11() >>> 24;
    }

    private static int fault(NvmeCommand command, int sqeByte, int status) {
        command.setErrorLocation(sqeByte, 0);
        return NvmeStatus.dnr(status);
    }
}
