package io.zonewright.testkit.scsi.iscsi;

import java.util.Map;

/**
 * What initiator and target agreed on; bytes. A key that neither named has the default of RFC 7143 section 13.
 *
 * @param sendBytes MaxRecvDataSegmentLength of the target: longest data segment to send
 * @param receiveBytes MaxRecvDataSegmentLength of the initiator
 */
public record IscsiParameters(
        boolean headerDigest,
        boolean dataDigest,
        boolean initialR2t,
        boolean immediateData,
        int sendBytes,
        int receiveBytes,
        int maxBurst,
        int firstBurst,
        int maxOutstandingR2t) {
    /**
     * Makes them up from both sides' words.
     *
     * @throws IllegalStateException if the target did not answer an offer, or answered what must not be
     */
    static IscsiParameters of(Map<String, String> offered, Map<String, String> answered) {
        for (String key : offered.keySet()) {
            if (!answered.containsKey(key) && !key.equals("MaxRecvDataSegmentLength")) {
                throw new IllegalStateException("the target did not answer " + key);
            }
        }
        return new IscsiParameters(
                digest(answered, "HeaderDigest"),
                digest(answered, "DataDigest"),
                yes(answered, "InitialR2T", true),
                yes(answered, "ImmediateData", true),
                number(answered, "MaxRecvDataSegmentLength", 8192),
                number(offered, "MaxRecvDataSegmentLength", 8192),
                atMost(offered, answered, "MaxBurstLength", 262_144),
                atMost(offered, answered, "FirstBurstLength", 65_536),
                atMost(offered, answered, "MaxOutstandingR2T", 1));
    }

    private static boolean digest(Map<String, String> answered, String key) {
        String value = answered.getOrDefault(key, "None");
        return switch (value) {
            case "None" -> false;
            case "CRC32C" -> true;
            default -> throw new IllegalStateException(key + "=" + value);
        };
    }

    private static boolean yes(Map<String, String> answered, String key, boolean byDefault) {
        String value = answered.getOrDefault(key, byDefault ? "Yes" : "No");
        return switch (value) {
            case "Yes" -> true;
            case "No" -> false;
            case "Irrelevant" -> byDefault;
            default -> throw new IllegalStateException(key + "=" + value);
        };
    }

    private static int number(Map<String, String> words, String key, int byDefault) {
        String value = words.get(key);
        return value == null || value.equals("Irrelevant") ? byDefault : Integer.decode(value);
    }

    /** The result of a minimum function (RFC 7143 section 6.2.2). */
    private static int atMost(Map<String, String> offered, Map<String, String> answered, String key, int byDefault) {
        int result = number(answered, key, byDefault);
        if (offered.containsKey(key) && result > number(offered, key, byDefault)) {
            throw new IllegalStateException(key + "=" + result + " exceeds what was offered");
        }
        return result;
    }
}
