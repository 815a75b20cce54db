package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.ControllerRegisters;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A discovery controller (Base 2.1, section 3.1.3.3): no I/O queues and no namespaces, but the discovery log page, and a
 * notice when it changes. Commands come on the loop of the one connection; the lock is for notices from elsewhere.
 */
final class DiscoveryAssociation extends Association {
    /** A host that names no timeout is forgotten after this long without a command (as Linux's target does). */
    static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static final int CNS_CONTROLLER = 1;
    private static final int LOG_DISCOVERY = 0x70;
    private static final int FEATURE_EVENTS = 0x0B;
    private static final int FEATURE_KEEP_ALIVE = 0x0F;
    private static final int MAX_EVENT_REQUESTS = 4;
    private static final int IDENTIFY_BYTES = 4096;

    /** Discovery log page change, in the event configuration. */
    private static final int EVENT_LOG_CHANGED = 1 << 31;

    /** The event: type notice, information F0h, log page 70h. */
    private static final int LOG_CHANGED_RESULT = 2 | 0xF0 << 8 | LOG_DISCOVERY << 16;

    // Identify Controller.
    private static final int SN_OFFSET = 4;
    private static final int MN_OFFSET = 24;
    private static final int FR_OFFSET = 64;
    private static final int MDTS_OFFSET = 77;
    private static final int CNTLID_OFFSET = 78;
    private static final int VER_OFFSET = 80;
    private static final int OAES_OFFSET = 92;
    private static final int CNTRLTYPE_OFFSET = 111;
    private static final int AERL_OFFSET = 259;
    private static final int LPA_OFFSET = 261;
    private static final int KAS_OFFSET = 320;
    private static final int MAXCMD_OFFSET = 514;
    private static final int SGLS_OFFSET = 536;
    private static final int SUBNQN_OFFSET = 768;
    private static final int IOCCSZ_OFFSET = 1792;
    private static final int IORCSZ_OFFSET = 1796;
    private static final int MSDBD_OFFSET = 1803;
    private static final int DISCOVERY_CONTROLLER = 2;
    private static final int MDTS_1_MIB = 8;

    /** SGLs without alignment; more room than data; offsets for data in the capsule; transport data blocks. */
    private static final int SGLS = 1 | 1 << 18 | 1 << 20 | 1 << 21;

    /** CAP: 32 entries, contiguous queues, 10 s to become ready, NVM command set. */
    private static final long CAP = 31 | 1L << 16 | 20L << 24 | 1L << 37;

    private static final int INVALID_FIELD = NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);

    private final DiscoverySubsystem subsystem;
    private final int id;
    private long timeoutMillis;
    private boolean heard = true;
    private long lastHeard;
    private int cc;
    private int csts;
    private int eventConfiguration;
    private boolean changePending;
    private boolean over;
    private final Deque<TcpCommand> eventRequests = new ArrayDeque<>();

    DiscoveryAssociation(DiscoverySubsystem subsystem, int id, String hostNqn, UUID hostId, long keepAliveMillis) {
        super(subsystem, hostNqn, hostId);
        this.subsystem = subsystem;
        this.id = id;
        timeoutMillis = keepAliveMillis;
    }

    @Override
    int id() {
        return id;
    }

    @Override
    int maxIoQueues() {
        return 0;
    }

    @Override
    synchronized boolean ready() {
        return (csts & ControllerRegisters.CSTS_RDY) != 0;
    }

    @Override
    synchronized @Nullable Long property(int offset, int bytes) {
        heard = true;
        if (!ControllerRegisters.propertyReadable(offset, bytes)) {
            return null;
        }
        return switch (offset) {
            case ControllerRegisters.CAP -> CAP;
            case ControllerRegisters.VS -> (long) ControllerRegisters.VERSION;
            case ControllerRegisters.CC -> Integer.toUnsignedLong(cc);
            case ControllerRegisters.CSTS -> Integer.toUnsignedLong(csts);
            default -> 0L;
        };
    }

    @Override
    synchronized boolean setProperty(int offset, int bytes, long value) {
        heard = true;
        if (!ControllerRegisters.propertyWritable(offset, bytes)) {
            return false;
        }
        cc = (int) value & 0x00FFFFF1;
        boolean shutdown = (cc >>> 14 & 3) != 0;
        csts = ((cc & 1) != 0 ? ControllerRegisters.CSTS_RDY : 0) | (shutdown ? 2 << 2 : 0);
        return true;
    }

    @Override
    boolean begin(TcpCommand command, int qid) {
        synchronized (this) {
            heard = true;
        }
        int status = check(command);
        if (status == NvmeStatus.SUCCESS) {
            command.begun = true;
            return true;
        }
        command.end(status, 0, 0);
        return false;
    }

    /** Decides on direction and length. */
    private int check(TcpCommand command) {
        if (!ready()) {
            return NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR);
        }
        if (command.fuse() != 0) {
            return INVALID_FIELD;
        }
        int opcode = command.opcode();
        if (opcode == NvmeOpcode.IDENTIFY.code()) {
            return (command.cdw10() & 0xFF) == CNS_CONTROLLER ? toHost(command, IDENTIFY_BYTES) : INVALID_FIELD;
        }
        if (opcode == NvmeOpcode.GET_LOG_PAGE.code()) {
            return checkLog(command);
        }
        boolean known = opcode == NvmeOpcode.KEEP_ALIVE.code()
                || opcode == NvmeOpcode.GET_FEATURES.code()
                || opcode == NvmeOpcode.SET_FEATURES.code()
                || opcode == NvmeOpcode.ASYNCHRONOUS_EVENT_REQUEST.code();
        return known ? NvmeStatus.SUCCESS : NvmeStatus.dnr(NvmeStatus.INVALID_COMMAND_OPCODE);
    }

    private static int checkLog(TcpCommand command) {
        if ((command.cdw10() & 0xFF) != LOG_DISCOVERY) {
            return NvmeStatus.dnr(NvmeStatus.INVALID_LOG_PAGE);
        }
        long dwords = (command.cdw10() >>> 16 | (long) (command.cdw11() & 0xFFFF) << 16) + 1;
        if (dwords * 4 > NvmeTcpConnection.MAX_DATA || (offset(command) & 3) != 0) {
            return INVALID_FIELD;
        }
        return toHost(command, (int) dwords * 4);
    }

    private static long offset(TcpCommand command) {
        return Integer.toUnsignedLong(command.cdw12()) | (long) command.cdw13() << 32;
    }

    private static int toHost(TcpCommand command, int bytes) {
        command.direction = Transfer.TO_HOST;
        command.bytes = bytes;
        return NvmeStatus.SUCCESS;
    }

    @Override
    void refuse(TcpCommand command, int status) {
        command.end(status, 0, 0);
    }

    @Override
    void execute(TcpCommand command) {
        int opcode = command.opcode();
        if (opcode == NvmeOpcode.IDENTIFY.code()) {
            give(command, identify(), 0);
        } else if (opcode == NvmeOpcode.GET_LOG_PAGE.code()) {
            giveLog(command);
        } else if (opcode == NvmeOpcode.GET_FEATURES.code()) {
            getFeature(command);
        } else if (opcode == NvmeOpcode.SET_FEATURES.code()) {
            setFeature(command);
        } else if (opcode == NvmeOpcode.ASYNCHRONOUS_EVENT_REQUEST.code()) {
            requestEvent(command);
        } else {
            command.end(NvmeStatus.SUCCESS, 0, 0);
        }
    }

    private void giveLog(TcpCommand command) {
        byte[] page = subsystem.portal().discoveryLog(command.connection());
        long offset = offset(command);
        if (offset < 0 || offset > page.length) {
            command.end(INVALID_FIELD, 0, 0);
            return;
        }
        boolean retain = (command.cdw10() & 1 << 15) != 0;
        if (!retain) {
            synchronized (this) {
                changePending = false;
            }
        }
        give(command, page, (int) offset);
    }

    /** Bytes from {@code offset} on, then zeroes. */
    private static void give(TcpCommand command, byte[] bytes, int offset) {
        int length = Math.min(command.bytes, bytes.length - offset);
        command.data().copyFrom(MemorySegment.ofArray(bytes), offset, 0, length);
        command.data().fill(length, command.bytes - length, (byte) 0);
        command.end(NvmeStatus.SUCCESS, 0, 0);
    }

    private byte[] identify() {
        byte[] data = new byte[IDENTIFY_BYTES];
        text(data, SN_OFFSET, 20, "ZW-DISCOVERY");
        text(data, MN_OFFSET, 40, "Zonewright discovery");
        text(data, FR_OFFSET, 8, "1");
        data[MDTS_OFFSET] = MDTS_1_MIB;
        Little.put16(data, CNTLID_OFFSET, id);
        Little.put32(data, VER_OFFSET, ControllerRegisters.VERSION);
        Little.put32(data, OAES_OFFSET, EVENT_LOG_CHANGED);
        data[CNTRLTYPE_OFFSET] = DISCOVERY_CONTROLLER;
        data[AERL_OFFSET] = MAX_EVENT_REQUESTS - 1;
        data[LPA_OFFSET] = 1 << 2; // offsets into log pages
        Little.put16(data, KAS_OFFSET, 1);
        Little.put16(data, MAXCMD_OFFSET, 32);
        Little.put32(data, SGLS_OFFSET, SGLS);
        byte[] nqn = DiscoverySubsystem.NQN.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(nqn, 0, data, SUBNQN_OFFSET, nqn.length);
        Little.put32(data, IOCCSZ_OFFSET, 4);
        Little.put32(data, IORCSZ_OFFSET, 1);
        data[MSDBD_OFFSET] = 1;
        return data;
    }

    private static void text(byte[] data, int at, int room, String text) {
        Arrays.fill(data, at, at + room, (byte) ' ');
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, data, at, bytes.length);
    }

    private void getFeature(TcpCommand command) {
        synchronized (this) {
            switch (command.cdw10() & 0xFF) {
                case FEATURE_EVENTS -> command.end(NvmeStatus.SUCCESS, eventConfiguration, 0);
                case FEATURE_KEEP_ALIVE -> command.end(NvmeStatus.SUCCESS, (int) timeoutMillis, 0);
                default -> command.end(INVALID_FIELD, 0, 0);
            }
        }
    }

    private void setFeature(TcpCommand command) {
        synchronized (this) {
            switch (command.cdw10() & 0xFF) {
                case FEATURE_EVENTS -> {
                    eventConfiguration = command.cdw11() & EVENT_LOG_CHANGED;
                    command.end(NvmeStatus.SUCCESS, 0, 0);
                }
                case FEATURE_KEEP_ALIVE -> {
                    timeoutMillis = Integer.toUnsignedLong(command.cdw11());
                    command.end(NvmeStatus.SUCCESS, 0, 0);
                }
                default -> command.end(INVALID_FIELD, 0, 0);
            }
        }
    }

    private void requestEvent(TcpCommand command) {
        synchronized (this) {
            if (eventRequests.size() == MAX_EVENT_REQUESTS) {
                command.end(NvmeStatus.dnr(NvmeStatus.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED), 0, 0);
                return;
            }
            eventRequests.add(command);
        }
        tellChange();
    }

    /** From any thread. */
    void logChanged() {
        synchronized (this) {
            changePending = (eventConfiguration & EVENT_LOG_CHANGED) != 0;
        }
        tellChange();
    }

    private void tellChange() {
        TcpCommand request;
        synchronized (this) {
            if (!changePending || over) {
                return;
            }
            request = eventRequests.poll();
            if (request == null) {
                return;
            }
            changePending = false;
        }
        request.end(NvmeStatus.SUCCESS, LOG_CHANGED_RESULT, 0);
    }

    @Override
    void tick(long now) {
        boolean expired;
        synchronized (this) {
            if (heard) {
                heard = false;
                lastHeard = now;
            }
            long timeout = timeoutMillis == 0 ? DEFAULT_TIMEOUT_NANOS : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            expired = now - lastHeard > timeout;
        }
        if (expired) {
            drop();
        }
    }

    @Override
    void end() {
        Deque<TcpCommand> requests;
        synchronized (this) {
            over = true;
            requests = new ArrayDeque<>(eventRequests);
            eventRequests.clear();
        }
        requests.forEach(request -> request.end(NvmeStatus.ABORTED_SQ_DELETION, 0, 0));
        subsystem.release(id);
    }

    @Override
    void queuesGone() {}
}
