package io.zonewright.testkit.scsi.iscsi;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an initiator logs in and sends.
 *
 * @param initiator its name
 * @param isid 48 bits (RFC 7143 section 11.12.5)
 * @param keys operational keys that it offers, in order
 * @param chap null: it offers no authentication
 * @param security whether it begins with the security stage; else with the operational one
 * @param firstCmdSn CmdSN of the login; the default wraps around after a few commands
 * @param immediateBytes most bytes of data to send within a command; what was not agreed on is not sent so
 * @param unsolicitedBytes most bytes to send before an R2T, those within the command included; likewise
 */
public record IscsiOptions(
        String initiator,
        long isid,
        Map<String, String> keys,
        @Nullable IscsiChap chap,
        boolean security,
        int firstCmdSn,
        int immediateBytes,
        int unsolicitedBytes) {
    /** Everything that speeds up writes, no digests, no authentication. */
    public static final IscsiOptions DEFAULT = new IscsiOptions(
            "iqn.2026-11.io.zonewright:testkit",
            0x4000_0000_0001L,
            defaults(),
            null,
            true,
            0xFFFF_FFFA,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE);

    private static Map<String, String> defaults() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("HeaderDigest", "None");
        keys.put("DataDigest", "None");
        keys.put("InitialR2T", "No");
        keys.put("ImmediateData", "Yes");
        keys.put("MaxRecvDataSegmentLength", "262144");
        keys.put("MaxBurstLength", "1048576");
        keys.put("FirstBurstLength", "65536");
        keys.put("MaxOutstandingR2T", "1");
        keys.put("MaxConnections", "1");
        keys.put("DefaultTime2Wait", "2");
        keys.put("DefaultTime2Retain", "0");
        keys.put("DataPDUInOrder", "Yes");
        keys.put("DataSequenceInOrder", "Yes");
        keys.put("ErrorRecoveryLevel", "0");
        return keys;
    }

    public IscsiOptions withInitiator(String name, long itsIsid) {
        return new IscsiOptions(name, itsIsid, keys, chap, security, firstCmdSn, immediateBytes, unsolicitedBytes);
    }

    /** With another value for a key that is offered. */
    public IscsiOptions with(String key, String value) {
        Map<String, String> changed = new LinkedHashMap<>(keys);
        changed.put(key, value);
        return with(changed);
    }

    /** Without offering a key. */
    public IscsiOptions without(String key) {
        Map<String, String> changed = new LinkedHashMap<>(keys);
        changed.remove(key);
        return with(changed);
    }

    /** With these keys and no others. */
    public IscsiOptions with(Map<String, String> all) {
        return new IscsiOptions(initiator, isid, all, chap, security, firstCmdSn, immediateBytes, unsolicitedBytes);
    }

    /** Insists on digests, or on none. */
    public IscsiOptions withDigests(boolean header, boolean data) {
        return with("HeaderDigest", header ? "CRC32C" : "None").with("DataDigest", data ? "CRC32C" : "None");
    }

    public IscsiOptions with(@Nullable IscsiChap secrets) {
        return new IscsiOptions(initiator, isid, keys, secrets, security, firstCmdSn, immediateBytes, unsolicitedBytes);
    }

    /** Starts with the operational stage. */
    public IscsiOptions withoutSecurity() {
        return new IscsiOptions(initiator, isid, keys, chap, false, firstCmdSn, immediateBytes, unsolicitedBytes);
    }

    public IscsiOptions withFirstCmdSn(int number) {
        return new IscsiOptions(initiator, isid, keys, chap, security, number, immediateBytes, unsolicitedBytes);
    }

    /** With at most so many bytes in a command, and so many before an R2T; 0 and 0: every write waits for one. */
    public IscsiOptions withUnasked(int immediate, int unsolicited) {
        return new IscsiOptions(initiator, isid, keys, chap, security, firstCmdSn, immediate, unsolicited);
    }
}
