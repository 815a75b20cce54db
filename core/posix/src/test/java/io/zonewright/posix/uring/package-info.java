@NullMarked
package io.zonewright.posix.uring;

import org.jspecify.annotations.NullMarked;
