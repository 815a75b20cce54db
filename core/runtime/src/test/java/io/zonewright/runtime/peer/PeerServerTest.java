package io.zonewright.runtime.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.posix.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A service that throws loses its peer, and nobody else loses anything. Messages here are single bytes. */
@Timeout(30)
class PeerServerTest {
    private static final Logger LOG = LoggerFactory.getLogger(PeerServerTest.class);
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final byte WATCH = 1;
    private static final byte AWAIT = 2;

    private final Posix posix = Posix.system();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final EventFd watched = EventFd.create(posix);
    private final MemorySegment buffer = Arena.ofAuto().allocate(8);
    private volatile boolean throwing;
    private volatile boolean done;

    @TempDir
    Path directory;

    private @Nullable PeerServer server;

    private final class Visit implements PeerService.Visit {
        private final UnixConnection connection;
        private final MemorySegment message = Arena.ofAuto().allocate(8);

        Visit(UnixConnection connection) {
            this.connection = connection;
        }

        @Override
        public UnixConnection connection() {
            return connection;
        }

        @Override
        public boolean serve() throws EOFException {
            if (!connection.receiveFully(message, 0, 1, new FdBatch(posix, 1), TIMEOUT_MILLIS)) {
                return false;
            }
            switch (message.get(ValueLayout.JAVA_BYTE, 0)) {
                case WATCH -> server().watch(watched.fd(), PeerServer.FIRST_TOKEN);
                case AWAIT -> {
                    events.add("waits");
                    server().await(() -> done, () -> false, Duration.ofSeconds(1), () -> {});
                    events.add("waited");
                }
                default -> {}
            }
            connection.sendFully(message, 0, 1, TIMEOUT_MILLIS);
            return true;
        }

        @Override
        public void woken() {
            events.add("woken");
            throwIfTold();
        }

        @Override
        public void ready(long token) {
            events.add("ready " + token);
            throwIfTold();
            watched.drain();
        }

        private void throwIfTold() {
            if (throwing) {
                throw new IllegalStateException("told to throw");
            }
        }

        @Override
        public void giveUp() {}

        @Override
        public void close() {
            server().unwatch(watched.fd());
            connection.close();
            events.add("closed");
        }
    }

    private PeerServer server() {
        PeerServer present = server;
        if (present == null) {
            throw new IllegalStateException("not started");
        }
        return present;
    }

    @BeforeEach
    void start() throws IOException {
        server = new PeerServer(
                posix,
                "test",
                socket(),
                UnixListener.Options.PRIVATE,
                Duration.ofSeconds(1),
                LOG,
                new PeerLog(LOG, "test"),
                Visit::new);
        server().start("test-control");
    }

    @AfterEach
    void stop() {
        assertTrue(server().close(Duration.ofSeconds(5)));
        watched.close();
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private void send(UnixConnection peer, byte message) {
        buffer.set(ValueLayout.JAVA_BYTE, 0, message);
        peer.sendFully(buffer, 0, 1, TIMEOUT_MILLIS);
    }

    /** Sends a message and has its answer: whatever was asked for is set up. */
    private void exchange(UnixConnection peer, byte message) throws EOFException {
        send(peer, message);
        assertTrue(peer.receiveFully(buffer, 0, 1, new FdBatch(posix, 1), TIMEOUT_MILLIS));
        assertEquals(message, buffer.get(ValueLayout.JAVA_BYTE, 0));
    }

    private void expectEvents(String... expected) throws InterruptedException {
        for (String event : expected) {
            assertEquals(event, events.poll(10, TimeUnit.SECONDS));
        }
    }

    private void expectClosed(UnixConnection peer) throws EOFException {
        assertFalse(peer.receiveFully(buffer, 0, 1, new FdBatch(posix, 1), TIMEOUT_MILLIS));
    }

    private void nextPeerIsServed() throws EOFException {
        throwing = false;
        try (UnixConnection next = UnixConnection.connect(posix, socket())) {
            exchange(next, (byte) 9);
        }
    }

    @Test
    void aVisitThatThrowsWhenWokenEnds() throws IOException, InterruptedException {
        try (UnixConnection peer = UnixConnection.connect(posix, socket())) {
            exchange(peer, (byte) 7);
            throwing = true;
            server().wake();
            expectEvents("woken", "closed");
            expectClosed(peer);
        }
        nextPeerIsServed();
    }

    @Test
    void aVisitThatThrowsAtADescriptorEndsAndTheDescriptorIsLeftAlone() throws IOException, InterruptedException {
        try (UnixConnection peer = UnixConnection.connect(posix, socket())) {
            exchange(peer, WATCH);
            watched.signal();
            expectEvents("ready 16");
            exchange(peer, (byte) 7);
            throwing = true;
            watched.signal();
            expectEvents("ready 16", "closed");
            expectClosed(peer);
        }
        nextPeerIsServed();
    }

    /** What it waits for still has to come to its end, and it hears of nothing more. */
    @Test
    void aVisitThatThrowsWhileItWaitsEndsAfterwards() throws IOException, InterruptedException {
        try (UnixConnection peer = UnixConnection.connect(posix, socket())) {
            exchange(peer, WATCH);
            send(peer, AWAIT);
            expectEvents("waits");
            throwing = true;
            watched.signal();
            expectEvents("ready 16");
            server().wake();
            done = true;
            server().wake();
            expectEvents("waited", "closed");
            assertEquals(0, events.size(), events::toString);
        }
        nextPeerIsServed();
    }
}
