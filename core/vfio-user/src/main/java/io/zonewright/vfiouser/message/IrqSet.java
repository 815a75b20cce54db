package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/**
 * VFIO_USER_DEVICE_SET_IRQS: u32 argsz, u32 flags, u32 index, u32 start, u32 count, and with {@link Data#BOOL} a byte for
 * each interrupt.
 *
 * @param index kind of interrupts, see {@link IrqInfo}
 * @param start first interrupt
 * @param count 0 with {@link Data#NONE} and {@link Action#TRIGGER}: the whole kind is switched off
 * @param chosen which of the range are meant: all of them, unless {@code data} is BOOL
 */
public record IrqSet(Data data, Action action, int index, int start, int count, Chosen chosen) {
    public static final int HEADER_SIZE = 20;
    /** Most interrupts of a kind: MSI-X has 2048. */
    public static final int MAX_COUNT = 2048;

    public static final int MAX_SIZE = HEADER_SIZE + MAX_COUNT;
    /** Most descriptors in one message, told to the client as max_msg_fds: QEMU refuses a server that takes more. */
    public static final int MAX_DESCRIPTORS = 16;

    private static final int DATA_MASK = 7;
    private static final int ACTION_SHIFT = 3;

    /** What comes along. */
    public enum Data {
        /** Nothing; the action happens now. */
        NONE,
        /** A byte for each interrupt; the action happens now for those that are not 0. */
        BOOL,
        /** A descriptor for each interrupt, or none at all: whom to tell, or whom to listen to. */
        EVENTFD
    }

    /** What is to be done. */
    public enum Action {
        MASK,
        UNMASK,
        TRIGGER
    }

    /** Which interrupts of a range are meant. */
    @FunctionalInterface
    public interface Chosen {
        /**
         * Whether one is meant.
         *
         * @param position from the start of the range
         */
        boolean holds(int position);
    }

    /**
     * Reads and checks a request.
     *
     * @param available how many interrupts of its kind there are, by index
     * @param descriptors how many came along
     */
    public static IrqSet read(ByteBuffer payload, int payloadBytes, int descriptors, Counts available)
            throws RequestException {
        ArgSize.require(payload.getInt(0), HEADER_SIZE);
        int flags = payload.getInt(4);
        Data data = switch (flags & DATA_MASK) {
            case 1 -> Data.NONE;
            case 2 -> Data.BOOL;
            case 4 -> Data.EVENTFD;
            default -> throw badFlags(flags);
        };
        Action action = switch (flags >>> ACTION_SHIFT) {
            case 1 -> Action.MASK;
            case 2 -> Action.UNMASK;
            case 4 -> Action.TRIGGER;
            default -> throw badFlags(flags);
        };
        int index = IrqInfo.requireIndex(payload.getInt(8));
        int start = payload.getInt(12);
        int count = payload.getInt(16);
        int most = available.of(index);
        if (start < 0 || count < 0 || start > most || count > most - start) {
            throw RequestException.invalid("SET_IRQS names interrupts " + Integer.toUnsignedString(start) + " to "
                    + (Integer.toUnsignedLong(start) + Integer.toUnsignedLong(count)) + " of " + most);
        }
        if (action != Action.TRIGGER && index != IrqInfo.INTX && index != IrqInfo.MSIX) {
            throw RequestException.invalid("SET_IRQS masks interrupts of kind " + index);
        }
        if (count == 0 && (start != 0 || data != Data.NONE || action != Action.TRIGGER)) {
            throw RequestException.invalid("SET_IRQS names no interrupt");
        }
        int bytes = data == Data.BOOL ? count : 0;
        if (payloadBytes != HEADER_SIZE + bytes) {
            throw RequestException.invalid("SET_IRQS has " + (payloadBytes - HEADER_SIZE) + " bytes of data");
        }
        if (descriptors != 0 && (data != Data.EVENTFD || descriptors != count)) {
            throw RequestException.invalid("SET_IRQS carries " + descriptors + " descriptors");
        }
        byte[] booleans = new byte[bytes];
        payload.get(HEADER_SIZE, booleans);
        Chosen chosen = data == Data.BOOL ? position -> booleans[position] != 0 : position -> true;
        return new IrqSet(data, action, index, start, count, chosen);
    }

    private static RequestException badFlags(int flags) {
        return RequestException.invalid("SET_IRQS has flags 0x" + Integer.toHexString(flags));
    }

    /** How many interrupts of each kind there are. */
    @FunctionalInterface
    public interface Counts {
        /**
         * The count of one kind.
         *
         * @param index see {@link IrqInfo}
         */
        int of(int index);
    }
}
