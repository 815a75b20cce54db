package io.zonewright.posix;

/**
 * What statx(2) says about a file.
 *
 * @param mode type and permission bits, as in inode(7)
 * @param sizeBytes the file's size; 0 for a block device
 * @param blocks512 allocated blocks in units of 512 bytes
 * @param blockSize preferred block size for I/O, in bytes; the page size of a huge-page file
 * @param device the device that holds the file, as {@code major << 32 | minor}
 * @param specialDevice the device that the file stands for, likewise
 */
public record FileStatus(
        int mode,
        int uid,
        int gid,
        long inode,
        long sizeBytes,
        long blocks512,
        int blockSize,
        long device,
        long specialDevice) {

    private static final int TYPE_MASK = 0xF000;

    /** S_ISSOCK. */
    public boolean isSocket() {
        return (mode & TYPE_MASK) == 0xC000;
    }

    /** S_ISREG. */
    public boolean isRegularFile() {
        return (mode & TYPE_MASK) == 0x8000;
    }

    /** S_ISBLK. */
    public boolean isBlockDevice() {
        return (mode & TYPE_MASK) == 0x6000;
    }

    /** S_ISCHR. */
    public boolean isCharacterDevice() {
        return (mode & TYPE_MASK) == 0x2000;
    }

    /** S_ISDIR. */
    public boolean isDirectory() {
        return (mode & TYPE_MASK) == 0x4000;
    }

    /** S_ISLNK. */
    public boolean isSymbolicLink() {
        return (mode & TYPE_MASK) == 0xA000;
    }

    /** The permission bits, set-user-id and the like included: 0 to 07777. */
    public int permissions() {
        return mode & 0xFFF;
    }

    /** Whether both are the same file: same device, same inode. */
    public boolean sameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }
}
