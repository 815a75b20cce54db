/** A kernel with block devices of a test's making: the calls that the back-end makes, with null_blk's rules for zones. */
@NullMarked
package io.zonewright.testkit.kernel;

import org.jspecify.annotations.NullMarked;
