/**
 * How fast the data path is, piece by piece, in one process: zone engine, virtqueue, and virtio-blk from ring to medium.
 * Run them with {@code tests/bench/run}; docs/PERFORMANCE.md has the figures.
 */
@NullMarked
package io.zonewright.bench;

import org.jspecify.annotations.NullMarked;
