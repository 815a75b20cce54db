/** A stand-in for the kernel, for tests of error paths; nothing in it runs in production. */
@NullMarked
package io.zonewright.posix.fake;

import org.jspecify.annotations.NullMarked;
