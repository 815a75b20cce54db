package io.zonewright.engine;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.zone.ZoneFeatures;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor extensions of a device's zones. Costs nothing until the first is set, and then a reference per zone
 * and the bytes of those that have one. Whether a zone has one is said by its word ({@link ZoneWord#EXTENSION}), whose
 * store publishes the bytes: an extension is never changed, only replaced or dropped. Any thread.
 */
final class ZoneExtensions {
    private final int zones;
    private final int bytes;
    private volatile @Nullable AtomicReferenceArray<byte @Nullable []> each;

    ZoneExtensions(int zones, ZoneFeatures features) {
        this.zones = zones;
        bytes = features.extensionBytes();
    }

    /** Length of every extension; 0 if the device has none. */
    int bytes() {
        return bytes;
    }

    /**
     * Keeps a copy of the payload for a zone.
     *
     * @throws RuntimeException or InternalError if the payload's memory is no longer there; the zone's extension is then as before
     */
    void put(int zone, SpanList payload) {
        byte[] copy = new byte[bytes];
        payload.copyTo(0, MemorySegment.ofArray(copy), 0, bytes);
        array().set(zone, copy);
    }

    void drop(int zone) {
        AtomicReferenceArray<byte @Nullable []> all = each;
        if (all != null) {
            all.set(zone, null);
        }
    }

    /** Copies a zone's extension to the start of {@code into}; false if it has none. */
    boolean get(int zone, MemorySegment into) {
        AtomicReferenceArray<byte @Nullable []> all = each;
        byte[] extension = all == null ? null : all.get(zone);
        if (extension == null) {
            return false;
        }
        MemorySegment.copy(extension, 0, into, ValueLayout.JAVA_BYTE, 0, extension.length);
        return true;
    }

    private AtomicReferenceArray<byte @Nullable []> array() {
        AtomicReferenceArray<byte @Nullable []> all = each;
        return all != null ? all : makeArray();
    }

    private synchronized AtomicReferenceArray<byte @Nullable []> makeArray() {
        AtomicReferenceArray<byte @Nullable []> all = each;
        if (all == null) {
            all = new AtomicReferenceArray<>(zones);
            each = all;
        }
        return all;
    }
}
