package io.zonewright.vhostuser.message;

import org.jspecify.annotations.Nullable;

/**
 * What a driver may send (vhost-user.rst, "Front-end message types"), with what can be checked before looking at the
 * payload. Requests that this device never allows, since it does not offer the protocol feature that they need, are in
 * the table all the same, to be refused by name.
 */
public enum DriverRequest {
    GET_FEATURES(1, 0, 0, 0, true, 0),
    SET_FEATURES(2, 8, 8, 0, false, 0),
    SET_OWNER(3, 0, 0, 0, false, 0),
    RESET_OWNER(4, 0, 0, 0, false, 0),
    SET_MEM_TABLE(5, MemoryTable.HEADER_SIZE, MemoryTable.MAX_SIZE, MemoryTable.MAX_REGIONS, false, 0),
    SET_LOG_BASE(6, 8, 16, 1, true, ProtocolFeatures.LOG_SHMFD),
    SET_LOG_FD(7, 0, 0, 1, false, ProtocolFeatures.LOG_SHMFD),
    SET_VRING_NUM(8, VringState.SIZE, VringState.SIZE, 0, false, 0),
    SET_VRING_ADDR(9, VringAddress.SIZE, VringAddress.SIZE, 0, false, 0),
    SET_VRING_BASE(10, VringState.SIZE, VringState.SIZE, 0, false, 0),
    GET_VRING_BASE(11, VringState.SIZE, VringState.SIZE, 0, true, 0),
    SET_VRING_KICK(12, 8, 8, 1, false, 0),
    SET_VRING_CALL(13, 8, 8, 1, false, 0),
    SET_VRING_ERR(14, 8, 8, 1, false, 0),
    GET_PROTOCOL_FEATURES(15, 0, 0, 0, true, 0),
    SET_PROTOCOL_FEATURES(16, 8, 8, 0, false, 0),
    GET_QUEUE_NUM(17, 0, 0, 0, true, ProtocolFeatures.MQ),
    SET_VRING_ENABLE(18, VringState.SIZE, VringState.SIZE, 0, false, 0),
    SET_BACKEND_REQ_FD(21, 0, 0, 1, false, ProtocolFeatures.BACKEND_REQ),
    GET_CONFIG(24, ConfigSpace.HEADER_SIZE, ConfigSpace.MAX_SIZE, 0, true, ProtocolFeatures.CONFIG),
    SET_CONFIG(25, ConfigSpace.HEADER_SIZE, ConfigSpace.MAX_SIZE, 0, false, ProtocolFeatures.CONFIG),
    GET_INFLIGHT_FD(31, 20, 24, 0, true, ProtocolFeatures.INFLIGHT_SHMFD),
    SET_INFLIGHT_FD(32, 20, 24, 1, false, ProtocolFeatures.INFLIGHT_SHMFD),
    RESET_DEVICE(34, 0, 0, 0, false, ProtocolFeatures.RESET_DEVICE),
    GET_MAX_MEM_SLOTS(36, 0, 0, 0, true, ProtocolFeatures.CONFIGURE_MEM_SLOTS),
    ADD_MEM_REG(37, SingleRegion.SIZE, SingleRegion.SIZE, 1, false, ProtocolFeatures.CONFIGURE_MEM_SLOTS),
    /** No descriptor is needed, but one is to be tolerated and closed. */
    REM_MEM_REG(38, SingleRegion.SIZE, SingleRegion.SIZE, 1, false, ProtocolFeatures.CONFIGURE_MEM_SLOTS),
    SET_STATUS(39, 8, 8, 0, false, ProtocolFeatures.STATUS),
    GET_STATUS(40, 0, 0, 0, true, ProtocolFeatures.STATUS);

    private static final @Nullable DriverRequest[] BY_ID = new @Nullable DriverRequest[41];

    static {
        for (DriverRequest request : values()) {
            BY_ID[request.id] = request;
        }
    }

    private final int id;
    private final int minPayload;
    private final int maxPayload;
    private final int maxDescriptors;
    private final boolean answered;
    private final long needs;

    DriverRequest(int id, int minPayload, int maxPayload, int maxDescriptors, boolean answered, long needs) {
        this.id = id;
        this.minPayload = minPayload;
        this.maxPayload = maxPayload;
        this.maxDescriptors = maxDescriptors;
        this.answered = answered;
        this.needs = needs;
    }

    /** The request with this number, or null if we know none. */
    public static @Nullable DriverRequest of(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /** The number on the wire. */
    public int id() {
        return id;
    }

    /** Whether it has an answer of its own, so that NEED_REPLY changes nothing. */
    public boolean answered() {
        return answered;
    }

    /**
     * Checks size, number of descriptors and that the protocol feature it belongs to was offered. Features that are
     * offered are not asked whether they were accepted as well: some hypervisors send GET_CONFIG early.
     */
    public void check(int payloadBytes, int descriptors) throws MessageException {
        if ((needs & ~ProtocolFeatures.OFFERED) != 0) {
            throw new MessageException(this + " belongs to a protocol feature that this device does not offer");
        }
        if (payloadBytes < minPayload || payloadBytes > maxPayload) {
            throw new MessageException(this + " has a payload of " + payloadBytes + " bytes, not "
                    + (minPayload == maxPayload ? "" + minPayload : minPayload + " to " + maxPayload));
        }
        if (descriptors > maxDescriptors) {
            throw new MessageException(
                    this + " carries " + descriptors + " descriptors, not at most " + maxDescriptors);
        }
    }
}
