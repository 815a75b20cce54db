package io.zonewright.testkit.blk;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How a request is cut into descriptors. A device has to take any cut (virtio 1.3, section 2.7.4.2): message framing
 * says nothing.
 *
 * @param name for messages of failed tests
 * @param readable cuts the readable part
 * @param writable cuts the writable part
 * @param indirect whether the descriptors go into an indirect table
 */
public record BlkLayout(String name, Cut readable, Cut writable, boolean indirect) {
    /** Cuts a run of bytes into pieces. */
    @FunctionalInterface
    public interface Cut {
        /**
         * Sizes of the pieces, in order.
         *
         * @param first bytes of the first part (header, or data read), perhaps 0
         * @param second bytes of the second part (data written, or the tail), perhaps 0
         * @return the sizes of the pieces, none of them 0, {@code first + second} together
         */
        List<Integer> pieces(int first, int second);
    }

    /** More pieces than this are not made; the last one is then larger. */
    public static final int MOST_PIECES = 60;

    /** Header, data and status each in one descriptor, as Linux and every textbook do. */
    public static final BlkLayout PLAIN = new BlkLayout("plain", BlkLayout::parts, BlkLayout::parts, false);

    /** All that is readable in one descriptor, all that is writable in another. */
    public static final BlkLayout TWO = new BlkLayout("two", BlkLayout::one, BlkLayout::one, false);

    /** Pieces of {@code bytes} each, wherever that cuts. */
    public static BlkLayout every(int bytes) {
        Cut cut = (first, second) -> equal(first + second, bytes);
        return new BlkLayout("every " + bytes, cut, cut, false);
    }

    /** Cuts anywhere, the same for the same seed. */
    public static BlkLayout random(long seed) {
        Random random = new Random(seed);
        Cut cut = (first, second) -> anywhere(first + second, random);
        return new BlkLayout("random " + seed, cut, cut, random.nextBoolean());
    }

    /** The same in an indirect table. */
    public BlkLayout inTable() {
        return new BlkLayout(name + " indirect", readable, writable, true);
    }

    private static List<Integer> parts(int first, int second) {
        List<Integer> pieces = new ArrayList<>();
        if (first > 0) {
            pieces.add(first);
        }
        if (second > 0) {
            pieces.add(second);
        }
        return pieces;
    }

    private static List<Integer> one(int first, int second) {
        return parts(first + second, 0);
    }

    private static List<Integer> equal(int bytes, int step) {
        List<Integer> pieces = new ArrayList<>();
        int left = bytes;
        while (left > 0) {
            int piece = pieces.size() == MOST_PIECES - 1 ? left : Math.min(step, left);
            pieces.add(piece);
            left -= piece;
        }
        return pieces;
    }

    private static List<Integer> anywhere(int bytes, Random random) {
        List<Integer> pieces = new ArrayList<>();
        int left = bytes;
        while (left > 0) {
            int piece = pieces.size() == MOST_PIECES - 1
                    ? left
                    : 1 + random.nextInt(Math.min(left, 1 << random.nextInt(14)));
            pieces.add(piece);
            left -= piece;
        }
        return pieces;
    }

    @Override
    public String toString() {
        return name;
    }
}
