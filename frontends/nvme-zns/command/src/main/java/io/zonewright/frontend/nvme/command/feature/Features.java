package io.zonewright.frontend.nvme.command.feature;

import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of a controller's features. They last until the controller is reset. Thread-safe. */
public final class Features {
    /** Warning composite temperature threshold in kelvin (WCTEMP), the default of the over-temperature threshold. */
    public static final int WARNING_TEMPERATURE = 343;

    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final long TIMESTAMP_MASK = (1L << 48) - 1;
    private static final int ORIGIN_HOST = 1;

    private final Map<FeatureId, Integer> values = new EnumMap<>(FeatureId.class);
    private final int[] errorRecovery = new int[4];
    private final BitSet uncoalesced = new BitSet();
    private int overTemperature = WARNING_TEMPERATURE;
    private int underTemperature;
    private byte[] hostBehavior = new byte[0];
    private long timestamp;
    private long timestampSetAt;
    private boolean timestampByHost;
    private @Nullable UUID hostId;
    private boolean longHostId;
    private volatile boolean writeThrough;

    /** Everything to its default but the host identifier. */
    public synchronized void reset() {
        values.clear();
        Arrays.fill(errorRecovery, 0);
        uncoalesced.clear();
        overTemperature = WARNING_TEMPERATURE;
        underTemperature = 0;
        hostBehavior = new byte[0];
        writeThrough = false;
    }

    /** A feature that is one doubleword, or what it is by default. */
    public synchronized int value(FeatureId id, int byDefault) {
        return values.getOrDefault(id, byDefault);
    }

    public synchronized void setValue(FeatureId id, int value) {
        values.put(id, value);
        if (id == FeatureId.VOLATILE_WRITE_CACHE) {
            writeThrough = (value & 1) == 0;
        }
    }

    /** Whether the host switched the volatile write cache off, so that a write is done when it is stable. */
    public boolean writeThrough() {
        return writeThrough;
    }

    /** Error Recovery of one namespace. */
    public synchronized int errorRecovery(int nsid) {
        return errorRecovery[nsid % errorRecovery.length];
    }

    public synchronized void setErrorRecovery(int nsid, int value) {
        errorRecovery[nsid % errorRecovery.length] = value;
    }

    /**
     * Threshold of the composite temperature in kelvin.
     *
     * @param over the over-temperature one, else the under-temperature one
     */
    public synchronized int temperatureThreshold(boolean over) {
        return over ? overTemperature : underTemperature;
    }

    public synchronized void setTemperatureThreshold(boolean over, int kelvin) {
        if (over) {
            overTemperature = kelvin;
        } else {
            underTemperature = kelvin;
        }
    }

    /** Whether a temperature is at or beyond a threshold. */
    public synchronized boolean temperatureOutside(int kelvin) {
        return kelvin >= overTemperature || kelvin <= underTemperature;
    }

    /** Whether interrupts of this vector are not coalesced. Those of vector 0, the admin queue's, never are. */
    public synchronized boolean uncoalesced(int vector) {
        return vector == 0 || uncoalesced.get(vector);
    }

    public synchronized void setUncoalesced(int vector, boolean value) {
        uncoalesced.set(vector, value);
    }

    /** The first bytes of Host Behavior Support that the host sent; empty by default. */
    public synchronized byte[] hostBehavior() {
        return hostBehavior.clone();
    }

    public synchronized void setHostBehavior(byte[] bytes) {
        hostBehavior = bytes.clone();
    }

    /**
     * Sets the clock.
     *
     * @param millis since 1970
     * @param now {@link System#nanoTime}
     */
    public synchronized void setTimestamp(long millis, long now) {
        timestamp = millis & TIMESTAMP_MASK;
        timestampSetAt = now;
        timestampByHost = true;
    }

    /** The Timestamp data structure: milliseconds in bits 47:0, who set it in bits 51:49. */
    public synchronized long timestamp(long now) {
        long millis = (timestamp + (now - timestampSetAt) / NANOS_PER_MILLI) & TIMESTAMP_MASK;
        return timestampByHost ? millis | ((long) ORIGIN_HOST << 49) : millis;
    }

    /** Starts the clock at 0: a controller level reset. */
    public synchronized void startTimestamp(long now) {
        timestamp = 0;
        timestampSetAt = now;
        timestampByHost = false;
    }

    /** The host identifier, or null if none was set. */
    public synchronized @Nullable UUID hostId() {
        return hostId;
    }

    /** Whether the host identifier was set as 128 bits rather than 64. */
    public synchronized boolean longHostId() {
        return longHostId;
    }

    public synchronized void setHostId(UUID id, boolean isLong) {
        hostId = id;
        longHostId = isLong;
    }
}
