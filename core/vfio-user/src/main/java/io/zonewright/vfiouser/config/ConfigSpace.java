package io.zonewright.vfiouser.config;

import io.zonewright.vfiouser.MsixLayout;
import io.zonewright.vfiouser.PciBar;
import io.zonewright.vfiouser.PciFunction;
import io.zonewright.vfiouser.PciIdentity;
import io.zonewright.vfiouser.VendorCapability;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The 4096 bytes of a function's configuration space: what they hold, which bits a driver can change, and what that sets
 * off. Each byte has a mask of writable bits; everything else ignores writes, as the specification asks.
 *
 * <p>Capabilities from 0x40 on: power management, MSI-X (where there are vectors), PCI Express, then the device's own. For
 * the control thread.
 */
public final class ConfigSpace {
    /** Bytes; the extended space, from 256 on, reads as zero: no extended capabilities. */
    public static final int SIZE = 4096;

    public static final int COMMAND = 0x04;
    public static final int COMMAND_MEMORY = 1 << 1;
    public static final int COMMAND_BUS_MASTER = 1 << 2;
    public static final int COMMAND_PIN_DISABLED = 1 << 10;

    private static final int STATUS = 0x06;
    private static final int STATUS_INTERRUPT = 1 << 3;
    private static final int STATUS_CAPABILITIES = 1 << 4;
    private static final int REVISION = 0x08;
    private static final int CACHE_LINE = 0x0C;
    private static final int BARS = 0x10;
    private static final int SUBSYSTEM_VENDOR = 0x2C;
    private static final int SUBSYSTEM = 0x2E;
    private static final int CAPABILITIES = 0x34;
    private static final int INTERRUPT_LINE = 0x3C;
    private static final int INTERRUPT_PIN = 0x3D;
    private static final int FIRST_CAPABILITY = 0x40;
    private static final int END_OF_CAPABILITIES = 0x100;

    private static final int BAR_64_BITS = 4;

    private static final int CAP_POWER = 0x01;
    private static final int CAP_VENDOR = 0x09;
    private static final int CAP_EXPRESS = 0x10;
    private static final int CAP_MSIX = 0x11;

    private static final int POWER_SIZE = 8;
    private static final int MSIX_SIZE = 12;
    private static final int MSIX_ENABLE = 1 << 15;
    private static final int MSIX_MASK_ALL = 1 << 14;
    private static final int EXPRESS_SIZE = 60;
    private static final int EXPRESS_DEVICE_CONTROL = 8;
    private static final int FUNCTION_RESET = 1 << 15;

    private final byte[] bytes = new byte[SIZE];
    private final byte[] atReset;
    private final byte[] writable = new byte[SIZE];
    private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    private final List<Placed> vendor = new ArrayList<>();
    private final ConfigListener listener;
    private final int msix;
    private final int express;

    /** A vendor's capability and where it is. */
    private record Placed(int offset, VendorCapability capability, ByteBuffer body) {
        boolean touches(int from, int length) {
            return from < offset + capability.size() && offset < from + length;
        }
    }

    public ConfigSpace(PciFunction function, ConfigListener listener) {
        this.listener = listener;
        header(function);
        int at = FIRST_CAPABILITY;
        int pointer = CAPABILITIES;
        pointer = link(pointer, at, CAP_POWER);
        power(at);
        at += POWER_SIZE;
        MsixLayout layout = function.msix();
        if (layout != null) {
            pointer = link(pointer, at, CAP_MSIX);
            msix(at, layout);
            msix = at;
            at += MSIX_SIZE;
        } else {
            msix = 0;
        }
        pointer = link(pointer, at, CAP_EXPRESS);
        express(at);
        express = at;
        at += EXPRESS_SIZE;
        for (VendorCapability capability : function.capabilities()) {
            if (at + capability.size() > END_OF_CAPABILITIES) {
                throw new IllegalArgumentException("capabilities do not fit into 256 bytes");
            }
            pointer = place(pointer, at, capability);
            at += capability.size();
        }
        atReset = bytes.clone();
    }

    /** Whether BARs are decoded. */
    public boolean memoryEnabled() {
        return (command() & COMMAND_MEMORY) != 0;
    }

    /** Whether the device may access memory. */
    public boolean busMaster() {
        return (command() & COMMAND_BUS_MASTER) != 0;
    }

    /** Shows whether INTA# is asserted (status register, bit 3). */
    public void showPin(boolean asserted) {
        int status = view.getShort(STATUS) & ~STATUS_INTERRUPT;
        view.putShort(STATUS, (short) (asserted ? status | STATUS_INTERRUPT : status));
    }

    /** Reads; the range is inside. */
    public void read(int offset, ByteBuffer target) {
        int length = target.remaining();
        for (Placed placed : vendor) {
            if (placed.touches(offset, length)) {
                placed.capability.hook().reading(placed.body, Math.max(0, offset - placed.offset), length);
            }
        }
        target.put(bytes, offset, length);
    }

    /** Writes, and carries out what that sets off; the range is inside. */
    public void write(int offset, ByteBuffer source) {
        int length = source.remaining();
        int commandBefore = command();
        int msixBefore = msixControl();
        for (int i = offset; i < offset + length; i++) {
            int mask = writable[i];
            bytes[i] = (byte) ((bytes[i] & ~mask) | (source.get() & mask));
        }
        if (functionResetAsked()) {
            view.putShort(express + EXPRESS_DEVICE_CONTROL, (short)
                    (view.getShort(express + EXPRESS_DEVICE_CONTROL) & ~FUNCTION_RESET));
            listener.functionReset();
            return;
        }
        for (Placed placed : vendor) {
            if (placed.touches(offset, length)) {
                placed.capability.hook().written(placed.body, Math.max(0, offset - placed.offset), length);
            }
        }
        if (msixControl() != msixBefore) {
            tellMsix();
        }
        int changed = command() ^ commandBefore;
        if ((changed & COMMAND_PIN_DISABLED) != 0) {
            listener.pinDisabledChanged((command() & COMMAND_PIN_DISABLED) != 0);
        }
        if ((changed & COMMAND_BUS_MASTER) != 0) {
            listener.busMasterChanged(busMaster());
        }
    }

    /** Back to the state at power-on; tells the listener what that changes. */
    public void reset() {
        boolean wasMaster = busMaster();
        System.arraycopy(atReset, 0, bytes, 0, SIZE);
        tellMsix();
        listener.pinDisabledChanged(false);
        if (wasMaster) {
            listener.busMasterChanged(false);
        }
    }

    private int command() {
        return view.getShort(COMMAND);
    }

    private int msixControl() {
        return msix == 0 ? 0 : view.getShort(msix + 2) & (MSIX_ENABLE | MSIX_MASK_ALL);
    }

    private void tellMsix() {
        int control = msixControl();
        listener.msixChanged((control & MSIX_ENABLE) != 0, (control & MSIX_MASK_ALL) != 0);
    }

    private boolean functionResetAsked() {
        return (view.getShort(express + EXPRESS_DEVICE_CONTROL) & FUNCTION_RESET) != 0;
    }

    private void header(PciFunction function) {
        PciIdentity identity = function.identity();
        view.putShort(0, (short) identity.vendor());
        view.putShort(2, (short) identity.device());
        writable16(COMMAND, COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_PIN_DISABLED);
        view.putShort(STATUS, (short) STATUS_CAPABILITIES);
        view.putInt(REVISION, identity.revision() | identity.classCode() << 8);
        writable[CACHE_LINE] = (byte) 0xFF;
        for (PciBar bar : function.bars()) {
            bar(bar);
        }
        view.putShort(SUBSYSTEM_VENDOR, (short) identity.subsystemVendor());
        view.putShort(SUBSYSTEM, (short) identity.subsystem());
        writable[INTERRUPT_LINE] = (byte) 0xFF;
        view.put(INTERRUPT_PIN, (byte) (function.pin() ? 1 : 0));
    }

    /** Address bits below the size cannot be written: that is how a driver finds the size (section 6.2.5.1). */
    private void bar(PciBar bar) {
        int at = BARS + 4 * bar.index();
        long mask = -bar.size();
        writable32(at, (int) mask);
        if (bar.wide()) {
            view.putInt(at, BAR_64_BITS);
            writable32(at + 4, (int) (mask >> 32));
        }
    }

    /** Power management 1.2: version 3, D0 and D3hot, state kept between them, no PME. */
    private void power(int at) {
        view.putShort(at + 2, (short) 3);
        view.putShort(at + 4, (short) (1 << 3));
        writable16(at + 4, 3);
    }

    private void msix(int at, MsixLayout layout) {
        view.putShort(at + 2, (short) (layout.vectors() - 1));
        writable16(at + 2, MSIX_ENABLE | MSIX_MASK_ALL);
        view.putInt(at + 4, (int) layout.tableOffset() | layout.tableBar());
        view.putInt(at + 8, (int) layout.pbaOffset() | layout.pbaBar());
    }

    /** Version 2, an endpoint with function-level reset, behind a link of one lane at 2.5 GT/s. */
    private void express(int at) {
        view.putShort(at + 2, (short) 0x0002);
        view.putInt(at + 4, 1 << 28 | 1 << 15); // function-level reset, role-based error reporting
        view.putShort(at + EXPRESS_DEVICE_CONTROL, (short) 0x2810); // relaxed order, no snoop, reads of 512 bytes
        writable16(at + EXPRESS_DEVICE_CONTROL, 0xFFFF);
        view.putInt(at + 12, 0x11);
        writable16(at + 16, 0x01C8); // link control: what has no effect on a link that is none
        view.putShort(at + 18, (short) 0x11);
        view.putInt(at + 0x2C, 2);
        view.putShort(at + 0x30, (short) 1);
    }

    private int place(int pointer, int at, VendorCapability capability) {
        byte[] body = capability.body();
        System.arraycopy(body, 0, bytes, at, body.length);
        System.arraycopy(capability.writable(), 0, writable, at, body.length);
        Arrays.fill(writable, at, at + VendorCapability.HEADER_SIZE, (byte) 0);
        bytes[at + 2] = (byte) body.length;
        ByteBuffer slice = view.slice(at, body.length).order(ByteOrder.LITTLE_ENDIAN);
        vendor.add(new Placed(at, capability, slice));
        return link(pointer, at, CAP_VENDOR);
    }

    /** Appends to the list of capabilities; where the next one is to be linked from. */
    private int link(int pointer, int at, int id) {
        bytes[pointer] = (byte) at;
        bytes[at] = (byte) id;
        bytes[at + 1] = 0;
        return at + 1;
    }

    private void writable16(int at, int mask) {
        writable[at] = (byte) mask;
        writable[at + 1] = (byte) (mask >> 8);
    }

    private void writable32(int at, int mask) {
        writable16(at, mask);
        writable16(at + 2, mask >> 16);
    }
}
