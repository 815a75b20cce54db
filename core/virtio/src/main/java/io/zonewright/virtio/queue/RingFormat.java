package io.zonewright.virtio.queue;

import io.zonewright.runtime.Counters;
import io.zonewright.virtio.VirtioFeatures;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a device's rings, which the negotiated features choose. A base is where a ring stands, as
 * SET_VRING_BASE and GET_VRING_BASE carry it.
 */
public enum RingFormat {
    /**
     * Virtio 1.3, section 2.7. Addresses are those of descriptor table, available ring and used ring; a base is the
     * running number of the next available entry, 16 bits.
     */
    SPLIT(0) {
        @Override
        public @Nullable String wrongSize(int size, int largest) {
            return size < 1 || size > largest || Integer.bitCount(size) != 1
                    ? Integer.toUnsignedString(size) + " entries, not a power of two up to " + largest
                    : null;
        }

        @Override
        public @Nullable String misalignment(RingAddresses addresses) {
            return RingFormat.misalignment(
                    addresses, "the available ring", SplitLayout.AVAIL_ALIGN, "the used ring", SplitLayout.USED_ALIGN);
        }

        @Override
        public @Nullable String wrongBase(int base) {
            return base < 0 || base > 0xFFFF
                    ? "starts at " + Integer.toUnsignedString(base) + ", beyond 16 bits"
                    : null;
        }

        @Override
        @Nullable
        String wrongBase(int size, int base) {
            return wrongBase(base);
        }

        @Override
        public Virtqueue open(
                int index,
                int size,
                int base,
                RingAddresses addresses,
                long features,
                RingListener listener,
                Counters<QueueCounter> counters) {
            return new SplitVirtqueue(index, size, base, addresses, features, listener, counters);
        }
    },

    /**
     * Virtio 1.3, section 2.8. Addresses are those of descriptor ring, driver and device event suppression structure; a
     * base is {@link PackedBase}.
     */
    PACKED(PackedBase.FRESH) {
        @Override
        public @Nullable String wrongSize(int size, int largest) {
            int most = Math.min(largest, PackedLayout.MAX_SIZE);
            return size < 1 || size > most ? Integer.toUnsignedString(size) + " entries, not 1 to " + most : null;
        }

        @Override
        public @Nullable String misalignment(RingAddresses addresses) {
            return RingFormat.misalignment(
                    addresses,
                    "the driver's event suppression structure",
                    PackedLayout.EVENT_ALIGN,
                    "the device's event suppression structure",
                    PackedLayout.EVENT_ALIGN);
        }

        @Override
        public @Nullable String wrongBase(int base) {
            return null; // only together with the ring's size
        }

        @Override
        @Nullable
        String wrongBase(int size, int base) {
            PackedBase at = PackedBase.of(base);
            if (at.available() >= size || at.used() >= size) {
                return "starts at descriptors " + at.available() + " and " + at.used() + " of " + size;
            }
            int between = at.between(size);
            return between < 0 || between > size ? "starts with more in flight than it has descriptors" : null;
        }

        @Override
        public Virtqueue open(
                int index,
                int size,
                int base,
                RingAddresses addresses,
                long features,
                RingListener listener,
                Counters<QueueCounter> counters) {
            return new PackedVirtqueue(index, size, base, addresses, features, listener, counters);
        }
    };

    private final int freshBase;

    RingFormat(int freshBase) {
        this.freshBase = freshBase;
    }

    /** The layout that goes with a set of negotiated features. */
    public static RingFormat of(long features) {
        return (features & VirtioFeatures.RING_PACKED) != 0 ? PACKED : SPLIT;
    }

    /** Where a ring stands that nobody has used yet. */
    public int freshBase() {
        return freshBase;
    }

    /** Why a ring cannot have such a size, or null: "100 entries, not a power of two up to 1024". */
    public abstract @Nullable String wrongSize(int size, int largest);

    /** The first rule of alignment that an address breaks, or null. */
    public abstract @Nullable String misalignment(RingAddresses addresses);

    /** Why no ring can stand there, whatever its size, or null: "starts at 65536, beyond 16 bits". */
    public abstract @Nullable String wrongBase(int base);

    /** Why a ring of this size cannot stand there. */
    abstract @Nullable String wrongBase(int size, int base);

    /** Why a ring cannot be opened, or null. */
    public final @Nullable String wrong(int size, int base, RingAddresses addresses) {
        String wrongSize = wrongSize(size, VirtioFeatures.MAX_QUEUE_SIZE);
        return wrongSize != null
                ? "has " + wrongSize
                : wrongBase(size, base) != null ? wrongBase(size, base) : misalignment(addresses);
    }

    /**
     * A ring that is not yet bound to memory and paused; {@link Virtqueue#rebind} comes next.
     *
     * @param features as negotiated
     * @throws IllegalArgumentException if {@link #wrong} finds something
     */
    public abstract Virtqueue open(
            int index,
            int size,
            int base,
            RingAddresses addresses,
            long features,
            RingListener listener,
            Counters<QueueCounter> counters);

    private static @Nullable String misalignment(
            RingAddresses addresses, String second, int secondAlign, String third, int thirdAlign) {
        if (addresses.descriptors() % RingFields.DESC_ALIGN != 0) {
            return "the descriptor table is not aligned to " + RingFields.DESC_ALIGN + " bytes";
        }
        if (addresses.available() % secondAlign != 0) {
            return second + " is not aligned to " + secondAlign + " bytes";
        }
        if (addresses.used() % thirdAlign != 0) {
            return third + " is not aligned to " + thirdAlign + " bytes";
        }
        return null;
    }
}
