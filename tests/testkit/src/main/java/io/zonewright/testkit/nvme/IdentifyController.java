package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Identify Controller data, CNS 01h, 4096 bytes (Base section 5.1.13.2.1, figure 312).
 *
 * @param bytes all of it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire
public record IdentifyController(byte[] bytes) {
    public String serial() {
        return ascii(4, 20);
    }

    public String model() {
        return ascii(24, 40);
    }

    public String firmware() {
        return ascii(64, 8);
    }

    /** Maximum Data Transfer Size: a power of two in units of 4 KiB; 0: no limit. */
    public int mdts() {
        return bytes[77] & 0xFF;
    }

    public int controllerId() {
        return buffer().getShort(78) & 0xFFFF;
    }

    public int version() {
        return buffer().getInt(80);
    }

    /** Optional Asynchronous Events Supported. */
    public int oaes() {
        return buffer().getInt(92);
    }

    /** Optional Admin Command Support. */
    public int oacs() {
        return buffer().getShort(256) & 0xFFFF;
    }

    public int submissionEntrySize() {
        return bytes[512] & 0xFF;
    }

    public int completionEntrySize() {
        return bytes[513] & 0xFF;
    }

    public int namespaces() {
        return buffer().getInt(516);
    }

    /** Optional NVM Command Support. */
    public int oncs() {
        return buffer().getShort(520) & 0xFFFF;
    }

    /** SGL Support. */
    public int sgls() {
        return buffer().getInt(536);
    }

    public String subsystemName() {
        return ascii(768, 256);
    }

    /** I/O queue command capsule size in bytes (fabrics). */
    public int capsuleBytes() {
        return 16 * buffer().getInt(1792);
    }

    private String ascii(int at, int length) {
        String text = new String(bytes, at, length, StandardCharsets.US_ASCII);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).stripTrailing();
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
