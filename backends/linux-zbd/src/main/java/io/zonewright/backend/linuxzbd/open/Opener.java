package io.zonewright.backend.linuxzbd.open;

import io.zonewright.api.zone.ZoneModel;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig;
import io.zonewright.backend.linuxzbd.kernel.BlockCalls;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FileStatus;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the path of a device for this daemon alone. Every failure is an {@link IOException} that says what is wrong
 * and what to do.
 */
public final class Opener {
    private static final Logger LOG = LoggerFactory.getLogger(Opener.class);

    private final Host host;
    private final Posix posix;
    private final Sysfs sysfs;
    private final LinuxZbdConfig config;
    private final Path path;

    /** For one device. */
    public Opener(Host host, LinuxZbdConfig config) {
        this.host = host;
        posix = host.posix();
        sysfs = new Sysfs(host.sys(), host.proc());
        this.config = config;
        path = config.path();
    }

    /** Opens it; whoever gets it closes its descriptor. */
    public OpenedDevice open() throws IOException {
        FileStatus status = look();
        if (status.isBlockDevice()) {
            return openBlockDevice(status);
        }
        if (status.isRegularFile()) {
            return openFile(status);
        }
        throw new IOException(path + " is " + kind(status) + ", not a block device"
                + (config.zoned() ? "" : " or a regular file") + "; set 'path' to the disk's node, /dev/disk/by-id/…");
    }

    /**
     * What can be said of it without opening it; empty if it is not there, or says too little.
     *
     * @throws IOException if what is there cannot be served
     */
    public Optional<Surveyed> survey() throws IOException {
        try (Fd fd = posix.open(path, Linux.O_PATH, 0)) {
            FileStatus status = posix.fstat(fd);
            if (status.isBlockDevice()) {
                QueueFacts facts = sysfs.facts(status.specialDevice());
                checkModel(facts);
                int block = facts.logicalBlock();
                long bytes = block == 0 ? 0 : sysfs.deviceBytes(status.specialDevice()) / block * block;
                return bytes == 0
                        ? Optional.empty()
                        : Optional.of(new Surveyed(true, bytes, config.readOnly() || facts.readOnly(), facts));
            }
            if (!status.isRegularFile() || config.zoned()) {
                return Optional.empty();
            }
            return FileAlignment.told(posix, fd)
                    .filter(alignment -> status.sizeBytes() >= alignment.block())
                    .map(alignment -> new Surveyed(
                            false,
                            status.sizeBytes() / alignment.block() * alignment.block(),
                            config.readOnly(),
                            fileFacts(alignment)));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    /** What is there, without opening it: a look at a pipe or a tape must not wake it. */
    private FileStatus look() throws IOException {
        try (Fd fd = posix.open(path, Linux.O_PATH, 0)) {
            return posix.fstat(fd);
        } catch (PosixException e) {
            throw refused(e, null);
        }
    }

    private static String kind(FileStatus status) {
        if (status.isDirectory()) {
            return "a directory";
        }
        if (status.isCharacterDevice()) {
            return "a character device";
        }
        return status.isSocket() ? "a socket" : "a pipe";
    }

    // --- block devices ---------------------------------------------------------------------------------------------

    private OpenedDevice openBlockDevice(FileStatus status) throws IOException {
        long number = status.specialDevice();
        QueueFacts facts = sysfs.facts(number);
        checkModel(facts);
        Fd fd = openNode(status, Linux.O_DIRECT | Linux.O_EXCL);
        try {
            BlockCalls calls = new BlockCalls(posix, fd);
            long bytes = calls.deviceBytes();
            int block = calls.logicalBlock();
            if (bytes < block) {
                throw new IOException(path + " has a size of " + bytes + " bytes; is there a medium in the drive?");
            }
            boolean readOnly = config.readOnly() || facts.readOnly() || calls.readOnly();
            if (readOnly && !config.readOnly()) {
                LOG.warn("device {}: {} is read-only by itself, and so is the device", config.device(), path);
            }
            return new OpenedDevice(fd, true, number, bytes / block * block, readOnly, true, facts);
        } catch (PosixException e) {
            fd.close();
            throw new IOException(path + " does not answer as a block device: " + e.getMessage(), e);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }

    private void checkModel(QueueFacts facts) throws IOException {
        boolean zoned = facts.model().zoned();
        if (zoned && facts.partition()) {
            throw new IOException(path + " is a partition of the zoned disk " + facts.disk()
                    + ", and the kernel knows zones of whole disks only; set 'path' to the whole disk");
        }
        if (zoned && !config.zoned()) {
            throw new IOException(
                    path + " is a " + word(facts.model())
                            + " zoned disk, which takes no writes as an ordinary one; remove 'model: none', or set 'model: auto'");
        }
        if (!zoned && config.zoned()) {
            throw new IOException(
                    path + " is a disk without zones (" + host.sys() + "/block/" + facts.disk()
                            + "/queue/zoned does not say host-managed or host-aware); set 'model: none' to serve it as an ordinary disk");
        }
    }

    private static String word(ZoneModel model) {
        return model == ZoneModel.HOST_AWARE ? "host-aware" : "host-managed";
    }

    private Fd openNode(FileStatus status, int flags) throws IOException {
        int access = config.readOnly() ? Linux.O_RDONLY : Linux.O_RDWR;
        Fd fd;
        try {
            fd = posix.open(path, access | flags, 0);
        } catch (PosixException e) {
            throw refused(e, status);
        }
        try {
            FileStatus opened = posix.fstat(fd);
            boolean same = status.isBlockDevice()
                    ? opened.isBlockDevice() && opened.specialDevice() == status.specialDevice()
                    : opened.sameFile(status);
            if (!same) {
                throw new IOException(path + " became another file while it was being opened; try again");
            }
            return fd;
        } catch (PosixException e) {
            fd.close();
            throw new IOException(e.getMessage(), e);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }

    // --- files -----------------------------------------------------------------------------------------------------

    private OpenedDevice openFile(FileStatus status) throws IOException {
        if (config.zoned()) {
            throw new IOException(path + " is a regular file, which has no zones; set 'model: none' to serve it as an "
                    + "ordinary disk, or 'path' to a zoned block device");
        }
        boolean direct = true;
        Fd fd;
        try {
            fd = openNode(status, Linux.O_DIRECT);
        } catch (IOException e) {
            if (!(e.getCause() instanceof PosixException cause) || !cause.is(Errno.EINVAL)) {
                throw e;
            }
            direct = false;
            fd = openNode(status, 0);
            LOG.warn(
                    "device {}: the file system of {} has no direct I/O (open with O_DIRECT: EINVAL), so data passes "
                            + "through the page cache",
                    config.device(),
                    path);
        }
        try {
            if (!posix.flock(fd, (config.readOnly() ? Linux.LOCK_SH : Linux.LOCK_EX) | Linux.LOCK_NB)) {
                throw new IOException(path + " is locked by another program" + new Holders(host).ofLock(status)
                        + "; one device cannot serve it twice");
            }
            FileAlignment alignment = FileAlignment.of(posix, fd, direct);
            int block = alignment.block();
            long bytes = status.sizeBytes() / block * block;
            if (bytes == 0) {
                throw new IOException(path + " has " + status.sizeBytes() + " bytes, less than one block of " + block
                        + "; make it as large as the disk shall be: truncate -s 16G " + path);
            }
            if (bytes != status.sizeBytes()) {
                LOG.warn(
                        "device {}: the last {} bytes of {} are less than a block of {} and not used",
                        config.device(),
                        status.sizeBytes() - bytes,
                        path,
                        block);
            }
            QueueFacts facts = fileFacts(alignment);
            return new OpenedDevice(fd, false, status.device(), bytes, config.readOnly(), direct, facts);
        } catch (PosixException e) {
            fd.close();
            throw new IOException(path + " cannot be used: " + e.getMessage(), e);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }

    private QueueFacts fileFacts(FileAlignment alignment) {
        return new QueueFacts(
                path.toString(),
                false,
                ZoneModel.NONE,
                alignment.block(),
                alignment.block(),
                alignment.block(),
                0,
                0,
                0,
                0,
                true,
                true,
                alignment.memory(),
                1 << 20,
                1024,
                0,
                0,
                config.readOnly());
    }

    // --- refusals --------------------------------------------------------------------------------------------------

    private IOException refused(PosixException e, @org.jspecify.annotations.Nullable FileStatus status) {
        Errno errno = Errno.of(e.errno());
        String text = errno == null
                ? e.getMessage()
                : switch (errno) {
                    case ENOENT, ENOTDIR ->
                        "there is no " + path
                                + "; is the disk connected, and the name right? /dev/disk/by-id lists them";
                    case ELOOP -> path + " is a symbolic link that leads in a circle";
                    case EACCES -> new Permissions(host).explain(path, status, config.readOnly());
                    case EPERM ->
                        "opening " + path + " is not permitted to this process, whatever the node's mode says; in a "
                                + "container, the device has to be allowed to it";
                    case EBUSY ->
                        path + " is in use" + new Holders(host).of(path, status)
                                + "; stop or unmount what uses it, or set another 'path'";
                    case EROFS, ETXTBSY ->
                        path + " takes no writes (" + errno + "); set 'read-only: true' to serve it for reading";
                    case ENOMEDIUM -> "there is no medium in the drive of " + path;
                    case ENXIO, ENODEV ->
                        "behind " + path + " there is no device (" + errno + "); its driver is not loaded, or it went";
                    default -> path + " cannot be opened: " + e.getMessage();
                };
        return new IOException(text, e);
    }
}
