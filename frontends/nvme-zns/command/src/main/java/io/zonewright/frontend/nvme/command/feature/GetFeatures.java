package io.zonewright.frontend.nvme.command.feature;

import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.admin.ControllerState;
import io.zonewright.frontend.nvme.command.page.Page;
import java.util.UUID;

/** Get Features (Base 2.0, "Get Features command"). FID and Select in CDW10, the feature's own arguments in CDW11. */
public final class GetFeatures implements CommandHandler {
    private static final int SELECT_CURRENT = 0;
    private static final int SELECT_CAPABILITIES = 3;
    private static final int EXTENDED_HOST_ID = 1;
    private static final int SHORT_HOST_ID_BYTES = 8;

    private final ControllerState state;

    public GetFeatures(ControllerState state) {
        this.state = state;
    }

    @Override
    public int check(NvmeCommand command) {
        FeatureId id = FeatureId.of(command.cdw10() & 0xFF);
        int select = select(command);
        if (id == null || !id.offered(state.traits(), state.subsystem().volatileCache())) {
            return invalid(command, 40);
        }
        if (select > SELECT_CAPABILITIES) {
            command.setErrorLocation(41, 0);
            return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
        }
        if (select == SELECT_CAPABILITIES) {
            return NvmeStatus.SUCCESS;
        }
        int nsid = command.nsid();
        if (id.perNamespace()) {
            if (!state.valid(nsid)) {
                return invalidNamespace(command);
            }
            if (state.attached(nsid) == null) {
                return invalid(command, 4);
            }
        }
        return switch (id) {
            case TEMPERATURE_THRESHOLD ->
                temperatureSelected(command.cdw11()) ? NvmeStatus.SUCCESS : invalid(command, 46);
            case INTERRUPT_VECTOR ->
                (command.cdw11() & 0xFFFF) <= state.traits().maxIoQueues() ? NvmeStatus.SUCCESS : invalid(command, 44);
            case HOST_IDENTIFIER -> checkHostId(command);
            default -> command.expect(Transfer.TO_HOST, id.dataBytes());
        };
    }

    private int checkHostId(NvmeCommand command) {
        boolean asksLong = (command.cdw11() & EXTENDED_HOST_ID) != 0;
        boolean isLong =
                state.traits().transport().fabrics() || state.features().longHostId();
        boolean known = state.traits().transport().fabrics() || state.features().hostId() != null;
        if (known && asksLong != isLong) {
            return NvmeStatus.dnr(NvmeStatus.HOST_IDENTIFIER_INCONSISTENT_FORMAT);
        }
        return command.expect(Transfer.TO_HOST, asksLong ? FeatureId.HOST_IDENTIFIER.dataBytes() : SHORT_HOST_ID_BYTES);
    }

    @Override
    public void execute(NvmeCommand command) {
        FeatureId id = FeatureId.of(command.cdw10() & 0xFF);
        if (id == null) {
            throw new IllegalStateException("checked before");
        }
        int select = select(command);
        if (select == SELECT_CAPABILITIES) {
            command.setDw0(id.capabilities());
        } else if (command.transferBytes() > 0) {
            data(id, select == SELECT_CURRENT, command.transferBytes()).copyTo(0, command.data());
        } else {
            command.setDw0(value(id, command, select == SELECT_CURRENT));
        }
        command.finish(NvmeStatus.SUCCESS);
    }

    private int value(FeatureId id, NvmeCommand command, boolean current) {
        Features features = current ? state.features() : new Features();
        int argument = command.cdw11();
        return switch (id) {
            case ERROR_RECOVERY -> features.errorRecovery(command.nsid());
            case TEMPERATURE_THRESHOLD -> features.temperatureThreshold(((argument >>> 20) & 3) == 0);
            case VOLATILE_WRITE_CACHE -> features.value(id, 1);
            case NUMBER_OF_QUEUES -> {
                int most = state.traits().maxIoQueues() - 1;
                yield features.value(id, most | (most << 16));
            }
            case INTERRUPT_VECTOR -> {
                int vector = argument & 0xFFFF;
                yield vector | (features.uncoalesced(vector) ? 1 << 16 : 0);
            }
            case KEEP_ALIVE_TIMER -> current ? (int) state.keepAlive().timeoutMillis() : 0;
            case ARBITRATION,
                    POWER_MANAGEMENT,
                    INTERRUPT_COALESCING,
                    WRITE_ATOMICITY,
                    ASYNC_EVENT_CONFIGURATION,
                    TIMESTAMP,
                    HOST_BEHAVIOR,
                    COMMAND_SET_PROFILE,
                    HOST_IDENTIFIER -> features.value(id, 0);
        };
    }

    private Page data(FeatureId id, boolean current, int length) {
        Page page = new Page(length);
        if (!current) {
            return page;
        }
        switch (id) {
            case TIMESTAMP ->
                page.put64(
                        0, state.features().timestamp(state.subsystem().clock().getAsLong()));
            case HOST_BEHAVIOR -> {
                byte[] bytes = state.features().hostBehavior();
                for (int i = 0; i < bytes.length; i++) {
                    page.put8(i, bytes[i]);
                }
            }
            case HOST_IDENTIFIER -> {
                UUID id128 = state.features().hostId();
                if (id128 == null) {
                    id128 = state.traits().hostId();
                }
                if (length == SHORT_HOST_ID_BYTES) {
                    page.put64(0, Long.reverseBytes(id128.getMostSignificantBits()));
                } else {
                    page.putUuid(0, id128);
                }
            }
            default -> throw new IllegalStateException(id + " has no data");
        }
        return page;
    }

    /** TMPSEL 0 is the composite temperature, the only one; THSEL 0 over, 1 under. */
    static boolean temperatureSelected(int argument) {
        return ((argument >>> 16) & 0xF) == 0 && ((argument >>> 20) & 3) <= 1;
    }

    private static int select(NvmeCommand command) {
        return (command.cdw10() >>> 8) & 7;
    }

    private static int invalid(NvmeCommand command, int sqeByte) {
        command.setErrorLocation(sqeByte, 0);
        return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
    }

    private static int invalidNamespace(NvmeCommand command) {
        command.setErrorLocation(4, 0);
        return NvmeStatus.dnr(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
    }
}
