package io.zonewright.backend.linuxzbd.open;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.backend.linuxzbd.LinuxZbdConfig;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.DiscardMode;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.IoMode;
import io.zonewright.posix.Errno;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads who cannot have a device, and that nothing stays open then. */
class OpenerTest {
    private static final String ZONED = "/dev/zoned";
    private static final String PLAIN = "/dev/plain";

    private final Path root;
    private final FakeKernel kernel;

    OpenerTest(@TempDir Path root) {
        this.root = root;
        kernel = new FakeKernel(root);
        kernel.zoned(ZONED, 4, 65536, 65536, 0);
        kernel.ordinary(PLAIN, 1 << 20);
    }

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, kernel.openFiles());
        kernel.close();
    }

    private static LinuxZbdConfig config(String path, boolean zoned, boolean readOnly) {
        return new LinuxZbdConfig(
                "disk", Path.of(path), zoned, readOnly, false, DiscardMode.ZEROES, IoMode.THREADS, 4, 2);
    }

    private OpenedDevice open(String path, boolean zoned) throws IOException {
        return new Opener(Machine.of(kernel), config(path, zoned, false)).open();
    }

    private String refusal(String path, boolean zoned) {
        return String.valueOf(
                assertThrows(IOException.class, () -> open(path, zoned)).getMessage());
    }

    private String refusal(Errno errno) {
        kernel.refuse(ZONED, errno);
        return refusal(ZONED, true);
    }

    @Test
    void aDiskIsOpenedWithWhatSysfsSays() throws IOException {
        try (var fd = open(ZONED, true).fd()) {
            assertTrue(fd.isOpen());
        }
        OpenedDevice plain = open(PLAIN, false);
        assertEquals(1 << 20, plain.deviceBytes());
        assertFalse(plain.facts().model().zoned());
        plain.fd().close();
    }

    @Test
    void theOtherKindIsRefused() {
        assertEquals(
                "/dev/zoned is a host-managed zoned disk, which takes no writes as an ordinary one; remove 'model: none', "
                        + "or set 'model: auto'",
                refusal(ZONED, false));
        assertEquals(
                "/dev/plain is a disk without zones (" + root
                        + "/sys/block/250:1/queue/zoned does not say host-managed or host-aware); set 'model: none' to serve "
                        + "it as an ordinary disk",
                refusal(PLAIN, true));
    }

    @Test
    void aPartitionOfAZonedDiskIsRefused() throws IOException {
        Path disk = kernel.sysfs(ZONED);
        Path whole = Files.createDirectories(root.resolve("sys/block/sdz"));
        Files.move(disk.resolve("queue"), whole.resolve("queue"));
        Files.createDirectories(whole.resolve("sdz1"));
        Files.writeString(whole.resolve("sdz1/partition"), "1\n");
        Files.delete(disk.resolve("ro"));
        Files.delete(disk.resolve("size"));
        Files.delete(disk);
        Files.createSymbolicLink(disk, whole.resolve("sdz1"));
        assertEquals(
                "/dev/zoned is a partition of the zoned disk sdz, and the kernel knows zones of whole disks only; set "
                        + "'path' to the whole disk",
                refusal(ZONED, true));
    }

    @Test
    void whatIsNoDiskIsRefused() throws IOException {
        assertEquals(
                root + " is a directory, not a block device; set 'path' to the disk's node, /dev/disk/by-id/…",
                refusal(root.toString(), true));
        assertEquals(
                "/dev/null is a character device, not a block device or a regular file; set 'path' to the disk's node, "
                        + "/dev/disk/by-id/…",
                refusal("/dev/null", false));
        assertEquals(
                "there is no /dev/nothing-here; is the disk connected, and the name right? /dev/disk/by-id lists them",
                refusal("/dev/nothing-here", true));
        Path file = Files.write(root.resolve("file"), new byte[4096]);
        assertEquals(
                file + " is a regular file, which has no zones; set 'model: none' to serve it as an ordinary disk, or "
                        + "'path' to a zoned block device",
                refusal(file.toString(), true));
        Path empty = Files.createFile(root.resolve("empty"));
        assertTrue(
                refusal(empty.toString(), false).startsWith(empty + " has 0 bytes, less than one block of "),
                refusal(empty.toString(), false));
    }

    @Test
    void aBusyDiskIsToldWithItsHolders() throws IOException {
        Path device = kernel.sysfs(ZONED);
        Files.createDirectories(device.resolve("holders/dm-3/dm"));
        Files.writeString(device.resolve("holders/dm-3/dm/name"), "vault\n");
        Path proc = root.resolve("proc");
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(proc.resolve("self/mountinfo"), """
                22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
                36 22 250:0 / /srv/data rw,noatime shared:1 - xfs /dev/zoned rw
                """);
        Files.writeString(proc.resolve("swaps"), "Filename Type Size Used Priority\n/dev/zoned partition 1 0 -2\n");
        Files.createDirectories(proc.resolve("4711/fd"));
        Files.writeString(proc.resolve("4711/comm"), "qemu-system-x86\n");
        Files.createSymbolicLink(proc.resolve("4711/fd/9"), Path.of(ZONED));
        assertEquals(
                "/dev/zoned is in use: block device dm-3 (vault), mounted on /srv/data, swap space, process 4711 "
                        + "(qemu-system-x86); stop or unmount what uses it, or set another 'path'",
                refusal(Errno.EBUSY));
    }

    @Test
    void aBusyDiskWhoseHolderIsNotToldIsBusyAllTheSame() {
        assertEquals("/dev/zoned is in use; stop or unmount what uses it, or set another 'path'", refusal(Errno.EBUSY));
    }

    @Test
    void whoMayNotOpenANodeIsToldTheGroupAndTheRule() throws IOException {
        Files.writeString(root.resolve("group"), "root:x:0:\ndisk:x:6:\n");
        Files.writeString(kernel.sysfs(ZONED).resolve("wwid"), "eui.0123456789abcdef\n");
        String user = System.getProperty("user.name");
        assertEquals(
                "user " + user
                        + " may not read and write /dev/zoned (mode 0660, group disk); read and write permission on "
                        + "it is all that is needed, not root: put the user into that group (usermod -aG disk " + user
                        + "), which gives it all such disks, or write a udev rule for this disk alone, in "
                        + "/etc/udev/rules.d/90-zonewright.rules: SUBSYSTEM==\"block\", ATTR{wwid}==\"eui.0123456789abcdef\", "
                        + "GROUP=\"zonewright\", MODE=\"0660\" (then: udevadm control --reload; udevadm trigger)",
                refusal(Errno.EACCES));
    }

    @Test
    void otherErrorsSayWhatTheyMean() {
        assertEquals(
                "opening /dev/zoned is not permitted to this process, whatever the node's mode says; in a container, the "
                        + "device has to be allowed to it",
                refusal(Errno.EPERM));
        assertEquals(
                "/dev/zoned takes no writes (EROFS); set 'read-only: true' to serve it for reading",
                refusal(Errno.EROFS));
        assertEquals("there is no medium in the drive of /dev/zoned", refusal(Errno.ENOMEDIUM));
        assertEquals(
                "behind /dev/zoned there is no device (ENXIO); its driver is not loaded, or it went",
                refusal(Errno.ENXIO));
        assertEquals(
                "/dev/zoned cannot be opened: open(path=/dev/zoned, flags=0x4082, mode=0000): EMFILE (24): Too many open files. "
                        + "Raise this process's limit of open files (ulimit -n, or LimitNOFILE= of its unit)",
                refusal(Errno.EMFILE));
    }

    @Test
    void aFileIsServedOnce() throws IOException {
        Path file = Files.write(root.resolve("file"), new byte[8192]);
        OpenedDevice first = open(file.toString(), false);
        assertTrue(
                refusal(file.toString(), false).startsWith(file + " is locked by another program"),
                refusal(file.toString(), false));
        first.fd().close();
        open(file.toString(), false).fd().close();
    }

    @Test
    void whoeverReadsAFileSharesIt() throws IOException {
        Path file = Files.write(root.resolve("file"), new byte[8192]);
        OpenedDevice first = new Opener(Machine.of(kernel), config(file.toString(), false, true)).open();
        OpenedDevice second = new Opener(Machine.of(kernel), config(file.toString(), false, true)).open();
        assertTrue(first.readOnly());
        first.fd().close();
        second.fd().close();
    }
}
