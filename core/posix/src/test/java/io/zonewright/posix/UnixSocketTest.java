package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.UnixListener.Options;
import io.zonewright.posix.fake.ScriptedSyscalls;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class UnixSocketTest {
    private final Posix posix = Posix.system();
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 20);

    @TempDir
    Path directory = Path.of("");

    private FileStatus at(Path path) {
        return Objects.requireNonNull(posix.lstat(path));
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private static UnixConnection accepted(UnixListener listener) {
        @Nullable UnixConnection connection = listener.accept(5000);
        assertNotNull(connection);
        return connection;
    }

    /** The open file may be shared with somebody else who makes it a blocking one. */
    @Test
    void neverBlocksWhateverTheOpenFileSays() {
        UnixConnection[] pair = UnixConnection.pair(posix);
        try (UnixConnection one = pair[0];
                UnixConnection other = pair[1];
                FdBatch fds = new FdBatch(posix, 1)) {
            posix.setNonBlocking(one.fd(), false);
            assertEquals(Posix.AGAIN, one.receive(buffer, 0, 8, fds));
            long last = 0;
            while (last >= 0) {
                last = one.send(buffer, 0, 1 << 12);
            }
            assertEquals(Posix.AGAIN, last);
            assertEquals(1 << 12, other.receive(buffer, 0, 1 << 12, fds));
        }
    }

    @Test
    void bytesAndDescriptorsTravelTogether() throws Exception {
        Path path = directory.resolve("s");
        try (UnixListener listener = UnixListener.bind(posix, path, Options.PRIVATE)) {
            assertNull(listener.accept());
            try (UnixConnection client = UnixConnection.connect(posix, path);
                    UnixConnection server = accepted(listener);
                    Fd memory = posix.memfd("zw-test", 0);
                    EventFd event = EventFd.create(posix);
                    FdBatch fds = new FdBatch(posix, 8)) {
                assertEquals(ProcessHandle.current().pid(), server.peer().pid());
                assertEquals(Posix.AGAIN, server.receive(buffer, 0, 8, fds));
                posix.ftruncate(memory, 12345);
                buffer.set(ValueLayout.JAVA_LONG, 0, 42);
                assertEquals(8, client.send(buffer, 0, 8, memory, event.fd()));
                assertEquals(8, server.receive(buffer, 64, 8, fds));
                assertEquals(42, buffer.get(ValueLayout.JAVA_LONG, 64));
                assertEquals(2, fds.size());
                try (Fd arrived = fds.take(0);
                        EventFd same = EventFd.adopt(posix, fds.take(1))) {
                    assertTrue(posix.fstat(arrived).sameFile(posix.fstat(memory)));
                    assertEquals(12345, posix.fileSize(arrived));
                    assertTrue(
                            Files.readString(Path.of("/proc/self/fdinfo/" + arrived))
                                    .contains("flags:\t02"),
                            "received descriptors are close-on-exec");
                    same.signal();
                    assertEquals(1, event.drain());
                }
            }
        }
    }

    @Test
    void descriptorsTooManyAreClosedAndTold() throws IOException {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1];
                Fd one = posix.memfd("zw-test", 0);
                FdBatch fds = new FdBatch(posix, 3)) {
            long before = openFiles();
            assertEquals(1, left.send(buffer, 0, 1, one, one, one, one));
            PosixException e = assertThrows(PosixException.class, () -> right.receive(buffer, 0, 1, fds));
            assertTrue(e.is(Errno.EMSGSIZE));
            assertTrue(e.getMessage().endsWith("The 3 that arrived were closed"), e.getMessage());
            assertEquals(0, fds.size());
            assertEquals(before, openFiles());
            assertEquals(1, left.send(buffer, 0, 1, one));
            try (FdBatch none = new FdBatch(posix, 0)) {
                assertThrows(PosixException.class, () -> right.receive(buffer, 0, 1, none));
            }
            assertEquals(before, openFiles());
        }
    }

    @Test
    void theMostThatTheKernelPassesFits() throws IOException {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1];
                Fd one = posix.memfd("zw-test", 0)) {
            Fd[] many = new Fd[FdBatch.MAX_CAPACITY];
            java.util.Arrays.fill(many, one);
            long before = openFiles();
            try (FdBatch fds = new FdBatch(posix, FdBatch.MAX_CAPACITY)) {
                assertEquals(1, left.send(buffer, 0, 1, many));
                assertEquals(1, right.receive(buffer, 0, 1, fds));
                assertEquals(253, fds.size());
                assertEquals(before + 253, openFiles());
            }
            assertEquals(before, openFiles());
            assertThrows(IllegalArgumentException.class, () -> left.send(buffer, 0, 1, new Fd[254]));
            assertThrows(IllegalArgumentException.class, () -> left.send(buffer, 0, 0, one));
        }
    }

    @Test
    void longMessagesAreMovedWhole() throws Exception {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1];
                Fd one = posix.memfd("zw-test", 0);
                FdBatch fds = new FdBatch(posix, 1)) {
            MemorySegment message = Arena.ofAuto().allocate(1 << 20);
            for (int i = 0; i < message.byteSize(); i += 4) {
                message.set(ValueLayout.JAVA_INT, i, i);
            }
            Thread sender = Thread.ofPlatform().start(() -> left.sendFully(message, 0, 1 << 20, 10_000, one));
            assertTrue(right.receiveFully(buffer, 0, 1 << 20, fds, 10_000));
            assertEquals(-1, message.mismatch(buffer));
            assertEquals(1, fds.size());
            sender.join();
        }
    }

    @Test
    void theEndIsCleanOrInTheMiddle() throws Exception {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1];
                FdBatch fds = new FdBatch(posix, 0)) {
            left.send(buffer, 0, 5);
            left.shutdown();
            EOFException e = assertThrows(EOFException.class, () -> right.receiveFully(buffer, 0, 12, fds, 1000));
            assertEquals("the peer closed after 5 of 12 bytes", e.getMessage());
            assertFalse(right.receiveFully(buffer, 0, 12, fds, 1000));
            PosixException broken = assertThrows(PosixException.class, () -> right.send(buffer, 0, 1));
            assertTrue(broken.is(Errno.EPIPE));
        }
    }

    @Test
    void aSilentPeerIsNotWaitedForForEver() {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1];
                FdBatch fds = new FdBatch(posix, 0)) {
            left.send(buffer, 0, 3);
            PosixException e = assertThrows(PosixException.class, () -> right.receiveFully(buffer, 0, 12, fds, 20));
            assertTrue(e.is(Errno.ETIMEDOUT));
            assertTrue(e.getMessage().endsWith("3 bytes had passed when 20 ms were over"), e.getMessage());
        }
    }

    @Test
    void closedOrHeapMemoryIsRefused() {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1]) {
            MemorySegment gone;
            try (Arena arena = Arena.ofConfined()) {
                gone = arena.allocate(8);
            }
            assertThrows(IllegalStateException.class, () -> left.send(gone, 0, 8));
            assertThrows(IllegalArgumentException.class, () -> left.send(MemorySegment.ofArray(new byte[8]), 0, 8));
            assertThrows(IndexOutOfBoundsException.class, () -> left.send(buffer, 1 << 20, 1));
            assertEquals(1, left.send(buffer, 0, 1));
            assertEquals(1, right.receive(buffer, 0, 8, new FdBatch(posix, 0)));
        }
    }

    // --- listener --------------------------------------------------------------------------------------------------

    @Test
    void theFileHasExactlyTheModeAskedForWhateverTheUmask() {
        int mask = posix.umask(0077);
        try {
            for (int mode : new int[] {0600, 0660, 0666}) {
                Path path = directory.resolve("m" + mode);
                try (UnixListener listener = UnixListener.bind(posix, path, Options.PRIVATE.withMode(mode))) {
                    assertEquals(mode, at(path).permissions());
                    assertEquals(path, listener.path());
                }
            }
        } finally {
            posix.umask(mask);
        }
    }

    @Test
    void withoutUmaskTheFileIsNeverWiderThanAskedFor() {
        int mask = posix.umask(0);
        try {
            ScriptedSyscalls watched = ScriptedSyscalls.over(Syscalls.system());
            try (UnixListener listener =
                    UnixListener.bind(new Posix(watched), directory.resolve("s"), Options.PRIVATE)) {
                assertEquals(0600, at(listener.path()).permissions());
                assertEquals(0, watched.count("chmod"));
                assertEquals(0, watched.count("umask"));
            }
        } finally {
            posix.umask(mask);
        }
    }

    @Test
    void theGroupIsSetBeforeAnybodyCanConnect() {
        ScriptedSyscalls watched = ScriptedSyscalls.over(Syscalls.system()).always("lchown", 0);
        Path path = directory.resolve("s");
        UnixListener.bind(
                        new Posix(watched), path, Options.PRIVATE.withMode(0660).withGroup(4242))
                .close();
        List<String> log = watched.log();
        int chown = log.indexOf("lchown(" + path + ", -1, 4242)");
        int listen = log.indexOf(log.stream()
                .filter(line -> line.startsWith("listen("))
                .findFirst()
                .orElseThrow());
        assertTrue(chown >= 0 && chown < listen, log::toString);
    }

    @Test
    void aStaleSocketIsReplaced() {
        Path path = directory.resolve("s");
        Fd dead = posix.unixSocket(true);
        posix.bind(dead, path);
        dead.close();
        assertTrue(at(path).isSocket());
        try (UnixListener listener = UnixListener.bind(posix, path, Options.PRIVATE);
                UnixConnection client = UnixConnection.connect(posix, path);
                UnixConnection server = accepted(listener)) {
            assertEquals(client.peer().pid(), server.peer().pid());
        }
        assertNull(posix.lstat(path));
    }

    @Test
    void aLiveSocketIsRefusedWithItsProcess() {
        Path path = directory.resolve("s");
        try (UnixListener listener = UnixListener.bind(posix, path, Options.PRIVATE)) {
            PosixException e =
                    assertThrows(PosixException.class, () -> UnixListener.bind(posix, path, Options.PRIVATE));
            assertEquals(
                    "bind(path=" + path + "): EADDRINUSE (98): Address already in use. The path is taken: process "
                            + ProcessHandle.current().pid() + " listens there: stop it or choose another path",
                    e.getMessage());
            assertTrue(at(listener.path()).isSocket());
        }
    }

    @Test
    void aLiveSocketWithAFullBacklogIsRefusedToo() {
        Path path = directory.resolve("s");
        try (UnixListener listener = UnixListener.bind(posix, path, new Options(0600, -1, 1));
                UnixConnection first = UnixConnection.connect(posix, path);
                UnixConnection second = UnixConnection.connect(posix, path)) {
            PosixException e =
                    assertThrows(PosixException.class, () -> UnixListener.bind(posix, path, Options.PRIVATE));
            assertTrue(e.getMessage().contains("(connect: EAGAIN)"), e.getMessage());
            accepted(listener).close();
            assertTrue(first.fd().isOpen() && second.fd().isOpen());
        }
    }

    @Test
    void whatIsNotASocketIsLeftAlone() throws IOException {
        Path path = Files.writeString(directory.resolve("precious"), "data");
        PosixException e = assertThrows(PosixException.class, () -> UnixListener.bind(posix, path, Options.PRIVATE));
        assertEquals(
                "bind(path=" + path
                        + "): EADDRINUSE (98): Address already in use. The path is taken: it is not a socket"
                        + " and is left alone: remove it or choose another path",
                e.getMessage());
        assertEquals("data", Files.readString(path));
    }

    @Test
    void closingLeavesTheSocketOfASuccessorAlone() throws IOException {
        Path path = directory.resolve("s");
        UnixListener first = UnixListener.bind(posix, path, Options.PRIVATE);
        Files.delete(path);
        try (UnixListener second = UnixListener.bind(posix, path, Options.PRIVATE)) {
            first.close();
            first.close();
            assertTrue(at(second.path()).isSocket());
            UnixConnection.connect(posix, path).close();
        }
        assertNull(posix.lstat(path));
    }

    @Test
    void aFailureHalfWayLeavesNothingBehind() throws IOException {
        Path path = directory.resolve("s");
        long before = openFiles();
        for (String call : List.of("fchmod", "bind", "lchown", "listen")) {
            ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system()).fail(call, Errno.EPERM);
            if (!call.equals("lchown")) {
                script.answer("lchown", 0); // only root may give a file to a group that it is not in
            }
            Posix failing = new Posix(script);
            PosixException e = assertThrows(
                    PosixException.class, () -> UnixListener.bind(failing, path, Options.PRIVATE.withGroup(4242)));
            assertEquals(call, e.call());
            assertNull(posix.lstat(path));
            assertEquals(before, openFiles());
        }
    }

    @Test
    void aPathTooLongIsRefusedWithTheLimit() {
        Path path = directory.resolve("x".repeat(120));
        PosixException e = assertThrows(PosixException.class, () -> UnixListener.bind(posix, path, Options.PRIVATE));
        assertTrue(e.is(Errno.ENAMETOOLONG));
        int bytes = path.toString().length();
        assertTrue(
                e.getMessage()
                        .endsWith("The path of a Unix socket has 1 to 107 bytes, this one has " + bytes
                                + ": choose a shorter one"),
                e.getMessage());
    }

    @Test
    void aMissingDirectoryIsNamedAsTheReason() {
        Path path = directory.resolve("no/such/s");
        PosixException e = assertThrows(PosixException.class, () -> UnixListener.bind(posix, path, Options.PRIVATE));
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "path=" + path + "): ENOENT (2): No such file or directory. The directory of the socket"
                                        + " does not exist: create it first"),
                e.getMessage());
    }

    @Test
    void connectingToNothingSaysWhere() {
        Path path = directory.resolve("nobody");
        PosixException e = assertThrows(PosixException.class, () -> UnixConnection.connect(posix, path));
        assertTrue(e.is(Errno.ENOENT));
        assertTrue(e.getMessage().contains("path=" + path), e.getMessage());
    }

    @Test
    void optionsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new Options(01000, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Options(0600, -2, 1));
        assertThrows(IllegalArgumentException.class, () -> new Options(0600, -1, 0));
    }
}
