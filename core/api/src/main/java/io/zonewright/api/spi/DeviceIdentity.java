package io.zonewright.api.spi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;

/**
 * Who a device is, the same after every restart and on every carrier.
 *
 * @param name of the device in the YAML
 * @param uuid from the YAML, or derived from the name ({@link #of})
 */
public record DeviceIdentity(String name, UUID uuid) {
    /** An identity derived from the name alone. */
    public static DeviceIdentity of(String name) {
        return new DeviceIdentity(
                name, UUID.nameUUIDFromBytes(("io.zonewright:" + name).getBytes(StandardCharsets.UTF_8)));
    }

    /** Twenty upper-case hexadecimal digits from the UUID: fits the serial number of every protocol. */
    public String serial() {
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        return HexFormat.of().formatHex(bytes, 0, 10).toUpperCase(Locale.ROOT);
    }
}
