package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * VFIO_USER_VERSION: u16 major, u16 minor, and perhaps JSON that ends with a zero byte. The reply has the capabilities that
 * both sides know: the list must be a subset of those proposed. Migration and the twin socket are not offered: this server
 * sends no commands of its own.
 *
 * @param minor that the client proposes
 * @param hasData whether there was JSON
 * @param proposed names of the capabilities that the client proposes
 * @param maxDescriptors most descriptors that the client takes in one message
 */
public record VersionMessage(int minor, boolean hasData, List<String> proposed, int maxDescriptors) {
    public static final int HEADER_SIZE = 4;
    /** More than any client sends; QEMU's has about 200 bytes. */
    public static final int MAX_SIZE = HEADER_SIZE + 4096;

    public static final int MAJOR = 0;
    /** Newest minor version that this server knows. */
    public static final int MINOR = 1;

    /**
     * Most ranges of memory, told as max_dma_maps; the protocol's default, which a client counts on that does not ask.
     * Guests have about ten, those with a virtual IOMMU one for each page that is mapped.
     */
    public static final int MAX_DMA_MAPS = 65_535;

    private static final String MAX_MSG_FDS = "max_msg_fds";
    private static final int DEFAULT_MSG_FDS = 1;

    /** Reads and checks a request. */
    public static VersionMessage read(ByteBuffer payload, int payloadBytes) throws RequestException {
        int major = Short.toUnsignedInt(payload.getShort(0));
        int minor = Short.toUnsignedInt(payload.getShort(2));
        if (major != MAJOR) {
            throw RequestException.invalid(
                    "the client speaks version " + major + "." + minor + ", not " + MAJOR + ".x");
        }
        int length = payloadBytes - HEADER_SIZE;
        if (length == 0) {
            return new VersionMessage(minor, false, List.of(), DEFAULT_MSG_FDS);
        }
        byte[] data = new byte[length];
        payload.get(HEADER_SIZE, data);
        if (data[length - 1] != 0) {
            throw RequestException.invalid("the version data does not end with a zero byte");
        }
        Map<?, ?> capabilities =
                object(Json.parse(new String(data, 0, length - 1, StandardCharsets.UTF_8)), "capabilities");
        List<String> names = new ArrayList<>();
        for (Object name : capabilities.keySet()) {
            names.add(String.valueOf(name));
        }
        requireNumber(capabilities, "max_data_xfer_size");
        requireNumber(capabilities, "max_dma_maps");
        requireNumber(capabilities, "pgsizes");
        Object multiple = capabilities.get("write_multiple");
        if (multiple != null && !(multiple instanceof Boolean)) {
            throw RequestException.invalid("capability write_multiple is not a boolean");
        }
        long descriptors = requireNumber(capabilities, MAX_MSG_FDS);
        return new VersionMessage(
                minor, true, names, descriptors < 0 ? DEFAULT_MSG_FDS : (int) Math.min(descriptors, Integer.MAX_VALUE));
    }

    /** Writes the reply; its size. */
    public int writeReply(ByteBuffer reply) {
        reply.putShort(0, (short) MAJOR);
        reply.putShort(2, (short) Math.min(minor, MINOR));
        if (!hasData) {
            return HEADER_SIZE;
        }
        List<String> agreed = new ArrayList<>();
        offer(agreed, MAX_MSG_FDS, Integer.toString(IrqSet.MAX_DESCRIPTORS));
        offer(agreed, "max_data_xfer_size", Integer.toString(MessageHeader.MAX_DATA));
        offer(agreed, "max_dma_maps", Integer.toString(MAX_DMA_MAPS));
        offer(agreed, "pgsizes", Integer.toString(DmaMapMessage.PAGE));
        offer(agreed, "write_multiple", "true");
        String json = "{\"capabilities\":{" + String.join(",", agreed) + "}}";
        byte[] bytes = json.getBytes(StandardCharsets.US_ASCII);
        reply.put(HEADER_SIZE, bytes);
        reply.put(HEADER_SIZE + bytes.length, (byte) 0);
        return HEADER_SIZE + bytes.length + 1;
    }

    private void offer(List<String> agreed, String name, String value) {
        if (proposed.contains(name)) {
            agreed.add("\"" + name + "\":" + value);
        }
    }

    /** The object with this name in {@code value}; an empty one if it is absent. */
    private static Map<?, ?> object(Object value, String name) throws RequestException {
        if (!(value instanceof Map<?, ?> map)) {
            throw RequestException.invalid("the version data is not an object");
        }
        Object inner = map.get(name);
        if (inner == null) {
            return Map.of();
        }
        if (!(inner instanceof Map<?, ?> found)) {
            throw RequestException.invalid(name + " in the version data is not an object");
        }
        return found;
    }

    /** A whole number that is not negative, or -1 if it is absent. */
    private static long requireNumber(Map<?, ?> capabilities, String name) throws RequestException {
        Object value = capabilities.get(name);
        if (value == null) {
            return -1;
        }
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        throw RequestException.invalid("capability " + name + " is not a number of 0 or more");
    }
}
