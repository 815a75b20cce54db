package io.zonewright.vfiouser.interrupt;

import io.zonewright.posix.EventFd;
import io.zonewright.vfiouser.MsixLayout;
import io.zonewright.vfiouser.message.IrqInfo;
import io.zonewright.vfiouser.message.IrqSet;
import io.zonewright.vfiouser.message.RequestException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All interrupts of a function for one client. {@link #raise} and {@link #setPin} may be called from any thread, the rest
 * belongs to the control thread.
 */
public final class Interrupts {
    private final Vector[] vectors;
    private final @Nullable Pin pin;
    private final ErrorLine error = new ErrorLine();
    private volatile boolean msixEnabled;

    /**
     * @param vectorCount MSI-X vectors, 0 to 2048
     * @param hasPin whether there is INTA#
     */
    public Interrupts(int vectorCount, boolean hasPin) {
        vectors = new Vector[vectorCount];
        for (int i = 0; i < vectorCount; i++) {
            vectors[i] = new Vector();
        }
        pin = hasPin ? new Pin() : null;
    }

    /** How many interrupts of a kind there are, see {@link IrqInfo}. */
    public int count(int index) {
        return switch (index) {
            case IrqInfo.INTX -> pin == null ? 0 : 1;
            case IrqInfo.MSIX -> vectors.length;
            case IrqInfo.ERR -> 1;
            default -> 0;
        };
    }

    /** Interrupts through a vector; one that does not exist is ignored. From any thread. */
    public void raise(int vector) {
        if (vector >= 0 && vector < vectors.length) {
            vectors[vector].raise();
        }
    }

    /** Asserts or releases INTA#; from any thread. */
    public void setPin(boolean asserted) {
        Pin line = pin;
        if (line != null) {
            line.set(asserted);
        }
    }

    /** Whether INTA# is asserted. */
    public boolean pinAsserted() {
        Pin line = pin;
        return line != null && line.asserted();
    }

    /** The driver switched INTA# off or on. */
    public void setPinDisabled(boolean disabled) {
        Pin line = pin;
        if (line != null) {
            line.setDisabled(disabled);
        }
    }

    /** Whether the driver has switched MSI-X on; from any thread. */
    public boolean msixEnabled() {
        return msixEnabled;
    }

    /** The driver switched MSI-X on or off, or masked or unmasked all of it. */
    public void setMsix(boolean enabled, boolean masked) {
        msixEnabled = enabled;
        for (Vector vector : vectors) {
            if (!enabled) {
                vector.forget();
            }
            vector.setFunctionMasked(masked);
        }
        Pin line = pin;
        if (line != null) {
            line.setMsix(enabled);
        }
    }

    /** The function was reset. What the client listens with stays. */
    public void reset() {
        msixEnabled = false;
        for (Vector vector : vectors) {
            vector.reset();
        }
        Pin line = pin;
        if (line != null) {
            line.set(false);
            line.setMsix(false);
            line.setDisabled(false);
        }
    }

    /**
     * Carries out a checked SET_IRQS.
     *
     * @param descriptors one for each interrupt, taken over; empty: nobody listens any more, if it is about descriptors
     */
    public void set(IrqSet set, List<EventFd> descriptors) throws RequestException {
        if (set.count() == 0) {
            for (int i = 0; i < count(set.index()); i++) {
                line(set.index(), i).setTrigger(null);
            }
            return;
        }
        if (set.data() == IrqSet.Data.EVENTFD && set.action() != IrqSet.Action.TRIGGER) {
            descriptors.forEach(EventFd::close);
            if (!descriptors.isEmpty()) {
                throw RequestException.notSupported("masking and unmasking by descriptors is not offered");
            }
            return;
        }
        for (int i = 0; i < set.count(); i++) {
            Line line = line(set.index(), set.start() + i);
            if (set.data() == IrqSet.Data.EVENTFD) {
                line.setTrigger(descriptors.isEmpty() ? null : descriptors.get(i));
            } else if (set.chosen().holds(i)) {
                act(line, set.action());
            }
        }
    }

    /** Reads bytes of the MSI-X table. */
    public void readTable(long offset, ByteBuffer target, int length) {
        for (int i = 0; i < length; i++) {
            long at = offset + i;
            target.put(vectors[(int) (at / MsixLayout.ENTRY_SIZE)].tableByte((int) (at % MsixLayout.ENTRY_SIZE)));
        }
    }

    /** Writes bytes of the MSI-X table; a vector that is unmasked by it is delivered if it is pending. */
    public void writeTable(long offset, ByteBuffer source, int length) {
        int done = 0;
        while (done < length) {
            int inEntry = (int) ((offset + done) % MsixLayout.ENTRY_SIZE);
            int step = Math.min(length - done, MsixLayout.ENTRY_SIZE - inEntry);
            vectors[(int) ((offset + done) / MsixLayout.ENTRY_SIZE)].writeTable(inEntry, source, step);
            done += step;
        }
    }

    /** Reads bytes of the pending bit array. */
    public void readPending(long offset, ByteBuffer target, int length) {
        for (int i = 0; i < length; i++) {
            int bits = 0;
            int first = (int) (offset + i) * Byte.SIZE;
            for (int bit = 0; bit < Byte.SIZE && first + bit < vectors.length; bit++) {
                bits |= vectors[first + bit].pending() ? 1 << bit : 0;
            }
            target.put((byte) bits);
        }
    }

    /** The client has gone: all its descriptors are closed. */
    public void close() {
        List<Line> lines = new ArrayList<>(List.of(vectors));
        lines.add(error);
        Pin line = pin;
        if (line != null) {
            lines.add(line);
        }
        lines.forEach(each -> each.setTrigger(null));
    }

    private static void act(Line line, IrqSet.Action action) {
        switch (action) {
            case MASK -> line.setMasked(true);
            case UNMASK -> line.setMasked(false);
            case TRIGGER -> line.force();
        }
    }

    private Line line(int index, int number) {
        Pin line = pin;
        if (index == IrqInfo.INTX && line != null) {
            return line;
        }
        return index == IrqInfo.ERR ? error : vectors[number];
    }
}
