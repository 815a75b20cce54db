package io.zonewright.frontend.nvme.command.feature;

import io.zonewright.frontend.nvme.command.CommandHandler;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.admin.ControllerState;
import io.zonewright.frontend.nvme.command.event.Notice;
import io.zonewright.frontend.nvme.command.page.Page;
import java.util.UUID;

/** Set Features (Base 2.0, "Set Features command"). FID and Save in CDW10, the value in CDW11 or in the data. */
public final class SetFeatures implements CommandHandler {
    private static final int EXTENDED_HOST_ID = 1;
    private static final int SHORT_HOST_ID_BYTES = 8;
    private static final int KEPT_HOST_BEHAVIOR_BYTES = 3;
    private static final int MILLIS_PER_SECOND = 1000;

    private final ControllerState state;

    public SetFeatures(ControllerState state) {
        this.state = state;
    }

    /** Bits of Asynchronous Event Configuration that may be set: SMART's five warnings and the notices that exist. */
    private int eventBits() {
        int smart = 0x1F;
        int zones = state.subsystem().zoned() ? Notice.ZONE_CHANGED.configBit() : 0;
        return smart | Notice.NAMESPACE_CHANGED.configBit() | zones;
    }

    @Override
    public int check(NvmeCommand command) {
        FeatureId id = FeatureId.of(command.cdw10() & 0xFF);
        if (id == null || !id.offered(state.traits(), state.subsystem().volatileCache())) {
            return invalid(command, 40);
        }
        if (command.cdw10() < 0) {
            command.setErrorLocation(43, 7);
            return NvmeStatus.dnr(NvmeStatus.FEATURE_IDENTIFIER_NOT_SAVEABLE);
        }
        int status = checkNamespace(id, command);
        return status == NvmeStatus.SUCCESS ? checkValue(id, command) : status;
    }

    private int checkNamespace(FeatureId id, NvmeCommand command) {
        int nsid = command.nsid();
        if (nsid == NvmeCommand.ALL_NAMESPACES || (nsid == 0 && !id.perNamespace())) {
            return NvmeStatus.SUCCESS;
        }
        command.setErrorLocation(4, 0);
        if (!state.valid(nsid)) {
            return NvmeStatus.dnr(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT);
        }
        if (!id.perNamespace()) {
            return NvmeStatus.dnr(NvmeStatus.FEATURE_NOT_NAMESPACE_SPECIFIC);
        }
        return state.attached(nsid) == null ? NvmeStatus.dnr(NvmeStatus.INVALID_FIELD) : NvmeStatus.SUCCESS;
    }

    private int checkValue(FeatureId id, NvmeCommand command) {
        int value = command.cdw11();
        return switch (id) {
            case POWER_MANAGEMENT -> (value & 0x1F) == 0 ? NvmeStatus.SUCCESS : invalid(command, 44);
            case TEMPERATURE_THRESHOLD ->
                GetFeatures.temperatureSelected(value) || allTemperatures(value)
                        ? NvmeStatus.SUCCESS
                        : invalid(command, 46);
            // DULBE: no namespace reports deallocated blocks as errors (NSFEAT.DAE is 0).
            case ERROR_RECOVERY -> ((value >>> 16) & 1) == 0 ? NvmeStatus.SUCCESS : invalid(command, 46);
            case NUMBER_OF_QUEUES -> checkQueues(command);
            case INTERRUPT_VECTOR ->
                (value & 0xFFFF) <= state.traits().maxIoQueues() ? NvmeStatus.SUCCESS : invalid(command, 44);
            case ASYNC_EVENT_CONFIGURATION -> (value & ~eventBits()) == 0 ? NvmeStatus.SUCCESS : invalid(command, 44);
            case COMMAND_SET_PROFILE ->
                (value & 0x1FF) == 0
                        ? NvmeStatus.SUCCESS
                        : NvmeStatus.dnr(NvmeStatus.IO_COMMAND_SET_COMBINATION_REJECTED);
            case HOST_IDENTIFIER -> checkHostId(command);
            case KEEP_ALIVE_TIMER,
                    ARBITRATION,
                    VOLATILE_WRITE_CACHE,
                    INTERRUPT_COALESCING,
                    WRITE_ATOMICITY,
                    TIMESTAMP,
                    HOST_BEHAVIOR -> command.expect(Transfer.TO_CONTROLLER, id.dataBytes());
        };
    }

    private int checkQueues(NvmeCommand command) {
        if ((command.cdw11() & 0xFFFF) == 0xFFFF || command.cdw11() >>> 16 == 0xFFFF) {
            return invalid(command, 44);
        }
        return state.ioQueuesMade() ? NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR) : NvmeStatus.SUCCESS;
    }

    private int checkHostId(NvmeCommand command) {
        if (state.traits().transport().fabrics()) {
            // Told by Connect, for the life of the association.
            return NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR);
        }
        boolean isLong = (command.cdw11() & EXTENDED_HOST_ID) != 0;
        return command.expect(
                Transfer.TO_CONTROLLER, isLong ? FeatureId.HOST_IDENTIFIER.dataBytes() : SHORT_HOST_ID_BYTES);
    }

    @Override
    public void execute(NvmeCommand command) {
        FeatureId id = FeatureId.of(command.cdw10() & 0xFF);
        if (id == null) {
            throw new IllegalStateException("checked before");
        }
        command.finish(set(id, command));
    }

    private int set(FeatureId id, NvmeCommand command) {
        Features features = state.features();
        int value = command.cdw11();
        switch (id) {
            case ARBITRATION -> features.setValue(id, value & 0xFFFFFF07);
            case POWER_MANAGEMENT -> features.setValue(id, value & 0xFF);
            case TEMPERATURE_THRESHOLD -> {
                features.setTemperatureThreshold(((value >>> 20) & 3) == 0, value & 0xFFFF);
                state.judgeTemperature();
            }
            case ERROR_RECOVERY -> setErrorRecovery(command.nsid(), value & 0xFFFF);
            case VOLATILE_WRITE_CACHE -> features.setValue(id, value & 1);
            case NUMBER_OF_QUEUES -> {
                int granted = state.carrier().grantQueues(value);
                features.setValue(id, granted);
                command.setDw0(granted);
            }
            case INTERRUPT_COALESCING -> {
                features.setValue(id, value & 0xFFFF);
                state.carrier().setInterruptCoalescing(value & 0xFF, (value >>> 8) & 0xFF);
            }
            case INTERRUPT_VECTOR -> {
                int vector = value & 0xFFFF;
                boolean disabled = ((value >>> 16) & 1) != 0;
                features.setUncoalesced(vector, disabled);
                state.carrier().setInterruptVector(vector, features.uncoalesced(vector));
            }
            case WRITE_ATOMICITY -> features.setValue(id, value & 1);
            case ASYNC_EVENT_CONFIGURATION -> {
                features.setValue(id, value);
                state.events().configure(value);
                state.judgeTemperature();
            }
            case TIMESTAMP ->
                features.setTimestamp(
                        Page.of(command.data()).get64(0),
                        state.subsystem().clock().getAsLong());
            case KEEP_ALIVE_TIMER -> state.keepAlive().setTimeout(roundUp(Integer.toUnsignedLong(value)));
            case HOST_BEHAVIOR -> {
                return setHostBehavior(Page.of(command.data()));
            }
            case COMMAND_SET_PROFILE -> features.setValue(id, 0);
            case HOST_IDENTIFIER -> {
                Page page = Page.of(command.data());
                boolean isLong = page.size() > SHORT_HOST_ID_BYTES;
                features.setHostId(isLong ? page.getUuid(0) : new UUID(Long.reverseBytes(page.get64(0)), 0), isLong);
            }
        }
        return NvmeStatus.SUCCESS;
    }

    private void setErrorRecovery(int nsid, int value) {
        for (NvmeNamespace namespace : state.namespaces()) {
            if (nsid == NvmeCommand.ALL_NAMESPACES || nsid == namespace.nsid()) {
                state.features().setErrorRecovery(namespace.nsid(), value);
            }
        }
    }

    /** ACRE, ETDAS and LBAFEE are 0 or 1; what else the host says means nothing here. */
    private int setHostBehavior(Page page) {
        byte[] kept = new byte[KEPT_HOST_BEHAVIOR_BYTES];
        for (int i = 0; i < kept.length; i++) {
            if (page.get8(i) > 1) {
                return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
            }
            kept[i] = (byte) page.get8(i);
        }
        state.features().setHostBehavior(kept);
        return NvmeStatus.SUCCESS;
    }

    /** KATO counts in steps of a second (KAS 10) and is rounded up. */
    private static long roundUp(long millis) {
        return (millis + MILLIS_PER_SECOND - 1) / MILLIS_PER_SECOND * MILLIS_PER_SECOND;
    }

    private static boolean allTemperatures(int value) {
        return ((value >>> 16) & 0xF) == 0xF && ((value >>> 20) & 3) <= 1;
    }

    private static int invalid(NvmeCommand command, int sqeByte) {
        command.setErrorLocation(sqeByte, 0);
        return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
    }
}
