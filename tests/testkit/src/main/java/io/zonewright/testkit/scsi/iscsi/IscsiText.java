package io.zonewright.testkit.scsi.iscsi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Key=value pairs, each ended by a zero byte (RFC 7143 section 6.1). */
public final class IscsiText {
    private IscsiText() {}

    /** Bytes of pairs, in the map's order. */
    public static byte[] format(Map<String, String> pairs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        pairs.forEach((key, value) -> {
            out.writeBytes((key + "=" + value).getBytes(StandardCharsets.UTF_8));
            out.write(0);
        });
        return out.toByteArray();
    }

    /** Pairs in the order in which they came; a key may come several times (SendTargets' answers). */
    public static List<Map.Entry<String, String>> pairs(byte[] bytes) {
        List<Map.Entry<String, String>> pairs = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                continue;
            }
            String pair = new String(bytes, start, i - start, StandardCharsets.UTF_8);
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalStateException("not key=value: \"" + pair + "\"");
            }
            pairs.add(Map.entry(pair.substring(0, equals), pair.substring(equals + 1)));
            start = i + 1;
        }
        if (start != bytes.length) {
            throw new IllegalStateException("the last pair is not ended by a zero byte");
        }
        return pairs;
    }

    /** Pairs whose keys come once each. */
    public static Map<String, String> parse(byte[] bytes) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Map.Entry<String, String> pair : pairs(bytes)) {
            if (map.put(pair.getKey(), pair.getValue()) != null) {
                throw new IllegalStateException(pair.getKey() + " came twice");
            }
        }
        return map;
    }
}
