package io.zonewright.posix;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * The kernel structures that we pass, with members named as in C and in native byte order. The same on x86-64 and
 * aarch64, but for {@code epoll_event}. A test compares sizes and offsets with literals and with the C compiler.
 */
final class Layouts {
    /** sys/uio.h. */
    static final StructLayout IOVEC =
            MemoryLayout.structLayout(ADDRESS.withName("iov_base"), JAVA_LONG.withName("iov_len"));

    static final long IOVEC_SIZE = IOVEC.byteSize();
    static final long IOV_BASE = offset(IOVEC, "iov_base");
    static final long IOV_LEN = offset(IOVEC, "iov_len");

    /** sys/socket.h, as glibc lays it out. */
    static final StructLayout MSGHDR = MemoryLayout.structLayout(
            ADDRESS.withName("msg_name"),
            JAVA_INT.withName("msg_namelen"),
            MemoryLayout.paddingLayout(4),
            ADDRESS.withName("msg_iov"),
            JAVA_LONG.withName("msg_iovlen"),
            ADDRESS.withName("msg_control"),
            JAVA_LONG.withName("msg_controllen"),
            JAVA_INT.withName("msg_flags"),
            MemoryLayout.paddingLayout(4));

    static final long MSG_NAME = offset(MSGHDR, "msg_name");
    static final long MSG_NAMELEN = offset(MSGHDR, "msg_namelen");
    static final long MSG_IOV = offset(MSGHDR, "msg_iov");
    static final long MSG_IOVLEN = offset(MSGHDR, "msg_iovlen");
    static final long MSG_CONTROL = offset(MSGHDR, "msg_control");
    static final long MSG_CONTROLLEN = offset(MSGHDR, "msg_controllen");
    static final long MSG_FLAGS = offset(MSGHDR, "msg_flags");

    /** sys/socket.h; the data follow at {@link #CMSG_DATA}. */
    static final StructLayout CMSGHDR = MemoryLayout.structLayout(
            JAVA_LONG.withName("cmsg_len"), JAVA_INT.withName("cmsg_level"), JAVA_INT.withName("cmsg_type"));

    static final long CMSG_LEN = offset(CMSGHDR, "cmsg_len");
    static final long CMSG_LEVEL = offset(CMSGHDR, "cmsg_level");
    static final long CMSG_TYPE = offset(CMSGHDR, "cmsg_type");
    static final long CMSG_DATA = CMSGHDR.byteSize();

    /** sys/un.h. */
    static final StructLayout SOCKADDR_UN = MemoryLayout.structLayout(
            JAVA_SHORT.withName("sun_family"),
            MemoryLayout.sequenceLayout(108, JAVA_BYTE).withName("sun_path"));

    static final long SUN_FAMILY = offset(SOCKADDR_UN, "sun_family");
    static final long SUN_PATH = offset(SOCKADDR_UN, "sun_path");

    /** netinet/in.h; port and address are big-endian. */
    static final StructLayout SOCKADDR_IN = MemoryLayout.structLayout(
            JAVA_SHORT.withName("sin_family"),
            JAVA_SHORT.withName("sin_port"),
            MemoryLayout.sequenceLayout(4, JAVA_BYTE).withName("sin_addr"),
            MemoryLayout.paddingLayout(8));

    static final long SIN_FAMILY = offset(SOCKADDR_IN, "sin_family");
    static final long SIN_PORT = offset(SOCKADDR_IN, "sin_port");
    static final long SIN_ADDR = offset(SOCKADDR_IN, "sin_addr");

    /** netinet/in.h; port and address are big-endian. */
    static final StructLayout SOCKADDR_IN6 = MemoryLayout.structLayout(
            JAVA_SHORT.withName("sin6_family"),
            JAVA_SHORT.withName("sin6_port"),
            JAVA_INT.withName("sin6_flowinfo"),
            MemoryLayout.sequenceLayout(16, JAVA_BYTE).withName("sin6_addr"),
            JAVA_INT.withName("sin6_scope_id"));

    static final long SIN6_FLOWINFO = offset(SOCKADDR_IN6, "sin6_flowinfo");
    static final long SIN6_ADDR = offset(SOCKADDR_IN6, "sin6_addr");
    static final long SIN6_SCOPE_ID = offset(SOCKADDR_IN6, "sin6_scope_id");

    /** sys/socket.h, SO_PEERCRED. */
    static final StructLayout UCRED =
            MemoryLayout.structLayout(JAVA_INT.withName("pid"), JAVA_INT.withName("uid"), JAVA_INT.withName("gid"));

    static final long UCRED_PID = offset(UCRED, "pid");
    static final long UCRED_UID = offset(UCRED, "uid");
    static final long UCRED_GID = offset(UCRED, "gid");

    /** poll.h. */
    static final StructLayout POLLFD = MemoryLayout.structLayout(
            JAVA_INT.withName("fd"), JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents"));

    static final long POLLFD_FD = offset(POLLFD, "fd");
    static final long POLLFD_EVENTS = offset(POLLFD, "events");
    static final long POLLFD_REVENTS = offset(POLLFD, "revents");

    /** {@code struct timespec} with 64-bit time. */
    static final StructLayout TIMESPEC =
            MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"));

    static final long TV_SEC = offset(TIMESPEC, "tv_sec");
    static final long TV_NSEC = offset(TIMESPEC, "tv_nsec");

    /** sys/epoll.h: packed on x86-64 so that 32-bit programs see the same; naturally aligned everywhere else. */
    static final StructLayout EPOLL_EVENT = epollEvent(Linux.X86_64);

    static final long EPOLL_EVENT_SIZE = EPOLL_EVENT.byteSize();
    static final long EPOLL_EVENTS = offset(EPOLL_EVENT, "events");
    static final long EPOLL_DATA = offset(EPOLL_EVENT, "data");

    /** linux/stat.h; the members up to the alignment of direct I/O, the rest as one block. */
    static final StructLayout STATX = MemoryLayout.structLayout(
            JAVA_INT.withName("stx_mask"),
            JAVA_INT.withName("stx_blksize"),
            JAVA_LONG.withName("stx_attributes"),
            JAVA_INT.withName("stx_nlink"),
            JAVA_INT.withName("stx_uid"),
            JAVA_INT.withName("stx_gid"),
            JAVA_SHORT.withName("stx_mode"),
            MemoryLayout.paddingLayout(2),
            JAVA_LONG.withName("stx_ino"),
            JAVA_LONG.withName("stx_size"),
            JAVA_LONG.withName("stx_blocks"),
            JAVA_LONG.withName("stx_attributes_mask"),
            MemoryLayout.sequenceLayout(4, MemoryLayout.sequenceLayout(16, JAVA_BYTE))
                    .withName("times"),
            JAVA_INT.withName("stx_rdev_major"),
            JAVA_INT.withName("stx_rdev_minor"),
            JAVA_INT.withName("stx_dev_major"),
            JAVA_INT.withName("stx_dev_minor"),
            JAVA_LONG.withName("stx_mnt_id"),
            JAVA_INT.withName("stx_dio_mem_align"),
            JAVA_INT.withName("stx_dio_offset_align"),
            MemoryLayout.paddingLayout(96));

    static final long STX_MASK = offset(STATX, "stx_mask");
    static final long STX_BLKSIZE = offset(STATX, "stx_blksize");
    static final long STX_UID = offset(STATX, "stx_uid");
    static final long STX_GID = offset(STATX, "stx_gid");
    static final long STX_MODE = offset(STATX, "stx_mode");
    static final long STX_INO = offset(STATX, "stx_ino");
    static final long STX_SIZE = offset(STATX, "stx_size");
    static final long STX_BLOCKS = offset(STATX, "stx_blocks");
    static final long STX_RDEV_MAJOR = offset(STATX, "stx_rdev_major");
    static final long STX_RDEV_MINOR = offset(STATX, "stx_rdev_minor");
    static final long STX_DEV_MAJOR = offset(STATX, "stx_dev_major");
    static final long STX_DEV_MINOR = offset(STATX, "stx_dev_minor");
    static final long STX_DIO_MEM_ALIGN = offset(STATX, "stx_dio_mem_align");
    static final long STX_DIO_OFFSET_ALIGN = offset(STATX, "stx_dio_offset_align");

    private Layouts() {}

    static StructLayout epollEvent(boolean packed) {
        return packed
                ? MemoryLayout.structLayout(
                        JAVA_INT.withName("events"),
                        JAVA_LONG.withByteAlignment(4).withName("data"))
                : MemoryLayout.structLayout(
                        JAVA_INT.withName("events"), MemoryLayout.paddingLayout(4), JAVA_LONG.withName("data"));
    }

    static long offset(StructLayout layout, String member) {
        return layout.byteOffset(groupElement(member));
    }

    /** CMSG_ALIGN: ancillary data are aligned to size_t. */
    static long cmsgAlign(long length) {
        return length + 7 & -8L;
    }

    /** CMSG_SPACE: header and data of one message, with the padding behind it. */
    static long cmsgSpace(long dataLength) {
        return CMSG_DATA + cmsgAlign(dataLength);
    }
}
