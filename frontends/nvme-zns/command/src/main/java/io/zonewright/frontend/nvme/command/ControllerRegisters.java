package io.zonewright.frontend.nvme.command;

/**
 * The properties of one controller (Base 2.0, "Controller Properties"), reached through the PCIe BAR or by the Fabrics
 * Property Get and Set commands. Interrupt masks and doorbells are not here: they are the carrier's. Thread-safe;
 * little-endian where bytes are concerned.
 */
public final class ControllerRegisters {
    /** Offsets. */
    public static final int CAP = 0x00;

    public static final int VS = 0x08;
    public static final int INTMS = 0x0C;
    public static final int INTMC = 0x10;
    public static final int CC = 0x14;
    public static final int CSTS = 0x1C;
    public static final int NSSR = 0x20;
    public static final int AQA = 0x24;
    public static final int ASQ = 0x28;
    public static final int ACQ = 0x30;
    public static final int CRTO = 0x68;

    /** CSTS bits. */
    public static final int CSTS_RDY = 1;

    public static final int CSTS_CFS = 1 << 1;

    /** Version 2.0, as the VS property and Identify tell it. */
    public static final int VERSION = 0x00020000;

    private static final int CC_EN = 1;
    private static final int CC_CSS_SHIFT = 4;
    private static final int CC_MPS_SHIFT = 7;
    private static final int CC_AMS_SHIFT = 11;
    private static final int CC_SHN_SHIFT = 14;
    private static final int CC_IOSQES_SHIFT = 16;
    private static final int CC_IOCQES_SHIFT = 20;
    /** EN, CSS, MPS, AMS, SHN, IOSQES, IOCQES. */
    private static final int CC_WRITABLE = 0x00FFFFF1;

    private static final int CSS_NVM = 0;
    private static final int CSS_ALL = 6;
    private static final int IOSQES = 6;
    private static final int IOCQES = 4;
    private static final int CSTS_SHST_SHIFT = 2;
    private static final int CSTS_SHST_MASK = 3 << CSTS_SHST_SHIFT;
    private static final int SHST_OCCURRING = 1;
    private static final int SHST_COMPLETE = 2;
    private static final int AQA_WRITABLE = 0x0FFF0FFF;
    private static final long PAGE_MASK = -ControllerTraits.PAGE;

    /** Worst-case time to become ready or not ready: 10 s in units of 500 ms. */
    private static final int READY_TIMEOUT = 20;

    /** What changes of CC do to the controller. Called with the registers' lock held. */
    interface Events {
        void enable();

        void disable();

        void shutdown();
    }

    private final Events events;
    private final boolean fabrics;
    private final long cap;
    private int cc;
    private volatile int csts;
    private volatile boolean allSets;
    private int aqa;
    private long asq;
    private long acq;

    ControllerRegisters(ControllerTraits traits, Events events) {
        this.events = events;
        fabrics = traits.transport().fabrics();
        cap = (traits.maxQueueEntries() - 1L) // MQES
                | (1L << 16) // CQR
                | ((long) READY_TIMEOUT << 24) // TO
                | (1L << 37) // CSS: NVM Command Set
                | (1L << 43) // CSS: I/O command sets
                | (1L << 59); // CRMS: controller ready with media
    }

    /** CAP. */
    public long cap() {
        return cap;
    }

    /** VS. */
    public int vs() {
        return VERSION;
    }

    /** CC. */
    public synchronized int cc() {
        return cc;
    }

    /** CSTS. */
    public int csts() {
        return csts;
    }

    /** CSTS.RDY: commands are processed. */
    public boolean ready() {
        return (csts & (CSTS_RDY | CSTS_CFS)) == CSTS_RDY;
    }

    /** CC.CSS 110b: the host has enabled every I/O command set, not the NVM Command Set alone. */
    public boolean allCommandSets() {
        return allSets;
    }

    /** Whether CC.IOSQES and IOCQES hold the sizes that I/O queues need, 64 and 16 bytes. */
    public synchronized boolean ioEntrySizesSet() {
        return ((cc >>> CC_IOSQES_SHIFT) & 0xF) == IOSQES && ((cc >>> CC_IOCQES_SHIFT) & 0xF) == IOCQES;
    }

    /** AQA (PCIe): ACQS in bits 27:16, ASQS in bits 11:0, both 0's-based. */
    public synchronized int aqa() {
        return aqa;
    }

    /** ASQ (PCIe): address of the admin submission queue, a multiple of 4 KiB. */
    public synchronized long asq() {
        return asq;
    }

    /** ACQ (PCIe): address of the admin completion queue, a multiple of 4 KiB. */
    public synchronized long acq() {
        return acq;
    }

    /** Writes CC: enables, disables, asks for shutdown. Reserved bits are kept 0. */
    public synchronized void writeCc(int value) {
        int old = cc;
        cc = value & CC_WRITABLE;
        boolean wasEnabled = (old & CC_EN) != 0;
        boolean enable = (cc & CC_EN) != 0;
        if (wasEnabled && !enable) {
            csts = csts & CSTS_RDY;
            events.disable();
            return;
        }
        shutdownNotice((old >>> CC_SHN_SHIFT) & 3, (cc >>> CC_SHN_SHIFT) & 3);
        if (!wasEnabled && enable) {
            enable();
        }
    }

    private void enable() {
        if ((csts & CSTS_RDY) != 0) {
            // The last reset is not over: the host had to wait for RDY 0 (Base 2.0, CC.EN).
            fail();
            return;
        }
        csts = csts & ~CSTS_CFS;
        int css = (cc >>> CC_CSS_SHIFT) & 7;
        int sqes = (cc >>> CC_IOSQES_SHIFT) & 0xF;
        int cqes = (cc >>> CC_IOCQES_SHIFT) & 0xF;
        // Through PCIe the entry sizes may follow later, before the first I/O queue is made.
        boolean sizesMayFollow = !fabrics;
        boolean good = (css == CSS_NVM || css == CSS_ALL)
                && ((cc >>> CC_MPS_SHIFT) & 0xF) == 0
                && ((cc >>> CC_AMS_SHIFT) & 7) == 0
                && (sqes == IOSQES || (sizesMayFollow && sqes == 0))
                && (cqes == IOCQES || (sizesMayFollow && cqes == 0));
        if (!good) {
            fail();
            return;
        }
        allSets = css == CSS_ALL;
        events.enable();
        if ((csts & CSTS_CFS) == 0) {
            csts = csts | CSTS_RDY;
        }
    }

    private void shutdownNotice(int before, int now) {
        if (before == 0 && now != 0) {
            setShutdownStatus(SHST_OCCURRING);
            events.shutdown();
        } else if (now == 0 && before != 0) {
            setShutdownStatus(0);
        }
    }

    /** A fatal error (CSTS.CFS): nothing more is processed before a reset. */
    public synchronized void fail() {
        csts = csts | CSTS_CFS;
    }

    synchronized void disabledDone() {
        if ((cc & CC_EN) == 0) {
            csts = csts & ~(CSTS_RDY | CSTS_CFS);
        }
    }

    synchronized void shutdownDone() {
        if ((csts & CSTS_SHST_MASK) == SHST_OCCURRING << CSTS_SHST_SHIFT) {
            setShutdownStatus(SHST_COMPLETE);
        }
    }

    private void setShutdownStatus(int status) {
        csts = (csts & ~CSTS_SHST_MASK) | (status << CSTS_SHST_SHIFT);
    }

    /** Everything as after a power cycle (PCI function reset): no event but {@link ControllerCarrier#disabled} if it ran. */
    public synchronized void reset() {
        if ((cc & CC_EN) != 0) {
            writeCc(0);
        }
        cc = 0;
        aqa = 0;
        asq = 0;
        acq = 0;
    }

    /** Reads the aligned 32 bits at {@code offset} of the BAR; reserved registers and those that do not exist give 0. */
    public synchronized int read32(int offset) {
        return switch (offset) {
            case CAP -> (int) cap;
            case CAP + 4 -> (int) (cap >>> 32);
            case VS -> VERSION;
            case CC -> cc;
            case CSTS -> csts;
            case AQA -> aqa;
            case ASQ -> (int) asq;
            case ASQ + 4 -> (int) (asq >>> 32);
            case ACQ -> (int) acq;
            case ACQ + 4 -> (int) (acq >>> 32);
            case CRTO -> READY_TIMEOUT;
            default -> 0;
        };
    }

    /** Writes the aligned 32 bits at {@code offset} of the BAR; what is read-only, reserved or does not exist ignores it. */
    public synchronized void write32(int offset, int value) {
        long wide = Integer.toUnsignedLong(value);
        switch (offset) {
            case CC -> writeCc(value);
            case AQA -> aqa = value & AQA_WRITABLE;
            case ASQ -> asq = ((asq & ~0xFFFFFFFFL) | wide) & PAGE_MASK;
            case ASQ + 4 -> asq = (asq & 0xFFFFFFFFL) | (wide << 32);
            case ACQ -> acq = ((acq & ~0xFFFFFFFFL) | wide) & PAGE_MASK;
            case ACQ + 4 -> acq = (acq & 0xFFFFFFFFL) | (wide << 32);
            default -> {}
        }
    }

    /** Whether Property Get may read {@code bytes} (4 or 8) at {@code offset} (Base 2.0, "Property Get Command"). */
    public static boolean propertyReadable(int offset, int bytes) {
        return switch (offset) {
            case CAP -> bytes == 8;
            case VS, CC, CSTS, CRTO -> bytes == 4;
            default -> false;
        };
    }

    /** Whether Property Set may write {@code bytes} (4 or 8) at {@code offset}: CC only. */
    public static boolean propertyWritable(int offset, int bytes) {
        return offset == CC && bytes == 4;
    }

    /** The value of a {@link #propertyReadable} property. */
    public long readProperty(int offset) {
        return offset == CAP ? cap : Integer.toUnsignedLong(read32(offset));
    }
}
