package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxTest {
    @Test
    void theCompilerAgreesOnEveryConstant(@TempDir Path directory) throws Exception {
        Map<String, Long> ours = new TreeMap<>();
        for (Field field : Linux.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                ours.put(field.getName(), Integer.toUnsignedLong(field.getInt(null)));
            }
        }
        Map<String, Long> theirs = new HashMap<>();
        CHeaders.macros(directory, ours.keySet()).forEach((k, v) -> theirs.put(k, v & 0xFFFF_FFFFL));
        assertTrue(theirs.size() >= ours.size() - 10, () -> "too few known to the headers: " + theirs.keySet());
        ours.keySet().retainAll(theirs.keySet());
        assertEquals(ours, new TreeMap<>(theirs));
    }

    @Test
    void theCompilerAgreesOnEveryErrno(@TempDir Path directory) throws Exception {
        Map<String, Long> ours = Arrays.stream(Errno.values())
                .collect(Collectors.toMap(Errno::name, e -> (long) e.number(), (a, b) -> a, TreeMap::new));
        assertEquals(ours, new TreeMap<>(CHeaders.macros(directory, ours.keySet())));
    }

    @Test
    void errnoKnowsItsNumberAndName() {
        assertEquals(4, Errno.EINTR.number());
        assertEquals(5, Errno.EIO.number());
        assertEquals(11, Errno.EAGAIN.number());
        assertEquals(28, Errno.ENOSPC.number());
        assertEquals(98, Errno.EADDRINUSE.number());
        assertEquals(111, Errno.ECONNREFUSED.number());
        assertEquals(Errno.EHWPOISON, Errno.of(133));
        assertNull(Errno.of(134));
        assertNull(Errno.of(41));
        assertNull(Errno.of(-1));
        assertEquals("ENODEV", Errno.nameOf(19));
        assertEquals("errno 4095", Errno.nameOf(4095));
        assertTrue(Errno.EIO.is(-5));
    }

    @Test
    void ioctlNumbersAreThoseOfTheHeaders() {
        assertEquals(0xC010_1282L, Ioctl.iowr(0x12, 130, 16)); // BLKREPORTZONE
        assertEquals(0x4010_1283L, Ioctl.iow(0x12, 131, 16)); // BLKRESETZONE
        assertEquals(0x8004_1284L, Ioctl.ior(0x12, 132, 4)); // BLKGETZONESZ
        assertEquals(0x8004_1285L, Ioctl.ior(0x12, 133, 4)); // BLKGETNRZONES
        assertEquals(0x4010_1286L, Ioctl.iow(0x12, 134, 16)); // BLKOPENZONE
        assertEquals(0x4010_1287L, Ioctl.iow(0x12, 135, 16)); // BLKCLOSEZONE
        assertEquals(0x4010_1288L, Ioctl.iow(0x12, 136, 16)); // BLKFINISHZONE
        assertEquals(0x1268L, Ioctl.io(0x12, 104)); // BLKSSZGET
        assertEquals(0x8008_1272L, Ioctl.ior(0x12, 114, 8)); // BLKGETSIZE64
    }

    @Test
    void theCompilerAgreesOnIoctlNumbers(@TempDir Path directory) throws Exception {
        Map<String, Long> theirs = CHeaders.values(
                directory,
                List.of("BLKREPORTZONE", "BLKRESETZONE", "BLKGETZONESZ", "BLKSSZGET", "BLKGETSIZE64", "BLKFINISHZONE"));
        assertEquals(theirs.get("BLKREPORTZONE"), Ioctl.iowr(0x12, 130, 16));
        assertEquals(theirs.get("BLKRESETZONE"), Ioctl.iow(0x12, 131, 16));
        assertEquals(theirs.get("BLKGETZONESZ"), Ioctl.ior(0x12, 132, 4));
        assertEquals(theirs.get("BLKSSZGET"), Ioctl.io(0x12, 104));
        assertEquals(theirs.get("BLKGETSIZE64"), Ioctl.ior(0x12, 114, 8));
        assertEquals(theirs.get("BLKFINISHZONE"), Ioctl.iow(0x12, 136, 16));
    }

    @Test
    void anIoctlPartThatDoesNotFitIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Ioctl.ior(256, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> Ioctl.ior(0, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> Ioctl.ior(0, 0, 1 << 14));
    }
}
