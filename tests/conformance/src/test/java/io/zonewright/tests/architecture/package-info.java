/** Checks of what may depend on what, and of who may call native code. */
@NullMarked
package io.zonewright.tests.architecture;

import org.jspecify.annotations.NullMarked;
