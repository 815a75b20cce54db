package io.zonewright.vfiouser;

/**
 * Where a function keeps its MSI-X vectors (PCI Local Bus 3.0, section 6.8.2). The library serves accesses to both
 * places; the device never sees them. Table and PBA must not lie in an area that the client may map.
 *
 * @param vectors 1 to 2048
 * @param tableBar which BAR holds the table, 16 bytes a vector
 * @param tableOffset bytes, a multiple of 8
 * @param pbaBar which BAR holds the pending bits
 * @param pbaOffset bytes, a multiple of 8
 */
public record MsixLayout(int vectors, int tableBar, long tableOffset, int pbaBar, long pbaOffset) {
    public static final int MAX_VECTORS = 2048;
    public static final int ENTRY_SIZE = 16;

    public MsixLayout {
        if (vectors < 1 || vectors > MAX_VECTORS) {
            throw new IllegalArgumentException(vectors + " vectors");
        }
        if (tableOffset < 0 || tableOffset % 8 != 0 || pbaOffset < 0 || pbaOffset % 8 != 0) {
            throw new IllegalArgumentException("MSI-X table or PBA is not aligned to 8 bytes");
        }
    }

    /** Table at the start of a BAR of its own, PBA in its second half: {@link #barSize} bytes. */
    public static MsixLayout inOwnBar(int vectors, int bar) {
        return new MsixLayout(vectors, bar, 0, bar, barSize(vectors) / 2);
    }

    /** Bytes of a BAR for {@link #inOwnBar}. */
    public static long barSize(int vectors) {
        long half = Math.max(PciBar.MIN_SIZE, Long.highestOneBit(Math.max(1, (long) vectors * ENTRY_SIZE - 1)) << 1);
        return 2 * half;
    }

    /** Bytes of the table. */
    public long tableBytes() {
        return (long) vectors * ENTRY_SIZE;
    }

    /** Bytes of the pending bit array: whole 64-bit words. */
    public long pbaBytes() {
        return (vectors + 63) / 64 * 8L;
    }
}
