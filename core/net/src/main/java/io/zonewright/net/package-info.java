/**
 * What the TCP carriers share: a listener with limits, loops that serve many sockets, pooled buffers outside the heap,
 * send queues that leave with one call, and CRC32C. Knows no protocol.
 */
@NullMarked
package io.zonewright.net;

import org.jspecify.annotations.NullMarked;
