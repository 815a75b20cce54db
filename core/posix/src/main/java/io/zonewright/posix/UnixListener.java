package io.zonewright.posix;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A Unix stream socket that listens at a path. A file left behind by a dead process is replaced; a socket that somebody
 * listens on, and anything that is not a socket, is left alone. Closing removes the file if it is still this one.
 */
public final class UnixListener implements AutoCloseable {
    /** How long to wait for another process that sets up a socket in the same directory. */
    private static final long LOCK_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int KEEP = -1;

    private final Posix posix;
    private final Fd fd;
    private final Path path;
    private final FileStatus file;

    private UnixListener(Posix posix, Fd fd, Path path, FileStatus file) {
        this.posix = posix;
        this.fd = fd;
        this.path = path;
        this.file = file;
    }

    /**
     * How to listen.
     *
     * @param mode permission bits of the file; connecting needs write permission
     * @param gid group of the file, -1 for the process's own
     * @param backlog how many connections wait to be accepted before others are turned away
     */
    public record Options(int mode, int gid, int backlog) {
        /** Only this user connects. */
        public static final Options PRIVATE = new Options(0600, KEEP, 16);

        /** Checks the values. */
        public Options {
            if ((mode & ~0777) != 0 || gid < KEEP || backlog < 1) {
                throw new IllegalArgumentException(
                        "mode 0" + Integer.toOctalString(mode) + ", gid " + gid + ", backlog " + backlog);
            }
        }

        /** The same with other permission bits. */
        public Options withMode(int newMode) {
            return new Options(newMode, gid, backlog);
        }

        /** The same with a group. */
        public Options withGroup(int newGid) {
            return new Options(mode, newGid, backlog);
        }
    }

    /**
     * Listens at {@code path}. Nobody can connect before mode and group are as asked for, and the process's umask is
     * neither used nor changed.
     *
     * @throws PosixException EADDRINUSE, with the reason, if the path is taken
     */
    public static UnixListener bind(Posix posix, Path path, Options options) {
        Fd lock = lockDirectory(posix, path);
        try {
            clear(posix, path);
            Fd fd = posix.unixSocket(true);
            FileStatus file = null;
            try {
                // Linux gives the file the mode of the socket's own inode, less the umask: never more than asked for.
                posix.fchmod(fd, options.mode);
                posix.bind(fd, path);
                file = posix.lstat(path);
                if (file == null || !file.isSocket()) {
                    throw taken(path, "somebody replaced the socket while it was set up");
                }
                if (options.gid != KEEP && options.gid != file.gid()) {
                    posix.chown(path, KEEP, options.gid);
                }
                if (options.mode != file.permissions()) {
                    posix.chmod(path, options.mode);
                }
                posix.listen(fd, options.backlog);
                return new UnixListener(posix, fd, path, file);
            } catch (RuntimeException e) {
                undo(posix, fd, path, file, e);
                throw e;
            }
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    private static void undo(Posix posix, Fd fd, Path path, @Nullable FileStatus file, RuntimeException cause) {
        try {
            if (file != null) {
                unlinkIfSame(posix, path, file);
            }
            fd.close();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Makes sure that nothing is at the path, or says why something must stay there. */
    private static void clear(Posix posix, Path path) {
        FileStatus found = posix.lstat(path);
        if (found == null) {
            return;
        }
        if (!found.isSocket()) {
            throw taken(path, "it is not a socket and is left alone: remove it or choose another path");
        }
        try (Fd probe = posix.unixSocket(true)) {
            int result = posix.tryConnect(probe, path);
            if (result == 0) {
                throw taken(
                        path,
                        "process " + posix.peerCredentials(probe).pid()
                                + " listens there: stop it or choose another path");
            }
            if (Errno.ENOENT.is(result)) {
                return;
            }
            if (!Errno.ECONNREFUSED.is(result)) {
                // EAGAIN: a live listener with a full backlog. EPROTOTYPE: a live socket of another type.
                throw taken(
                        path,
                        "it cannot be told whether somebody listens there (connect: " + Errno.nameOf(-result)
                                + "): remove it if it is left over");
            }
        }
        posix.unlink(path);
    }

    private static PosixException taken(Path path, String why) {
        return new PosixException("bind", "path=" + path, Errno.EADDRINUSE.number(), "The path is taken: " + why);
    }

    /**
     * Keeps two daemons that start at once from removing each other's fresh socket: whoever looks, removes and binds
     * holds the directory's lock. Only advice: without it (no permission to read the directory, or somebody holds the
     * lock for reasons of their own) we go on after a moment.
     */
    private static @Nullable Fd lockDirectory(Posix posix, Path path) {
        Path parent = path.toAbsolutePath().getParent();
        Fd directory;
        try {
            directory = posix.open(parent == null ? Path.of("/") : parent, Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
        } catch (PosixException e) {
            return null;
        }
        try {
            long began = System.nanoTime();
            while (!posix.flock(directory, Linux.LOCK_EX | Linux.LOCK_NB)
                    && System.nanoTime() - began < LOCK_PATIENCE_NANOS) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        } catch (PosixException e) {
            directory.close();
            return null;
        }
        return directory;
    }

    private static void unlinkIfSame(Posix posix, Path path, FileStatus file) {
        FileStatus now = posix.lstat(path);
        if (now != null && now.sameFile(file)) {
            posix.unlink(path);
        }
    }

    /**
     * The next connection, or null if nobody waits.
     *
     * @throws PosixException EMFILE or ENFILE without descriptors to spare; the connection goes on waiting, so a loop
     *     that is told of it again and again does well to pause
     */
    public @Nullable UnixConnection accept() {
        Fd accepted = posix.accept(fd, true);
        return accepted == null ? null : new UnixConnection(posix, accepted);
    }

    /** Waits for a connection, for ever with -1; null after the timeout. */
    public @Nullable UnixConnection accept(int timeoutMillis) {
        UnixConnection connection = accept();
        if (connection == null && posix.poll(fd, Linux.POLLIN, timeoutMillis) != 0) {
            connection = accept();
        }
        return connection;
    }

    /** Where it listens. */
    public Path path() {
        return path;
    }

    /** The socket, for {@link Epoll}; this object stays its owner. */
    public Fd fd() {
        return fd;
    }

    /** Removes the file if it is still ours, then stops listening. Closing twice is harmless. */
    @Override
    public void close() {
        if (!fd.isOpen()) {
            return;
        }
        Fd lock = lockDirectory(posix, path);
        try {
            unlinkIfSame(posix, path, file); // the open socket keeps the inode number from being used again
        } finally {
            fd.close();
            if (lock != null) {
                lock.close();
            }
        }
    }
}
