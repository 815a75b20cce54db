package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.frontend.nvme.command.ControllerRegisters;
import java.nio.ByteBuffer;

/**
 * BAR 0: the controller's properties, and doorbells from 1000h on, with a stride of 0 (PCIe Transport 1.1, section 3.1).
 * Accesses of 4 and 8 aligned bytes; other reads are put together, other writes ignored. On the control thread.
 */
final class ControllerBar {
    static final int DOORBELLS = 0x1000;
    static final int DOORBELL_BYTES = 0x1000;
    static final int SIZE = DOORBELLS + DOORBELL_BYTES;

    private static final int WORD = 4;

    private ControllerBar() {}

    /** What is behind the BAR. */
    interface Backing {
        ControllerRegisters registers();

        Interrupts interrupts();

        /**
         * The driver wrote a doorbell.
         *
         * @param index twice the queue identifier, plus 1 for a completion queue's head
         */
        void ring(int index, int value);

        /** The driver wrote among the doorbells what is none. */
        void invalidDoorbellWrite();
    }

    static void read(Backing backing, long offset, ByteBuffer target) {
        int at = (int) offset;
        while (target.hasRemaining()) {
            int byteInWord = at % WORD;
            int value = word(backing, at - byteInWord) >>> (byteInWord * Byte.SIZE);
            for (int i = byteInWord; i < WORD && target.hasRemaining(); i++) {
                target.put((byte) value);
                value >>>= Byte.SIZE;
                at++;
            }
        }
    }

    static void write(Backing backing, long offset, ByteBuffer source) {
        int at = (int) offset;
        int length = source.remaining();
        boolean aligned = at % WORD == 0 && (length == WORD || length == 2 * WORD);
        if (at >= DOORBELLS) {
            if (aligned && length == WORD) {
                backing.ring((at - DOORBELLS) / WORD, word(source));
            } else {
                backing.invalidDoorbellWrite();
            }
            return;
        }
        if (!aligned) {
            return;
        }
        for (int i = 0; i < length; i += WORD) {
            write(backing, at + i, word(source));
        }
    }

    private static int word(Backing backing, int offset) {
        if (offset >= DOORBELLS) {
            return 0; // "the host should not read": any value is right
        }
        return switch (offset) {
            case ControllerRegisters.INTMS, ControllerRegisters.INTMC ->
                backing.interrupts().mask();
            default -> backing.registers().read32(offset);
        };
    }

    private static void write(Backing backing, int offset, int value) {
        switch (offset) {
            case ControllerRegisters.INTMS -> backing.interrupts().setMask(value);
            case ControllerRegisters.INTMC -> backing.interrupts().clearMask(value);
            default -> backing.registers().write32(offset, value);
        }
    }

    /** Little-endian, whatever the buffer's order. */
    private static int word(ByteBuffer source) {
        int value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            value |= (source.get() & 0xFF) << shift;
        }
        return value;
    }
}
