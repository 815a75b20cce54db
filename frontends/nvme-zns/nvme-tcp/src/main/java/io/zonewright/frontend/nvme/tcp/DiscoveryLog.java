package io.zonewright.frontend.nvme.tcp;

import io.zonewright.net.NetAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The discovery log page 70h (Base 2.1, section 5.1.12.3.1): which subsystems there are, and where. Little-endian. */
final class DiscoveryLog {
    static final int HEADER_BYTES = 1024;
    static final int ENTRY_BYTES = 1024;

    private static final int GENCTR_OFFSET = 0;
    private static final int NUMREC_OFFSET = 8;

    private static final int TRTYPE_TCP = 3;
    private static final int ADRFAM_IPV4 = 1;
    private static final int ADRFAM_IPV6 = 2;
    private static final int SUBTYPE_NVM = 2;
    private static final int SUBTYPE_CURRENT_DISCOVERY = 3;

    /** Secure channel not required (bits 1:0), flow control of submission queues can be disabled (bit 2). */
    private static final int TREQ = 2 | 1 << 2;

    private static final int DYNAMIC_CONTROLLER = 0xFFFF;
    private static final int ADMIN_ENTRIES = 32;
    private static final int PORT_ID = 1;

    private static final int TRTYPE_OFFSET = 0;
    private static final int ADRFAM_OFFSET = 1;
    private static final int SUBTYPE_OFFSET = 2;
    private static final int TREQ_OFFSET = 3;
    private static final int PORTID_OFFSET = 4;
    private static final int CNTLID_OFFSET = 6;
    private static final int ASQSZ_OFFSET = 8;
    private static final int TRSVCID_OFFSET = 32;
    private static final int TRSVCID_BYTES = 32;
    private static final int SUBNQN_OFFSET = 256;
    private static final int TRADDR_OFFSET = 512;
    private static final int TEXT_BYTES = 256;

    private DiscoveryLog() {}

    /**
     * The whole page as this host sees it.
     *
     * @param generation counts changes of the page
     * @param local where the host reached us: told instead of a wildcard address
     */
    static byte[] of(long generation, List<NvmSubsystem> subsystems, InetSocketAddress local) {
        byte[] page = new byte[HEADER_BYTES + (subsystems.size() + 1) * ENTRY_BYTES];
        Little.put64(page, GENCTR_OFFSET, generation);
        Little.put64(page, NUMREC_OFFSET, subsystems.size() + 1L);
        int at = HEADER_BYTES;
        NetAddress here = NetAddress.of(local);
        put(page, at, SUBTYPE_CURRENT_DISCOVERY, DiscoverySubsystem.NQN, here);
        for (NvmSubsystem subsystem : subsystems) {
            at += ENTRY_BYTES;
            put(page, at, SUBTYPE_NVM, subsystem.nqn(), resolve(subsystem.advertised(), here));
        }
        return page;
    }

    /** What is left open (0.0.0.0, port 0) is filled in with where the host reached us. */
    private static NetAddress resolve(NetAddress told, NetAddress here) {
        InetAddress host = told.wildcard() ? here.host() : told.host();
        return new NetAddress(host, told.port() == 0 ? here.port() : told.port());
    }

    private static void put(byte[] page, int at, int subtype, String nqn, NetAddress address) {
        page[at + TRTYPE_OFFSET] = TRTYPE_TCP;
        page[at + ADRFAM_OFFSET] = (byte) (address.ipv6() ? ADRFAM_IPV6 : ADRFAM_IPV4);
        page[at + SUBTYPE_OFFSET] = (byte) subtype;
        page[at + TREQ_OFFSET] = TREQ;
        Little.put16(page, at + PORTID_OFFSET, PORT_ID);
        Little.put16(page, at + CNTLID_OFFSET, DYNAMIC_CONTROLLER);
        Little.put16(page, at + ASQSZ_OFFSET, ADMIN_ENTRIES);
        // Transport service identifier and address are ASCII padded with blanks, the NQN ends with zeroes.
        text(page, at + TRSVCID_OFFSET, TRSVCID_BYTES, Integer.toString(address.port()), ' ');
        text(page, at + SUBNQN_OFFSET, TEXT_BYTES, nqn, '\0');
        text(page, at + TRADDR_OFFSET, TEXT_BYTES, address.hostText(), ' ');
    }

    private static void text(byte[] page, int at, int room, String text, char padding) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, page, at, bytes.length);
        java.util.Arrays.fill(page, at + bytes.length, at + room, (byte) padding);
    }
}
