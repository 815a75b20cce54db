/** A virtio-blk driver for tests: every command, laid out in descriptors as the test likes (virtio 1.3, section 5.2). */
@NullMarked
package io.zonewright.testkit.blk;

import org.jspecify.annotations.NullMarked;
