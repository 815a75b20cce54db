package io.zonewright.testkit.nvme.pcie;

import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.nvme.Sqe;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How the data of a command lies in guest memory, and how the command says so (Base sections 4.3.1 and 4.3.2). Pages are
 * 4 KiB.
 */
public enum DataLayout {
    /** PRPs, every page whole. */
    PRP_ALIGNED,
    /** PRPs, the first one begins within its page (a multiple of 4 bytes), so that a page more is needed. */
    PRP_OFFSET,
    /** PRPs; the list begins near the end of its page, so that it goes on in another one. */
    PRP_CHAINED,
    /** One SGL data block in the command. */
    SGL_BLOCK,
    /** A last segment of several data blocks of odd places and sizes. */
    SGL_SEGMENT,
    /** Segments that lead to segments, one to four data blocks in each, some of them empty. */
    SGL_CHAINED;

    /** Size of a memory page. */
    public static final int PAGE = 4096;

    // Base figure 122: type in bits 7:4 of byte 15.
    private static final int DATA_BLOCK = 0x00;
    private static final int SEGMENT = 0x20;
    private static final int LAST_SEGMENT = 0x30;
    private static final int DESCRIPTOR = 16;

    /** A run of bytes. */
    record Piece(long address, int bytes) {}

    boolean sgl() {
        return this == SGL_BLOCK || this == SGL_SEGMENT || this == SGL_CHAINED;
    }

    /** Finds memory for {@code bytes}, with guard bytes behind each piece, and writes the data pointer. */
    List<Piece> place(Sqe sqe, int bytes, GuestPool pool, Random random) {
        if (bytes == 0) {
            if (sgl()) {
                sqe.sgl(0, 0, DATA_BLOCK);
            }
            return List.of();
        }
        return switch (this) {
            case PRP_ALIGNED -> prp(sqe, bytes, 0, 0, pool);
            case PRP_OFFSET -> prp(sqe, bytes, 4 * (1 + random.nextInt(PAGE / 4 - 1)), 0, pool);
            case PRP_CHAINED -> prp(sqe, bytes, 0, PAGE - 16, pool);
            case SGL_BLOCK -> {
                Piece piece = pool.piece(bytes);
                sqe.sgl(piece.address, bytes, DATA_BLOCK);
                yield List.of(piece);
            }
            case SGL_SEGMENT -> {
                List<Piece> pieces = cut(bytes, 12, pool, random);
                long table = pool.table(pieces.size() * DESCRIPTOR, 16);
                for (int i = 0; i < pieces.size(); i++) {
                    describe(pool.memory(), table + (long) DESCRIPTOR * i, pieces.get(i), DATA_BLOCK);
                }
                sqe.sgl(table, pieces.size() * DESCRIPTOR, LAST_SEGMENT);
                yield pieces;
            }
            case SGL_CHAINED -> chain(sqe, bytes, pool, random);
        };
    }

    /**
     * @param offset of the data in its first page
     * @param listAt where in its page a list begins, a multiple of 8
     */
    private static List<Piece> prp(Sqe sqe, int bytes, int offset, int listAt, GuestPool pool) {
        List<Piece> pieces = new ArrayList<>();
        int left = bytes;
        while (left > 0) {
            int start = pieces.isEmpty() ? offset : 0;
            int length = Math.min(left, PAGE - start);
            pieces.add(new Piece(pool.page() + start, length));
            left -= length;
        }
        long second = switch (pieces.size()) {
            case 1 -> 0;
            case 2 -> pieces.get(1).address;
            default -> prpList(pieces, listAt, pool);
        };
        sqe.prp(pieces.getFirst().address, second);
        return pieces;
    }

    /** Writes the second and all further pages; the last entry of a page leads on if there is more than one left. */
    private static long prpList(List<Piece> pieces, int listAt, GuestPool pool) {
        long list = pool.page() + listAt;
        long at = list;
        for (int i = 1; i < pieces.size(); i++) {
            boolean lastOfPage = at % PAGE == PAGE - 8;
            if (lastOfPage && i < pieces.size() - 1) {
                long next = pool.page(); // a list that is led to begins at its page's start
                pool.memory().putU64(at, next);
                at = next;
            }
            pool.memory().putU64(at, pieces.get(i).address);
            at += 8;
        }
        return list;
    }

    private static List<Piece> cut(int bytes, int most, GuestPool pool, Random random) {
        List<Piece> pieces = new ArrayList<>();
        int left = bytes;
        while (left > 0) {
            int length = pieces.size() == most - 1 ? left : 1 + random.nextInt(left);
            pieces.add(pool.piece(length));
            left -= length;
        }
        return pieces;
    }

    private static List<Piece> chain(Sqe sqe, int bytes, GuestPool pool, Random random) {
        List<Piece> pieces = cut(bytes, 10, pool, random);
        // Built from the end: each segment knows the one that follows.
        int end = pieces.size();
        int followerBytes = 0;
        long follower = 0;
        boolean followerLast = true;
        while (end > 0) {
            int count = Math.min(end, 1 + random.nextInt(3));
            boolean empty = random.nextInt(3) == 0;
            boolean last = followerBytes == 0;
            int entries = count + (empty ? 1 : 0) + (last ? 0 : 1);
            long table = pool.table(entries * DESCRIPTOR, 16);
            long at = table;
            if (empty) {
                describe(pool.memory(), at, new Piece(0, 0), DATA_BLOCK);
                at += DESCRIPTOR;
            }
            for (Piece piece : pieces.subList(end - count, end)) {
                describe(pool.memory(), at, piece, DATA_BLOCK);
                at += DESCRIPTOR;
            }
            if (!last) {
                describe(pool.memory(), at, new Piece(follower, followerBytes), followerLast ? LAST_SEGMENT : SEGMENT);
            }
            follower = table;
            followerBytes = entries * DESCRIPTOR;
            followerLast = last;
            end -= count;
        }
        sqe.sgl(follower, followerBytes, followerLast ? LAST_SEGMENT : SEGMENT);
        return pieces;
    }

    private static void describe(GuestMemory memory, long at, Piece piece, int type) {
        memory.putU64(at, piece.address);
        memory.putU32(at + 8, piece.bytes);
        memory.putU32(at + 12, type << 24);
    }
}
