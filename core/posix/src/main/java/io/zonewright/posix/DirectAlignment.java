package io.zonewright.posix;

/**
 * What direct I/O on a file has to be aligned to, by statx(2) with {@code STATX_DIOALIGN}; both are 0 if the file cannot
 * be read and written so.
 *
 * @param memory bytes that addresses are multiples of
 * @param offset bytes that offsets and lengths are multiples of
 */
public record DirectAlignment(int memory, int offset) {}
