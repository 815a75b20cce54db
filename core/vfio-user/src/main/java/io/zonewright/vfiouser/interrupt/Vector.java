package io.zonewright.vfiouser.interrupt;

import io.zonewright.vfiouser.MsixLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One MSI-X vector: an entry of the table { u64 address, u32 data, u32 control } and its pending bit.
 *
 * <p>Bit 0 of control masks the vector, and is set at power-on. Hypervisors keep the table to themselves and never write
 * ours: they say by SET_IRQS where a vector goes. So the bit counts only once it was written.
 */
final class Vector extends Line {
    private static final int CONTROL = 12;
    private static final int MASK = 1;

    private final ByteBuffer entry = ByteBuffer.allocate(MsixLayout.ENTRY_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private boolean tableWritten;
    private boolean functionMasked;
    private boolean pending;

    Vector() {
        entry.putInt(CONTROL, MASK);
    }

    synchronized void raise() {
        pending = true;
        deliver();
    }

    synchronized boolean pending() {
        return pending;
    }

    synchronized void setFunctionMasked(boolean value) {
        functionMasked = value;
        deliver();
    }

    /** The function was reset, or MSI-X switched off: nothing waits any more. */
    synchronized void forget() {
        pending = false;
    }

    /** The table's entry is as at power-on. */
    synchronized void reset() {
        entry.clear();
        for (int i = 0; i < MsixLayout.ENTRY_SIZE; i++) {
            entry.put(i, (byte) 0);
        }
        entry.putInt(CONTROL, MASK);
        tableWritten = false;
        functionMasked = false;
        pending = false;
    }

    synchronized byte tableByte(int offset) {
        return entry.get(offset);
    }

    /** Writes bytes of the entry, one after the other, then looks whether the vector is free to go. */
    synchronized void writeTable(int offset, ByteBuffer source, int length) {
        for (int i = 0; i < length; i++) {
            int at = offset + i;
            byte value = source.get();
            if (at < CONTROL) {
                entry.put(at, value);
            } else if (at == CONTROL) {
                entry.put(at, (byte) (value & MASK));
                tableWritten = true;
            }
        }
        deliver();
    }

    @Override
    protected boolean ready() {
        boolean tableMasked = tableWritten && (entry.get(CONTROL) & MASK) != 0;
        return pending && !functionMasked && !tableMasked;
    }

    @Override
    protected void delivered() {
        pending = false;
    }
}
