package io.zonewright.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An address and a port, written {@code 127.0.0.1:4420} or {@code [::1]:4420}. Names are not looked up, except
 * {@code localhost}, which is 127.0.0.1: what a daemon listens on must not depend on a name server.
 *
 * @param host IPv4 or IPv6
 * @param port 0 to 65535; 0 lets the kernel choose
 */
public record NetAddress(InetAddress host, int port) {
    private static final int MAX_PORT = 65_535;

    /** Checks the port. */
    public NetAddress {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is not within 0.." + MAX_PORT);
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException with a message that says what is wrong and what would be right
     */
    public static NetAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("\"" + text + "\" is not of the form ADDRESS:PORT");
        }
        return new NetAddress(host(text, text.substring(0, colon)), port(text, text.substring(colon + 1)));
    }

    private static InetAddress host(String text, String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String literal = bracketed ? host.substring(1, host.length() - 1) : host;
        if (!bracketed && host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("\"" + text + "\": write an IPv6 address in brackets, [::1]:4420");
        }
        if (literal.equals("localhost")) {
            return Inet4Address.ofLiteral("127.0.0.1");
        }
        try {
            return bracketed ? Inet6Address.ofLiteral(literal) : Inet4Address.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + literal + "\" is not an " + (bracketed ? "IPv6" : "IPv4")
                            + " address; names are not looked up",
                    e);
        }
    }

    private static int port(String text, String digits) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("\"" + text + "\" does not end in a port");
        }
        int port = Integer.parseInt(digits);
        if (port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is above " + MAX_PORT);
        }
        return port;
    }

    /** From Java's form, which must be resolved. */
    public static NetAddress of(InetSocketAddress address) {
        return new NetAddress(address.getAddress(), address.getPort());
    }

    /** In Java's form. */
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** Whether only this machine reaches it. */
    public boolean loopback() {
        return host.isLoopbackAddress();
    }

    /** Whether it stands for all addresses of the machine. */
    public boolean wildcard() {
        return host.isAnyLocalAddress();
    }

    /** Whether it is an IPv6 address. */
    public boolean ipv6() {
        return host instanceof Inet6Address;
    }

    /** The address alone, without brackets. */
    public String hostText() {
        return host.getHostAddress();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return (ipv6() ? "[" + hostText() + "]" : hostText()) + ":" + port;
    }
}
