package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.posix.fake.ScriptedSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpSocketTest {
    private static final int PATIENCE_MILLIS = 5_000;

    private final Posix posix = Posix.system();

    private static TcpConnection accepted(TcpListener listener, Posix posix) {
        assertEquals(Linux.POLLIN, posix.poll(listener.fd(), Linux.POLLIN, PATIENCE_MILLIS));
        return Objects.requireNonNull(listener.accept());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void bytesTravelBothWaysAndAddressesAreTold(String host) {
        InetAddress loopback = InetAddress.ofLiteral(host);
        try (Arena arena = Arena.ofConfined();
                TcpListener listener = TcpListener.bind(posix, new InetSocketAddress(loopback, 0), 4)) {
            assertNull(listener.accept());
            try (TcpConnection client = TcpConnection.connect(posix, listener.address(), PATIENCE_MILLIS);
                    TcpConnection server = accepted(listener, posix)) {
                assertEquals(listener.address(), client.peer());
                assertEquals(client.local(), server.peer());
                assertEquals(loopback, server.peer().getAddress());
                client.setNoDelay(true);
                server.setKeepAlive(Duration.ofSeconds(30), Duration.ofSeconds(10), 3);
                assertEquals(1, posix.option(client.fd(), Linux.IPPROTO_TCP, Linux.TCP_NODELAY, "TCP_NODELAY"));
                assertEquals(30, posix.option(server.fd(), Linux.IPPROTO_TCP, Linux.TCP_KEEPIDLE, "TCP_KEEPIDLE"));
                MemorySegment memory = arena.allocate(16);
                assertEquals(Posix.AGAIN, server.receive(memory, 0, 8));

                memory.set(ValueLayout.JAVA_LONG, 0, 0x1122334455667788L);
                IoVecs out = new IoVecs(2);
                out.add(memory, 0, 3);
                out.add(memory, 3, 5);
                assertEquals(8, client.send(out));
                assertEquals(Linux.POLLIN, server.poll(Linux.POLLIN, PATIENCE_MILLIS));
                IoVecs in = new IoVecs(2);
                in.add(memory, 8, 1);
                in.add(memory, 9, 7);
                assertEquals(8, server.receive(in));
                assertEquals(0x1122334455667788L, memory.get(ValueLayout.JAVA_LONG, 8));

                assertEquals(2, server.send(memory, 0, 2));
                server.shutdownOutput();
                client.poll(Linux.POLLIN, PATIENCE_MILLIS);
                assertEquals(2, client.receive(memory, 0, 16));
                client.poll(Linux.POLLIN, PATIENCE_MILLIS);
                assertEquals(0, client.receive(memory, 0, 16));
            }
        }
    }

    @Test
    void aPortThatIsTakenIsToldWithTheAddress() {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        try (TcpListener listener = TcpListener.bind(posix, any, 1)) {
            PosixException e = assertThrows(PosixException.class, () -> TcpListener.bind(posix, listener.address(), 1));
            assertEquals(Errno.EADDRINUSE.number(), e.errno());
            int port = listener.address().getPort();
            assertEquals(true, Objects.requireNonNull(e.getMessage()).contains("127.0.0.1:" + port), e.getMessage());
        }
    }

    @Test
    void nobodyListens() {
        InetSocketAddress free;
        try (TcpListener listener =
                TcpListener.bind(posix, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1)) {
            free = listener.address();
        }
        PosixException e =
                assertThrows(PosixException.class, () -> TcpConnection.connect(posix, free, PATIENCE_MILLIS));
        assertEquals(Errno.ECONNREFUSED.number(), e.errno());
    }

    @Test
    void aListenerThatCannotBeMadeLeavesNoDescriptor() {
        ScriptedSyscalls script = ScriptedSyscalls.alone()
                .answer("socket", 77)
                .answer("setsockopt", 0)
                .fail("bind", Errno.EADDRNOTAVAIL)
                .answer("close", 0);
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4420);
        PosixException e = assertThrows(PosixException.class, () -> TcpListener.bind(new Posix(script), address, 1));
        assertEquals(Errno.EADDRNOTAVAIL.number(), e.errno());
        assertEquals(List.of(), script.unused());
    }

    @Test
    void anInterruptedSendIsMadeAgain() {
        ScriptedSyscalls script =
                ScriptedSyscalls.alone().fail("sendmsg", Errno.EINTR).answer("sendmsg", 5);
        Posix scripted = new Posix(script);
        try (Arena arena = Arena.ofConfined()) {
            TcpConnection connection = new TcpConnection(scripted, Fd.adopt(scripted, 9));
            IoVecs out = new IoVecs(1);
            out.add(arena.allocate(8), 0, 8);
            assertEquals(5, connection.send(out));
        }
        assertEquals(List.of(), script.unused());
    }
}
