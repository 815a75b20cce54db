package io.zonewright.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Linux;
import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Notices of a changed configuration, as literal bytes on the channel of the driver's (on a little-endian machine). */
@Timeout(60)
class ConfigNoticesTest {
    private static final long REPLY_ACK = 1L << 3;

    /** u32 request 2, u32 flags (version 1, need reply), u32 size 0. */
    private static final String NOTICE = "02000000" + "09000000" + "00000000";

    private static final String NOTICE_WITHOUT_REPLY = "02000000" + "01000000" + "00000000";
    private static final String GOOD = "02000000" + "05000000" + "08000000" + "0000000000000000";
    private static final String FAILED = "02000000" + "05000000" + "08000000" + "0100000000000000";

    private final Posix posix = Posix.system();
    private final MemorySegment buffer = Arena.ofAuto().allocate(4096);
    private EndpointFixture fixture;
    private TestDriver driver;

    /** The driver's end; the other is the device's. */
    private UnixConnection channel;

    @BeforeEach
    void connect() throws IOException {
        fixture = new EndpointFixture(2);
        driver = fixture.running(0);
        channel = giveChannel();
    }

    @AfterEach
    void disconnect() throws IOException {
        channel.close();
        driver.close();
        fixture.close();
    }

    private UnixConnection giveChannel() throws EOFException {
        UnixConnection[] pair = UnixConnection.pair(posix);
        try (UnixConnection devices = pair[1]) {
            assertEquals(0, driver.acknowledge(TestDriver.SET_BACKEND_REQ_FD, new byte[0], devices.fd()));
        }
        return pair[0];
    }

    private void change() {
        fixture.endpoint.configurationChanged();
    }

    /** The next notice. */
    private String awaitNotice() throws EOFException {
        try (FdBatch fds = new FdBatch(posix, 1)) {
            assertTrue(channel.receiveFully(buffer, 0, 12, fds, TestDriver.TIMEOUT_MILLIS), "the device hung up");
        }
        return HexFormat.of().formatHex(buffer.asSlice(0, 12).toArray(ValueLayout.JAVA_BYTE));
    }

    private void say(String hex, Fd... fds) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        channel.sendFully(buffer, 0, bytes.length, TestDriver.TIMEOUT_MILLIS, fds);
    }

    /** By then the control thread has done all that was to be done before: it works in rounds, and this takes two. */
    private void settle() throws EOFException {
        driver.askLong(TestDriver.GET_FEATURES);
        driver.askLong(TestDriver.GET_FEATURES);
    }

    private void assertQuiet() throws EOFException {
        settle();
        assertEquals(0, posix.poll(channel.fd(), Linux.POLLIN, 0), "something to read on the channel");
    }

    private void assertChannelClosed() {
        try (FdBatch fds = new FdBatch(posix, 1)) {
            assertFalse(channel.receiveFully(buffer, 0, 1, fds, TestDriver.TIMEOUT_MILLIS), "bytes from the device");
        } catch (PosixException e) {
            // ECONNRESET: it closed before it had read all
        } catch (EOFException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aChangeIsOneNoticeAndTheNextWaitsForTheReply() throws EOFException {
        change();
        assertEquals(NOTICE, awaitNotice());
        change();
        change();
        change();
        assertQuiet();
        say(GOOD);
        assertEquals(NOTICE, awaitNotice());
        say(FAILED); // a device type of QEMU's without a handler; no reason to stop
        assertQuiet();
        change();
        assertEquals(NOTICE, awaitNotice());
    }

    @Test
    void aReplyMayComeByteByByte() throws EOFException {
        change();
        awaitNotice();
        change();
        for (int i = 0; i < GOOD.length(); i += 2) {
            assertQuiet();
            say(GOOD.substring(i, i + 2));
        }
        assertEquals(NOTICE, awaitNotice());
    }

    @Test
    void withoutReplyAckNoneIsAskedFor() throws EOFException {
        long features = driver.askLong(TestDriver.GET_PROTOCOL_FEATURES) & ~REPLY_ACK;
        driver.send(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(features));
        settle();
        change();
        assertEquals(NOTICE_WITHOUT_REPLY, awaitNotice());
        change();
        assertEquals(NOTICE_WITHOUT_REPLY, awaitNotice());
        say(GOOD);
        assertChannelClosed();
    }

    @Test
    void aNoticeIsHeldBackUntilRingsRunAndAreEnabled() throws EOFException {
        driver.send(TestDriver.SET_VRING_ENABLE, TestDriver.u32(0, 0));
        settle();
        change();
        assertQuiet();
        driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0));
        assertQuiet();
        // QEMU resets the device at each stop of the guest and never sends the descriptor again.
        driver.send(TestDriver.SET_STATUS, TestDriver.u64(0));
        assertQuiet();
        driver.send(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO));
        driver.startQueue(0, 0);
        assertEquals(NOTICE, awaitNotice());
    }

    @Test
    void anythingButTheReplyThatIsDueEndsTheChannelAndNothingElse() throws Exception {
        String[] wrong = {
            "03000000" + "05000000" + "08000000" + "0000000000000000", // another request
            "02000000" + "01000000" + "08000000" + "0000000000000000", // not a reply
            "02000000" + "0d000000" + "08000000" + "0000000000000000", // a reply that wants a reply
            "02000000" + "06000000" + "08000000" + "0000000000000000", // another version
            "02000000" + "05000000" + "04000000" + "0000000000000000", // another size
            "02000000" + "05000000" + "ffffffff" + "0000000000000000",
        };
        for (String reply : wrong) {
            change();
            awaitNotice();
            say(reply);
            assertChannelClosed();
            channel.close();
            channel = giveChannel();
            // The notice without a reply is sent again.
            assertEquals(NOTICE, awaitNotice(), "after " + reply);
            say(GOOD);
        }
        say(GOOD); // nobody asked
        assertChannelClosed();
        channel.close();
        channel = giveChannel();
        change();
        awaitNotice();
        try (Mapping memory = MappedFile.inMemory(posix, "sent", 4096)) {
            say(GOOD, Objects.requireNonNull(memory.fd()));
            assertChannelClosed();
        }
        driver.offer(0, 0);
        driver.awaitUsed(0, 1);
    }

    @Test
    void aDriverThatDoesNotReadLosesNoticesAndHoldsUpNobody() throws Exception {
        long features = driver.askLong(TestDriver.GET_PROTOCOL_FEATURES) & ~REPLY_ACK;
        driver.send(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(features));
        channel.close();
        UnixConnection[] pair = UnixConnection.pair(posix);
        channel = pair[0];
        driver.send(TestDriver.SET_BACKEND_REQ_FD, new byte[0], pair[1].fd());
        settle();
        // Who sent the descriptor still holds the same open file: it fills the socket and makes it a blocking one.
        long filled = 0;
        for (long sent = 0; sent >= 0; sent = pair[1].send(buffer, 0, 12)) {
            filled += sent;
        }
        assertTrue(filled > 12);
        posix.setNonBlocking(pair[1].fd(), false);
        change();
        settle();
        driver.offer(0, 0);
        driver.awaitUsed(0, 1);
        for (long read = 0; read < filled; read += 12) {
            awaitNotice();
        }
        assertQuiet();
        change();
        assertEquals(NOTICE_WITHOUT_REPLY, awaitNotice());
        pair[1].close();
    }

    @Test
    void onlyAConnectedUnixSocketIsTaken() throws Exception {
        try (Mapping memory = MappedFile.inMemory(posix, "sent", 4096)) {
            assertEquals(
                    1,
                    driver.acknowledge(
                            TestDriver.SET_BACKEND_REQ_FD, new byte[0], Objects.requireNonNull(memory.fd())));
        }
        assertChannelClosed(); // replaced, by nothing
        assertEquals(
                1,
                driver.acknowledge(
                        TestDriver.SET_BACKEND_REQ_FD,
                        new byte[0],
                        driver.makeQueue(0).kick().fd()));
        assertEquals(1, driver.acknowledge(TestDriver.SET_BACKEND_REQ_FD, new byte[0]));
        change();
        settle();
        channel = giveChannel();
        assertEquals(NOTICE, awaitNotice());
    }

    @Test
    void anotherChannelReplacesTheFirstAndTheEndOfTheConnectionClosesIt() throws EOFException {
        UnixConnection first = channel;
        channel = giveChannel();
        try (FdBatch fds = new FdBatch(posix, 1)) {
            assertFalse(first.receiveFully(buffer, 0, 1, fds, TestDriver.TIMEOUT_MILLIS));
        }
        first.close();
        change();
        assertEquals(NOTICE, awaitNotice());
        driver.disconnect();
        assertChannelClosed();
    }

    @Test
    void aDriverThatClosesTheChannelKeepsItsDevice() throws EOFException {
        channel.close();
        settle();
        change();
        settle();
        driver.offer(0, 0);
        driver.awaitUsed(0, 1);
        channel = giveChannel();
        assertEquals(NOTICE, awaitNotice());
    }
}
