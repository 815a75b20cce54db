/** A kernel with block devices of a test's making: the calls that the back-end makes, with null_blk's rules for zones. */
@NullMarked
package io.zonewright.backend.linuxzbd.fake;

import org.jspecify.annotations.NullMarked;
