package io.zonewright.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/** Structures {@code sockaddr_in} and {@code sockaddr_in6} (ip(7), ipv6(7)) as Java's addresses, and back. */
final class InternetAddresses {
    private static final ValueLayout.OfShort BIG_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private InternetAddresses() {}

    /** AF_INET or AF_INET6. */
    static int family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address ? Linux.AF_INET6 : Linux.AF_INET;
    }

    /** Writes the structure to the start of {@code memory}: its length. */
    static int put(InetSocketAddress address, MemorySegment memory) {
        InetAddress host = address.getAddress();
        if (host == null) {
            throw new IllegalArgumentException("not resolved: " + address);
        }
        byte[] bytes = host.getAddress();
        memory.set(JAVA_SHORT, Layouts.SIN_FAMILY, (short) family(address));
        memory.set(BIG_SHORT, Layouts.SIN_PORT, (short) address.getPort());
        if (host instanceof Inet6Address six) {
            memory.set(JAVA_INT, Layouts.SIN6_FLOWINFO, 0);
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, Layouts.SIN6_ADDR, bytes.length);
            memory.set(JAVA_INT, Layouts.SIN6_SCOPE_ID, six.getScopeId());
            return (int) Layouts.SOCKADDR_IN6.byteSize();
        }
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, Layouts.SIN_ADDR, bytes.length);
        memory.asSlice(Layouts.SIN_ADDR + bytes.length, 8).fill((byte) 0);
        return (int) Layouts.SOCKADDR_IN.byteSize();
    }

    /** Reads a structure that the kernel wrote; an IPv4 address mapped into IPv6 comes out as IPv4. */
    static InetSocketAddress get(MemorySegment memory) {
        int port = Short.toUnsignedInt(memory.get(BIG_SHORT, Layouts.SIN_PORT));
        try {
            if (memory.get(JAVA_SHORT, Layouts.SIN_FAMILY) == Linux.AF_INET) {
                byte[] four = memory.asSlice(Layouts.SIN_ADDR, 4).toArray(JAVA_BYTE);
                return new InetSocketAddress(InetAddress.getByAddress(four), port);
            }
            byte[] sixteen = memory.asSlice(Layouts.SIN6_ADDR, 16).toArray(JAVA_BYTE);
            int scope = memory.get(JAVA_INT, Layouts.SIN6_SCOPE_ID);
            InetAddress host = InetAddress.getByAddress(sixteen);
            return new InetSocketAddress(
                    host instanceof Inet6Address && scope != 0 ? Inet6Address.getByAddress(null, sixteen, scope) : host,
                    port);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are an address", e);
        }
    }

    /** {@code 127.0.0.1:4420}, {@code [::1]:4420}. */
    static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String literal = host == null ? address.getHostString() : host.getHostAddress();
        return (host instanceof Inet6Address ? "[" + literal + "]" : literal) + ":" + address.getPort();
    }
}
