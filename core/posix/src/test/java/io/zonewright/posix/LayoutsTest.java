package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutsTest {
    private static final Map<String, StructLayout> STRUCTURES = Map.ofEntries(
            Map.entry("struct iovec", Layouts.IOVEC),
            Map.entry("struct msghdr", Layouts.MSGHDR),
            Map.entry("struct cmsghdr", Layouts.CMSGHDR),
            Map.entry("struct sockaddr_un", Layouts.SOCKADDR_UN),
            Map.entry("struct sockaddr_in", Layouts.SOCKADDR_IN),
            Map.entry("struct sockaddr_in6", Layouts.SOCKADDR_IN6),
            Map.entry("struct ucred", Layouts.UCRED),
            Map.entry("struct pollfd", Layouts.POLLFD),
            Map.entry("struct epoll_event", Layouts.EPOLL_EVENT),
            Map.entry("struct timespec", Layouts.TIMESPEC),
            Map.entry("struct statx", Layouts.STATX));

    @Test
    void sizesAreThoseOfTheHeaders() {
        assertEquals(16, Layouts.IOVEC.byteSize());
        assertEquals(56, Layouts.MSGHDR.byteSize());
        assertEquals(16, Layouts.CMSGHDR.byteSize());
        assertEquals(110, Layouts.SOCKADDR_UN.byteSize());
        assertEquals(16, Layouts.SOCKADDR_IN.byteSize());
        assertEquals(28, Layouts.SOCKADDR_IN6.byteSize());
        assertEquals(12, Layouts.UCRED.byteSize());
        assertEquals(8, Layouts.POLLFD.byteSize());
        assertEquals(256, Layouts.STATX.byteSize());
        assertEquals(16, Layouts.TIMESPEC.byteSize());
    }

    @Test
    void offsetsAreThoseOfTheHeaders() {
        assertEquals(0, Layouts.IOV_BASE);
        assertEquals(8, Layouts.IOV_LEN);
        assertEquals(0, Layouts.MSG_NAME);
        assertEquals(8, Layouts.MSG_NAMELEN);
        assertEquals(16, Layouts.MSG_IOV);
        assertEquals(24, Layouts.MSG_IOVLEN);
        assertEquals(32, Layouts.MSG_CONTROL);
        assertEquals(40, Layouts.MSG_CONTROLLEN);
        assertEquals(48, Layouts.MSG_FLAGS);
        assertEquals(0, Layouts.CMSG_LEN);
        assertEquals(8, Layouts.CMSG_LEVEL);
        assertEquals(12, Layouts.CMSG_TYPE);
        assertEquals(16, Layouts.CMSG_DATA);
        assertEquals(0, Layouts.SUN_FAMILY);
        assertEquals(2, Layouts.SUN_PATH);
        assertEquals(0, Layouts.SIN_FAMILY);
        assertEquals(2, Layouts.SIN_PORT);
        assertEquals(4, Layouts.SIN_ADDR);
        assertEquals(4, Layouts.SIN6_FLOWINFO);
        assertEquals(8, Layouts.SIN6_ADDR);
        assertEquals(24, Layouts.SIN6_SCOPE_ID);
        assertEquals(0, Layouts.UCRED_PID);
        assertEquals(4, Layouts.UCRED_UID);
        assertEquals(8, Layouts.UCRED_GID);
        assertEquals(0, Layouts.POLLFD_FD);
        assertEquals(4, Layouts.POLLFD_EVENTS);
        assertEquals(6, Layouts.POLLFD_REVENTS);
        assertEquals(4, Layouts.STX_BLKSIZE);
        assertEquals(20, Layouts.STX_UID);
        assertEquals(24, Layouts.STX_GID);
        assertEquals(28, Layouts.STX_MODE);
        assertEquals(32, Layouts.STX_INO);
        assertEquals(40, Layouts.STX_SIZE);
        assertEquals(48, Layouts.STX_BLOCKS);
        assertEquals(128, Layouts.STX_RDEV_MAJOR);
        assertEquals(132, Layouts.STX_RDEV_MINOR);
        assertEquals(136, Layouts.STX_DEV_MAJOR);
        assertEquals(140, Layouts.STX_DEV_MINOR);
    }

    @Test
    void epollEventIsPackedOnX86OnlyAndAlignedElsewhere() {
        StructLayout packed = Layouts.epollEvent(true);
        assertEquals(12, packed.byteSize());
        assertEquals(4, Layouts.offset(packed, "data"));
        StructLayout aligned = Layouts.epollEvent(false);
        assertEquals(16, aligned.byteSize());
        assertEquals(8, Layouts.offset(aligned, "data"));
    }

    @Test
    void controlMessagesAreAlignedAsByTheMacros() {
        assertEquals(24, Layouts.cmsgSpace(4)); // CMSG_SPACE(sizeof(int))
        assertEquals(24, Layouts.cmsgSpace(8));
        assertEquals(1032, Layouts.cmsgSpace(4 * 253));
        assertEquals(0, Layouts.cmsgAlign(0));
        assertEquals(8, Layouts.cmsgAlign(1));
        assertEquals(8, Layouts.cmsgAlign(8));
    }

    @Test
    void theCompilerAgreesOnEveryNamedMember(@TempDir Path directory) throws Exception {
        Map<String, Long> expected = new TreeMap<>();
        STRUCTURES.forEach((name, layout) -> {
            expected.put("sizeof(" + name + ")", layout.byteSize());
            for (MemoryLayout member : layout.memberLayouts()) {
                if (!(member instanceof PaddingLayout)) {
                    String field = member.name().orElseThrow();
                    String known = field.equals("times") ? "stx_atime" : field;
                    expected.put("offsetof(" + name + ", " + known + ")", Layouts.offset(layout, field));
                }
            }
        });
        assertEquals(expected, new TreeMap<>(CHeaders.values(directory, expected.keySet())));
    }
}
