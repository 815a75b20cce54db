package io.zonewright.posix.uring;

/**
 * Numbers and offsets of {@code linux/io_uring.h}, under their C names; bytes, native byte order. Kernel versions are those
 * that brought a number; what is newer than Linux 6.1 has its source beside it.
 */
final class UringAbi {
    // io_uring_setup(2): struct io_uring_params
    static final int PARAMS_SIZE = 120;
    static final int PARAMS_SQ_ENTRIES = 0;
    static final int PARAMS_CQ_ENTRIES = 4;
    static final int PARAMS_FLAGS = 8;
    static final int PARAMS_FEATURES = 20;
    static final int PARAMS_SQ_OFF = 40;
    static final int PARAMS_CQ_OFF = 80;

    // struct io_sqring_offsets, io_cqring_offsets: each an u32 that says where something is in the mapped ring
    static final int SQ_OFF_HEAD = 0;
    static final int SQ_OFF_TAIL = 4;
    static final int SQ_OFF_RING_MASK = 8;
    static final int SQ_OFF_FLAGS = 16;
    static final int SQ_OFF_ARRAY = 24;
    static final int CQ_OFF_HEAD = 0;
    static final int CQ_OFF_TAIL = 4;
    static final int CQ_OFF_RING_MASK = 8;
    static final int CQ_OFF_OVERFLOW = 16;
    static final int CQ_OFF_CQES = 20;
    static final int CQ_OFF_FLAGS = 24;

    static final int IORING_SETUP_CLAMP = 1 << 4;
    static final int IORING_SETUP_SUBMIT_ALL = 1 << 7; // 5.18
    static final int IORING_SETUP_COOP_TASKRUN = 1 << 8; // 5.19
    static final int IORING_SETUP_TASKRUN_FLAG = 1 << 9; // 5.19
    static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12; // 6.0
    static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13; // 6.1

    static final int IORING_FEAT_SINGLE_MMAP = 1; // 5.4
    static final int IORING_FEAT_NODROP = 1 << 1; // 5.5
    static final int IORING_FEAT_EXT_ARG = 1 << 8; // 5.11

    // mmap offsets
    static final long IORING_OFF_SQ_RING = 0;
    static final long IORING_OFF_SQES = 0x1000_0000;

    // struct io_uring_sqe
    static final int SQE_SIZE = 64;
    static final int SQE_OPCODE = 0;
    static final int SQE_FLAGS = 1;
    static final int SQE_FD = 4;
    static final int SQE_OFF = 8;
    static final int SQE_ADDR = 16;
    static final int SQE_LEN = 24;
    static final int SQE_RW_FLAGS = 28;
    static final int SQE_USER_DATA = 32;

    static final byte IOSQE_FIXED_FILE = 1;

    static final byte IORING_OP_NOP = 0;
    static final byte IORING_OP_READV = 1;
    static final byte IORING_OP_WRITEV = 2;
    static final byte IORING_OP_FSYNC = 3;
    static final byte IORING_OP_ASYNC_CANCEL = 14;
    static final byte IORING_OP_READ = 22;
    static final byte IORING_OP_WRITE = 23;
    static final int IORING_FSYNC_DATASYNC = 1;

    // struct io_uring_cqe
    static final int CQE_SIZE = 16;
    static final int CQE_USER_DATA = 0;
    static final int CQE_RES = 8;
    static final int CQE_FLAGS = 12;
    static final int IORING_CQE_F_MORE = 1 << 1;

    // A bit of the completion ring's flags, 5.8
    static final int IORING_CQ_EVENTFD_DISABLED = 1;

    // Bits of the submission ring's flags
    static final int IORING_SQ_CQ_OVERFLOW = 1 << 1;
    static final int IORING_SQ_TASKRUN = 1 << 2;

    // io_uring_enter(2)
    static final int IORING_ENTER_GETEVENTS = 1;
    static final int IORING_ENTER_EXT_ARG = 1 << 3;

    // struct io_uring_getevents_arg, and struct __kernel_timespec behind it in our memory
    static final int GETEVENTS_ARG_SIZE = 24;
    static final int GETEVENTS_ARG_TS = 16;
    static final int TIMESPEC_SIZE = 16;
    static final int TIMESPEC_SEC = 0;
    static final int TIMESPEC_NSEC = 8;

    // io_uring_register(2)
    static final int IORING_REGISTER_FILES = 2;
    static final int IORING_UNREGISTER_FILES = 3;
    static final int IORING_REGISTER_EVENTFD = 4;
    static final int IORING_UNREGISTER_EVENTFD = 5;
    static final int IORING_REGISTER_PROBE = 8;

    // struct io_uring_probe, followed by struct io_uring_probe_op
    static final int PROBE_SIZE = 16;
    static final int PROBE_LAST_OP = 0;
    static final int PROBE_OPS_LEN = 1;
    static final int PROBE_OP_SIZE = 8;
    static final int PROBE_OP_OP = 0;
    static final int PROBE_OP_FLAGS = 2;
    static final int IO_URING_OP_SUPPORTED = 1;

    private UringAbi() {}
}
