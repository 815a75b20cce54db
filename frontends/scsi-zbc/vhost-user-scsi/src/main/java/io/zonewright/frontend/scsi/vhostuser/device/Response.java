package io.zonewright.frontend.scsi.vhostuser.device;

/** Values of the field {@code response} (virtio 1.3, sections 5.6.6.1 and 5.6.6.2; linux/virtio_scsi.h). */
final class Response {
    /** The command has a status; for a function: complete. */
    static final byte OK = 0;
    /** The command asks for more data than its buffers hold. */
    static final byte OVERRUN = 1;
    /** Cancelled by ABORT TASK, ABORT TASK SET or CLEAR TASK SET. */
    static final byte ABORTED = 2;
    /** There is no such target. */
    static final byte BAD_TARGET = 3;
    /** Cancelled by a reset. */
    static final byte RESET = 4;
    /** The driver made a mistake. */
    static final byte FAILURE = 9;

    static final byte FUNCTION_SUCCEEDED = 10;
    static final byte FUNCTION_REJECTED = 11;
    static final byte INCORRECT_LUN = 12;

    private Response() {}
}
