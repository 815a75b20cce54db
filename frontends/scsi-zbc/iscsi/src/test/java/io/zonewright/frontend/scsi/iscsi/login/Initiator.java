package io.zonewright.frontend.scsi.iscsi.login;

import java.nio.charset.StandardCharsets;

/** Sends login requests as an initiator would, and shows answers as text. */
final class Initiator {
    static final long ISID = 0x00023D000001L;

    private final Login login;

    Initiator(LoginPolicy policy) {
        login = new Login(policy);
    }

    Login login() {
        return login;
    }

    /**
     * Sends a request.
     *
     * @param flags byte 1 of the header: T 80h, C 40h, CSG 0Ch, NSG 03h
     */
    LoginAnswer send(int flags, String... pairs) {
        return sendRaw(flags, text(pairs));
    }

    LoginAnswer sendRaw(int flags, byte[] text) {
        return login.request(request(flags, 0, 0, ISID, 0, 1, 0, text));
    }

    static LoginRequest request(
            int flags, int versionMax, int versionMin, long isid, int tsih, int tag, int cid, byte[] text) {
        return new LoginRequest(
                (flags & 0x80) != 0,
                (flags & 0x40) != 0,
                flags >> 2 & 3,
                flags & 3,
                versionMax,
                versionMin,
                isid,
                tsih,
                tag,
                cid,
                text);
    }

    static byte[] text(String... pairs) {
        StringBuilder all = new StringBuilder();
        for (String pair : pairs) {
            all.append(pair).append('\0');
        }
        return all.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Flags, status and text, with | for each zero byte. */
    static String show(LoginAnswer answer) {
        int flags = (answer.transit() ? 0x80 : 0) | (answer.carryOn() ? 0x40 : 0) | answer.csg() << 2 | answer.nsg();
        return String.format(
                "%02X %02X%02X %s",
                flags,
                answer.status().statusClass(),
                answer.status().statusDetail(),
                new String(answer.text(), StandardCharsets.UTF_8).replace('\0', '|'));
    }

    String exchange(int flags, String... pairs) {
        return show(send(flags, pairs));
    }
}
