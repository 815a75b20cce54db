package io.zonewright.daemon.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Where the control socket is, and how it gets there. */
public final class ControlSocket {
    private static final int BACKLOG = 16;
    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PRIVATE_SOCKET = PosixFilePermissions.fromString("rw-------");

    /**
     * A socket that listens.
     *
     * @param fileKey of the socket's file, by which its owner knows it again whatever has happened to the path since
     */
    record Listening(ServerSocketChannel channel, Object fileKey) {}

    private ControlSocket() {}

    /**
     * The directory for sockets when the user names none: {@code zonewright} in {@code $XDG_RUNTIME_DIR}, else
     * {@code /run/zonewright} for root, else {@code zonewright-USER} in the directory for temporary files.
     */
    public static Path runtimeDirectory(Map<String, String> environment) {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (runtime.startsWith("/")) {
            return Path.of(runtime, "zonewright");
        }
        String user = System.getProperty("user.name", "user");
        return user.equals("root")
                ? Path.of("/run/zonewright")
                : Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "zonewright-" + user);
    }

    /** The socket when the user names none. */
    public static Path usual(Map<String, String> environment) {
        return runtimeDirectory(environment).resolve("control.sock");
    }

    /**
     * Makes a directory for sockets that nobody else may enter, or checks the one that is there.
     *
     * @throws IOException if it belongs to somebody else, who could put sockets of his own there
     */
    public static void makeDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            try {
                if (directory.getParent() != null) {
                    Files.createDirectories(directory.getParent());
                }
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE_DIRECTORY));
            } catch (IOException e) {
                throw new IOException(
                        "the directory " + directory + " cannot be made (" + e.getMessage()
                                + "); make it, or name another with --control and --socket-dir",
                        e);
            }
        }
        String owner = Files.getOwner(directory).getName();
        String user = System.getProperty("user.name", "user");
        if (directory.startsWith(System.getProperty("java.io.tmpdir", "/tmp")) && !owner.equals(user)) {
            throw new IOException("the directory " + directory + " belongs to " + owner + ", not to " + user
                    + "; name another with --control and --socket-dir");
        }
    }

    /**
     * Listens at {@code path}, with mode 0600 from the first moment: the socket is made in a directory that only we can
     * enter, and then moved. A socket that nobody listens on is replaced.
     */
    static Listening listen(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(path + " is not a name for a socket");
        }
        makeDirectory(parent);
        refuseIfTaken(path);
        byte[] random = new byte[3];
        new SecureRandom().nextBytes(random);
        Path hidden = path.resolveSibling("." + HexFormat.of().formatHex(random));
        Path temporary = hidden.resolve("s");
        checkLength(path);
        checkLength(temporary);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.createDirectory(hidden, PosixFilePermissions.asFileAttribute(PRIVATE_DIRECTORY));
            channel.bind(UnixDomainSocketAddress.of(temporary), BACKLOG);
            Files.setPosixFilePermissions(temporary, PRIVATE_SOCKET);
            Object fileKey = fileKey(temporary);
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            return new Listening(channel, fileKey);
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(temporary);
            throw new IOException(
                    "the control socket " + path + " cannot be made: " + e.getMessage()
                            + "; name another with --control",
                    e);
        } finally {
            Files.deleteIfExists(hidden);
        }
    }

    /** Removes the socket's file, unless somebody else's stands there by now. */
    static void remove(Path path, Object fileKey) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && fileKey(path).equals(fileKey)) {
            Files.deleteIfExists(path);
        }
    }

    /** Device and inode. */
    private static Object fileKey(Path path) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .fileKey(),
                "this file system has no inodes");
    }

    private static void refuseIfTaken(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!file.isOther()) {
            throw new IOException(path + " is there and is not a socket; remove it, or name another with --control");
        }
        checkLength(path);
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a daemon that is too busy to accept must not hold us up
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException e) {
            return; // refused: whoever made it is gone
        } catch (IOException e) {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return; // gone this moment
            }
            throw new IOException(
                    "another daemon may listen on " + path + " (" + e.getMessage()
                            + "); stop it, remove the socket if there is none, or name another with --control",
                    e);
        }
        throw new IOException("another daemon listens on " + path + "; stop it, or name another with --control");
    }

    static void checkLength(Path path) throws IOException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > ControlProtocol.MAX_PATH) {
            throw new IOException("the path " + path + " has " + length + " bytes, a Unix socket's has at most "
                    + ControlProtocol.MAX_PATH + "; name a shorter one");
        }
    }
}
