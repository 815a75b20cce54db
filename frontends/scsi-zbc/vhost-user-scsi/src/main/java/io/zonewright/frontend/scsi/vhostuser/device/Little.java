package io.zonewright.frontend.scsi.vhostuser.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian fields in private copies. */
final class Little {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle BIG_LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();

    private Little() {}

    static int get32(byte[] from, int at) {
        return (int) INT.get(from, at);
    }

    static void put32(byte[] into, int at, int value) {
        INT.set(into, at, value);
    }

    static void put16(byte[] into, int at, int value) {
        into[at] = (byte) value;
        into[at + 1] = (byte) (value >>> Byte.SIZE);
    }

    static long get64(byte[] from, int at) {
        return (long) LONG.get(from, at);
    }

    /** The eight bytes of a LUN, which are no number: the first one highest. */
    static long lun(byte[] from, int at) {
        return (long) BIG_LONG.get(from, at);
    }

    static void putLun(byte[] into, int at, long lun) {
        BIG_LONG.set(into, at, lun);
    }
}
