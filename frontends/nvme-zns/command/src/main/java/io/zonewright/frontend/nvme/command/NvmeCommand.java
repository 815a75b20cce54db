package io.zonewright.frontend.nvme.command;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.ZonedDevice;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A command in flight. The carrier subclasses it, pools the objects per queue, and fills {@link #sqe} with a private
 * copy of the 64 bytes before {@link NvmeController#begin}; all fields are little-endian (Base 2.0, "Submission Queue
 * Entry"). Nothing is allocated in steady state.
 *
 * <p>Owned by the carrier until {@code begin}; by the controller between {@link NvmeController#execute} and
 * {@link #onComplete}; by the carrier again from then on. Fields are plain: the hand-over orders accesses.
 */
public abstract class NvmeCommand {
    /** Size of a submission queue entry. */
    public static final int SQE_SIZE = 64;

    /** Most data of one command: 128 MiB, whatever the carrier would allow. */
    public static final int MAX_TRANSFER = 128 << 20;

    /** NSID that means all namespaces. */
    public static final int ALL_NAMESPACES = 0xFFFFFFFF;

    private static final int NO_LOCATION = 0xFFFF;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private final byte[] sqe = new byte[SQE_SIZE];
    private final Request request = new Request(this);

    private @Nullable NvmeController controller;
    private @Nullable NvmeNamespace namespace;
    private @Nullable CommandHandler handler;
    private @Nullable NvmeOpcode kind;
    private int sqid;
    private Transfer transfer = Transfer.NONE;
    private int transferBytes;
    private int status;
    private int dw0;
    private int dw1;
    private boolean ended;
    private int errorLocation;
    private long errorLba;

    private @Nullable ZonedDevice lender;
    private boolean borrows;

    private long state;
    private @Nullable Object extra;

    private static final class Request extends DeviceRequest {
        private final NvmeCommand command;

        Request(NvmeCommand command) {
            this.command = command;
        }

        @Override
        protected void onComplete() {
            command.deviceDone();
        }
    }

    /** The submission queue entry: a private copy, never the peer's memory. */
    public final byte[] sqe() {
        return sqe;
    }

    /** A 32-bit field of the submission entry. */
    public final int dword(int index) {
        return (int) INT.get(sqe, index << 2);
    }

    /** A 64-bit field of the submission entry that starts at this dword. */
    public final long qword(int dword) {
        return (long) LONG.get(sqe, dword << 2);
    }

    /** OPC, 0 to FFh. */
    public final int opcode() {
        return sqe[0] & 0xFF;
    }

    /** FUSE: 0 for a normal command. */
    public final int fuse() {
        return sqe[1] & 0x3;
    }

    /** PSDT: 0 PRP, 1 and 2 SGL. */
    public final int psdt() {
        return (sqe[1] >>> 6) & 0x3;
    }

    /** CID, 0 to FFFFh. */
    public final int cid() {
        return dword(0) >>> 16;
    }

    /** NSID, unsigned; {@link #ALL_NAMESPACES} for all. */
    public final int nsid() {
        return dword(1);
    }

    public final int cdw2() {
        return dword(2);
    }

    public final int cdw3() {
        return dword(3);
    }

    /** MPTR. */
    public final long metadataPointer() {
        return qword(4);
    }

    /** PRP1, or the first half of SGL1: the carrier's to interpret. */
    public final long dataPointer1() {
        return qword(6);
    }

    /** PRP2, or the second half of SGL1. */
    public final long dataPointer2() {
        return qword(8);
    }

    public final int cdw10() {
        return dword(10);
    }

    public final int cdw11() {
        return dword(11);
    }

    public final int cdw12() {
        return dword(12);
    }

    public final int cdw13() {
        return dword(13);
    }

    public final int cdw14() {
        return dword(14);
    }

    public final int cdw15() {
        return dword(15);
    }

    /** Queue that it came by; 0 is the admin queue. */
    public final int sqid() {
        return sqid;
    }

    /** Which way data goes; valid once {@link NvmeController#begin} said true. */
    public final Transfer transfer() {
        return transfer;
    }

    /** Exactly how much data there is, bytes; 0 for {@link Transfer#NONE}; at most {@link #MAX_TRANSFER}. */
    public final int transferBytes() {
        return transferBytes;
    }

    /**
     * The data: emptied by {@link NvmeController#begin}, then filled by the carrier with exactly
     * {@link #transferBytes} bytes of spans. It is the device request's own list.
     */
    public final SpanList data() {
        return request.data();
    }

    /** Whether the carrier may {@link #borrow} instead of filling {@link #data}; valid once begun. */
    public final boolean mayBorrow() {
        return lender != null;
    }

    /**
     * Leaves {@link #data} empty: if the command succeeds, it then holds spans of the medium's memory, to be looked at
     * until {@link #endLoan}, which must follow. Before {@link NvmeController#execute}; not for data that is summed up first
     * and sent later, since it may change.
     *
     * @throws IllegalStateException unless {@link #mayBorrow}
     */
    public final void borrow() {
        present(lender);
        borrows = true;
    }

    /** Whether there is a loan to be ended: the command borrowed and succeeded. */
    public final boolean borrowed() {
        return borrows && request.lend();
    }

    /** Gives back what was {@link #borrowed}; the data is not to be touched any more. */
    public final void endLoan() {
        request.data().clear();
        present(lender).endLoan(request);
    }

    /** Status as in a completion entry's DW3 bits 31:17, see {@link NvmeStatus}; once completed. */
    public final int status() {
        return status;
    }

    /** DW0 of the completion entry. */
    public final int dw0() {
        return dw0;
    }

    /** DW1 of the completion entry. */
    public final int dw1() {
        return dw1;
    }

    /** The command's place in the table; null if nobody knows its opcode. */
    public final @Nullable NvmeOpcode kind() {
        return kind;
    }

    // For handlers -----------------------------------------------------------------------------------------------

    /** The controller that it was sent to. */
    public final NvmeController controller() {
        return present(controller);
    }

    /**
     * The namespace named by the NSID, where {@link NvmeOpcode#nsid} asks for one.
     *
     * @throws IllegalStateException if there is none: see {@link #hasNamespace}
     */
    public final NvmeNamespace namespace() {
        return present(namespace);
    }

    /** For a handler whose opcode looks at the NSID by itself. */
    public final void setNamespace(NvmeNamespace value) {
        namespace = value;
    }

    /** Whether the command names one namespace. */
    public final boolean hasNamespace() {
        return namespace != null;
    }

    /** The device request of this command, to be prepared and submitted by the handler; its data is {@link #data}. */
    public final DeviceRequest request() {
        return request;
    }

    /**
     * Says how much data the command has.
     *
     * @param bytes not negative
     * @return {@link NvmeStatus#SUCCESS}, or Invalid Field if that is more than MDTS allows
     */
    public final int expect(Transfer direction, long bytes) {
        if (bytes > controller().maxDataBytes()) {
            return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
        }
        transfer = bytes == 0 ? Transfer.NONE : direction;
        transferBytes = (int) bytes;
        return NvmeStatus.SUCCESS;
    }

    /** Like {@link #expect}, for commands to which MDTS does not apply (Verify's size has a limit of its own). */
    public final int expectNone() {
        transfer = Transfer.NONE;
        transferBytes = 0;
        return NvmeStatus.SUCCESS;
    }

    /** Says that the data of this read may be borrowed from {@code device}. */
    public final void offerLoan(ZonedDevice device) {
        lender = device;
    }

    /** Whether the carrier wants to borrow. */
    public final boolean borrows() {
        return borrows;
    }

    /** Sets DW0 of the completion entry. */
    public final void setDw0(int value) {
        dw0 = value;
    }

    /** Sets DW0 and DW1 of the completion entry (Zone Append: the assigned LBA). */
    public final void setResult(long value) {
        dw0 = (int) value;
        dw1 = (int) (value >>> 32);
    }

    /** Names the field that is wrong, for the error log: a byte of the submission entry and a bit of that byte. */
    public final void setErrorLocation(int sqeByte, int bit) {
        errorLocation = sqeByte | (bit << 8);
    }

    /** Names the first logical block that failed, for the error log. */
    public final void setErrorLba(long lba) {
        errorLba = lba;
    }

    /** A number of the handler's own, 0 at {@link NvmeController#begin}. */
    public final long state() {
        return state;
    }

    public final void setState(long value) {
        state = value;
    }

    /** An object of the handlers' own, kept over the command's lives so that it is made once. */
    public final @Nullable Object extra() {
        return extra;
    }

    public final void setExtra(@Nullable Object value) {
        extra = value;
    }

    /**
     * Ends the command: makes the error log entry if it failed, counts it, and calls {@link #onComplete}. Exactly once.
     *
     * @param result see {@link NvmeStatus}; with {@link NvmeStatus#DNR} where it belongs
     * @throws IllegalStateException if it has already ended
     */
    public final void finish(int result) {
        if (ended) {
            throw new IllegalStateException("command ended twice: " + this);
        }
        ended = true;
        status = result;
        controller().ended(this);
        onComplete();
    }

    /** See {@link #setErrorLocation}; FFFFh if none was named. */
    public final int errorLocation() {
        return errorLocation;
    }

    /** See {@link #setErrorLba}. */
    public final long errorLba() {
        return errorLba;
    }

    /**
     * The command is over: {@link #status}, {@link #dw0} and {@link #dw1} are set, data to the host is in place. Called
     * exactly once per {@link NvmeController#begin}, on any thread, perhaps before that returns. Must not block.
     */
    protected abstract void onComplete();

    /** A new life begins. */
    final void bind(NvmeController owner, int queue) {
        controller = owner;
        sqid = queue;
        namespace = null;
        handler = null;
        kind = null;
        transfer = Transfer.NONE;
        transferBytes = 0;
        status = 0;
        dw0 = 0;
        dw1 = 0;
        ended = false;
        errorLocation = NO_LOCATION;
        errorLba = 0;
        lender = null;
        borrows = false;
        state = 0;
        request.data().clear();
    }

    final void setHandler(NvmeOpcode opcode, CommandHandler value) {
        kind = opcode;
        handler = value;
    }

    final CommandHandler handler() {
        return present(handler);
    }

    private void deviceDone() {
        handler().deviceDone(this);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("not begun, or without a namespace");
        }
        return value;
    }

    @Override
    public String toString() {
        return "command " + (kind == null ? "opcode " + Integer.toHexString(opcode()) + "h" : kind.name()) + " queue "
                + sqid + " cid " + cid() + " nsid " + Integer.toUnsignedString(nsid()) + " status "
                + NvmeStatus.toString(status);
    }
}
